/* SPDX-License-Identifier: MIT */
/* Which virtual machines the tests of a run want: a shape, a kernel, a cgroup version. Two tests
 * share a machine when all of it is the same. */
#ifndef HARNESS_PLACES_H
#define HARNESS_PLACES_H

#include "harness/on.h"
#include "vm/kernel.h"

struct place {
	char *asked; /* what --on said; NULL: the test's own shape */
	char *were;  /* the ids that its nodes had in a real machine; NULL: none */
	char *text;  /* the shape's text */
	struct vm_shape shape;
	const struct vm_kernel *kernel;
	unsigned cgroup; /* 1, 2 */
};

struct places {
	/* Something to be said once, on standard error; may be NULL. */
	void (*notice)(void *ctx, const char *text);
	void *ctx;
	size_t n;
	struct place **of;
	size_t n_kernels;
	struct places_kernel **kernels; /* those that were looked for */
};

/*
 * The place of a test: on (NULL: the test's own shape) under a kernel (NULL: the usual one, or a
 * newer one where the test needs that and it can be had). Finding a kernel may download one.
 */
int places_find(struct places *p, const struct on_machine *on, const char *kernel,
		const struct mpol_test *test, struct place **ret, struct mpol_error *err);
void places_done(struct places *p);

#endif
