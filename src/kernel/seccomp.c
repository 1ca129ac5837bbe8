/* SPDX-License-Identifier: MIT */
/* Running seccomp filters; see seccomp.h. Classic BPF as kernel/seccomp.c seccomp_check_filter()
 * lets it through. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "base/cleanup.h"
#include "kernel/seccomp.h"

#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

struct machine {
	uint32_t a, x, m[BPF_MEMWORDS];
	const struct seccomp_data *data;
};

static bool load(struct machine *m, const struct sock_filter *i, uint32_t *to)
{
	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		if (i->k % 4 || i->k > sizeof(*m->data) - 4)
			return false;
		memcpy(to, (const char *)m->data + i->k, 4);
		return true;
	case BPF_LEN:
		*to = sizeof(*m->data);
		return true;
	case BPF_IMM:
		*to = i->k;
		return true;
	case BPF_MEM:
		if (i->k >= BPF_MEMWORDS)
			return false;
		*to = m->m[i->k];
		return true;
	}
	return false;
}

static bool calculate(struct machine *m, const struct sock_filter *i)
{
	uint32_t by = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		m->a += by;
		return true;
	case BPF_SUB:
		m->a -= by;
		return true;
	case BPF_MUL:
		m->a *= by;
		return true;
	case BPF_DIV:
		m->a = by ? m->a / by : 0;
		return true;
	case BPF_OR:
		m->a |= by;
		return true;
	case BPF_AND:
		m->a &= by;
		return true;
	case BPF_XOR:
		m->a ^= by;
		return true;
	case BPF_LSH:
		m->a = m->a << (by & 31);
		return true;
	case BPF_RSH:
		m->a = m->a >> (by & 31);
		return true;
	case BPF_NEG:
		m->a = -m->a;
		return true;
	}
	return false;
}

static bool holds(const struct machine *m, const struct sock_filter *i)
{
	uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return m->a == with;
	case BPF_JGT:
		return m->a > with;
	case BPF_JGE:
		return m->a >= with;
	case BPF_JSET:
		return m->a & with;
	}
	return false;
}

uint32_t seccomp_run(const struct sock_filter *filter, size_t n, const struct seccomp_data *data)
{
	struct machine m = { .data = data };

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &filter[pc];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (!load(&m, i, &m.a))
				return SECCOMP_RET_KILL_PROCESS;
			break;
		case BPF_LDX:
			if (!load(&m, i, &m.x))
				return SECCOMP_RET_KILL_PROCESS;
			break;
		case BPF_ST:
		case BPF_STX:
			if (i->k >= BPF_MEMWORDS)
				return SECCOMP_RET_KILL_PROCESS;
			m.m[i->k] = BPF_CLASS(i->code) == BPF_ST ? m.a : m.x;
			break;
		case BPF_ALU:
			if (!calculate(&m, i))
				return SECCOMP_RET_KILL_PROCESS;
			break;
		case BPF_JMP:
			pc += BPF_OP(i->code) == BPF_JA ? i->k : holds(&m, i) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
		case BPF_MISC:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				m.x = m.a;
			else
				m.a = m.x;
			break;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

uint32_t seccomp_stricter(uint32_t a, uint32_t b)
{
	/* Signed, so that KILL_PROCESS (0x80000000) comes first (kernel/seccomp.c ACTION_ONLY). */
	int32_t action_a = (int32_t)(a & SECCOMP_RET_ACTION_FULL),
		action_b = (int32_t)(b & SECCOMP_RET_ACTION_FULL);

	return action_b < action_a ? b : a;
}

int seccomp_ask(pid_t tid, const struct seccomp_data *data, uint32_t *ret)
{
	uint32_t answer = SECCOMP_RET_ALLOW;

	for (unsigned long index = 0;; index++) {
		_cleanup_free_ struct sock_filter *filter = NULL;
		long n = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, NULL);

		if (n < 0 && errno == ENOENT) /* past the last */
			break;
		if (n < 0)
			return -errno;
		filter = calloc((size_t)n, sizeof(*filter));
		if (!filter)
			return -ENOMEM;
		if (ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, filter) != n)
			return -EIO;
		answer = seccomp_stricter(answer, seccomp_run(filter, (size_t)n, data));
	}
	*ret = answer;
	return 0;
}

const char *seccomp_meaning(uint32_t answer, char *buf, size_t size)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return "lets it through";
	case SECCOMP_RET_ERRNO:
		(void)snprintf(buf, size, "answers \"%s\"",
			       strerror((int)(answer & SECCOMP_RET_DATA)));
		return buf;
	case SECCOMP_RET_TRAP:
		return "sends SIGSYS";
	case SECCOMP_RET_TRACE:
		return "leaves it to a tracer, of which there is none: ENOSYS";
	case SECCOMP_RET_USER_NOTIF:
		return "leaves it to a supervising process";
	case SECCOMP_RET_KILL_THREAD:
		return "kills the thread";
	}
	return "kills the process";
}
