/* SPDX-License-Identifier: MIT */
/*
 * A program that others do things to, and that notices: `victim MODE [NUMBER]` prints "ready",
 * works until its standard input ends, and then prints "ok …" or "bad: …" and exits 0 or 1.
 */
#ifndef TESTS_LIVE_VICTIM_H
#define TESTS_LIVE_VICTIM_H

#include <stdbool.h>
#include <stdint.h>

struct victim_mode {
	const char *name;
	const char *what;
	int (*run)(unsigned long number); /* returns after victim_wait() */
};

/* Remembers the first thing that went wrong. */
void victim_bad(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints "ready" and waits until the standard input ends. */
void victim_wait(void);
bool victim_is_over(void);
uint64_t victim_now(void); /* CLOCK_MONOTONIC, nanoseconds */

/* blocked.c; with allow_kernels_eintr, EINTR is right where the kernel itself answers it to every
 * interruption */
int victim_blocked(unsigned long threads, bool allow_kernels_eintr);
int victim_blocked_in(const char *kind, bool allow_kernels_eintr); /* one thread, the main one */
const char *victim_blocked_kind(unsigned n);			   /* NULL: no more */
int victim_signals(unsigned long unused);   /* signals.c: counts what is sent to it */
int victim_suspended(unsigned long unused); /* signals.c: waits for each in sigsuspend(2) */

#endif
