/* SPDX-License-Identifier: MIT */
/* What a test needs and a machine lacks: the reason of a skip, by name. */
#ifndef HARNESS_NEEDS_H
#define HARNESS_NEEDS_H

#include <mpol/test.h>

/* True when something is missing; err names the first need, rule need-missing. */
bool needs_missing(const struct mpol_needs *needs, const struct mpol_machine *m, int root_fd,
		   struct mpol_error *err);

/* What the test declares, and the rights that its cgroups and weights take: missing, it is skipped.
 */
struct mpol_needs needs_declared(const struct mpol_test *test);
/* Also the nodes whose CPUs it names: missing here, it runs in a virtual machine. */
struct mpol_needs needs_to_be_here(const struct mpol_test *test);

#endif
