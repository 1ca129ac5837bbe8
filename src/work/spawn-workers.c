/* SPDX-License-Identifier: MIT */
/*
 * How a crew comes to be: fork, cgroup, policy; then the start. A worker makes itself ready as soon
 * as it is in its cgroup, and runs nothing of its work before all of them are ready.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "work/crew.h"
#include "work/kinds.h"

static const struct mpol_rule no_fork = {
	.id = "worker-fork",
	.errnum = EAGAIN,
	.why = "Every worker is a process.",
	.hint = "raise the limit on processes (ulimit -u, pids.max), or declare fewer workers.",
};

static const struct mpol_rule no_signals = {
	.id = "worker-signals",
	.errnum = EMFILE,
	.why = "The deaths of workers are read from a descriptor.",
	.hint = "raise the limit on open files (ulimit -n).",
};

static const struct mpol_rule no_shared = {
	.id = "worker-shared",
	.errnum = ENOMEM,
	.why = "The workers of a group of kind shared have one mapping, of the bytes of all of "
	       "them.",
	.hint = "declare fewer bytes or workers.",
};

size_t crew_count(const struct worker_plan *plans, size_t n_plans)
{
	size_t n = 0;

	for (size_t i = 0; i < n_plans; i++)
		n += plans[i].workers;
	return n;
}

uint64_t crew_shared_bytes(const struct worker_plan *plan)
{
	return work_kinds[plan->work->kind].shares ? work_page_bytes(plan->work) * plan->workers
						   : 0;
}

size_t crew_plan_of(const struct crew *c, size_t worker)
{
	return c->telemetry.slots[worker].plan;
}

static int take_signals(struct crew *c, struct mpol_error *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signal_fd < 0)
		return mpol_fail_errno(err, &no_signals, errno, "", "a descriptor for signals: %m");
	return 0;
}

/* Those that a worker would inherit: asked once, for a thousand of them. */
static uint64_t signals_changed(void)
{
	uint64_t changed = 0;

	for (int s = 1; s < NSIG; s++) {
		struct sigaction now;

		if (sigaction(s, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
			changed |= UINT64_C(1) << (s - 1);
	}
	return changed;
}

/* What workers need to get rid of what they inherit. */
struct legacy {
	uint64_t signals;
	pid_t parent;
};

static int fork_one(struct crew *c, const struct legacy *legacy, const struct worker_plan *plan,
		    unsigned index, size_t number, struct mpol_error *err)
{
	struct worker_slot *slot = &c->telemetry.slots[number];
	struct mpol_worker w = {
		.telemetry = &c->telemetry,
		.plan = plan,
		.slot = slot,
		.index = index,
		.signals = legacy->signals,
		.shared = c->shared[plan - c->plans],
	};
	pid_t pid;
	int r = 0;

	slot->allowed = plan->allowed;
	slot->bounded = plan->bounded;
	slot->plan = (uint32_t)(plan - c->plans);
	if (!plan->cgroup)
		telemetry_set_command(slot, WORKER_PREPARE);
	pid = fork();
	if (pid == 0)
		worker_live(&w, legacy->parent);
	if (pid < 0)
		return mpol_fail_errno(err, &no_fork, errno, plan->where, "worker %zu of %zu: %m",
				       number + 1, c->telemetry.n);
	slot->pid = pid;
	c->n_alive++;
	if (!plan->cgroup)
		return 0;
	r = cgroup_join(plan->cgroup, pid, err);
	if (r == 0)
		telemetry_command(slot, WORKER_PREPARE);
	return r;
}

/* Mapped before the fork, touched by nobody: where its pages come to lie is the workers' policy. */
static int map_shared(struct crew *c, struct mpol_error *err)
{
	c->shared = calloc(c->n_plans + 1, sizeof(*c->shared));
	if (!c->shared)
		return mpol_fail(err, &no_shared, "", "no memory for %zu groups", c->n_plans);
	for (size_t p = 0; p < c->n_plans; p++) {
		uint64_t bytes = crew_shared_bytes(&c->plans[p]);
		void *memory = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0)
				     : NULL;

		if (memory == MAP_FAILED)
			return mpol_fail_errno(err, &no_shared, errno, c->plans[p].where,
					       "%llu bytes: %m", (unsigned long long)bytes);
		c->shared[p] = memory;
	}
	return 0;
}

int crew_spawn(struct crew *c, int root_fd, const struct worker_plan *plans, size_t n_plans,
	       struct mpol_error *err)
{
	_cleanup_close_ int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct legacy legacy = { signals_changed(), getpid() };
	size_t number = 0;
	int r;

	*c = (struct crew)CREW_NONE;
	c->plans = plans;
	c->n_plans = n_plans;
	if (null_fd > STDIN_FILENO)
		(void)dup2(null_fd, STDIN_FILENO); /* a worker that reads is given nothing */
	(void)work_page();
	oom_open(&c->oom, root_fd);
	r = telemetry_init(&c->telemetry, crew_count(plans, n_plans), err);
	if (r == 0)
		r = map_shared(c, err);
	if (r == 0)
		r = take_signals(c, err);
	for (size_t p = 0; r == 0 && p < n_plans; p++)
		for (unsigned i = 0; r == 0 && i < plans[p].workers; i++)
			r = fork_one(c, &legacy, &plans[p], i, number++, err);
	return r;
}

int crew_start(struct crew *c, int64_t deadline, struct mpol_error *err)
{
	int r = crew_wait(c, CREW_READY, CREW_ALL, deadline, err);

	if (r < 0)
		return r;
	for (size_t p = 0; p < c->n_plans; p++)
		if (!c->plans[p].work->held)
			crew_command(c, (struct crew_part){ p, p + 1 }, WORKER_RUN);
	return 0;
}
