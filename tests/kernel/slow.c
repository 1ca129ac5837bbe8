/* SPDX-License-Identifier: MIT */
/* What takes its time: pages that the kernel balances, and many workers. */
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

/* 50 cgroups, of 20 workers each. */
#define TWENTY(name_, node)                                                                                      \
	{ name_, .cpuset = cpuset_node(node), .workers = 20, .work = { .bytes = UINT64_C(64) << 10 },             \
	  .policy = mpol_bind(node) }
#define PAIR(number) TWENTY("near" number, 0), TWENTY("far" number, 1)
#define TEN_OF(tens) PAIR(tens "0"), PAIR(tens "1"), PAIR(tens "2"), PAIR(tens "3"), PAIR(tens "4")

MPOL_TEST(a_thousand_workers_in_fifty_cgroups) = {
	.why = "a thousand workers in fifty cgroups are started, work, and are read, page by page",
	.machine = { .nodes = 2, .cores = 8, .memory = "1G" },
	.needs = { .nodes = 2, .cpus = 16 },
	.cgroups = { TEN_OF("0"), TEN_OF("1"), TEN_OF("2"), TEN_OF("3"), TEN_OF("4") },
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(0), [PAGE_LOCALITY] = AT_LEAST(1), [STARVED_WORKERS] = AT_MOST(0) },
};
