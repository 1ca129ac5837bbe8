/* SPDX-License-Identifier: MIT */
/* What the groups of workers of a cgroup did: from their telemetry to the result. */
#ifndef HARNESS_WORKS_H
#define HARNESS_WORKS_H

#include "harness/stage.h"

/* Fills ret->works, and the cgroup's sums of workers, iterations and units. Workers are parked. */
int collect_works(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		  struct mpol_error *err);

/* Fills the measures of time and CPUs from the telemetry of the cgroup's workers. */
void works_measure(const struct mpol_run *run, size_t cgroup, struct measures *m);

/* Units per second while the worker worked; false: it did not, or for no time. */
bool works_rate(const struct worker_slot *slot, double *ret);

#endif
