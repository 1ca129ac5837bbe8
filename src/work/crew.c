/* SPDX-License-Identifier: MIT */
/* Waiting for workers, telling them what to do, and ending them; see crew.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "work/crew.h"

#define END_MS 3000 /* from the command to the SIGKILL */

static const struct mpol_rule died = {
	.id = "worker-died",
	.errnum = ECHILD,
	.why = "Workers live until the runner has looked at their memory.",
	.hint = "look for the kernel's messages of that time (dmesg).",
};

static const struct mpol_rule late = {
	.id = "worker-late",
	.errnum = ETIMEDOUT,
	.why = "A test ends within its time limit, whatever its workers do.",
	.hint = "declare fewer bytes or workers, or raise the limit with --timeout.",
};

const struct mpol_rule crew_interrupted = {
	.id = "interrupted",
	.errnum = EINTR,
	.why = "The runner was told to stop before the test had ended.",
};

static const char *const goal_names[] = {
	[CREW_READY] = "made themselves ready",
	[CREW_TOUCHED] = "touched their memory",
	[CREW_PARKED] = "stood still",
	[CREW_ENDED] = "ended",
};

int64_t crew_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum worker_state state_of(const struct worker_slot *slot)
{
	return (enum worker_state)atomic_load(&slot->state);
}

static bool reached(const struct worker_slot *slot, enum crew_goal goal)
{
	enum worker_state state = state_of(slot);

	if (slot->oom)
		return true;
	switch (goal) {
	case CREW_READY:
		return state == WORKER_READY;
	case CREW_TOUCHED:
		return atomic_load(&slot->touched);
	case CREW_PARKED:
		return state == WORKER_PARKED &&
		       atomic_load(&slot->parked_for) == atomic_load(&slot->command);
	case CREW_ENDED:
		break;
	}
	return slot->pid == 0; /* reaped */
}

static void bury(struct crew *c, struct worker_slot *slot, int status)
{
	slot->status = status;
	/* A refusal stays visible: it says more than the exit that follows it. */
	if (state_of(slot) != WORKER_REFUSED && state_of(slot) != WORKER_STUCK)
		atomic_store(&slot->state, WORKER_ENDED);
	slot->oom = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
		    oom_killed(&c->oom, slot->pid, slot->oom_how);
	c->lost = c->lost || !slot->oom;
	slot->pid = 0;
	c->n_alive--;
}

/* Takes in all deaths there are now. Many come in the order of the workers: the search goes on
 * where the last one was found. */
static void reap(struct crew *c)
{
	size_t n = c->telemetry.n, last = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < n; i++) {
			size_t worker = (last + i) % n;

			if (c->telemetry.slots[worker].pid != pid)
				continue;
			last = worker;
			bury(c, &c->telemetry.slots[worker], status);
			break;
		}
}

/* True when one of the signals asks us to stop. */
static bool drain_signals(struct crew *c)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (read(c->signal_fd, &info, sizeof(info)) == sizeof(info))
		stop = stop || info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
	reap(c);
	return stop;
}

static void drain_reports(struct crew *c)
{
	uint32_t workers[512];
	size_t n;

	/* What was reported stands in the slots. */
	while ((n = telemetry_next(&c->telemetry, workers, ELEMENTSOF(workers))) > 0)
		for (size_t i = 0; i < n; i++) {
			enum worker_state state =
				workers[i] < c->telemetry.n
					? state_of(&c->telemetry.slots[workers[i]])
					: WORKER_STUCK;

			c->lost = c->lost || state == WORKER_REFUSED || state == WORKER_STUCK;
		}
}

static int say_died(const struct crew *c, size_t worker, struct mpol_error *err)
{
	const struct worker_slot *slot = &c->telemetry.slots[worker];
	const char *where = c->plans[crew_plan_of(c, worker)].where;

	if (WIFSIGNALED(slot->status))
		return mpol_fail(err, &died, where, "worker %zu was killed by signal %d (%s)",
				 worker, WTERMSIG(slot->status), strsignal(WTERMSIG(slot->status)));
	return mpol_fail(err, &died, where, "worker %zu exited with status %d", worker,
			 WEXITSTATUS(slot->status));
}

/* A worker that will not reach any goal: its error, or 0. */
static int check_lost(const struct crew *c, size_t worker, struct mpol_error *err)
{
	const struct worker_slot *slot = &c->telemetry.slots[worker];
	enum worker_state state = state_of(slot);

	if (state == WORKER_REFUSED || state == WORKER_STUCK) {
		if (err)
			*err = slot->error;
		return -slot->error.errnum;
	}
	return state == WORKER_ENDED && !slot->oom ? say_died(c, worker, err) : 0;
}

static bool is_in(const struct worker_slot *slot, struct crew_part part)
{
	return slot->plan >= part.from && slot->plan < part.to;
}

/* Negative: a worker, of any part, will reach no goal. */
static int check_all(struct crew *c, struct mpol_error *err)
{
	int r = 0;

	for (size_t i = 0; c->lost && r == 0 && i < c->telemetry.n; i++)
		r = check_lost(c, i, err);
	return r;
}

/* The first worker of the part, at or after `from`, that has not reached the goal; there is none:
 * as many as there are workers. */
static size_t next_missing(const struct crew *c, enum crew_goal goal, struct crew_part part,
			   size_t from)
{
	while (from < c->telemetry.n && (!is_in(&c->telemetry.slots[from], part) ||
					 reached(&c->telemetry.slots[from], goal)))
		from++;
	return from;
}

static uint32_t count_missing(const struct crew *c, enum crew_goal goal, struct crew_part part,
			      size_t from)
{
	uint32_t missing = 0;

	for (size_t i = next_missing(c, goal, part, from); i < c->telemetry.n;
	     i = next_missing(c, goal, part, i + 1))
		missing++;
	return missing;
}

static int say_late(const struct crew *c, enum crew_goal goal, struct crew_part part,
		    struct mpol_error *err)
{
	const char *where =
		part.from < c->n_plans && part.to != SIZE_MAX ? c->plans[part.from].where : "";

	return mpol_fail(err, &late, where, "%u workers have not %s in time",
			 count_missing(c, goal, part, 0), goal_names[goal]);
}

/* One look at everything that reports, waiting for at most `ms`. */
static int look(struct crew *c, int64_t ms, struct mpol_error *err)
{
	struct pollfd fds[] = {
		{ .fd = c->telemetry.read_fd, .events = POLLIN },
		{ .fd = c->signal_fd, .events = POLLIN },
	};

	(void)poll(fds, ELEMENTSOF(fds),
		   (int)MIN(MAX(ms, 0), 60000)); /* callers look at the clock again */
	drain_reports(c);
	if (fds[1].revents && drain_signals(c))
		return mpol_fail(err, &crew_interrupted, "", "interrupted");
	return 0;
}

int crew_wait(struct crew *c, enum crew_goal goal, struct crew_part part, int64_t deadline,
	      struct mpol_error *err)
{
	size_t first = 0;

	for (;;) {
		int64_t left = deadline - crew_now();
		uint32_t reports = telemetry_reports(&c->telemetry);
		int r = goal == CREW_ENDED ? 0 : check_all(c, err);

		/* Who has reached a goal does not leave it while somebody waits for it. */
		first = next_missing(c, goal, part, first);
		if (r < 0 || first == c->telemetry.n)
			return r;
		if (left <= 0)
			return say_late(c, goal, part, err);
		/* Each that is missing has at least one report to make; ends come as signals. */
		if (goal != CREW_ENDED &&
		    !telemetry_expect(&c->telemetry, reports + count_missing(c, goal, part, first)))
			left = 0;
		r = look(c, left, err);
		if (r < 0)
			return r;
	}
}

int crew_work_until(struct crew *c, int64_t deadline, struct mpol_error *err)
{
	for (;;) {
		int64_t left = deadline - crew_now();
		int r = check_all(c, err);

		if (r < 0 || left <= 0)
			return r;
		r = look(c, left, err);
		if (r < 0)
			return r;
	}
}

void crew_command(struct crew *c, struct crew_part part, enum worker_command command)
{
	for (size_t i = 0; i < c->telemetry.n; i++) {
		struct worker_slot *slot = &c->telemetry.slots[i];

		if (slot->pid > 0 && is_in(slot, part))
			telemetry_command(slot, command);
	}
}

int crew_apply(struct crew *c, struct crew_part part, const struct mpol_policy *policy, bool stands,
	       int64_t deadline, struct mpol_error *err)
{
	int r;

	for (size_t i = 0; i < c->telemetry.n; i++)
		if (is_in(&c->telemetry.slots[i], part))
			c->telemetry.slots[i].wanted = *policy;
	crew_command(c, part, WORKER_APPLY);
	r = crew_wait(c, CREW_PARKED, part, deadline, err);
	if (r == 0)
		crew_command(c, part, stands ? WORKER_PARK : WORKER_RUN);
	return r;
}

/* Who puts something back at the end: a function of the test's own, or a command, whose processes
 * need not die with their worker. */
static bool ends_itself(const struct crew *c)
{
	for (size_t p = 0; p < c->n_plans; p++)
		if (c->plans[p].work->kind == MPOL_WORK_EXEC ||
		    c->plans[p].work->kind == MPOL_WORK_FUNCTION)
			return true;
	return false;
}

void crew_done(struct crew *c)
{
	if (c->n_alive > 0 && ends_itself(c)) {
		crew_command(c, CREW_ALL, WORKER_QUIT);
		(void)crew_wait(c, CREW_ENDED, CREW_ALL, crew_now() + END_MS,
				NULL); /* the next line makes sure */
	}
	for (size_t i = 0; i < c->telemetry.n; i++)
		if (c->telemetry.slots[i].pid > 0)
			(void)kill(c->telemetry.slots[i].pid, SIGKILL);
	for (size_t i = 0; i < c->telemetry.n; i++)
		if (c->telemetry.slots[i].pid > 0)
			(void)waitpid(c->telemetry.slots[i].pid, &c->telemetry.slots[i].status, 0);
	for (size_t p = 0; c->shared && p < c->n_plans; p++)
		if (c->shared[p])
			(void)munmap(c->shared[p], crew_shared_bytes(&c->plans[p])); /* our own */
	free(c->shared);
	cleanup_close(&c->signal_fd);
	telemetry_done(&c->telemetry);
	oom_done(&c->oom);
	*c = (struct crew)CREW_NONE;
}
