/* SPDX-License-Identifier: MIT */
/* Holding a thread with ptrace(2); see trace.h. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/macros.h"
#include "kernel/trace.h"

#define SYSCALL_STOP (SIGTRAP | 0x80) /* with PTRACE_O_TRACESYSGOOD */

/* A stop follows within microseconds on an idle CPU: looking beats sleeping, and the thread is not
 * kept waiting. */
#define LOOK_NS		200000u
#define SHORTEST_NAP_NS 50000u
#define LONGEST_NAP_NS	1000000u

void (*trace_step)(const char *name);
static bool sleeps; /* SIGCHLD is blocked, and all of it is ours */

static void step(const char *name)
{
	if (trace_step)
		trace_step(name);
}

/* The request's result, where 0 is all that can come back. */
static int request(const char *name, int what, pid_t tid, uintptr_t addr, uintptr_t data)
{
	step(name);
	return ptrace(what, tid, addr, data) < 0 ? -errno : 0;
}

int trace_seize(pid_t tid)
{
	/*
	 * TRACESYSGOOD from the first moment: a tracee that is at a system call stop when its
	 * tracer dies is sent the signal in its exit code; 0x85 is none, 5 would be SIGTRAP
	 * (include/linux/ptrace.h ptrace_report_syscall()).
	 */
	return request("seize", PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD);
}

int trace_interrupt(pid_t tid)
{
	return request("interrupt", PTRACE_INTERRUPT, tid, 0, 0);
}

int trace_resume(pid_t tid, enum trace_resume how, int sig)
{
	return request("resume", how == TRACE_RUN ? PTRACE_CONT : PTRACE_SYSCALL, tid, 0,
		       (uintptr_t)sig);
}

int trace_detach(pid_t tid)
{
	return request("detach", PTRACE_DETACH, tid, 0, 0);
}

uint64_t trace_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct trace_event event_of(const siginfo_t *si)
{
	int status = si->si_status;

	if (si->si_code != CLD_TRAPPED && si->si_code != CLD_STOPPED)
		return (struct trace_event){ TRACE_GONE, 0 };
	if (status >> 8 == PTRACE_EVENT_STOP)
		return (struct trace_event){ TRACE_TRAP, 0 };
	if (status == SYSCALL_STOP)
		return (struct trace_event){ TRACE_SYSCALL, 0 };
	return (struct trace_event){ TRACE_SIGNAL, status & 0x7F };
}

void trace_sleep(void)
{
	sigset_t child;

	(void)sigemptyset(&child); /* these two cannot fail */
	(void)sigaddset(&child, SIGCHLD);
	/* Whoever started us may have it ignored, and then none is sent. */
	sleeps = signal(SIGCHLD, SIG_DFL) != SIG_ERR && sigprocmask(SIG_BLOCK, &child, NULL) == 0;
}

/* Until the next SIGCHLD, which may be an old one: whoever waits looks again. */
static void sleep_until(uint64_t now, uint64_t deadline)
{
	uint64_t left = deadline - now;
	struct timespec limit = { .tv_sec = (time_t)(left / 1000000000),
				  .tv_nsec = (long)(left % 1000000000) };
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigtimedwait(&child, NULL, &limit); /* whatever it was, the caller looks */
}

struct trace_event trace_wait(pid_t tid, uint64_t deadline)
{
	uint64_t start = trace_now();

	step("wait");
	for (;;) {
		siginfo_t si = { 0 };
		int r = waitid(P_PID, (id_t)tid, &si,
			       WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL);
		uint64_t now, nap;

		if (r < 0 && errno != EINTR)
			return (struct trace_event){ TRACE_GONE, 0 };
		if (r == 0 && si.si_pid == tid)
			return event_of(&si);
		now = trace_now();
		if (now >= deadline)
			return (struct trace_event){ TRACE_TIMEOUT, 0 };
		if (sleeps) {
			sleep_until(now, deadline);
			continue;
		}
		if (now - start < LOOK_NS) {
			(void)sched_yield(); /* never fails on Linux */
			continue;
		}
		/* late by an eighth at most */
		nap = MAX(MIN((now - start) / 8, LONGEST_NAP_NS), SHORTEST_NAP_NS);
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0,
				      &(struct timespec){ .tv_nsec = (long)nap },
				      NULL); /* only a pause */
	}
}

int trace_peek(pid_t tid, uint64_t address, void *ret, size_t len)
{
	for (size_t done = 0; done < len; done += sizeof(uint64_t)) {
		uint64_t word;

		errno = 0;
		word = (uint64_t)ptrace(PTRACE_PEEKDATA, tid, address + done, 0);
		if (errno)
			return -errno;
		memcpy((char *)ret + done, &word, sizeof(word));
	}
	return 0;
}

int trace_poke(pid_t tid, uint64_t address, const void *data, size_t len)
{
	for (size_t done = 0; done < len; done += sizeof(uint64_t)) {
		uint64_t word;
		int r;

		memcpy(&word, (const char *)data + done, sizeof(word));
		r = request("poke", PTRACE_POKEDATA, tid, address + done, word);
		if (r < 0)
			return r;
	}
	return 0;
}
