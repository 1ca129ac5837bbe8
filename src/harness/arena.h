/* SPDX-License-Identifier: MIT */
/*
 * The arena: the cgroups of one test, below one cgroup of its own, and the janitor that removes it
 * all.
 *
 *     base            where this process may create cgroups
 *     └ mpol-PID      the test's
 *       ├ node0       one for each declared cgroup
 *       └ node1
 */
#ifndef HARNESS_ARENA_H
#define HARNESS_ARENA_H

#include "harness/janitor.h"
#include "harness/setup.h"

struct arena {
	struct chores chores; /* what to put back; holds the base */
	struct cgroup top;
	size_t n_groups;
	struct cgroup *groups; /* as many as the set-up has; NULL: the test needs none */
	struct janitor janitor;
};
#define ARENA_NONE                                                                 \
	{                                                                          \
		.chores = CHORES_NONE, .top = CGROUP_NONE, .janitor = JANITOR_NONE \
	}

/* Whether cgroups with a cpuset can be created here at all; describes what is missing otherwise.
 * Creates nothing. */
int arena_possible(int root_fd, struct mpol_error *err);

/* Sets the test's weights, creates its cgroups; nothing is left after a failure once arena_finish()
 * was called. */
int arena_make(int root_fd, const struct setup *s, struct arena *ret, struct mpol_error *err);
/* Other weights; as they were before the first change is remembered. */
int arena_set_weights(struct arena *a, const uint8_t weights[MPOL_MAX_SHARES],
		      struct mpol_error *err);
/* Takes CPUs off the machine, to come back in the end. */
int arena_offline_cpus(struct arena *a, const struct mpol_cpus *cpus, struct mpol_error *err);
int arena_finish(struct arena *a, struct mpol_error *err);

#endif
