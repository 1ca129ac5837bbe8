/* SPDX-License-Identifier: MIT */
/*
 * How long a thread stands still for `mpol set`: a thread that is blocked in read(2) and one that
 * spins, stopped by an injection of set_mempolicy(2) and, in turn, by a bare stop and go of
 * ptrace(2), which is the floor. Of the spinning one also what it sees itself: the longest time
 * between two looks at the clock. Prints rows: name, ours, peer, unit, what the peer is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpol/policy.h>

#include "kernel/inject.h"
#include "kernel/trace.h"

#define ROUNDS 501

struct shared {
	atomic_ullong gap, spins; /* the longest gap since it was set to 0, in ns */
};

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "bench/inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void block(void)
{
	int fds[2];
	char byte;

	if (pipe(fds) == 0)
		(void)!read(fds[0], &byte, 1); /* for ever */
}

static void spin(struct shared *s)
{
	for (uint64_t last = trace_now();;) {
		uint64_t now = trace_now(), gap = now - last;

		last = now;
		s->spins++;
		if (gap > s->gap)
			s->gap = gap;
	}
}

static pid_t start(struct shared *spins)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (spins)
			spin(spins);
		block();
		_exit(1);
	}
	return pid;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double median_us(uint64_t *ns)
{
	qsort(ns, ROUNDS, sizeof(*ns), ascending);
	return (double)ns[ROUNDS / 2] / 1e3;
}

static uint64_t bare_stop(pid_t pid)
{
	uint64_t begin;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		give_up("PTRACE_SEIZE");
	begin = trace_now();
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || waitpid(pid, &status, __WALL) != pid ||
	    ptrace(PTRACE_DETACH, pid, 0, 0) < 0)
		give_up("stopping");
	return trace_now() - begin;
}

static uint64_t injected(struct inject *i, pid_t pid, unsigned round)
{
	const struct mpol_policy policies[] = { mpol_bind(0), mpol_local() };
	struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
	struct inject_report report;
	struct mpol_error err = { 0 };

	if (inject_thread(i, pid, &policies[round % 2], &call, 1, INJECT_TIMEOUT_MS, &report,
			  &err) < 0) {
		fprintf(stderr, "bench/inject: %s\n", err.what);
		exit(1);
	}
	return report.stopped_ns;
}

/* Until it runs again and has had time to see how long it had not. */
static uint64_t seen_by(struct shared *s)
{
	unsigned long long spins = s->spins;

	while (s->spins < spins + 1000)
		(void)usleep(100);
	return atomic_exchange(&s->gap, 0);
}

static void measure(const char *what, struct shared *spins)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	static uint64_t ours[ROUNDS], bare[ROUNDS], our_gap[ROUNDS], bare_gap[ROUNDS];
	pid_t pid = start(spins);
	struct mpol_error err = { 0 };
	struct inject *i = NULL;

	(void)usleep(50000); /* it is where it will be */
	if (inject_open(root, pid, &i, &err) < 0) {
		fprintf(stderr, "bench/inject: %s\n", err.what);
		exit(1);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (spins)
			(void)seen_by(spins);
		ours[round] = injected(i, pid, round);
		our_gap[round] = spins ? seen_by(spins) : 0;
		bare[round] = bare_stop(pid);
		bare_gap[round] = spins ? seen_by(spins) : 0;
	}
	printf("mpol set, thread stopped, %s\t%.3f\t%.3f\tus\ta bare stop by ptrace\n", what,
	       median_us(ours), median_us(bare));
	if (spins)
		printf("mpol set, gap that the thread sees, %s\t%.3f\t%.3f\tus\ta bare stop by "
		       "ptrace\n",
		       what, median_us(our_gap), median_us(bare_gap));
	(void)inject_free(i);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

int main(void)
{
	struct shared *spins = mmap(NULL, sizeof(*spins), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (spins == MAP_FAILED)
		give_up("mmap");
	measure("blocked", NULL);
	measure("spinning", spins);
	return 0;
}
