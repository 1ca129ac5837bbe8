/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "base/macros.h"
#include "check.h"
#include "kernel/seccomp.h"

#define ARCH	  0xC000003Eu
#define NR	  (BPF_LD | BPF_W | BPF_ABS)
#define RET(v)	  BPF_STMT(BPF_RET | BPF_K, (v))
#define AT(field) ((unsigned)offsetof(struct seccomp_data, field))

#define LONGEST 10
static const struct {
	const char *name;
	struct sock_filter filter[LONGEST];
	size_t n;
	struct seccomp_data data;
	uint32_t answer;
} rows[] = {
	{ "allow all", { RET(SECCOMP_RET_ALLOW) }, 1, { .nr = 1 }, SECCOMP_RET_ALLOW },
	{ "one number",
	  { BPF_STMT(NR, AT(nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 238, 0, 1),
	    RET(SECCOMP_RET_ERRNO | 1), RET(SECCOMP_RET_ALLOW) },
	  4,
	  { .nr = 238 },
	  SECCOMP_RET_ERRNO | 1 },
	{ "another number",
	  { BPF_STMT(NR, AT(nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 238, 0, 1),
	    RET(SECCOMP_RET_ERRNO | 1), RET(SECCOMP_RET_ALLOW) },
	  4,
	  { .nr = 237 },
	  SECCOMP_RET_ALLOW },
	{ "the architecture",
	  { BPF_STMT(NR, AT(arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
	    RET(SECCOMP_RET_KILL_PROCESS), RET(SECCOMP_RET_ALLOW) },
	  4,
	  { .arch = ARCH },
	  SECCOMP_RET_ALLOW },
	{ "the upper half of an argument",
	  { BPF_STMT(NR, AT(args) + 8 + 4), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 6, 0, 1), RET(1),
	    RET(2) },
	  4,
	  { .args = { 0, 7ull << 32 } },
	  1 },
	{ "where it is called from",
	  { BPF_STMT(NR, AT(instruction_pointer)),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1000, 0, 1), RET(1), RET(2) },
	  4,
	  { .instruction_pointer = 0x7000 },
	  1 },
	{ "a tree",
	  { BPF_STMT(NR, AT(nr)), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 200, 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 238, 0, 1),
	    RET(3), RET(4) },
	  6,
	  { .nr = 238 },
	  3 },
	{ "memory and registers",
	  { BPF_STMT(NR, AT(nr)), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LDX | BPF_IMM, 5),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_MEM, 3), BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
	    BPF_STMT(BPF_RET | BPF_A, 0) },
	  8,
	  { .nr = 4 },
	  36 },
	{ "arithmetic",
	  { BPF_STMT(BPF_LD | BPF_IMM, 100), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),
	    BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 9), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 4),
	    BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xFE),
	    BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_RET | BPF_A, 0) },
	  10,
	  { 0 },
	  (uint32_t)-88 },
	{ "the length",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_RET | BPF_A, 0) },
	  2,
	  { 0 },
	  sizeof(struct seccomp_data) },
	{ "division by zero in x answers 0",
	  { BPF_STMT(BPF_LD | BPF_IMM, 7), BPF_STMT(BPF_LDX | BPF_IMM, 0),
	    BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(BPF_RET | BPF_A, 0) },
	  4,
	  { 0 },
	  0 },
	{ "no end", { BPF_STMT(NR, 0) }, 1, { 0 }, SECCOMP_RET_KILL_PROCESS },
	{ "beside the data",
	  { BPF_STMT(NR, 64), RET(SECCOMP_RET_ALLOW) },
	  2,
	  { 0 },
	  SECCOMP_RET_KILL_PROCESS },
	{ "beside the memory",
	  { BPF_STMT(BPF_LD | BPF_MEM, 16), RET(SECCOMP_RET_ALLOW) },
	  2,
	  { 0 },
	  SECCOMP_RET_KILL_PROCESS },
};

TEST(a_filter_runs_as_in_the_kernel)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		check_row(i, rows[i].name);
		CHECK_EQ(seccomp_run(rows[i].filter, rows[i].n, &rows[i].data), rows[i].answer);
	}
}

TEST(of_several_answers_the_strictest_prevails)
{
	static const uint32_t strictest_first[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO | 1,	  SECCOMP_RET_TRACE,	   SECCOMP_RET_LOG,
		SECCOMP_RET_ALLOW
	};

	for (size_t a = 0; a < ELEMENTSOF(strictest_first); a++)
		for (size_t b = 0; b < ELEMENTSOF(strictest_first); b++)
			CHECK_EQ(seccomp_stricter(strictest_first[a], strictest_first[b]),
				 strictest_first[a < b ? a : b]);
	CHECK_EQ(seccomp_stricter(SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 2),
		 SECCOMP_RET_ERRNO | 1);
}

TEST(an_answer_is_said_in_words)
{
	char buf[64];

	CHECK_STR(seccomp_meaning(SECCOMP_RET_ERRNO | 1, buf, sizeof(buf)),
		  "answers \"Operation not permitted\"");
	CHECK_STR(seccomp_meaning(SECCOMP_RET_KILL_PROCESS, buf, sizeof(buf)), "kills the process");
	CHECK_STR(seccomp_meaning(0x12345678, buf, sizeof(buf)),
		  "kills the process"); /* unknown actions do */
}
