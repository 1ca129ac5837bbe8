/* SPDX-License-Identifier: MIT */
/*
 * Applying a policy to the calling thread or to a range of its memory, and reading back what is in force.
 * By raw system call; maxnode is always exact: the highest node + 2, because the kernel subtracts one.
 */
#ifndef MPOL_APPLY_H
#define MPOL_APPLY_H

#include <mpol/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * set_mempolicy(2) for the calling thread. DEFAULT makes the call too: it resets to the system's default.
 * On refusal the cause is looked for, and err names it: the kernel is too old for the mode, all nodes are absent or
 * outside the cpuset, a seccomp filter. Async-signal-safe when err is NULL.
 */
int mpol_apply(const struct mpol_policy *p, struct mpol_error *err);

/* How mpol_apply_range() treats pages that are there already; combined. */
enum mpol_range_how {
	MPOL_RANGE_STRICT = 1 << 0,   /* -EIO when pages are, and stay, elsewhere */
	MPOL_RANGE_MOVE = 1 << 1,     /* move the pages that only this process maps */
	MPOL_RANGE_MOVE_ALL = 1 << 2, /* move shared ones as well; needs CAP_SYS_NICE */
};

/* mbind(2): addr must be a multiple of the page size; len is in bytes, rounded up to it by the kernel. */
int mpol_apply_range(const struct mpol_policy *p, void *addr, size_t len, unsigned how, struct mpol_error *err);

/*
 * get_mempolicy(2) of the calling thread: mode, flags and nodes as the kernel reports them, which is the nodes as they
 * were given where STATIC or RELATIVE is set, and the effective ones otherwise. What is in force is the text in
 * /proc/self/numa_maps.
 */
int mpol_current(struct mpol_policy *ret, struct mpol_error *err);
/* The nodes this thread may allocate from (MPOL_F_MEMS_ALLOWED). */
int mpol_current_mems(struct mpol_nodeset *ret, struct mpol_error *err);

#ifdef __cplusplus
}
#endif
#endif
