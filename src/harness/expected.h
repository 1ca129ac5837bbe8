/* SPDX-License-Identifier: MIT */
/* Where a worker's pages are expected to be, at the time of judging. */
#ifndef HARNESS_EXPECTED_H
#define HARNESS_EXPECTED_H

#include "harness/stage.h"

/*
 * The cgroup's .judge where it names nodes; otherwise the nodes of the policy that is in force now,
 * as /proc/PID/numa_maps shows it for the worker's first range (of a command: as it was declared);
 * for DEFAULT and LOCAL the nodes of the CPUs that the worker may use.
 */
int expected_nodes(const struct mpol_run *run, const struct worker_plan *plan,
		   const struct worker_slot *slot, struct mpol_nodeset *ret,
		   struct mpol_error *err);

#endif
