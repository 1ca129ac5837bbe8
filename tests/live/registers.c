/* SPDX-License-Identifier: MIT */
/* Registers held through a loop or a system call; see registers.h. */
#include <stddef.h>
#include <string.h>

#include "registers.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

/* Offsets in struct registers. */
#define O_RED_ZONE 112
#define O_MXCSR	   232
#define O_FCW	   236
#define O_ST0	   240
#define O_MASK	   248
#define O_VECTOR   320
#define O_AFTER	   2368
#define O_LEVEL	   4736
#define O_STOP	   4744
#define O_ROUNDS   4752
_Static_assert(offsetof(struct registers, red_zone) == O_RED_ZONE, "");
_Static_assert(offsetof(struct registers, mxcsr) == O_MXCSR, "");
_Static_assert(offsetof(struct registers, fcw) == O_FCW, "");
_Static_assert(offsetof(struct registers, st0) == O_ST0, "");
_Static_assert(offsetof(struct registers, mask) == O_MASK, "");
_Static_assert(offsetof(struct registers, vector) == O_VECTOR, "");
_Static_assert(offsetof(struct held, after) == O_AFTER, "");
_Static_assert(offsetof(struct held, level) == O_LEVEL, "");
_Static_assert(offsetof(struct held, stop) == O_STOP, "");
_Static_assert(offsetof(struct held, rounds) == O_ROUNDS, "");

/*
 * held_run(h, call): rdi is h. The stack pointer is lowered by 256 first, so that the red zone is ours. With call not 0 the
 * arguments of the system call stand in before.rax, rdi, rsi, rdx, r10, r8, r9, and the pointer to h at (%rsp).
 */
void held_run(struct held *h, uint64_t call);
__asm__(".text\n"
	".globl held_run\n"
	".type held_run, @function\n"
	".macro vectors op, reg, base, from, to\n"
	"	.set i, \\from\n"
	"	.rept \\to - \\from + 1\n"
	"	.altmacro\n"
	"	one_vector \\op, \\reg, \\base, %i\n"
	"	.noaltmacro\n"
	"	.set i, i + 1\n"
	"	.endr\n"
	".endm\n"
	".macro one_vector op, reg, base, n\n"
	"	.ifc \\op, load\n"
	"	.ifc \\reg, xmm\n	movups \\base + 64 * \\n(%rdi), %xmm\\n\n"
	"	.else\n"
	"	.ifc \\reg, ymm\n	vmovups \\base + 64 * \\n(%rdi), %ymm\\n\n"
	"	.else\n	vmovups \\base + 64 * \\n(%rdi), %zmm\\n\n	.endif\n	.endif\n"
	"	.else\n"
	"	.ifc \\reg, xmm\n	movups %xmm\\n, \\base + 64 * \\n(%rdi)\n"
	"	.else\n"
	"	.ifc \\reg, ymm\n	vmovups %ymm\\n, \\base + 64 * \\n(%rdi)\n"
	"	.else\n	vmovups %zmm\\n, \\base + 64 * \\n(%rdi)\n	.endif\n	.endif\n"
	"	.endif\n"
	".endm\n"
	"held_run:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	sub $256, %rsp\n"
	"	mov %rdi, (%rsp)\n"
	"	mov %rsi, 8(%rsp)\n"
	"	stmxcsr 16(%rsp)\n"
	"	fnstcw 20(%rsp)\n"
	/* vectors */
	"	ldmxcsr " STRING(O_MXCSR) "(%rdi)\n"
	"	fldcw " STRING(O_FCW) "(%rdi)\n"
	"	fldl " STRING(O_ST0) "(%rdi)\n"
	"	cmpq $2, " STRING(O_LEVEL) "(%rdi)\n"
	"	je 2f\n"
	"	cmpq $1, " STRING(O_LEVEL) "(%rdi)\n"
	"	je 1f\n"
	"	vectors load, xmm, " STRING(O_VECTOR) ", 0, 15\n"
	"	jmp 3f\n"
	"1:	vectors load, ymm, " STRING(O_VECTOR) ", 0, 15\n"
	"	jmp 3f\n"
	"2:	vectors load, zmm, " STRING(O_VECTOR) ", 0, 31\n"
	"	kmovw " STRING(O_MASK) "+0(%rdi), %k0\n"
	"	kmovw " STRING(O_MASK) "+8(%rdi), %k1\n"
	"	kmovw " STRING(O_MASK) "+16(%rdi), %k2\n"
	"	kmovw " STRING(O_MASK) "+24(%rdi), %k3\n"
	"	kmovw " STRING(O_MASK) "+32(%rdi), %k4\n"
	"	kmovw " STRING(O_MASK) "+40(%rdi), %k5\n"
	"	kmovw " STRING(O_MASK) "+48(%rdi), %k6\n"
	"	kmovw " STRING(O_MASK) "+56(%rdi), %k7\n"
	"3:\n"
	/* flags, then the red zone they were pushed through */
	"	pushq 104(%rdi)\n"
	"	popfq\n"
	"	.set i, 0\n"
	"	.rept 15\n"
	"	mov " STRING(O_RED_ZONE) " + 8 * i(%rdi), %rcx\n"
	"	mov %rcx, -8 - 8 * i(%rsp)\n"
	"	.set i, i + 1\n"
	"	.endr\n"
	"	mov 8(%rdi), %rbx\n	mov 16(%rdi), %rdx\n	mov 24(%rdi), %rsi\n	mov 40(%rdi), %rbp\n"
	"	mov 48(%rdi), %r8\n	mov 56(%rdi), %r9\n	mov 64(%rdi), %r10\n	mov 72(%rdi), %r12\n"
	"	mov 80(%rdi), %r13\n	mov 88(%rdi), %r14\n	mov 96(%rdi), %r15\n	mov 0(%rdi), %rax\n"
	"	mov 8(%rsp), %rcx\n"
	"	jrcxz 5f\n"
	"	mov 32(%rdi), %rdi\n"
	"	syscall\n"
	"	jmp 6f\n"
	"5:	pause\n"
	"	mov " STRING(O_ROUNDS) "(%rdi), %rcx\n"
	"	lea 1(%rcx), %rcx\n"
	"	mov %rcx, " STRING(O_ROUNDS) "(%rdi)\n"
	"	mov " STRING(O_STOP) "(%rdi), %rcx\n"
	"	jrcxz 5b\n"
	"6:	mov (%rsp), %rcx\n"
	"	mov %rdi, 32+" STRING(O_AFTER) "(%rcx)\n"
	"	mov %rcx, %rdi\n"
	"	mov %rax, 0+" STRING(O_AFTER) "(%rdi)\n	mov %rbx, 8+" STRING(O_AFTER) "(%rdi)\n"
	"	mov %rdx, 16+" STRING(O_AFTER) "(%rdi)\n	mov %rsi, 24+" STRING(O_AFTER) "(%rdi)\n"
	"	mov %rbp, 40+" STRING(O_AFTER) "(%rdi)\n	mov %r8, 48+" STRING(O_AFTER) "(%rdi)\n"
	"	mov %r9, 56+" STRING(O_AFTER) "(%rdi)\n	mov %r10, 64+" STRING(O_AFTER) "(%rdi)\n"
	"	mov %r12, 72+" STRING(O_AFTER) "(%rdi)\n	mov %r13, 80+" STRING(O_AFTER) "(%rdi)\n"
	"	mov %r14, 88+" STRING(O_AFTER) "(%rdi)\n	mov %r15, 96+" STRING(O_AFTER) "(%rdi)\n"
	"	.set i, 0\n"
	"	.rept 15\n"
	"	mov -8 - 8 * i(%rsp), %rcx\n"
	"	mov %rcx, " STRING(O_AFTER) " + " STRING(O_RED_ZONE) " + 8 * i(%rdi)\n"
	"	.set i, i + 1\n"
	"	.endr\n"
	"	pushfq\n"
	"	pop %rax\n"
	"	cld\n"
	"	mov %rax, 104+" STRING(O_AFTER) "(%rdi)\n"
	"	fstpl " STRING(O_AFTER) "+" STRING(O_ST0) "(%rdi)\n"
	"	fnstcw " STRING(O_AFTER) "+" STRING(O_FCW) "(%rdi)\n"
	"	stmxcsr " STRING(O_AFTER) "+" STRING(O_MXCSR) "(%rdi)\n"
	"	cmpq $2, " STRING(O_LEVEL) "(%rdi)\n"
	"	je 2f\n"
	"	cmpq $1, " STRING(O_LEVEL) "(%rdi)\n"
	"	je 1f\n"
	"	vectors store, xmm, " STRING(O_AFTER) "+" STRING(O_VECTOR) ", 0, 15\n"
	"	jmp 3f\n"
	"1:	vectors store, ymm, " STRING(O_AFTER) "+" STRING(O_VECTOR) ", 0, 15\n"
	"	vzeroupper\n"
	"	jmp 3f\n"
	"2:	vectors store, zmm, " STRING(O_AFTER) "+" STRING(O_VECTOR) ", 0, 31\n"
	"	kmovw %k0, " STRING(O_AFTER) "+" STRING(O_MASK) "+0(%rdi)\n"
	"	kmovw %k1, " STRING(O_AFTER) "+" STRING(O_MASK) "+8(%rdi)\n"
	"	kmovw %k2, " STRING(O_AFTER) "+" STRING(O_MASK) "+16(%rdi)\n"
	"	kmovw %k3, " STRING(O_AFTER) "+" STRING(O_MASK) "+24(%rdi)\n"
	"	kmovw %k4, " STRING(O_AFTER) "+" STRING(O_MASK) "+32(%rdi)\n"
	"	kmovw %k5, " STRING(O_AFTER) "+" STRING(O_MASK) "+40(%rdi)\n"
	"	kmovw %k6, " STRING(O_AFTER) "+" STRING(O_MASK) "+48(%rdi)\n"
	"	kmovw %k7, " STRING(O_AFTER) "+" STRING(O_MASK) "+56(%rdi)\n"
	"	vzeroupper\n"
	"3:	fldcw 20(%rsp)\n"
	"	ldmxcsr 16(%rsp)\n"
	"	add $256, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"
	"	ret\n"
	".size held_run, . - held_run\n");

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed ^ *seed >> 29;
}

void held_fill(struct held *h, uint64_t seed)
{
	struct registers *r = &h->before;
	uint64_t *plain[] = { &r->rax, &r->rbx, &r->rdx, &r->rsi, &r->rbp, &r->r8, &r->r9, &r->r10, &r->r12, &r->r13, &r->r14, &r->r15 };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		*plain[i] = next(&seed);
	r->rdi = (uintptr_t)h;
	r->flags = 0x202 | (next(&seed) & 0xCD5); /* CF PF AF ZF SF DF OF */
	for (size_t i = 0; i < 15; i++)
		r->red_zone[i] = next(&seed);
	r->mxcsr = 0x1F80 | (uint32_t)(next(&seed) & 3) << 13; /* rounding */
	r->fcw = 0x037F | (uint32_t)(next(&seed) & 3) << 10;
	r->st0 = (double)(int64_t)(next(&seed) >> 12);
	for (size_t i = 0; i < 8; i++)
		r->mask[i] = next(&seed) & 0xFFFF;
	for (size_t i = 0; i < 32 * 64; i++)
		((unsigned char *)r->vector)[i] = (unsigned char)next(&seed);
	__builtin_cpu_init();
	h->level = __builtin_cpu_supports("avx512f") ? 2 : __builtin_cpu_supports("avx") ? 1 : 0;
	h->stop = 0;
	h->rounds = 0;
}

void held_spin(struct held *h)
{
	held_run(h, 0);
}

int64_t held_syscall(struct held *h, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	h->before.rax = (uint64_t)nr;
	h->before.rdi = a;
	h->before.rsi = b;
	h->before.rdx = c;
	h->before.r10 = d;
	h->before.r8 = e;
	h->before.r9 = f;
	held_run(h, 1);
	h->before.rax = h->after.rax; /* the result */
	return (int64_t)h->after.rax;
}

const char *held_changed(const struct held *h)
{
	static const char *const names[] = { "rax", "rbx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r12", "r13", "r14", "r15", "flags" };
	const struct registers *b = &h->before, *a = &h->after;
	const size_t width[] = { 16, 32, 64 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((&b->rax)[i] != (&a->rax)[i])
			return names[i];
	if (memcmp(b->red_zone, a->red_zone, sizeof(b->red_zone)) != 0)
		return "red zone";
	if (b->mxcsr != a->mxcsr || (b->fcw & 0xFFFF) != (a->fcw & 0xFFFF))
		return "mxcsr, fcw";
	if (memcmp(&b->st0, &a->st0, sizeof(b->st0)) != 0)
		return "st0";
	for (size_t i = 0; i < (h->level == 2 ? 32 : 16); i++)
		if (memcmp(b->vector[i], a->vector[i], width[h->level]) != 0)
			return "vector registers";
	if (h->level == 2 && memcmp(b->mask, a->mask, sizeof(b->mask)) != 0)
		return "mask registers";
	return NULL;
}
