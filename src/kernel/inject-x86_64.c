/* SPDX-License-Identifier: MIT */
/*
 * The injector's part for x86-64; see inject-arch.h.
 *
 * A thread that is blocked in a system call is stopped inside the kernel with orig_rax the call's
 * number and rax one of the -ERESTART codes. They must be put back unchanged: the kernel itself
 * then decides, with the signals pending at that moment, between repeating the call,
 * restart_syscall(2) and EINTR (arch/x86/kernel/signal.c arch_do_signal_or_restart()). Only when
 * the tracer died does the thread decide for itself, and repeats the call.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/macros.h"
#include "kernel/inject-arch.h"
#include "kernel/trace.h"

/* include/linux/errno.h: seen by tracers only. */
enum {
	ERESTARTSYS = 512,
	ERESTARTNOINTR = 513,
	ERESTARTNOHAND = 514,
	ERESTART_RESTARTBLOCK = 516,
};

#define SYSCALL_LEN 2 /* the instruction's bytes, 0f 05 */

int arch_supported(struct mpol_error *err)
{
	(void)err; /* nothing to describe */
	return 0;
}

/*
 * Calls that answer EINTR to every interruption, even by a tracer, and are as good as new when made
 * again, as they wait without a limit: `limit` is the argument that must say so. With a limit the
 * time that has passed is unknown here, and EINTR stays, as after SIGSTOP and SIGCONT (signal(7)).
 */
enum limit { NO_LIMIT, NULL_POINTER, NEGATIVE_INT, NOTHING_TO_SUBMIT };

static const struct {
	int64_t nr;
	enum limit limit;
	unsigned arg;
} repeatable[] = {
	{ SYS_epoll_wait, NEGATIVE_INT, 3 },
	{ SYS_epoll_pwait, NEGATIVE_INT, 3 },
	{ 441 /* epoll_pwait2, since Linux 5.11 */, NULL_POINTER, 3 },
	{ SYS_semop, NO_LIMIT, 0 },
	{ SYS_semtimedop, NULL_POINTER, 3 },
	{ SYS_rt_sigtimedwait, NULL_POINTER, 2 },
	{ SYS_io_getevents, NULL_POINTER, 4 },
	{ 426 /* io_uring_enter, since Linux 5.1 */, NOTHING_TO_SUBMIT, 1 },
};
#define IORING_ENTER_EXT_ARG_BIT (1u << 3)

static uint64_t argument(const struct user_regs_struct *regs, unsigned n)
{
	const uint64_t args[] = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 };

	return args[n];
}

static bool waits_without_limit(const struct user_regs_struct *regs)
{
	for (size_t i = 0; i < ELEMENTSOF(repeatable); i++) {
		if (repeatable[i].nr != (int64_t)regs->orig_rax)
			continue;
		switch (repeatable[i].limit) {
		case NO_LIMIT:
			return true;
		case NULL_POINTER:
			return argument(regs, repeatable[i].arg) == 0;
		case NEGATIVE_INT:
			return (int32_t)argument(regs, repeatable[i].arg) < 0;
		case NOTHING_TO_SUBMIT:
			return argument(regs, 1) == 0 &&
			       !(argument(regs, 3) & IORING_ENTER_EXT_ARG_BIT);
		}
	}
	return false;
}

/* The call that the thread makes again when nobody tells the kernel to restart it; -1: none. */
static int64_t repeated_call(const struct user_regs_struct *regs)
{
	if ((int64_t)regs->orig_rax < 0)
		return -1;
	switch ((int64_t)regs->rax) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
		return (int64_t)regs->orig_rax;
	case -ERESTART_RESTARTBLOCK:
		return SYS_restart_syscall;
	}
	return -1;
}

int arch_save(pid_t tid, struct arch_thread *ret)
{
	struct arch_thread t;
	struct iovec iov = { &t.regs, sizeof(t.regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -errno;
	if (iov.iov_len != sizeof(t.regs)) /* the shorter, 32-bit layout */
		return -EOPNOTSUPP;
	/* EINTR only when a handler runs, as the kernel's own waits without a limit do it. */
	t.amended = (int64_t)t.regs.orig_rax >= 0 && (int64_t)t.regs.rax == -EINTR &&
		    waits_without_limit(&t.regs);
	if (t.amended)
		t.regs.rax = (unsigned long long)-ERESTARTNOHAND;
	t.repeat = repeated_call(&t.regs);
	*ret = t;
	return 0;
}

uint64_t arch_pc(const struct arch_thread *t)
{
	return t->regs.rip;
}

bool arch_amended(const struct arch_thread *t)
{
	return t->amended;
}

uint64_t arch_sp(const struct arch_thread *t)
{
	return t->regs.rsp;
}

void arch_set_pc(struct arch_thread *t, uint64_t pc)
{
	t->regs.rip = pc;
}

/*
 * The way back. mov and jmp leave the flags alone, syscall puts them back from r11, and the stack
 * is not used: nothing of it has to be saved, red zone, goroutine stacks and shadow stacks
 * included. Only what a system call clobbers or takes as an argument is reloaded.
 */
enum value {
	VALUE_RDI,
	VALUE_RSI,
	VALUE_RDX,
	VALUE_R10,
	VALUE_R8,
	VALUE_R9,
	VALUE_RCX,
	VALUE_R11,
	VALUE_RAX,
	VALUE_RIP,
	N_VALUES
};

static const unsigned char loads[N_VALUES][3] = {
	[VALUE_RDI] = { 0x48, 0x8B, 0x3D }, [VALUE_RSI] = { 0x48, 0x8B, 0x35 },
	[VALUE_RDX] = { 0x48, 0x8B, 0x15 }, [VALUE_R10] = { 0x4C, 0x8B, 0x15 },
	[VALUE_R8] = { 0x4C, 0x8B, 0x05 },  [VALUE_R9] = { 0x4C, 0x8B, 0x0D },
	[VALUE_RCX] = { 0x48, 0x8B, 0x0D }, [VALUE_R11] = { 0x4C, 0x8B, 0x1D },
	[VALUE_RAX] = { 0x48, 0x8B, 0x05 }, [VALUE_RIP] = { 0xFF, 0x25 }, /* jmp [rip + x] */
};
#define CODE_LEN  71
#define VALUES_AT (ARCH_OWNER_AT + 8)
#define DATA_AT	  (VALUES_AT + 8 * N_VALUES)
_Static_assert(CODE_LEN <= ARCH_OWNER_AT, "the code ends before the owner");
_Static_assert(DATA_AT + ARCH_DATA_SIZE <= ARCH_SLOT_SIZE, "the slot holds code, values and data");

size_t arch_slot(const struct arch_thread *t, const struct arch_call *call, uint64_t owner,
		 unsigned char ret[ARCH_SLOT_SIZE])
{
	const struct user_regs_struct *r = &t->regs;
	const bool again = t->repeat >= 0;
	const uint64_t values[N_VALUES] = {
		[VALUE_RDI] = r->rdi,
		[VALUE_RSI] = r->rsi,
		[VALUE_RDX] = r->rdx,
		[VALUE_R10] = r->r10,
		[VALUE_R8] = r->r8,
		[VALUE_R9] = r->r9,
		[VALUE_RCX] = r->rcx,
		[VALUE_R11] = r->r11,
		[VALUE_RAX] = again ? (uint64_t)t->repeat : r->rax,
		[VALUE_RIP] = again ? r->rip - SYSCALL_LEN : r->rip,
	};
	size_t at = SYSCALL_LEN;

	memset(ret, 0, ARCH_SLOT_SIZE);
	memcpy(ret, (const unsigned char[]){ 0x0F, 0x05 }, SYSCALL_LEN);
	for (size_t v = 0; v < N_VALUES; v++) {
		size_t opcode = v == VALUE_RIP ? 2 : 3;
		int32_t distance = (int32_t)(VALUES_AT + 8 * v - (at + opcode + sizeof(distance)));

		memcpy(ret + at, loads[v], opcode);
		memcpy(ret + at + opcode, &distance, sizeof(distance));
		at += opcode + sizeof(distance);
	}
	memcpy(ret + ARCH_OWNER_AT, &owner, sizeof(owner));
	memcpy(ret + VALUES_AT, values, sizeof(values));
	if (call->data)
		memcpy(ret + DATA_AT, call->data, call->data_len);
	return DATA_AT + (call->data ? call->data_len : 0);
}

static int set_regs(pid_t tid, const struct user_regs_struct *regs)
{
	struct user_regs_struct copy = *regs;
	struct iovec iov = { &copy, sizeof(copy) };

	if (trace_step)
		trace_step("set registers");
	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov) < 0 ? -errno : 0;
}

int arch_enter(pid_t tid, const struct arch_thread *t, const struct arch_call *call, uint64_t slot)
{
	struct user_regs_struct regs = t->regs;
	uint64_t arg[6];

	memcpy(arg, call->arg, sizeof(arg));
	if (call->data)
		arg[call->data_arg] = slot + DATA_AT;
	regs.rdi = arg[0];
	regs.rsi = arg[1];
	regs.rdx = arg[2];
	regs.r10 = arg[3];
	regs.r8 = arg[4];
	regs.r9 = arg[5];
	regs.rax = (unsigned long long)call->nr;
	regs.orig_rax = (unsigned long long)-1; /* in no system call: nothing to restart */
	regs.rip = slot;
	return set_regs(tid, &regs);
}

int arch_result(pid_t tid, uint64_t slot, int64_t *ret)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -errno;
	if (regs.rip != slot + SYSCALL_LEN)
		return -EFAULT;
	*ret = (int64_t)regs.rax;
	return 0;
}

int arch_restore(pid_t tid, const struct arch_thread *t)
{
	return set_regs(tid, &t->regs);
}
