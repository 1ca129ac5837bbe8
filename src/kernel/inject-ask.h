/* SPDX-License-Identifier: MIT */
/* Whether a thread may make our calls, and what these are; see inject-ask.c. */
#ifndef KERNEL_INJECT_ASK_H
#define KERNEL_INJECT_ASK_H

#include "kernel/inject-thread.h"
#include "kernel/nodemask.h"

/* A call of the session as the thread will make it; mask holds the policy's nodes, and must live as
 * long. */
struct arch_call session_call(const struct inject_session *s, const struct inject_call *c,
			      const struct nodemask *mask);
/* "mbind" */
const char *session_call_name(const struct inject_call *c);

/*
 * Asks a thread that is stopped, with its place in the vDSO chosen, whether its calls would come
 * through: 0, or -EPERM with the reason. Nothing is changed.
 */
int session_ask(struct inject_session *s);

#endif
