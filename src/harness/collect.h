/* SPDX-License-Identifier: MIT */
/* From workers that stand still to measures, and from measures to what the result says of a cgroup.
 */
#ifndef HARNESS_COLLECT_H
#define HARNESS_COLLECT_H

#include "harness/stage.h"

/* Fills in the result's cgroup: where its workers' pages are, what was expected, every check.
 * Workers are parked. */
/* The bounds that hold for a cgroup, of all layers. */
struct bounds collect_bounds(const struct mpol_run *run, size_t cgroup);

int collect_cgroup(struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		   struct mpol_error *err);

#endif
