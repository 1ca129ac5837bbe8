/* SPDX-License-Identifier: MIT */
/*
 * Moving a handful of neighbouring pages, and finding out why some would not. move_pages(2) is a
 * difficult partner: it gives up at the first page that cannot be migrated, tells a number and not
 * which; it moves large folios whole when one of their pages is named; and its statuses are what it
 * tried, not where pages are. So every page is looked up again after each call.
 */
#ifndef LIVE_WINDOW_H
#define LIVE_WINDOW_H

#include <mpol/live.h>

#define WINDOW_PAGES 512

/* The system calls, which tests replace. Both return as move_pages(2) does. */
struct mover {
	long (*where)(void *context, const uint64_t *pages, size_t n, int *nodes);
	long (*move)(void *context, const uint64_t *pages, size_t n, int node, int *status);
	void *context;
};

struct window_targets {
	struct mpol_nodeset from;
	size_t n_to;
	unsigned to[MPOL_MAX_NODES]; /* ascending */
	uint64_t page_size;	     /* bytes; where pages are counted by address */
	bool full[MPOL_MAX_NODES];   /* by node: the last attempt found no free page */
};

struct window_result {
	size_t resident, moved, left[MPOL_N_LEFT]; /* pages */
};

/*
 * pages are n <= WINDOW_PAGES addresses, ascending, of pages that may be resident. 0, or what a
 * system call answered that was none of the pages' fault. ret is added to.
 */
int window_move(const struct mover *m, struct window_targets *t, const uint64_t *pages, size_t n,
		struct window_result *ret);

#endif
