/* SPDX-License-Identifier: MIT */
/* One thread, from the request to stop until it is let go; see inject-thread.c. */
#ifndef KERNEL_INJECT_THREAD_H
#define KERNEL_INJECT_THREAD_H

#include "kernel/inject-arch.h"
#include "kernel/inject-room.h"
#include "kernel/inject.h"

struct inject_session {
	struct inject_room *room;
	int dir_fd; /* /proc/PID */
	pid_t tid;
	const struct mpol_policy *policy;
	struct inject_call *calls;
	size_t n_calls;
	unsigned timeout_ms;
	bool ask_only; /* make no call */
	struct inject_report report;
	struct mpol_error *err;

	struct arch_thread saved; /* what the thread goes on with */
	uint64_t slot, deadline;
};

/*
 * Runs the session; 0 or as inject_thread(). The calling thread must end afterwards: that lets go
 * of a thread that could not be stopped.
 */
int session_run(struct inject_session *s);
/* The error of a request of ptrace(2) about its thread: mostly that it was killed meanwhile. */
int session_fail_request(const struct inject_session *s, int r, const char *what);

#endif
