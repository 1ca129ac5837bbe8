/* SPDX-License-Identifier: MIT */
/*
 * How does a policy reach the kernel? Applying to the calling thread and to ranges of its memory;
 * see mpol/apply.h.
 */
#include <errno.h>
#include <linux/capability.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "base/macros.h"
#include "kernel/explain.h"
#include "kernel/nodemask.h"
#include "kernel/sys.h"

/* mbind(2)'s flags, MPOL_MF_*: the kernel's numbers. */
static const struct {
	unsigned how, kernel;
} range_flags[] = {
	{ MPOL_RANGE_STRICT, 1 << 0 },
	{ MPOL_RANGE_MOVE, 1 << 1 },
	{ MPOL_RANGE_MOVE_ALL, 1 << 2 },
};

static const struct mpol_rule rule_unaligned = {
	"range-unaligned",
	EINVAL,
	"A policy belongs to whole pages; the kernel refuses a range that starts inside one.",
	"round the address down to a multiple of the page size",
	"mm/mempolicy.c do_mbind()",
	NULL,
};
static const struct mpol_rule rule_hole = {
	"range-unmapped",
	EFAULT,
	"A policy of a range belongs to its mappings; where nothing is mapped there is nothing to "
	"hold it.",
	"map the memory first, and give ranges without holes",
	"mm/mempolicy.c queue_pages_range()",
	NULL,
};
static const struct mpol_rule rule_elsewhere = {
	"range-pages-elsewhere",
	EIO,
	"With MPOL_RANGE_STRICT, pages that are there already must conform to the new policy.",
	"touch the memory after its policy is set, or add MPOL_RANGE_MOVE",
	"mbind(2), EIO",
	NULL,
};
static const struct mpol_rule rule_move_all = {
	"move-all-needs-sys-nice",
	EPERM,
	"Moving pages that other processes map as well changes their memory, too.",
	"use MPOL_RANGE_MOVE, which moves only what this process alone maps, or grant CAP_SYS_NICE",
	"mm/mempolicy.c do_mbind()",
	NULL,
};
static const struct mpol_rule rule_how = {
	"range-flags",
	EINVAL,
	"mbind(2) takes three flags: strict, move, move all.",
	"combine only values of enum mpol_range_how",
	"mm/mempolicy.c do_mbind()",
	NULL,
};

int mpol_apply(const struct mpol_policy *p, struct mpol_error *err)
{
	struct nodemask mask = nodemask_of(&p->nodes);
	int r = sys_set_mempolicy((int)((unsigned)p->mode | p->flags), nodemask_words(&mask),
				  mask.maxnode);

	return r < 0 && err ? explain_policy(r, "set_mempolicy", p, err) : r;
}

static bool has_sys_nice(void)
{
	unsigned long long caps;

	return explain_status_number("CapEff", &caps) == 0 && (caps >> CAP_SYS_NICE & 1);
}

static int explain_range(int r, const struct mpol_policy *p, const void *addr, size_t len,
			 unsigned how, struct mpol_error *err)
{
	unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);

	switch (r) {
	case -EINVAL:
		if ((uintptr_t)addr % page)
			return mpol_fail(err, &rule_unaligned, "addr",
					 "%p is not a multiple of the page size, %lu bytes", addr,
					 page);
		break;
	case -EFAULT:
		return mpol_fail(err, &rule_hole, "addr",
				 "not all of the %zu bytes at %p are mapped", len, addr);
	case -EIO:
		return mpol_fail(err, &rule_elsewhere, "",
				 "some pages of the %zu bytes at %p are, and stay, on other nodes",
				 len, addr);
	case -EPERM:
		if ((how & MPOL_RANGE_MOVE_ALL) && !has_sys_nice())
			return mpol_fail(err, &rule_move_all, "how",
					 "this process has no CAP_SYS_NICE");
		break;
	}
	return explain_policy(r, "mbind", p, err);
}

int mpol_apply_range(const struct mpol_policy *p, void *addr, size_t len, unsigned how,
		     struct mpol_error *err)
{
	struct nodemask mask = nodemask_of(&p->nodes);
	unsigned flags = 0, rest = how;
	int r;

	for (size_t i = 0; i < ELEMENTSOF(range_flags); i++)
		if (how & range_flags[i].how) {
			flags |= range_flags[i].kernel;
			rest &= ~range_flags[i].how;
		}
	if (rest)
		return mpol_fail(err, &rule_how, "how", "0x%x is no combination of them", how);
	r = sys_mbind(addr, len, (int)((unsigned)p->mode | p->flags), nodemask_words(&mask),
		      mask.maxnode, flags);
	return r < 0 && err ? explain_range(r, p, addr, len, how, err) : r;
}
