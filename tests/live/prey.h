/* SPDX-License-Identifier: MIT */
/* Starting a victim, looking at it from outside, and hearing at the end what it noticed. */
#ifndef TESTS_LIVE_PREY_H
#define TESTS_LIVE_PREY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct prey {
	pid_t pid;
	int in, out;	/* its standard input and output */
	char line[256]; /* the line it said it was ready with */
};

/* The program at the environment's PREY_<variable>; NULL: the plain victim. Skips the test when
 * there is none. */
struct prey prey_start(const char *variable, const char *mode, const char *number);
/* The victim as another user and group of that number. */
struct prey prey_start_as(int user, const char *mode);
/* Any program; `ready` stands in the line it says when it is ready (NULL: nothing is waited for).
 */
struct prey prey_exec(const char *const argv[], const char *ready);
/* One more line of its output. */
bool prey_line(struct prey *p, char *buf, size_t size);
/* Ends its input and waits for it: true when it ended with 0 and its last line was "ok". What it
 * said is printed otherwise. */
bool prey_ends_well(struct prey *p);
void prey_kill(struct prey *p);

/* The policy of a thread as the first line of its numa_maps shows it; "" when it is gone. tid 0:
 * the first thread's. */
void prey_policy(pid_t pid, pid_t tid, char *buf, size_t size);
/* The threads; returns how many, at most max. */
size_t prey_threads(pid_t pid, pid_t *tids, size_t max);
/* The letter of its state. */
char prey_state(pid_t pid, pid_t tid);
/* Waits until the thread is in that state, at most ten seconds. */
bool prey_reaches(pid_t pid, pid_t tid, char state);
/* The tracer of a thread, 0: none. */
int prey_tracer(pid_t pid, pid_t tid);
/* A descriptor of "/". */
int prey_root(void);

#endif
