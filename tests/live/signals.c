/* SPDX-License-Identifier: MIT */
/*
 * Victims of signals. Queued real-time signals carry numbers, so that a lost one, a doubled one and
 * one out of order are all seen, in a thread that is blocked in a read(2) which no handler
 * restarts, and in one that spins in user mode.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "registers.h"
#include "victim.h"

static _Thread_local volatile sig_atomic_t arrived;
static atomic_int spinner;
static int spinner_arrived;
static struct held held;

static void on_number(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (info->si_code != SI_QUEUE || info->si_value.sival_int != arrived + 1)
		victim_bad("signal %d (code %d) came after signal %d", info->si_value.sival_int,
			   info->si_code, (int)arrived);
	arrived++;
}

static void *spin(void *unused)
{
	const char *changed;

	(void)unused;
	held_fill(&held, 1);
	spinner = (int)syscall(SYS_gettid);
	held_spin(&held);
	changed = held_changed(&held);
	if (changed)
		victim_bad("%s is not what it was", changed);
	spinner_arrived = arrived;
	return NULL;
}

/* EINTR says that a handler ran, and a handler that ran in a blocked read says EINTR. */
static unsigned long read_to_the_end(void)
{
	unsigned long interrupted = 0;

	for (;;) {
		int before = arrived;
		char byte;
		ssize_t n = read(STDIN_FILENO, &byte, 1);

		if (n == 0)
			return interrupted;
		if (n > 0)
			continue;
		if (errno != EINTR)
			victim_bad("read(2): %s", strerror(errno));
		else if (arrived == before)
			victim_bad("read(2) answered EINTR, and no signal had come");
		interrupted++;
	}
}

int victim_signals(unsigned long unused)
{
	struct sigaction action = { .sa_sigaction = on_number, .sa_flags = SA_SIGINFO };
	unsigned long interrupted;
	pthread_t thread;

	(void)unused;
	sigaction(SIGRTMIN, &action, NULL);
	if (pthread_create(&thread, NULL, spin, NULL) != 0)
		return -1;
	while (!spinner)
		sched_yield();
	printf("ready %d\n", spinner);
	fflush(stdout);
	interrupted = read_to_the_end();
	held.stop = 1;
	pthread_join(thread, NULL);
	printf("%d blocked, %d spinning, %lu interrupted reads\n", (int)arrived, spinner_arrived,
	       interrupted);
	return 0;
}

static volatile sig_atomic_t over;

static void on_ping(int sig)
{
	if (sig == SIGTERM)
		over = 1;
	arrived++;
}

/*
 * The other side sends SIGUSR1 only after the answer to the one before, a byte on standard output:
 * an EINTR that were lost would leave both waiting for ever. SIGTERM ends it.
 */
int victim_suspended(unsigned long unused)
{
	struct sigaction action = { .sa_handler = on_ping };
	sigset_t blocked, open;

	(void)unused;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	printf("ready\n");
	fflush(stdout);
	while (!over) {
		int before = arrived;

		if (sigsuspend(&open) != -1 || errno != EINTR)
			victim_bad("sigsuspend: %s", strerror(errno));
		if (arrived == before)
			victim_bad("sigsuspend returned, and no signal had come");
		else if (!over && write(STDOUT_FILENO, "x", 1) != 1)
			victim_bad("write: %s", strerror(errno));
	}
	printf("\n%d signals\n", (int)arrived);
	return 0;
}
