/* SPDX-License-Identifier: MIT */
/* What a test needs and a machine lacks: the reason of a skip, by name. */
#ifndef HARNESS_NEEDS_H
#define HARNESS_NEEDS_H

#include "vm/shape.h"

/*
 * True when the machine lacks something that the test declares in .needs, or implies: the nodes
 * that it names (unless it is declared to break) and the rights that its cgroups, steps and weights
 * take. err names the first; rule need-missing.
 */
bool needs_missing(const struct mpol_test *test, const struct mpol_machine *m, int root_fd,
		   struct mpol_error *err);

/* The same for a virtual machine that does not run yet, as far as its shape tells; what its kernel
 * can do is asked there. */
bool needs_missing_on(const struct mpol_test *test, const struct vm_shape *shape,
		      struct mpol_error *err);

/* Whether a need is for a newer kernel than this release ("6.1.0-56-cloud-amd64"). */
bool needs_newer_than(const struct mpol_needs *needs, const char *release);

#endif
