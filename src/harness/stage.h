/* SPDX-License-Identifier: MIT */
/*
 * The stage: one test, run in the calling process, which belongs to it: it takes over the signals
 * that crew.h names, and must be a child that ends afterwards. What comes out is a result, whatever
 * happens.
 */
#ifndef HARNESS_STAGE_H
#define HARNESS_STAGE_H

#include "harness/arena.h"
#include "harness/fill.h"
#include "harness/result.h"
#include "harness/watch.h"
#include "work/crew.h"

struct stage_options {
	int root_fd;			/* "/" */
	const char *place;		/* for the report: "here", or the virtual machine's shape */
	double limit;			/* seconds until late workers make the test broken */
	const struct mpol_bound *suite; /* NULL: the suite has no bounds */
};

/* A running test, as steps see it. */
struct mpol_run {
	const struct stage_options *options;
	const struct mpol_test *test;
	struct mpol_machine machine;
	struct setup setup;
	struct arena arena;
	struct worker_plan *plans; /* one for each group of setup */
	bool *stopped;		   /* of each: it stands still, or has not been started */
	struct crew crew;
	struct watch watch;
	struct fills fills;
	int64_t deadline;
};

/* Follows the touched pages of a cgroup (n_cgroups: of all) that has a bound on migration. */
int stage_follow(struct mpol_run *run, size_t cgroup, struct mpol_error *err);
void stage_run(const struct mpol_test_entry *entry, const struct stage_options *options,
	       struct mpol_result *ret);

#endif
