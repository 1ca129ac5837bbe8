/* SPDX-License-Identifier: MIT */
/*
 * What was measured of the workers of one cgroup: plain values, which the harness fills and metrics
 * read. What was not measured says so; it is never zero.
 */
#ifndef MODEL_MEASURE_H
#define MODEL_MEASURE_H

#include <stdbool.h>

#include <mpol/nodes.h>

/* Something that was measured, or was not. */
struct measured {
	bool known;
	double value;
};

struct measures {
	/* Where the judged pages are: those of the ranges that the workers mapped after their
	 * policy was applied. */
	bool placed;		     /* the placement of every worker was read */
	uint64_t judged;	     /* bytes of them */
	uint64_t local;		     /* bytes of them on the expected nodes of their worker */
	uint64_t on[MPOL_MAX_NODES]; /* bytes of them by node */
	uint64_t page_size;	     /* bytes of the base page */
	const float *shares; /* expected share by node, n_shares of them; NULL: none declared */
	size_t n_shares;
	bool tiers_known;	  /* the machine's nodes were read */
	struct mpol_nodeset slow; /* nodes with memory and without CPUs */

	size_t n_workers;
	bool worked;	/* the workers' own counts are valid */
	size_t starved; /* workers without a completed iteration, of those that are alive */
	size_t killed;	/* workers that the OOM killer ended */

	bool followed;		   /* pages were asked for twice: once touched, and at the end */
	uint64_t stayed, moved;	   /* pages that were then on the same node, on another */
	struct measured spread;	   /* of the CPU shares, 0 to 1 */
	struct measured gap;	   /* seconds */
	struct measured escapes;   /* looks outside the cpuset */
	struct measured rate;	   /* units per second, of the slowest worker */
	struct measured variation; /* standard deviation of the rate over time, by its mean */
	struct measured latency;   /* nanoseconds, of the slowest worker */
	struct measured bandwidth; /* bytes per second, of the slowest worker */
};

#endif
