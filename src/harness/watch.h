/* SPDX-License-Identifier: MIT */
/*
 * Watching workers while they work: where their pages are and how much they have done, at moments
 * between the first touch and the end; and, page by page, which have changed their node by then.
 */
#ifndef HARNESS_WATCH_H
#define HARNESS_WATCH_H

#include "harness/result.h"
#include "work/crew.h"

struct mpol_run;

#define WATCH_POINTS 9 /* the first touch, seven moments, and the end */

struct watch_point {
	double seconds;	 /* since the first */
	bool placed;	 /* bytes are valid */
	uint64_t *bytes; /* of each cgroup on each of the machine's nodes, by kind */
	uint64_t *units; /* of each group */
};

struct watch_pages {
	size_t n;
	void **addresses;
	int *nodes; /* when first asked; negative: not resident */
};

struct watch {
	size_t n_points;
	struct watch_point points[WATCH_POINTS];
	int64_t begun_ns, cost_ns; /* of one reading of all placements */
	struct watch_pages *pages; /* of each worker; NULL: nobody is followed */
};

/* Remembers where the pages of these workers are now, unless that is known; they have been touched.
 */
int watch_follow(struct mpol_run *run, size_t cgroup, struct mpol_error *err);
/* Another point. last: workers are parked, so that it may take its time. */
int watch_take(struct mpol_run *run, double length, bool last, struct mpol_error *err);
/* How many bytes of the cgroup's workers are elsewhere than on these nodes now; false: they cannot
 * be read at the moment. */
bool watch_elsewhere(const struct mpol_run *run, size_t cgroup, const struct mpol_nodeset *nodes,
		     uint64_t *ret);
/* Pages that are where they were, and that are not; false: nobody followed them. */
bool watch_moved(const struct mpol_run *run, size_t cgroup, uint64_t *ret_stayed,
		 uint64_t *ret_moved);
/* The deviation of a group's rate by its mean; false: there are fewer than three intervals, or
 * nothing was done. */
bool watch_variation(const struct watch *w, size_t group, double *ret);
/* The points of a cgroup, for its result. */
int watch_describe(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		   struct mpol_error *err);
void watch_done(struct watch *w, size_t n_workers);

#endif
