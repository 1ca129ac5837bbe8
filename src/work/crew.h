/* SPDX-License-Identifier: MIT */
/*
 * A crew: all workers of a test, as their parent sees them. They are forked, put into their
 * cgroups, made ready, and only then started; nobody sleeps to synchronise.
 *
 * A crew belongs to a process of its own: it takes over SIGCHLD, SIGTERM and SIGINT of the calling
 * process (blocked, and read from a descriptor), waits for every child it has, and reads nothing:
 * its standard input becomes /dev/null, which the workers inherit.
 */
#ifndef WORK_CREW_H
#define WORK_CREW_H

#include "work/oom.h"
#include "work/worker.h"

struct crew {
	const struct worker_plan *plans;
	size_t n_plans;
	struct telemetry telemetry; /* slots: the plans' workers, in order */
	size_t n_alive;
	bool lost; /* some worker ended or gave up since anybody looked */
	int signal_fd;
	struct oom oom;
	char **shared; /* one for each plan: the mapping that its workers share; NULL: none */
};
#define CREW_NONE                                                             \
	{                                                                     \
		.telemetry = TELEMETRY_NONE, .signal_fd = -1, .oom = OOM_NONE \
	}

/* Whom something is for: the workers of plans from..to-1. */
struct crew_part {
	size_t from, to;
};
#define CREW_ALL                          \
	(struct crew_part)                \
	{                                 \
		.from = 0, .to = SIZE_MAX \
	}

/* What a wait is for; see crew_wait(). */
enum crew_goal { CREW_READY, CREW_TOUCHED, CREW_PARKED, CREW_ENDED };

/* Milliseconds of CLOCK_MONOTONIC, for deadlines. */
int64_t crew_now(void);

/*
 * Phase one: forks all workers and moves them into their cgroups, where each applies its affinity
 * and policy, and waits. root_fd:
 * where the kernel tells whom the OOM killer ended; -1: nobody asks.
 */
int crew_spawn(struct crew *c, int root_fd, const struct worker_plan *plans, size_t n_plans,
	       struct mpol_error *err);
/*
 * Phase two: waits until the last is ready, then starts those that are not held. The first refusal
 * is the answer, and then none has worked.
 */
int crew_start(struct crew *c, int64_t deadline, struct mpol_error *err);
/*
 * Waits until every worker of the part has reached the goal, or was ended by the OOM killer, which
 * is not an error: slot->oom tells. Rules: worker-died (a worker ended meanwhile, unless the goal
 * is that), worker-late (the deadline has passed), interrupted (SIGINT or SIGTERM came), or what a
 * worker that is stuck says.
 */
int crew_wait(struct crew *c, enum crew_goal goal, struct crew_part part, int64_t deadline,
	      struct mpol_error *err);
/* Lets the workers work until then; worker deaths are noticed at once. */
int crew_work_until(struct crew *c, int64_t deadline, struct mpol_error *err);
/* To all workers of the part that are alive. */
void crew_command(struct crew *c, struct crew_part part, enum worker_command command);
/*
 * Each worker of the part applies the policy itself, between two looks, and goes on, or, when
 * stands, stands still as before. What a worker that cannot says is the answer.
 */
int crew_apply(struct crew *c, struct crew_part part, const struct mpol_policy *policy, bool stands,
	       int64_t deadline, struct mpol_error *err);
/* Ends all workers, those of kinds exec and function by command first, then by SIGKILL, and waits
 * for them. Accepts CREW_NONE and half-made crews. */
void crew_done(struct crew *c);

/* The runner was told to stop. */
extern const struct mpol_rule crew_interrupted;

/* The plan of a worker, and how many workers all plans have. */
size_t crew_plan_of(const struct crew *c, size_t worker);
/* Bytes that a plan's workers share; 0: none. */
uint64_t crew_shared_bytes(const struct worker_plan *plan);
size_t crew_count(const struct worker_plan *plans, size_t n_plans);

#endif
