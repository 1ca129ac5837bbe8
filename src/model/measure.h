/* SPDX-License-Identifier: MIT */
/*
 * What was measured of the workers of one cgroup: plain values, which the harness fills and metrics
 * read. What was not measured says so; it is never zero.
 */
#ifndef MODEL_MEASURE_H
#define MODEL_MEASURE_H

#include <mpol/nodes.h>

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
	size_t starved; /* workers without a completed iteration */
};

#endif
