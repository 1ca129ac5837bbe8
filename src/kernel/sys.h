/* SPDX-License-Identifier: MIT */
/*
 * One inline per system call of NUMA memory placement, by number and without libnuma. Each returns
 * a result >= 0 or -errno; errno is read here, once, right after the call. All are
 * async-signal-safe.
 *
 * maxnode is what the kernel takes: the number of bits plus one for calls that set (get_nodes()
 * subtracts one), the number of bits itself for get_mempolicy(2) (mm/mempolicy.c
 * kernel_get_mempolicy()).
 */
#ifndef KERNEL_SYS_H
#define KERNEL_SYS_H

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Same number on every architecture since the table was unified; since Linux 5.17. */
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif

/* For get_mempolicy(2), under our names like all constants (kernel/uapi.c compares them). */
enum {
	SYS_MPOL_F_NODE = 1 << 0,	  /* answers a node instead of a mode */
	SYS_MPOL_F_ADDR = 1 << 1,	  /* asks about an address */
	SYS_MPOL_F_MEMS_ALLOWED = 1 << 2, /* asks what the cpuset allows */
};

static inline long sys_result(long r)
{
	return r < 0 ? -errno : r;
}

static inline int sys_set_mempolicy(int mode, const unsigned long *mask, unsigned long maxnode)
{
	return (int)sys_result(syscall(SYS_set_mempolicy, mode, mask, maxnode));
}

static inline int sys_get_mempolicy(int *mode, unsigned long *mask, unsigned long maxnode,
				    const void *addr, unsigned long flags)
{
	return (int)sys_result(syscall(SYS_get_mempolicy, mode, mask, maxnode, addr, flags));
}

static inline int sys_mbind(const void *addr, unsigned long len, int mode,
			    const unsigned long *mask, unsigned long maxnode, unsigned flags)
{
	return (int)sys_result(syscall(SYS_mbind, addr, len, mode, mask, maxnode, flags));
}

/* nodes NULL: asks where the pages are. The number of pages that were not moved, or -errno. */
static inline long sys_move_pages(pid_t pid, unsigned long count, void **pages, const int *nodes,
				  int *status, int flags)
{
	return sys_result(syscall(SYS_move_pages, pid, count, pages, nodes, status, flags));
}

/* The number of pages that could not be moved, or -errno. */
static inline long sys_migrate_pages(pid_t pid, unsigned long maxnode, const unsigned long *from,
				     const unsigned long *to)
{
	return sys_result(syscall(SYS_migrate_pages, pid, maxnode, from, to));
}

static inline int sys_set_mempolicy_home_node(const void *addr, unsigned long len,
					      unsigned long node, unsigned long flags)
{
	return (int)sys_result(syscall(SYS_set_mempolicy_home_node, addr, len, node, flags));
}

static inline int sys_sched_setaffinity(pid_t pid, size_t bytes, const unsigned long *mask)
{
	return (int)sys_result(syscall(SYS_sched_setaffinity, pid, bytes, mask));
}

/* The number of bytes the kernel wrote, or -errno (-EINVAL: the mask is too short). */
static inline int sys_sched_getaffinity(pid_t pid, size_t bytes, unsigned long *mask)
{
	return (int)sys_result(syscall(SYS_sched_getaffinity, pid, bytes, mask));
}

static inline int sys_getcpu(unsigned *cpu, unsigned *node)
{
	return (int)sys_result(syscall(SYS_getcpu, cpu, node, NULL));
}

#endif
