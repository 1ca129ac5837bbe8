/* SPDX-License-Identifier: MIT */
/* What takes its time: pages that the kernel balances. */
#include <mpol/test.h>

#define BYTES	  (UINT64_C(1) << 20)
#define BOTH	  MPOL_NODES(0, 1)
#define TWO_NODES .machine = { .nodes = 2 }, .needs = { .nodes = 2, .root = true }

MPOL_TEST(balanced_pages_follow_their_worker) = {
	.why = "bound to both nodes with NUMA_BALANCING, the pages of a worker follow it to the other one",
	TWO_NODES,
	.numa_balancing = true,
	.cgroups = { { "a", .cpuset = cpuset_list("0-1"), .mems = BOTH, .workers = 1, .judge = MPOL_NODES(1),
		       .work = { .bytes = BYTES, .affinity = affinity_list("0") },
		       .policy = mpol_policy(MPOL_MODE_BIND, .nodes = BOTH, .flags = MPOL_FLAG_NUMA_BALANCING) } },
	.then = { step_until_touched("a"), step_until_on("a", 0), step_set_cpuset("a", cpuset_node(1)), step_until_on("a", 1) },
	.expect = { [MIGRATED_SHARE] = AT_LEAST(1), [PAGES_OUTSIDE_NODES] = AT_MOST(0) },
};
