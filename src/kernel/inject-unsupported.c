/* SPDX-License-Identifier: MIT */
/* The injector on architectures that have none: it refuses, and says why; see inject-arch.h. */
#include <errno.h>

#include "kernel/inject-arch.h"

static const struct mpol_rule rule_architecture = {
	"inject-architecture",
	EOPNOTSUPP,
	"Making another thread execute a system call depends on the processor's registers and "
	"instructions; it is written for x86-64.",
	"start the process under the policy instead: mpol run POLICY -- COMMAND",
	NULL,
	NULL,
};

int arch_supported(struct mpol_error *err)
{
	return mpol_fail(err, &rule_architecture, "", "this build of mpol is not for 64-bit x86");
}

int arch_save(pid_t tid, struct arch_thread *ret)
{
	(void)tid;
	(void)ret;
	return -EOPNOTSUPP;
}

uint64_t arch_pc(const struct arch_thread *t)
{
	(void)t;
	return 0;
}

bool arch_amended(const struct arch_thread *t)
{
	(void)t;
	return false;
}

uint64_t arch_sp(const struct arch_thread *t)
{
	(void)t;
	return 0;
}

void arch_set_pc(struct arch_thread *t, uint64_t pc)
{
	(void)t;
	(void)pc;
}

size_t arch_slot(const struct arch_thread *t, const struct arch_call *call, uint64_t owner,
		 unsigned char ret[ARCH_SLOT_SIZE])
{
	(void)t;
	(void)call;
	(void)owner;
	(void)ret;
	return 0;
}

int arch_enter(pid_t tid, const struct arch_thread *t, const struct arch_call *call, uint64_t slot)
{
	(void)tid;
	(void)t;
	(void)call;
	(void)slot;
	return -EOPNOTSUPP;
}

int arch_result(pid_t tid, uint64_t slot, int64_t *ret)
{
	(void)tid;
	(void)slot;
	(void)ret;
	return -EOPNOTSUPP;
}

int arch_restore(pid_t tid, const struct arch_thread *t)
{
	(void)tid;
	(void)t;
	return -EOPNOTSUPP;
}
