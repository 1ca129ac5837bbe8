/* SPDX-License-Identifier: MIT */
/*
 * May a thread make our call? Who traces it, and what its own filters would answer: all that is
 * found out before anything is changed.
 */
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "kernel/inject-ask.h"
#include "kernel/proc.h"
#include "kernel/seccomp.h"

/* A request newer than the C library's header. */
#define GET_SYSCALL_USER_DISPATCH 0x4211 /* since Linux 6.4 */
#define SECCOMP_STRICT		  1
#define SECCOMP_FILTERED	  2

static const struct mpol_rule rule_traced = {
	"inject-traced",
	EBUSY,
	"A thread has one tracer at a time, and the one it has would see stops and system calls "
	"that the program never made.",
	"end the debugger or strace first",
	"ptrace(2)",
	NULL,
};
static const struct mpol_rule rule_seccomp = {
	"inject-seccomp",
	EPERM,
	"The thread makes the call itself, so its own seccomp filters decide about it; some "
	"answers kill the process.",
	"allow the call in the filter (OCI: linux.seccomp; systemd: SystemCallFilter=), or set the "
	"policy before the filter is in force",
	"seccomp(2); the filter was read and run here, the process did nothing",
	NULL,
};
static const struct mpol_rule rule_seccomp_unreadable = {
	"inject-seccomp-unreadable",
	EPERM,
	"The thread makes the call itself, and its seccomp filters may kill it for that; they have "
	"to be asked first.",
	"run it as root (CAP_SYS_ADMIN in the first user namespace), outside any seccomp filter",
	"kernel/seccomp.c seccomp_get_filter()",
	NULL,
};
static const struct mpol_rule rule_user_dispatch = {
	"inject-user-dispatch",
	EPERM,
	"With Syscall User Dispatch (Wine), system calls from outside the program's own range "
	"become SIGSYS.",
	"start the program under the policy instead: mpol run POLICY -- COMMAND",
	"Documentation/admin-guide/syscall-user-dispatch.rst",
	NULL,
};
const char *session_call_name(const struct inject_call *c)
{
	return c->what == INJECT_MBIND ? "mbind" : "set_mempolicy";
}

struct arch_call session_call(const struct inject_session *s, const struct inject_call *c,
			      const struct nodemask *mask)
{
	const struct mpol_policy *p = s->policy;
	uint64_t mode = (uint64_t)p->mode | p->flags;
	size_t words = mask->maxnode ? (mask->maxnode - 2) / NODEMASK_WORD_BITS + 1 : 0;
	const void *data = words ? mask->word : NULL;
	size_t len = words * sizeof(mask->word[0]);

	if (c->what == INJECT_MBIND)
		return (struct arch_call){
			SYS_mbind, { c->start, c->length, mode, 0, mask->maxnode, 0 }, data, len, 3
		};
	return (struct arch_call){ SYS_set_mempolicy, { mode, 0, mask->maxnode }, data, len, 1 };
}

int inject_ask_tracer(int dir_fd, pid_t tid, struct mpol_error *err)
{
	uint64_t tracer = 0;
	char name[64] = "?";

	if (proc_status_number(dir_fd, tid, "TracerPid", 10, &tracer) < 0 || !tracer)
		return 0;
	(void)proc_status(dir_fd, tid, "Name", name, sizeof(name)); /* only to say more */
	return mpol_fail(err, &rule_traced, "", "thread %d (%s) is being traced by process %d", tid,
			 name, (int)tracer);
}

static int ask_user_dispatch(struct inject_session *s)
{
	struct {
		uint64_t mode, selector, offset, len;
	} config = { 0 };

	if (ptrace((int)GET_SYSCALL_USER_DISPATCH, s->tid, sizeof(config), &config) == 0 &&
	    config.mode)
		return mpol_fail(s->err, &rule_user_dispatch, "",
				 "thread %d has Syscall User Dispatch switched on", s->tid);
	return 0;
}

static int ask_filters(struct inject_session *s, const struct inject_call *c)
{
	struct nodemask mask = nodemask_of(&s->policy->nodes);
	struct arch_call call = session_call(s, c, &mask);
	struct seccomp_data data = { .nr = (int)call.nr,
				     .arch = ARCH_AUDIT,
				     .instruction_pointer = s->slot + 2 };
	uint32_t answer;
	char text[96];
	int r;

	for (size_t i = 0; i < ELEMENTSOF(data.args); i++)
		data.args[i] = call.arg[i];
	if (call.data)
		data.args[call.data_arg] = s->slot; /* a filter cannot look behind pointers */
	r = seccomp_ask(s->tid, &data, &answer);
	if (r < 0)
		return mpol_fail(s->err, &rule_seccomp_unreadable, "",
				 "thread %d is under a seccomp filter, which may not be read: %s",
				 s->tid, strerror(-r));
	answer &= SECCOMP_RET_ACTION_FULL | SECCOMP_RET_DATA;
	if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW ||
	    (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG)
		return 0;
	return mpol_fail(s->err, &rule_seccomp, "",
			 "the seccomp filter of thread %d does not allow %s(2): it %s", s->tid,
			 session_call_name(c), seccomp_meaning(answer, text, sizeof(text)));
}

/* The calls differ by what they are, and where: a filter may look at either. */
static int ask_seccomp(struct inject_session *s)
{
	uint64_t mode;
	int r = proc_status_number(s->dir_fd, s->tid, "Seccomp", 10, &mode);

	if (r == -ENOENT) /* a kernel without seccomp */
		return 0;
	if (r < 0)
		return session_fail_request(s, r, "reading its status");
	if (mode == SECCOMP_STRICT)
		return mpol_fail(s->err, &rule_seccomp, "",
				 "thread %d is in strict seccomp mode: any other call kills it",
				 s->tid);
	if (mode != SECCOMP_FILTERED)
		return 0;
	for (size_t i = 0; i < s->n_calls; i++) {
		r = ask_filters(s, &s->calls[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int session_ask(struct inject_session *s)
{
	int r = ask_user_dispatch(s);

	return r < 0 ? r : ask_seccomp(s);
}
