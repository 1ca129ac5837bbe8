/* SPDX-License-Identifier: MIT */
/*
 * Holding a thread of another process with ptrace(2), so that nothing is lost when we die.
 *
 * Only requests are used after which the kernel sets a tracee right by itself when its tracer dies:
 * no single step (its trap flag would stay), no breakpoint, no attach by SIGSTOP. Stops are looked
 * at without consuming them (WNOWAIT): a signal that was reported and not yet passed on is then
 * delivered when the tracer dies, and lost otherwise (kernel/signal.c ptrace_stop(), exit_code).
 *
 * A thread that could not be stopped is let go only by the end of the tracing thread: callers trace
 * from a thread of their own, and end it.
 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include <stdint.h>
#include <sys/types.h>

enum trace_stop {
	TRACE_TRAP,    /* PTRACE_EVENT_STOP: ours, or a group stop's; where signals and restarts are
			  still to be decided */
	TRACE_SYSCALL, /* at the entry or the exit of a system call */
	TRACE_SIGNAL,  /* before a signal is delivered */
	TRACE_GONE,    /* the thread ended, or became something else in an execve(2) */
	TRACE_TIMEOUT,
};

struct trace_event {
	enum trace_stop stop;
	int sig; /* TRACE_SIGNAL: the signal */
};

enum trace_resume { TRACE_RUN, TRACE_TO_SYSCALL };

/* All return 0 or -errno; -ESRCH: the thread is gone (or was not stopped). */
int trace_seize(pid_t tid);
int trace_interrupt(pid_t tid);
int trace_resume(pid_t tid, enum trace_resume how, int sig);
int trace_detach(pid_t tid);
/*
 * Waits for the next stop until the deadline, in nanoseconds of CLOCK_MONOTONIC. A thread among
 * others looks again and again; a process with one thread that has called trace_sleep() sleeps.
 */
struct trace_event trace_wait(pid_t tid, uint64_t deadline);

/* Memory of a stopped thread, whatever its protection; len is a multiple of 8, addresses are
 * aligned to 8. */
int trace_peek(pid_t tid, uint64_t address, void *ret, size_t len);
int trace_poke(pid_t tid, uint64_t address, const void *data, size_t len);

/* For a process of one thread and without children: takes SIGCHLD, which the stops send, to itself.
 */
void trace_sleep(void);

uint64_t trace_now(void); /* CLOCK_MONOTONIC, nanoseconds */

/*
 * For tests that kill the tracer between any two of its steps: called before each request and each
 * wait with its name. NULL: nothing.
 */
extern void (*trace_step)(const char *name);

#endif
