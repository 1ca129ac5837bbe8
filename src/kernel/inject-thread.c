/* SPDX-License-Identifier: MIT */
/*
 * How does one thread make a system call for us, and then go on as if nothing had been?
 *
 *     seize, interrupt      it stops at a *trap*: in the kernel, on its way to user mode, where
 *                           the kernel has yet to decide about signals and about restarting the
 *                           system call it was in (kernel/signal.c get_signal())
 *     slot, registers       the way back is written, then the thread is put before it
 *     resume, resume        to the entry and to the exit of our system call
 *     interrupt, registers  the old registers meet the same decisions as before: an interruption,
 *                           like letting go itself, makes the kernel look for signals once more
 *                           (signal_wake_up_state() sets TIF_SIGPENDING) before user mode
 *     slot, detach
 *
 * Before the first change of registers the thread is as it was, after it the way back brings it
 * there, whenever we die. A signal that arrives before the call was entered is not handled on top
 * of our registers: they are taken back, the signal is delivered to the thread as it was, and all
 * begins again from where its handler starts.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>

#include "base/macros.h"
#include "kernel/inject-ask.h"
#include "kernel/inject-thread.h"
#include "kernel/nodemask.h"
#include "kernel/proc.h"
#include "kernel/trace.h"

#define MAX_ATTEMPTS 1000
#define TO_RUN_MS                                                                                \
	5000 /* what stopped once can run, as soon as it gets a CPU, unless its cgroup is frozen \
	      */
#define WITHDRAW_MS 1000

/* A request newer than the C library's header. */
#define GET_RSEQ_CONFIGURATION 0x420f /* since Linux 5.13 */

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

int session_fail_request(const struct inject_session *s, int r, const char *what)
{
	if (r == -ESRCH)
		return fail_gone(s);
	return mpol_fail_errno(s->err, &rule_failed, -r, "", "thread %d: %s: %s", s->tid, what,
			       strerror(-r));
}

static int fail_seize(const struct inject_session *s, int r)
{
	if (r == -ESRCH)
		return fail_gone(s);
	if (r != -EPERM)
		return session_fail_request(s, r, "PTRACE_SEIZE");
	r = inject_ask_tracer(s->dir_fd, s->tid, s->err);
	if (r < 0)
		return r;
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
			return session_fail_request(s, r, "PTRACE_CONT");
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

	if (ptrace((int)GET_RSEQ_CONFIGURATION, s->tid, sizeof(config), &config) !=
		    sizeof(config) ||
	    !config.pointer)
		return;
	if (trace_peek(s->tid, config.pointer + 8, &address, sizeof(address)) < 0 || !address)
		return;
	if (trace_peek(s->tid, address, &section, sizeof(section)) < 0)
		return;
	if (arch_pc(&s->saved) - section.start < section.length)
		arch_set_pc(&s->saved, section.abort);
}

/* At a trap: what the thread goes on with, and whether it may make our calls. */
static int prepare(struct inject_session *s)
{
	int r = arch_save(s->tid, &s->saved);

	if (r == -EOPNOTSUPP)
		return mpol_fail(s->err, &rule_32bit, "", "thread %d runs 32-bit code", s->tid);
	if (r < 0)
		return session_fail_request(s, r, "reading its registers");
	s->report.attempts++;
	abort_rseq(s);
	if (arch_amended(&s->saved)) /* at once, so that it also holds when we die */
		r = arch_restore(s->tid, &s->saved);
	return r < 0 ? session_fail_request(s, r, "setting its registers") : 0;
}

static int may_call(struct inject_session *s)
{
	if (room_verify(s->room, s->tid) < 0)
		return mpol_fail(s->err, &rule_exec, "", "thread %d has called execve(2) meanwhile",
				 s->tid);
	room_reclaim(s->room, s->tid, arch_sp(&s->saved));
	s->slot = room_slot(s->room);
	if (!s->slot)
		return mpol_fail(s->err, &rule_slots, "", "all %u places in the vDSO are taken",
				 s->room->n);
	return session_ask(s);
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
		return session_fail_request(s, r, "delivering a signal");
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

/*
 * The registers and the bytes of before, and go. At the exit of our call, too, the kernel decides
 * about signals and restarts as it would have: an interruption makes the thread look once more
 * before it is back in user mode, whether we then let go or are killed.
 */
static int let_go(struct inject_session *s, bool slot_used)
{
	int r = trace_interrupt(s->tid);

	if (r == 0)
		r = arch_restore(s->tid, &s->saved);
	if (r == 0 && slot_used)
		r = room_restore(s->room, s->slot, s->tid);
	if (r == 0)
		r = trace_detach(s->tid);
	return r < 0 ? session_fail_request(s, r, "letting it go") : 0;
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
			return session_fail_request(s, r, "PTRACE_SYSCALL");
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
	struct arch_call call = session_call(s, c, &mask);
	unsigned char slot[ARCH_SLOT_SIZE];
	size_t len = arch_slot(&s->saved, &call, room_owner_word(s->tid), slot);
	int64_t answer;
	int r = room_write(s->room, s->slot, s->tid, slot, len);

	if (r == 0)
		r = arch_enter(s->tid, &s->saved, &call, s->slot);
	if (r < 0)
		return session_fail_request(s, r, "writing to its vDSO");
	r = to_syscall(s);
	if (r == 0)
		r = to_syscall(s);
	if (r < 0)
		return r;
	r = arch_result(s->tid, s->slot, &answer);
	if (r < 0)
		return session_fail_request(s, r, "reading its answer");
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
					       "%s(2) in thread %d: %s", session_call_name(c),
					       s->tid, strerror(-c->result));
		i++;
	}
	return 0;
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
			return session_fail_request(s, r, "PTRACE_CONT");
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
		return session_fail_request(s, r, "PTRACE_INTERRUPT");
	r = to_trap(s);
	if (r == 0) {
		s->deadline = trace_now() + (uint64_t)MAX(s->timeout_ms, TO_RUN_MS) * 1000000;
		r = at_trap(s);
	}
	s->report.stopped_ns = trace_now() - start;
	return r;
}
