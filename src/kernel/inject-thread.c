/* SPDX-License-Identifier: MIT */
/*
 * How does one thread make a system call for us, and then go on as if nothing had been?
 *
 *     seize, interrupt      it stops at a *trap*: in the kernel, on its way to user mode, where the
 * kernel has yet to decide about signals and about restarting the system call it was in
 * (kernel/signal.c get_signal()) slot, registers       the way back is written, then the thread is
 * put before it, in one request resume, resume        to the entry and to the exit of our system
 * call interrupt, resume     to a trap again, so that the old registers meet the same decisions as
 * before registers, detach
 *
 * Before the first change of registers the thread is as it was, after it the way back brings it
 * there, whenever we die. A signal that arrives before the call was entered is not handled on top
 * of our registers: they are taken back, the signal is delivered to the thread as it was, and all
 * begins again from where its handler starts.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "kernel/inject-thread.h"
#include "kernel/nodemask.h"
#include "kernel/proc.h"
#include "kernel/seccomp.h"
#include "kernel/trace.h"

#define MAX_ATTEMPTS 1000
#define TO_RUN_MS                                                                                \
	5000 /* what stopped once can run, as soon as it gets a CPU, unless its cgroup is frozen \
	      */
#define WITHDRAW_MS 1000

/* Requests newer than the C library's header. */
#define GET_RSEQ_CONFIGURATION	  0x420f /* since Linux 5.13 */
#define GET_SYSCALL_USER_DISPATCH 0x4211 /* since Linux 6.4 */
#define SECCOMP_STRICT		  1
#define SECCOMP_FILTERED	  2

static const struct mpol_rule rule_timeout = {
	"inject-timeout",
	ETIMEDOUT,
	"A thread can be stopped only where it takes signals; waiting uninterruptibly (for a "
	"vfork(2) child, a dead file server, a thaw) "
	"it does not.",
	"try again when it goes on; the policy of its other threads is not affected",
	"kernel/signal.c, ptrace(2) PTRACE_INTERRUPT",
	NULL,
};
static const struct mpol_rule rule_traced = {
	"inject-traced",
	EBUSY,
	"A thread has one tracer at a time, and the one it has would see stops and system calls "
	"that the program never made.",
	"end the debugger or strace first",
	"ptrace(2)",
	NULL,
};
static const struct mpol_rule rule_not_permitted = {
	"inject-not-permitted",
	EPERM,
	"Changing another process needs the same permission as debugging it.",
	"run it as the same user, or as root (CAP_SYS_PTRACE)",
	"ptrace(2), Ptrace access mode checking",
	NULL,
};
static const struct mpol_rule rule_32bit = {
	"inject-32-bit",
	EOPNOTSUPP,
	"A 32-bit thread has other registers, system call numbers and another vDSO; the injector "
	"knows 64-bit code only.",
	"start the program under the policy instead: mpol run POLICY -- COMMAND",
	NULL,
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
static const struct mpol_rule rule_fault = {
	"inject-fault",
	EFAULT,
	"The instructions that the thread was to run raised a fault; it was put back to where it "
	"was.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_slots = {
	"inject-slots",
	EBUSY,
	"An injector that was killed leaves its thread to find its way back alone; until it has, "
	"that place is taken.",
	"try again when the process has run for a moment",
	NULL,
	NULL,
};
static const struct mpol_rule rule_signals = {
	"inject-signals",
	EAGAIN,
	"Signals are delivered before the thread makes our call, so that none is lost; so many "
	"came that it never got there.",
	"try again when fewer signals are sent",
	NULL,
	NULL,
};
static const struct mpol_rule rule_refused = {
	"inject-refused",
	EINVAL,
	"The thread made the call, and the kernel refused it, as it would have refused the program "
	"itself.",
	NULL,
	"set_mempolicy(2), mbind(2)",
	NULL,
};
static const struct mpol_rule rule_gone = {
	"inject-gone", ESRCH, "A thread that has ended has no policy.", NULL, NULL, NULL,
};
static const struct mpol_rule rule_exec = {
	"inject-exec",
	ESTALE,
	"What was found out about a process is void once it runs another program.",
	"try again",
	"execve(2)",
	NULL,
};
static const struct mpol_rule rule_failed = {
	"inject-failed",
	EIO,
	"A request of ptrace(2) failed in a way that has no known cause.",
	NULL,
	NULL,
	NULL,
};

static const char *call_name(const struct inject_call *c)
{
	return c->what == INJECT_MBIND ? "mbind" : "set_mempolicy";
}

static struct arch_call arch_call_of(const struct mpol_policy *p, const struct inject_call *c,
				     const struct nodemask *mask)
{
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

static int fail_timeout(const struct inject_session *s, const char *what)
{
	char state[64] = "unknown";

	(void)proc_status(s->dir_fd, s->tid, "State", state, sizeof(state)); /* only to say more */
	return mpol_fail(s->err, &rule_timeout, "", "thread %d %s in time (state: %s)", s->tid,
			 what, state);
}

static int fail_gone(const struct inject_session *s)
{
	return mpol_fail(s->err, &rule_gone, "", "thread %d is gone", s->tid);
}

/* An error of a request: mostly that the thread was killed meanwhile. */
static int fail_request(const struct inject_session *s, int r, const char *what)
{
	if (r == -ESRCH)
		return fail_gone(s);
	return mpol_fail_errno(s->err, &rule_failed, -r, "", "thread %d: %s: %s", s->tid, what,
			       strerror(-r));
}

static int fail_seize(const struct inject_session *s, int r)
{
	uint64_t tracer = 0;
	char comm[64] = "?";

	if (r == -ESRCH)
		return fail_gone(s);
	if (r != -EPERM)
		return fail_request(s, r, "PTRACE_SEIZE");
	if (proc_status_number(s->dir_fd, s->tid, "TracerPid", 10, &tracer) == 0 && tracer) {
		(void)proc_status(s->dir_fd, s->tid, "Name", comm,
				  sizeof(comm)); /* only to say more */
		return mpol_fail(s->err, &rule_traced, "",
				 "thread %d (%s) is being traced by process %d", s->tid, comm,
				 (int)tracer);
	}
	return mpol_fail(s->err, &rule_not_permitted, "",
			 "the kernel does not let this process trace thread %d", s->tid);
}

/* Passes signals on until the thread stops at a trap. */
static int to_trap(struct inject_session *s)
{
	for (;;) {
		struct trace_event e = trace_wait(s->tid, s->deadline);
		int r;

		switch (e.stop) {
		case TRACE_TRAP:
			return 0;
		case TRACE_GONE:
			return fail_gone(s);
		case TRACE_TIMEOUT:
			return fail_timeout(s, "could not be stopped");
		case TRACE_SIGNAL:
		case TRACE_SYSCALL:
			break;
		}
		r = trace_interrupt(s->tid); /* every stop takes a pending interruption with it
						(ptrace_stop()) */
		if (r == 0)
			r = trace_resume(s->tid, TRACE_RUN, e.stop == TRACE_SIGNAL ? e.sig : 0);
		if (r < 0)
			return fail_request(s, r, "PTRACE_CONT");
	}
}

/* Whether the thread was in a restartable sequence (rseq(2)): that ends where its author said, as
 * after any preemption. */
static void abort_rseq(struct inject_session *s)
{
	struct {
		uint64_t pointer;
		uint32_t size, signature, flags, pad;
	} config = { 0 };
	struct {
		uint32_t version, flags;
		uint64_t start, length, abort;
	} section;
	uint64_t address;

	if (ptrace((enum __ptrace_request)GET_RSEQ_CONFIGURATION, s->tid, sizeof(config),
		   &config) != sizeof(config) ||
	    !config.pointer)
		return;
	if (trace_peek(s->tid, config.pointer + 8, &address, sizeof(address)) < 0 || !address)
		return;
	if (trace_peek(s->tid, address, &section, sizeof(section)) < 0)
		return;
	if (arch_pc(&s->saved) - section.start < section.length)
		arch_set_pc(&s->saved, section.abort);
}

static int ask_user_dispatch(struct inject_session *s)
{
	struct {
		uint64_t mode, selector, offset, len;
	} config = { 0 };

	if (ptrace((enum __ptrace_request)GET_SYSCALL_USER_DISPATCH, s->tid, sizeof(config),
		   &config) == 0 &&
	    config.mode)
		return mpol_fail(s->err, &rule_user_dispatch, "",
				 "thread %d has Syscall User Dispatch switched on", s->tid);
	return 0;
}

static int ask_filters(struct inject_session *s, const struct inject_call *c)
{
	struct nodemask mask = nodemask_of(&s->policy->nodes);
	struct arch_call call = arch_call_of(s->policy, c, &mask);
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
			 call_name(c), seccomp_meaning(answer, text, sizeof(text)));
}

/* The calls differ by what they are, and where: a filter may look at either. */
static int ask_seccomp(struct inject_session *s)
{
	uint64_t mode;
	int r = proc_status_number(s->dir_fd, s->tid, "Seccomp", 10, &mode);

	if (r == -ENOENT) /* a kernel without seccomp */
		return 0;
	if (r < 0)
		return fail_request(s, r, "reading its status");
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

/* At a trap: what the thread goes on with, and whether it may make our calls. */
static int prepare(struct inject_session *s)
{
	int r = arch_save(s->tid, &s->saved);

	if (r == -EOPNOTSUPP)
		return mpol_fail(s->err, &rule_32bit, "", "thread %d runs 32-bit code", s->tid);
	if (r < 0)
		return fail_request(s, r, "reading its registers");
	s->report.attempts++;
	abort_rseq(s);
	if (arch_amended(&s->saved)) /* at once, so that it also holds when we die */
		r = arch_restore(s->tid, &s->saved);
	return r < 0 ? fail_request(s, r, "setting its registers") : 0;
}

static int may_call(struct inject_session *s)
{
	int r;

	if (room_verify(s->room, s->tid) < 0)
		return mpol_fail(s->err, &rule_exec, "", "thread %d has called execve(2) meanwhile",
				 s->tid);
	room_reclaim(s->room, s->tid, arch_sp(&s->saved));
	s->slot = room_slot(s->room);
	if (!s->slot)
		return mpol_fail(s->err, &rule_slots, "", "all %u places in the vDSO are taken",
				 s->room->n);
	r = ask_user_dispatch(s);
	return r < 0 ? r : ask_seccomp(s);
}

/* A fault that our own instructions raised, and not one that the thread had raised before. */
static bool is_ours(const struct inject_session *s, int sig)
{
	siginfo_t si;

	if (sig != SIGSEGV && sig != SIGBUS && sig != SIGILL && sig != SIGFPE && sig != SIGTRAP &&
	    sig != SIGSYS)
		return false;
	if (ptrace(PTRACE_GETSIGINFO, s->tid, 0, &si) < 0 || si.si_code <= 0)
		return false;
	return (uint64_t)(uintptr_t)si.si_addr - s->slot < ARCH_SLOT_SIZE;
}

/* At the stop before a signal, with our registers set: back to the old ones, deliver, and stop
 * again. */
static int deliver_first(struct inject_session *s, int sig)
{
	bool ours = is_ours(s, sig);
	int r = arch_restore(s->tid, &s->saved);

	if (r == 0)
		r = trace_interrupt(s->tid);
	if (r == 0)
		r = trace_resume(s->tid, TRACE_RUN, ours ? 0 : sig);
	if (r < 0)
		return fail_request(s, r, "delivering a signal");
	r = to_trap(s);
	if (r == 0)
		r = prepare(s);
	if (r < 0)
		return r;
	return ours ? mpol_fail(s->err, &rule_fault, "",
				"thread %d got %s from the injected instructions", s->tid,
				strsignal(sig))
		    : -EAGAIN;
}

/* At a trap: the registers and the bytes of before, and go. */
static int let_go(struct inject_session *s, bool slot_used)
{
	int r = arch_restore(s->tid, &s->saved);

	if (r == 0 && slot_used)
		r = room_restore(s->room, s->slot, s->tid);
	if (r == 0)
		r = trace_detach(s->tid);
	return r < 0 ? fail_request(s, r, "letting it go") : 0;
}

/* It stopped and does not run on, as in a frozen cgroup: back to its registers, and let go. */
static int withdraw(struct inject_session *s)
{
	struct trace_event e = { TRACE_TIMEOUT, 0 };

	if (trace_interrupt(s->tid) == 0)
		e = trace_wait(s->tid, trace_now() + (uint64_t)WITHDRAW_MS * 1000000);
	if (e.stop != TRACE_TRAP || let_go(s, true) < 0)
		room_abandon(s->room, s->slot, s->tid); /* it comes back by itself */
	return fail_timeout(s, "did not run on");
}

/* Runs to the next stop at a system call; -EAGAIN: a signal came first and was delivered, the
 * thread is at a trap. */
static int to_syscall(struct inject_session *s)
{
	for (;;) {
		int r = trace_resume(s->tid, TRACE_TO_SYSCALL, 0);
		struct trace_event e;

		if (r < 0)
			return fail_request(s, r, "PTRACE_SYSCALL");
		e = trace_wait(s->tid, s->deadline);
		switch (e.stop) {
		case TRACE_SYSCALL:
			return 0;
		case TRACE_TRAP: /* a group stop began or ended: we go on in it, and it goes on
				    after us */
			break;
		case TRACE_SIGNAL:
			return deliver_first(s, e.sig);
		case TRACE_GONE:
			return fail_gone(s);
		case TRACE_TIMEOUT:
			return withdraw(s);
		}
	}
}

/* From a trap, or from the exit of the call before, to the exit of this one. */
static int make_call(struct inject_session *s, struct inject_call *c)
{
	struct nodemask mask = nodemask_of(&s->policy->nodes);
	struct arch_call call = arch_call_of(s->policy, c, &mask);
	unsigned char slot[ARCH_SLOT_SIZE];
	size_t len = arch_slot(&s->saved, &call, room_owner_word(s->tid), slot);
	int64_t answer;
	int r = room_write(s->room, s->slot, s->tid, slot, len);

	if (r == 0)
		r = arch_enter(s->tid, &s->saved, &call, s->slot);
	if (r < 0)
		return fail_request(s, r, "writing to its vDSO");
	r = to_syscall(s);
	if (r == 0)
		r = to_syscall(s);
	if (r < 0)
		return r;
	r = arch_result(s->tid, s->slot, &answer);
	if (r < 0)
		return fail_request(s, r, "reading its answer");
	c->made = true;
	c->result = (int)answer;
	return 0;
}

/* Signals may come first any number of times; each finds the thread further on. */
static int make_calls(struct inject_session *s)
{
	for (size_t i = 0; i < s->n_calls;) {
		struct inject_call *c = &s->calls[i];
		int r = make_call(s, c);

		if (r == -EAGAIN && s->report.attempts < MAX_ATTEMPTS)
			continue;
		if (r == -EAGAIN)
			return mpol_fail(s->err, &rule_signals, "",
					 "thread %d got %u signals in a row", s->tid,
					 s->report.attempts);
		if (r < 0)
			return r;
		if (c->result < 0)
			return mpol_fail_errno(s->err, &rule_refused, -c->result, "",
					       "%s(2) in thread %d: %s", call_name(c), s->tid,
					       strerror(-c->result));
		i++;
	}
	return 0;
}

/* The thread is at the exit of a call, with our registers: to a trap, where the old ones belong. */
static int come_back(struct inject_session *s)
{
	int r = trace_interrupt(s->tid);

	if (r == 0)
		r = trace_resume(s->tid, TRACE_RUN, 0);
	if (r < 0)
		return fail_request(s, r, "PTRACE_CONT");
	for (;;) {
		struct trace_event e = trace_wait(s->tid, s->deadline);

		switch (e.stop) {
		case TRACE_TRAP:
			return 0;
		case TRACE_GONE:
			return fail_gone(s);
		case TRACE_TIMEOUT:
			room_abandon(s->room, s->slot, s->tid);
			return fail_timeout(s, "did not stop again");
		case TRACE_SIGNAL:
			r = deliver_first(s, e.sig);
			return r == -EAGAIN ? 0 : r;
		case TRACE_SYSCALL:
			r = trace_resume(s->tid, TRACE_RUN, 0);
			if (r < 0)
				return fail_request(s, r, "PTRACE_CONT");
			break;
		}
	}
}

/* A killed injector left it on its way back: it comes to where it was first. */
static int out_of_slots(struct inject_session *s)
{
	while (room_has(s->room, arch_pc(&s->saved))) {
		int r = trace_resume(s->tid, TRACE_RUN, 0);

		(void)sched_yield(); /* it needs a few instructions */
		if (r == 0)
			r = trace_interrupt(s->tid);
		if (r < 0)
			return fail_request(s, r, "PTRACE_CONT");
		r = to_trap(s);
		if (r == 0)
			r = prepare(s);
		if (r < 0)
			return r;
		if (trace_now() >= s->deadline)
			return fail_timeout(s, "did not come out of an earlier injection");
	}
	s->report.attempts = 1;
	return 0;
}

/* The thread is at a trap. Whatever happens, it is let go as it was, and the first failure is the
 * answer. */
static int at_trap(struct inject_session *s)
{
	int r = prepare(s), back;

	if (r == 0)
		r = out_of_slots(s);
	if (r == -ESRCH || r == -ETIMEDOUT)
		return r;
	if (r < 0) {
		(void)trace_detach(s->tid); /* nothing was changed */
		return r;
	}
	r = may_call(s);
	if (r < 0 || s->ask_only) {
		(void)let_go(s, false);
		return r;
	}
	r = make_calls(s);
	if (r == -ESRCH || r == -ETIMEDOUT)
		return r;
	back = come_back(s);
	if (back == 0)
		back = let_go(s, true);
	return r < 0 ? r : back;
}

int session_run(struct inject_session *s)
{
	uint64_t start;
	int r = trace_seize(s->tid);

	if (r < 0)
		return fail_seize(s, r);
	start = trace_now();
	s->deadline = start + (uint64_t)s->timeout_ms * 1000000;
	r = trace_interrupt(s->tid);
	if (r < 0)
		return fail_request(s, r, "PTRACE_INTERRUPT");
	r = to_trap(s);
	if (r == 0) {
		s->deadline = trace_now() + (uint64_t)MAX(s->timeout_ms, TO_RUN_MS) * 1000000;
		r = at_trap(s);
	}
	s->report.stopped_ns = trace_now() - start;
	return r;
}
