/* SPDX-License-Identifier: MIT */
/* The CPUs, scheduling policy and niceness of a worker, set by itself before its memory policy. */
#ifndef WORK_PLACING_H
#define WORK_PLACING_H

#include "work/worker.h"

/* Rules: worker-affinity, worker-sched. */
int place_worker(struct mpol_worker *w, struct mpol_error *err);

/* Out of the CPUs allowed, those that worker `index` gets. -ENOENT: none of them. random: the state
 * of its numbers. */
int place_choose(const struct mpol_affinity *a, const struct mpol_cpus *allowed, unsigned index,
		 uint64_t *random, struct mpol_cpus *ret, struct mpol_error *err);

/* "normal", …; indexed by enum mpol_sched, "" for INHERIT. */
extern const char *const sched_names[MPOL_SCHED_RR + 1];

#endif
