/* SPDX-License-Identifier: MIT */
/*
 * Placement: where the pages of a process are, in bytes, by node and by kind. Exact: read from /proc/PID/numa_maps,
 * whose page counts are multiplied by each mapping's own page size; own pages are told from inherited copy-on-write
 * ones by pagemap's exclusively-mapped bit.
 *
 * "No pages" and "not known" are different answers; neither is ever a locality of 1.0.
 * Sources: Documentation/admin-guide/mm/pagemap.rst, fs/proc/task_mmu.c show_numa_map().
 */
#ifndef MPOL_PLACEMENT_H
#define MPOL_PLACEMENT_H

#include <mpol/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mpol_page_kind {
	MPOL_PAGE_ANON,   /* anonymous, private to the process or copied on write */
	MPOL_PAGE_FILE,   /* of a file, shared with the page cache */
	MPOL_PAGE_SHARED, /* shared memory: memfd, shm, tmpfs, /dev/zero */
	MPOL_PAGE_HUGE,   /* hugetlb */
	MPOL_N_PAGE_KINDS
};

struct mpol_placement {
	uint64_t bytes[MPOL_N_PAGE_KINDS][MPOL_MAX_NODES]; /* resident bytes by kind and node */
	bool known;           /* false: nothing was read */
	uint64_t own;         /* bytes that only this process maps (pagemap bit 56); valid when own_known */
	bool own_known;       /* false: pagemap was not readable or not asked for */
	uint64_t unattributed; /* bytes in ranges asked for that could not be told from their neighbours */
};

/* A range of a process's memory: [start, end), multiples of the page size. */
struct mpol_range {
	uint64_t start, end;
};

/* The whole process, below root_fd (a descriptor of "/" or a recorded root). */
int mpol_placement_of(int root_fd, pid_t pid, struct mpol_placement *ret, struct mpol_error *err);
/* Only the ranges named: exact where each is a mapping of its own, otherwise page by page. */
int mpol_placement_of_ranges(int root_fd, pid_t pid, const struct mpol_range *ranges, size_t n_ranges,
			     struct mpol_placement *ret, struct mpol_error *err);

/* Bytes of all kinds on a node, or on all nodes of a set; of everything when set is NULL. */
uint64_t mpol_placement_on(const struct mpol_placement *p, const struct mpol_nodeset *set);
/* into += add */
void mpol_placement_add(struct mpol_placement *into, const struct mpol_placement *add);

#ifdef __cplusplus
}
#endif
#endif
