/* SPDX-License-Identifier: MIT */
/*
 * Watching workers while they work: where their pages are and how much they have done, at moments
 * from the first step to the end; and, page by page, which have changed their node by then.
 */
#ifndef HARNESS_WATCH_H
#define HARNESS_WATCH_H

#include "harness/result.h"
#include "work/crew.h"

struct mpol_run;

#define WATCH_POINTS	  9  /* all touched, seven moments, and the end */
#define WATCH_STEP_POINTS 32 /* before these, while steps run; even */

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
	size_t n_points, n_steps; /* of the points, those while steps ran come first */
	struct watch_point points[WATCH_STEP_POINTS + WATCH_POINTS];
	double interval; /* seconds, while steps run and nothing changes */
	int64_t begun_ns;
	int64_t cost_ns, spent_ns; /* of one reading of all placements; of all while steps ran */
	struct watch_pages *pages; /* of each worker; NULL: nobody is followed */
};

/* Remembers where the pages of these workers are now, unless that is known; they have been touched.
 */
int watch_follow(struct mpol_run *run, size_t cgroup, struct mpol_error *err);
/*
 * While steps run: another point, when something was changed, or it is time for one. When there are
 * too many, every second one is dropped, so that they are spread over all steps, however long.
 */
int watch_moment(struct mpol_run *run, bool changed, struct mpol_error *err);
/* Lets the workers work until then, as crew_work_until() does, with such moments. */
int watch_until(struct mpol_run *run, int64_t until, struct mpol_error *err);
/* The steps are over: another point, of those between which work is measured. last: workers are
 * parked, so that it may take its time. */
int watch_take(struct mpol_run *run, double length, bool last, struct mpol_error *err);
/* How many bytes of the cgroup's workers are elsewhere than on these nodes now; false: they cannot
 * be read at the moment. */
bool watch_elsewhere(const struct mpol_run *run, size_t cgroup, const struct mpol_nodeset *nodes,
		     uint64_t *ret);
/* Pages that are where they were, and that are not; false: nobody followed them. */
bool watch_moved(const struct mpol_run *run, size_t cgroup, uint64_t *ret_stayed,
		 uint64_t *ret_moved);
/* Drops every second one of an even number of points. */
void watch_thin(struct watch *w);
/* The deviation of a group's rate by its mean; false: there are fewer than three intervals, or
 * nothing was done. */
bool watch_variation(const struct watch *w, size_t group, double *ret);
/* The points of a cgroup, for its result. */
int watch_describe(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		   struct mpol_error *err);
void watch_done(struct watch *w, size_t n_workers);

#endif
