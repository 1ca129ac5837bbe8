/* SPDX-License-Identifier: MIT */
/* What a test needs and a machine lacks: the reason of a skip, by name. */
#ifndef HARNESS_NEEDS_H
#define HARNESS_NEEDS_H

#include <mpol/test.h>

/* True when something is missing; err names the first need, rule need-missing. */
bool needs_missing(const struct mpol_needs *needs, const struct mpol_machine *m, int root_fd, struct mpol_error *err);

/*
 * What a test needs beyond what it declares, to decide where to run it: the nodes whose CPUs it names, the rights to
 * create its cgroups, and to set its weights.
 */
struct mpol_needs needs_of_test(const struct mpol_test *test);

#endif
