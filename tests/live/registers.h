/* SPDX-License-Identifier: MIT */
/*
 * All that a thread has in its registers, filled with a pattern before, and compared after: a
 * system call that blocks, or a loop in user mode that changes nothing but rcx. Flags, red zone,
 * x87 and vector registers are among them.
 */
#ifndef TESTS_LIVE_REGISTERS_H
#define TESTS_LIVE_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

struct registers {
	uint64_t rax, rbx, rdx, rsi, rdi, rbp, r8, r9, r10, r12, r13, r14, r15;
	uint64_t flags;
	uint64_t red_zone[15];
	uint32_t mxcsr, fcw;
	double st0;
	uint64_t mask[8]; /* k0 to k7 */
	unsigned char vector[32][64] __attribute__((aligned(64)));
};

struct held {
	struct registers before, after;
	uint64_t level;		/* 0 SSE, 1 AVX, 2 AVX-512 */
	volatile uint64_t stop; /* not 0: the loop ends */
	volatile uint64_t rounds;
} __attribute__((aligned(64)));

/* A pattern that depends on seed. */
void held_fill(struct held *h, uint64_t seed);
/* Loops until h->stop. */
void held_spin(struct held *h);
/* The system call nr; its result. */
int64_t held_syscall(struct held *h, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		     uint64_t e, uint64_t f);
/* The name of a register that is not what it was; NULL: all are. */
const char *held_changed(const struct held *h);

#endif
