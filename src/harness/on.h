/* SPDX-License-Identifier: MIT */
/* What --on and --kernel say: one or several shapes, one or several kernels. */
#ifndef HARNESS_ON_H
#define HARNESS_ON_H

#include "vm/shape.h"

struct on_machine {
	char *text; /* in its own words */
	struct vm_shape *shape;
};

struct on_list {
	size_t n;
	struct on_machine *of;
};

/*
 * Adds what one --on says: a shape, or several with commas between. A comma begins another shape
 * when the item after it says how many nodes there are, and that was said already:
 * "2n4l,memory=1G,4n" are two. err->where is "--on", with the column in the text of that shape.
 */
int on_add(struct on_list *list, const char *text, struct mpol_error *err);
void on_done(struct on_list *list);

struct kernel_list {
	size_t n;
	char **of;
};

/* Adds what one --kernel says: a file, or versions with commas between. */
int kernel_add(struct kernel_list *list, const char *text, struct mpol_error *err);
void kernel_done(struct kernel_list *list);

#endif
