/* SPDX-License-Identifier: MIT */
/*
 * Memory page by page: /proc/PID/pagemap tells what is there, move_pages(2) without nodes tells on
 * which node. Both ask in batches of 512, so that the process asked about is never held up for
 * long: the kernel takes its lock anew for every 16 pages of move_pages (mm/migrate.c
 * DO_PAGES_STAT_CHUNK_NR) and every 4096 bytes of pagemap.
 */
#ifndef PLACEMENT_PAGES_H
#define PLACEMENT_PAGES_H

#include <mpol/placement.h>

#include "placement/process.h"

#define PAGES_BATCH 512

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_EXCLUSIVE ((uint64_t)1 << 56) /* mapped by this process only; since Linux 4.2 */
#define PAGEMAP_FILE	  ((uint64_t)1 << 61) /* of a file, or shared anonymous memory */
#define PAGEMAP_SWAPPED	  ((uint64_t)1 << 62)
#define PAGEMAP_PRESENT	  ((uint64_t)1 << 63)

struct pages {
	const struct process *process;
	int pagemap_fd; /* -1: not readable; what is resident is then left to move_pages */
	uint64_t page_size;
};

/* Needs a process of this machine, process->ours: otherwise -EOPNOTSUPP. The process is borrowed.
 */
int pages_open(struct pages *g, const struct process *p, struct mpol_error *err);
void pages_done(struct pages *g);

/* Which pages of a walk are counted. */
enum pages_which {
	PAGES_ALL,	/* all resident ones */
	PAGES_OWN_ONLY, /* those that are own, see struct mpol_placement */
};

/*
 * Adds the resident pages of [start, end), which lies in one mapping whose pages are of this kind
 * where they are not anonymous, to bytes (PAGES_ALL) or to own (PAGES_OWN_ONLY) of ret. Pages that
 * appear, vanish or move meanwhile are counted where they were seen, or not.
 */
int pages_add(const struct pages *g, struct mpol_range range, enum mpol_page_kind kind,
	      enum pages_which which, struct mpol_placement *ret, struct mpol_error *err);

/*
 * The bytes of resident pages in [start, end) that are own. Stops when `most` resident bytes were
 * seen: the rest of a sparse mapping is empty.
 */
int pages_count_own(const struct pages *g, struct mpol_range range, enum mpol_page_kind kind,
		    uint64_t most, uint64_t *ret_own, struct mpol_error *err);

/*
 * Asks for n <= PAGES_BATCH pages: their nodes, or a negative errno where there is no page
 * (-ENOENT, or -EFAULT on older kernels and for the zero page).
 */
int pages_nodes(const struct pages *g, void *const *addresses, size_t n, int *ret_nodes,
		struct mpol_error *err);
/* Reads n <= PAGES_BATCH pagemap entries from the page at address on. */
int pages_entries(const struct pages *g, uint64_t address, size_t n, uint64_t *ret,
		  struct mpol_error *err);

#endif
