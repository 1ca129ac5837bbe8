/* SPDX-License-Identifier: MIT */
/*
 * What a reading of one process's memory holds open, and the steps that whole processes, ranges and
 * own pages have in common.
 */
#ifndef PLACEMENT_READING_H
#define PLACEMENT_READING_H

#include "placement/maps.h"
#include "placement/numa_maps.h"
#include "placement/pages.h"

struct reading {
	struct process process;
	struct kinds kinds;
	size_t n_maps;
	struct map *maps; /* NULL until reading_maps() */
	bool pages_open;
	struct pages pages;
};

/* Release with reading_done(), also after a failure. */
int reading_init(struct reading *d, int root_fd, pid_t pid, struct mpol_error *err);
void reading_done(struct reading *d);

/* Reads the ends of mappings, anew when they were read before. */
int reading_maps(struct reading *d, struct mpol_error *err);
/* Opens what is needed to ask page by page, once. */
int reading_pages(struct reading *d, struct mpol_error *err);

/* Of a mapping's pages that are not anonymous. */
enum mpol_page_kind reading_kind(struct reading *d, const struct numa_mapping *m);
/* Adds a mapping to bytes of ret. */
int reading_add(struct reading *d, const struct numa_mapping *m, struct mpol_placement *ret,
		struct mpol_error *err);
/* Page by page, what of the range lies in mappings (after reading_maps() and reading_pages()). */
int reading_add_range(const struct reading *d, const struct mpol_range *range,
		      enum pages_which which, struct mpol_placement *ret, struct mpol_error *err);
/* Before reading_add_own(): opens pagemap and reads the ends of mappings. -EOPNOTSUPP for a
 * recording. */
int reading_prepare_own(struct reading *d, struct mpol_error *err);
/* Adds a mapping's own pages to own of ret. */
int reading_add_own(struct reading *d, const struct numa_mapping *m, struct mpol_placement *ret,
		    struct mpol_error *err);
/* The mapping that begins at start, of those read; false when there is none. */
bool reading_range(const struct reading *d, uint64_t start, struct mpol_range *ret);

/* Whether the failure is one of permission to ask page by page, for which sums by mapping may do
 * instead. */
bool reading_pages_refused(int r);

/* Ranges begin and end at pages and are not reversed. */
int reading_check_ranges(const struct mpol_range *ranges, size_t n, struct mpol_error *err);

#define READING_ATTEMPTS 4 /* at a process that executes other programs */

#endif
