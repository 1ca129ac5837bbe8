/* SPDX-License-Identifier: MIT */
/* A worker's own side: what it does between fork and exit. Nothing here runs in the parent. */
#ifndef WORK_WORKER_H
#define WORK_WORKER_H

#include "cgroup/cgroup.h"
#include "work/telemetry.h"

/* What a group of equal workers gets. Everything pointed to outlives the workers. */
struct worker_plan {
	const char *where; /* "cgroup node0": for messages */
	const struct mpol_work_spec *work;
	const struct mpol_policy *policy; /* DEFAULT: inherited, no system call is made */
	const struct cgroup *cgroup;	  /* NULL: the parent's own */
	unsigned workers;
	size_t group;		  /* what crew_wait() waits for: the cgroup's number */
	struct mpol_cpus allowed; /* CPUs of the cgroup, when it has a cpuset of its own */
	bool bounded;
};

struct mpol_worker {
	const struct telemetry *telemetry;
	const struct worker_plan *plan;
	struct worker_slot *slot;
	unsigned index;		      /* among its group's, from 0 */
	uint64_t signals;	      /* bit s - 1: signal s is not as it was at the beginning */
	char *shared;		      /* the group's mapping, for kinds that have one */
	uint64_t random;	      /* the state of work_random() */
	uint64_t looked_ns, since_ns; /* of CLOCK_MONOTONIC; 0: not yet */
	unsigned cpu, node;	      /* at the last look */
};

/* Waits for its commands, makes itself ready, works, and exits. parent: who forked us; without it
 * there is no work. */
_Noreturn void worker_live(struct mpol_worker *w, pid_t parent);

/*
 * For kinds of work. worker_goes_on() is called often, at least every few milliseconds: it parks
 * when the parent wants to look, and answers false when it is time to return.
 */
bool worker_goes_on(struct mpol_worker *w);
/*
 * The same for kinds that stop and continue others: called when it parks (true) and goes on
 * (false).
 */
bool worker_goes_on_with(struct mpol_worker *w, void (*park)(void *ctx, bool parks), void *ctx);
/* The parent's new policy: applied and read back; exits, telling why, when that fails. */
void worker_change_policy(struct mpol_worker *w);
/* It slept because its kind says so: that is no gap. */
void worker_rested(struct mpol_worker *w);
/*
 * Maps zeroed memory of its own: between guard pages, so that it is one mapping by itself, and
 * starting at a multiple of 2 MiB, so that page tables take their turn in an interleaving evenly.
 * Published as a range to be judged. NULL, with err described, when that failed. Released by the
 * worker's exit.
 */
void *worker_map(struct mpol_worker *w, uint64_t bytes, bool huge, struct mpol_error *err);
/* Publishes a range that was mapped otherwise; false, with err described, when there are too many.
 */
bool worker_publish(struct mpol_worker *w, const void *start, uint64_t bytes,
		    struct mpol_error *err);
void worker_touched(struct mpol_worker *w);
void worker_iteration(struct mpol_worker *w, uint64_t units);

#endif
