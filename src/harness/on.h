/* SPDX-License-Identifier: MIT */
/* What --on and --kernel say: one or several shapes, one or several kernels. */
#ifndef HARNESS_ON_H
#define HARNESS_ON_H

#include "vm/shape-nearest.h"

struct on_machine {
	char *text; /* in its own words: the shape, or the path of what it was made of */
	struct vm_shape *shape;
	char *were; /* of a real machine: the ids that the nodes had there, "0,2,5"; NULL: of a
		       shape */
};

struct on_list {
	const char *where;	       /* of errors in a shape: "--on"; NULL: the shape itself */
	struct vm_shape_limits limits; /* for machines that are made after real ones */
	/* What became of such a machine, in lines; may be NULL. */
	void (*notice)(void *ctx, const char *text);
	void *ctx;
	size_t n;
	struct on_machine *of;
};

/*
 * Adds what one --on says:
 *
 *     a shape, or several with commas between: a comma begins another one when the item after it
 *     says how many nodes there are, and that was said already: "2n4l,memory=1G,4n" are two;
 *     a folder: a recorded machine, with its sys/ and proc/, and its nearest virtual one;
 *     a file: what mpol machine --json printed, likewise; or a line for each shape, with '#' before
 *     what is no shape.
 *
 * A path is there, or has a '/' and no '=', which tables in a shape have. err->where begins with
 * list->where, or with the file's name.
 */
int on_add(struct on_list *list, const char *text, struct mpol_error *err);
/* Whether the text names something that is there, rather than a shape. */
bool on_is_path(const char *text);
void on_done(struct on_list *list);

struct kernel_list {
	size_t n;
	char **of;
};

/* Adds what one --kernel says: a file, or versions with commas between. */
int kernel_add(struct kernel_list *list, const char *text, struct mpol_error *err);
void kernel_done(struct kernel_list *list);

#endif
