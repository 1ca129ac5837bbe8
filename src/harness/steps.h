/* SPDX-License-Identifier: MIT */
/* What steps have in common: from names to cgroups, and from cgroups to workers. */
#ifndef HARNESS_STEPS_H
#define HARNESS_STEPS_H

#include "harness/stage.h"

/* The next cgroup of that name, at or after `from`: all of them are meant by "all", when none has
 * this name. */
size_t steps_next(const struct mpol_run *run, const char *name, size_t from);
/* Rule: step-unknown-cgroup. */
int steps_check_named(const struct mpol_run *run, const char *name, struct mpol_error *err);
/* The plans of a cgroup: all of them (group 0), or that of its group, counted from 1. */
struct crew_part steps_part(const struct mpol_run *run, size_t cgroup, unsigned group);

/* What is done to a cgroup of the test; ctx is the caller's. */
typedef int (*step_change)(struct mpol_run *run, size_t cgroup, const void *ctx,
			   struct mpol_error *err);
/* To each that the name means. */
int steps_for(struct mpol_run *run, const char *name, step_change change, const void *ctx,
	      struct mpol_error *err);

#endif
