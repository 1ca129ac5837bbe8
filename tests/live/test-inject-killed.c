/* SPDX-License-Identifier: MIT */
/*
 * kill -9 of the injector at any point leaves the target running and sane: once before every single
 * request it makes, and at random moments.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpol/policy.h>

#include "check.h"
#include "kernel/inject.h"
#include "kernel/trace.h"
#include "prey.h"

static unsigned steps, last_step;

static void die_at_last_step(const char *name)
{
	(void)name;
	if (++steps == last_step)
		(void)raise(SIGKILL);
}

static int inject_one(pid_t pid, pid_t tid)
{
	const struct mpol_policy policies[] = { mpol_bind(0), mpol_interleave(0) };
	struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
	struct inject *i = NULL;
	int r = inject_open(prey_root(), pid, &i, NULL);

	if (r == 0)
		r = inject_thread(i, tid, &policies[steps % 2], &call, 1, INJECT_TIMEOUT_MS, NULL,
				  NULL);
	(void)inject_free(i);
	return r;
}

static int inject(pid_t pid)
{
	return inject_one(pid, pid);
}

/* In a child, which dies before its N-th request; true when it came to its end. */
static bool killed_in_at(pid_t pid, pid_t tid, unsigned step)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		steps = 0;
		last_step = step;
		trace_step = die_at_last_step;
		_exit(inject_one(pid, tid) == 0 ? 0 : 1);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		CHECK_EQ(WTERMSIG(status), SIGKILL);
	else
		CHECK_EQ(status, 0);
	return WIFEXITED(status);
}

static bool killed_at(pid_t pid, unsigned step)
{
	return killed_in_at(pid, pid, step);
}

static void killed_at_every_step(struct prey *p, char state)
{
	unsigned step = 1;

	while (!killed_at(p->pid, step)) {
		CHECK_EQ(prey_tracer(p->pid, 0), 0);
		if (state)
			CHECK(prey_reaches(p->pid, 0, state));
		step++;
	}
	CHECK(step > 14); /* the loop came past all requests there are */
	CHECK_EQ(inject(p->pid), 0);
}

TEST(killed_before_each_request_in_each_kind_of_blocking_call)
{
	static const char *const kinds[] = {
		"read",	      "futex-timer", "nanosleep",     "clock-nanosleep", "epoll",
		"poll-timer", "ppoll-timer", "pselect-timer", "sigsuspend",	 "sigwait",
		"pause",      "semop",	     "wait4"
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		char mode[64];
		struct prey p;

		check_row(k, kinds[k]);
		(void)snprintf(mode, sizeof(mode), "blocked-in:%s", kinds[k]);
		p = prey_start(NULL, mode, "killed");
		killed_at_every_step(&p, 'S');
		CHECK(prey_ends_well(&p));
	}
}

TEST(killed_before_each_request_while_the_thread_spins)
{
	struct prey p = prey_start(NULL, "main-spins", NULL);

	killed_at_every_step(&p, 'R');
	CHECK(prey_ends_well(&p));
}

TEST(killed_before_each_request_while_the_process_is_stopped)
{
	struct prey p = prey_start(NULL, "blocked-in:poll-timer", NULL);
	int status;

	kill(p.pid, SIGSTOP);
	CHECK_EQ(waitpid(p.pid, &status, WUNTRACED), p.pid);
	killed_at_every_step(&p, 'T');
	kill(p.pid, SIGCONT);
	CHECK(prey_ends_well(&p));
}

static void inject_for_ever(pid_t pid)
{
	pid_t tids[64];
	const struct mpol_policy policy = mpol_bind(0);

	for (;;) {
		struct inject *i = NULL;
		size_t n = prey_threads(pid, tids, 64);

		if (inject_open(prey_root(), pid, &i, NULL) < 0)
			_exit(1);
		for (size_t t = 0; t < n; t++) {
			struct inject_call call = { .what = INJECT_SET_MEMPOLICY };

			if (inject_thread(i, tids[t], &policy, &call, 1, 5000, NULL, NULL) < 0)
				_exit(1);
		}
		(void)inject_free(i);
	}
}

static void killed_at_random(struct prey *p, unsigned times)
{
	unsigned long seed = 1;

	for (unsigned n = 0; n < times; n++) {
		pid_t child = fork();
		int status = 0;

		if (child == 0)
			inject_for_ever(p->pid);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		nanosleep(&(struct timespec){ .tv_nsec = (long)(1000 + (seed >> 33) % 5000000) },
			  NULL);
		kill(child, SIGKILL);
		CHECK_EQ(waitpid(child, &status, 0), child);
		if (!CHECK(WIFSIGNALED(status))) /* it would have failed to inject otherwise */
			return;
	}
}

/* More threads than there are places for a way back. */
TEST(killed_in_every_thread_leaves_room_for_the_next)
{
	struct prey p = prey_start(NULL, "blocked-killed", "21");
	pid_t tids[64];
	size_t n = prey_threads(p.pid, tids, 64);

	CHECK_EQ(n, 22);
	for (unsigned step = 4; step < 16; step += 2)
		for (size_t t = 0; t < n; t++)
			(void)killed_in_at(p.pid, tids[t], step);
	for (size_t t = 0; t < n; t++)
		CHECK_EQ(inject_one(p.pid, tids[t]), 0);
	CHECK(prey_ends_well(&p));
}

TEST(killed_at_random_moments_while_threads_block)
{
	struct prey p = prey_start(NULL, "blocked-killed", "21");

	killed_at_random(&p, 300);
	CHECK(prey_ends_well(&p));
}

TEST(killed_at_random_moments_while_threads_spin)
{
	struct prey p = prey_start(NULL, "spinning", "3");

	killed_at_random(&p, 300);
	CHECK(prey_ends_well(&p));
}
