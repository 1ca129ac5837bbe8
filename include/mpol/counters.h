/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counts anyway, at no cost to anybody: the memory of a cgroup by node, the pages it migrated, and how
 * often each node's allocations went where they were meant to go. Counters say how much and how often, never which
 * policy was the reason; for that, look where the pages are (mpol/placement.h).
 */
#ifndef MPOL_COUNTERS_H
#define MPOL_COUNTERS_H

#include <mpol/nodes.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Memory charged to a cgroup, and to those below it: memory.numa_stat --- */

enum mpol_memory_class {
	MPOL_MEMORY_ANON,   /* anonymous; under cgroup v1 with shared memory and tmpfs */
	MPOL_MEMORY_FILE,   /* page cache without shared memory */
	MPOL_MEMORY_SHARED, /* shared memory and tmpfs; not known under cgroup v1 */
	MPOL_MEMORY_KERNEL, /* slab, page tables, kernel stacks; not known under cgroup v1 */
	MPOL_N_MEMORY_CLASSES
};

/* "anon", "file", "shared", "kernel" */
const char *mpol_memory_class_name(enum mpol_memory_class c);

struct mpol_cgroup_memory {
	bool known[MPOL_N_MEMORY_CLASSES];
	uint64_t bytes[MPOL_N_MEMORY_CLASSES][MPOL_MAX_NODES]; /* hugetlb is not charged here */
};

/*
 * dir is the cgroup's folder below root_fd, in the v2 hierarchy or in v1's memory hierarchy: "sys/fs/cgroup/app". Source:
 * Documentation/admin-guide/cgroup-v2.rst memory.numa_stat, cgroup-v1/memory.rst. -ENOENT: there is no such cgroup, or
 * the memory controller is not enabled for it, or the kernel has no NUMA.
 */
int mpol_cgroup_memory_read(int root_fd, const char *dir, struct mpol_cgroup_memory *ret, struct mpol_error *err);

/* --- Migration --- */

enum mpol_migration_id {
	MPOL_MIGRATION_SUCCESS,		   /* pages moved for any reason: balancing, policy, compaction, tiers */
	MPOL_MIGRATION_FAIL,		   /* pages that could not be moved */
	MPOL_MIGRATION_BALANCING,	   /* pages moved by NUMA balancing only */
	MPOL_MIGRATION_HINT_FAULTS,	   /* NUMA balancing's sampling faults */
	MPOL_MIGRATION_HINT_FAULTS_LOCAL,  /* those that found the page on the CPU's own node */
	MPOL_MIGRATION_PTE_UPDATES,	   /* page table entries marked for sampling */
	MPOL_MIGRATION_PROMOTED,	   /* pages moved to a faster tier */
	MPOL_MIGRATION_DEMOTED,		   /* pages moved to a slower tier, for all reasons */
	MPOL_N_MIGRATIONS
};

/* "migrated", "failed", "balanced", "hint-faults", "hint-faults-local", "pte-updates", "promoted", "demoted" */
const char *mpol_migration_name(enum mpol_migration_id id);

struct mpol_migration {
	bool known[MPOL_N_MIGRATIONS]; /* the kernel has the counter */
	uint64_t count[MPOL_N_MIGRATIONS];
};

/* The whole machine since boot, from /proc/vmstat. */
int mpol_migration_read(int root_fd, struct mpol_migration *ret, struct mpol_error *err);
/* Of a cgroup v2 and those below it, from memory.stat: only kernels since 6.13 or so have some of them there. */
int mpol_migration_of_cgroup(int root_fd, const char *dir, struct mpol_migration *ret, struct mpol_error *err);
/* until - since, for what both know. A counter that went backwards (read from another machine) is not known. */
struct mpol_migration mpol_migration_between(const struct mpol_migration *since, const struct mpol_migration *until);

/* --- Nodes: numastat and meminfo in /sys/devices/system/node/nodeN --- */

enum mpol_node_counter {
	MPOL_NODE_HIT,		  /* pages allocated here, as was meant */
	MPOL_NODE_MISS,		  /* pages allocated here that were meant for another node */
	MPOL_NODE_FOREIGN,	  /* pages meant for this node that went elsewhere */
	MPOL_NODE_INTERLEAVE_HIT, /* pages allocated here by interleaving, as was meant */
	MPOL_NODE_LOCAL,	  /* pages allocated here by a CPU of this node */
	MPOL_NODE_OTHER,	  /* pages allocated here by a CPU of another node */
	MPOL_NODE_MEM_TOTAL,	  /* bytes, from here on */
	MPOL_NODE_MEM_FREE,
	MPOL_NODE_MEM_USED,
	MPOL_NODE_FILE,	  /* page cache, with shared memory */
	MPOL_NODE_ANON,	  /* anonymous memory of processes */
	MPOL_NODE_SHARED, /* shared memory and tmpfs */
	MPOL_NODE_SLAB,
	MPOL_NODE_HUGE_TOTAL, /* huge pages in the pool, a count */
	MPOL_NODE_HUGE_FREE,  /* those that are free, a count */
	MPOL_N_NODE_COUNTERS
};

/* The kernel's own names: "numa_hit" … "other_node", "MemTotal" … "HugePages_Free". */
const char *mpol_node_counter_name(enum mpol_node_counter c);

struct mpol_node_counters {
	bool known[MPOL_N_NODE_COUNTERS];
	uint64_t value[MPOL_N_NODE_COUNTERS];
};

/* -ENOENT: there is no such node. */
int mpol_node_counters_read(int root_fd, unsigned node, struct mpol_node_counters *ret, struct mpol_error *err);

#ifdef __cplusplus
}
#endif
#endif
