/* SPDX-License-Identifier: MIT */
/*
 * Placement: where the pages of a process are, in bytes, by node and by kind. Exact: read from /proc/PID/numa_maps,
 * whose page counts are multiplied by each mapping's own page size; where a mapping is not enough, page by page with
 * move_pages(2). Own pages are told from inherited copy-on-write ones by pagemap's exclusively-mapped bit.
 *
 * "No pages" and "not known" are different answers; neither is ever a locality of 1.0.
 * Sources: fs/proc/task_mmu.c show_numa_map(), Documentation/admin-guide/mm/pagemap.rst, move_pages(2).
 */
#ifndef MPOL_PLACEMENT_H
#define MPOL_PLACEMENT_H

#include <mpol/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mpol_page_kind {
	MPOL_PAGE_ANON,   /* anonymous: heap, stack, private mappings, file pages copied on write */
	MPOL_PAGE_FILE,   /* of a file, shared with the page cache */
	MPOL_PAGE_SHARED, /* shared memory: memfd, System V, tmpfs, shared anonymous mappings */
	MPOL_PAGE_HUGE,   /* hugetlb; transparent huge pages count as what they hold */
	MPOL_N_PAGE_KINDS
};

/* 40 KiB: a plain value. Zero: nothing is known. */
struct mpol_placement {
	uint64_t bytes[MPOL_N_PAGE_KINDS][MPOL_MAX_NODES]; /* resident bytes by kind and node */
	bool known; /* false: nothing was read. true with all bytes zero: no page is resident */
	bool own_known; /* own was asked for and could be read */
	uint64_t own[MPOL_MAX_NODES]; /* of these bytes, by node: pages that only this process maps, those of files not
					 counted. What was inherited by fork and not yet written to is not own */
	uint64_t unattributed; /* bytes of mappings that reach beyond the ranges asked for, in a recorded root, where pages
				  cannot be asked one by one; not in bytes */
	unsigned unknown_parts, unknown_own_parts; /* of a sum: how many of the placements added were not known */
};

/* A range of a process's memory: [start, end), multiples of the page size. */
struct mpol_range {
	uint64_t start, end;
};

/* The stable names, for output: "anon", "file", "shared", "huge". */
const char *mpol_page_kind_name(enum mpol_page_kind kind);

/*
 * The whole process, below root_fd (a descriptor of "/" or of a recorded root with proc/PID/numa_maps). Costs one read of
 * numa_maps, about 10 ms per GiB in 4 KiB pages, during which the process cannot change its mappings. Fills bytes.
 *
 * -ESRCH: there is no such process, or it ended meanwhile; -EACCES: one may not look; -ENOENT: the kernel has no NUMA;
 * -EAGAIN: it executed other programs all the time. ret is untouched on failure.
 */
int mpol_placement_of(int root_fd, pid_t pid, struct mpol_placement *ret, struct mpol_error *err);

/*
 * Only the ranges named, which do not overlap. From numa_maps where the ranges' ends are ends of mappings; page by page
 * otherwise, and where the ranges are a small part of the process (about 160 ns a page). Both are exact. Where no page is
 * resident, or nothing is mapped at all, ret is known and zero. Errors as mpol_placement_of(), and -EINVAL for a range
 * that is none.
 */
int mpol_placement_of_ranges(int root_fd, pid_t pid, const struct mpol_range *ranges, size_t n_ranges,
			     struct mpol_placement *ret, struct mpol_error *err);

/*
 * Fills own and own_known of p, which was read before; ranges NULL: of the whole process. Reads numa_maps again, and
 * /proc/PID/pagemap (about 10 ms per GiB) where a mapping has pages that others map as well. Needs the running machine's
 * root: -EOPNOTSUPP for a recorded one.
 */
int mpol_placement_read_own(int root_fd, pid_t pid, const struct mpol_range *ranges, size_t n_ranges,
			    struct mpol_placement *p, struct mpol_error *err);

/* Bytes of all kinds on the nodes of a set; on all nodes when set is NULL. */
uint64_t mpol_placement_on(const struct mpol_placement *p, const struct mpol_nodeset *set);
/* The same of own pages; 0 when they are not known. */
uint64_t mpol_placement_own_on(const struct mpol_placement *p, const struct mpol_nodeset *set);
/* The nodes that have any byte. */
struct mpol_nodeset mpol_placement_nodes(const struct mpol_placement *p);

/*
 * The share of bytes on nodes, 0 to 1. Returns false, and leaves ret alone, when it is not known: nothing was read, or no
 * page is resident. No pages are never a locality.
 */
bool mpol_placement_locality(const struct mpol_placement *p, const struct mpol_nodeset *nodes, double *ret);
/* The same of own pages. */
bool mpol_placement_own_locality(const struct mpol_placement *p, const struct mpol_nodeset *nodes, double *ret);

/* into += add; start with a zeroed into. A sum is known when every part of it was; own likewise. */
void mpol_placement_add(struct mpol_placement *into, const struct mpol_placement *add);

#ifdef __cplusplus
}
#endif
#endif
