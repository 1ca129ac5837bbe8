/* SPDX-License-Identifier: MIT */
/*
 * How long it takes to start workers, let each touch its memory, and collect them: the harness's
 * crew, in two phases and with its telemetry, and in turn a loop of fork(2) whose
 * children do the same and are waited for, which is the floor. Prints rows: name, ours, peer, unit,
 * what the peer is.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work/crew.h"

#define ROUNDS 11
#define MOST   1000
#define PAGE   4096

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "bench/crew: %s\n", what);
	exit(1);
}

/* Then it waits to be ended, as a child that has ended costs nobody anything. */
static int touch_once(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t bytes = mpol_worker_spec(w)->bytes;
	char *memory = mpol_worker_map(w, bytes, err);

	if (!memory)
		return -err->errnum;
	for (uint64_t i = 0; i < bytes; i += PAGE)
		((volatile char *)memory)[i] = 1;
	mpol_worker_touched(w);
	while (mpol_worker_rests(w, 3600))
		;
	return 0;
}

static double crew(unsigned workers, uint64_t bytes)
{
	const struct mpol_work_spec work = { .kind = MPOL_WORK_FUNCTION,
					     .function = touch_once,
					     .bytes = bytes };
	const struct mpol_policy policy = { 0 };
	const struct worker_plan plan = {
		.where = "", .work = &work, .policy = &policy, .workers = workers
	};
	struct mpol_error err = { 0 };
	struct crew c = CREW_NONE;
	double begin = now_ms();
	int64_t deadline = crew_now() + 60000;
	int r = crew_spawn(&c, -1, &plan, 1, &err);

	if (r == 0)
		r = crew_start(&c, deadline, &err);
	if (r == 0)
		r = crew_wait(&c, CREW_TOUCHED, CREW_ALL, deadline, &err);
	if (r < 0)
		give_up(err.what);
	crew_done(&c);
	return now_ms() - begin;
}

/* stays: closed when it has touched all, and then it waits for its end, as a worker does; -1: it
 * ends. */
_Noreturn static void be_child(uint64_t bytes, int stays)
{
	char *memory;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise(memory, bytes, MADV_NOHUGEPAGE) < 0)
		_exit(1);
	for (uint64_t i = 0; i < bytes; i += PAGE)
		((volatile char *)memory)[i] = 1;
	if (stays < 0)
		_exit(0);
	(void)close(stays);
	for (;;)
		(void)pause();
}

static double bare(unsigned workers, uint64_t bytes, bool stay)
{
	static pid_t pids[MOST];
	double begin = now_ms();
	int status, fds[2] = { -1, -1 };
	char byte;

	if (stay && pipe(fds) < 0)
		give_up("pipe");

	for (unsigned i = 0; i < workers; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			give_up("fork");
		if (pids[i] == 0)
			be_child(bytes, fds[1]);
	}
	if (stay) {
		(void)close(fds[1]);
		(void)!read(fds[0], &byte, 1); /* until all have closed it */
		(void)close(fds[0]);
	}
	for (unsigned i = 0; stay && i < workers; i++)
		(void)kill(pids[i], SIGKILL);
	for (unsigned i = 0; i < workers; i++)
		if (wait(&status) < 0 || (!stay && status != 0))
			give_up("a child failed");
	return now_ms() - begin;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), ascending);
	return values[ROUNDS / 2];
}

static void measure(unsigned workers, uint64_t bytes)
{
	double ours[ROUNDS], stay[ROUNDS], end[ROUNDS];

	for (int round = -1; round < ROUNDS; round++) { /* one of warming up */
		double a = crew(workers, bytes), b = bare(workers, bytes, true),
		       c = bare(workers, bytes, false);

		if (round < 0)
			continue;
		ours[round] = a;
		stay[round] = b;
		end[round] = c;
	}
	printf("crew of %u workers, %llu KiB each\t%.3f\t%.3f\tms\tfork, touch, stay until all "
	       "have, kill, wait\n",
	       workers, (unsigned long long)(bytes / 1024), median(ours), median(stay));
	printf("crew of %u workers, %llu KiB each\t%.3f\t%.3f\tms\tfork, touch, exit, wait\n",
	       workers, (unsigned long long)(bytes / 1024), median(ours), median(end));
}

int main(void)
{
	measure(16, UINT64_C(4) << 20);
	measure(100, UINT64_C(1) << 20);
	measure(MOST, UINT64_C(64) << 10);
	measure(MOST, UINT64_C(1) << 20);
	return 0;
}
