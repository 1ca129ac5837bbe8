/* SPDX-License-Identifier: MIT */
/*
 * The architecture's part of the injector: registers, and the few instructions that a thread runs.
 *
 * A *slot* is a piece of memory in the target's vDSO, outside what anybody uses. It holds a *way
 * back*: code that makes one system call, sets the registers to what they were, and jumps to where
 * the thread was; and the values for that.
 */
#ifndef KERNEL_INJECT_ARCH_H
#define KERNEL_INJECT_ARCH_H

#include <mpol/error.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ARCH_SLOT_SIZE 320 /* bytes, a multiple of 16 */

#if defined(__x86_64__) && defined(__LP64__)
#include <sys/user.h>
struct arch_thread {
	struct user_regs_struct regs; /* as the kernel must find them when the thread goes on */
	bool amended;		      /* regs are better than what the thread has now */
	int64_t repeat; /* the system call to make again when going on alone; -1: none */
};
#define ARCH_ELF_MACHINE 62	     /* EM_X86_64 */
#define ARCH_AUDIT	 0xC000003Eu /* AUDIT_ARCH_X86_64 */
#else
struct arch_thread {
	int unused;
};
#define ARCH_ELF_MACHINE (-1)
#define ARCH_AUDIT	 0u
#endif

struct arch_call {
	int64_t nr;
	uint64_t arg[6];
	const void *data;  /* goes into the slot; NULL: none */
	size_t data_len;   /* at most ARCH_DATA_SIZE, a multiple of 8 */
	unsigned data_arg; /* the argument that points to it */
};
#define ARCH_DATA_SIZE 136

/* 0, or -EOPNOTSUPP with the reason. */
int arch_supported(struct mpol_error *err);

/*
 * The registers of a stopped thread, and what must become of the system call it was interrupted in.
 * -EOPNOTSUPP: it runs 32-bit code.
 */
int arch_save(pid_t tid, struct arch_thread *ret);
uint64_t arch_pc(const struct arch_thread *t);
bool arch_amended(const struct arch_thread *t);
uint64_t arch_sp(const struct arch_thread *t);
void arch_set_pc(struct arch_thread *t, uint64_t pc);

/*
 * The content of a slot; returns its length, at most ARCH_SLOT_SIZE, a multiple of 8. It works at
 * every address. The eight bytes at ARCH_OWNER_AT are `owner`, for whoever finds the slot later.
 */
size_t arch_slot(const struct arch_thread *t, const struct arch_call *call, uint64_t owner,
		 unsigned char ret[ARCH_SLOT_SIZE]);
#define ARCH_OWNER_AT 72
/* Puts a stopped thread before the slot's system call. */
int arch_enter(pid_t tid, const struct arch_thread *t, const struct arch_call *call, uint64_t slot);
/* What the call answered, at the stop after it. -EFAULT: the thread is not there. */
int arch_result(pid_t tid, uint64_t slot, int64_t *ret);
/* The registers of before. Restarts must be decided after it: the thread is at a TRACE_TRAP or
 * TRACE_SIGNAL stop, or has been interrupted. */
int arch_restore(pid_t tid, const struct arch_thread *t);

#endif
