/* SPDX-License-Identifier: MIT */
/* A node with memory and without CPUs, as CXL memory is: covered by mems, never by CPUs. */
#include <mpol/test.h>

#define CXL                                                                                                                \
	{ .nodes = 3, .cpus = "1:1:0", .memory = "256M", .distance = "10/20/30:20/10/30:30/30/10",                         \
	  .latency = "100/200/400:200/100/400", .bandwidth = "20G/10G/5G:10G/20G/5G" }

MPOL_TEST(memory_only_node_takes_pages_when_mems_name_it) = {
	.why = "the memory-only node is covered by the mems that name it, and all pages are there",
	.machine = CXL,
	.needs = { .nodes = 3, .memory_only_node = true },
	.cgroups = {
		{ "cxl", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 2), .workers = 1, .policy = mpol_bind(2),
		  .work = { .bytes = UINT64_C(16) << 20 }, .shares = { [2] = 1 },
		  .expect = { [SLOW_TIER] = AT_LEAST(1) } },
		{ "dram", .cpuset = cpuset_node(0), .workers = 1, .policy = mpol_bind(0), .work = { .bytes = UINT64_C(16) << 20 },
		  .expect = { [SLOW_TIER] = AT_MOST(0) } },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(memory_only_node_is_not_covered_by_cpus) = {
	.why = "nobody named the memory-only node, so that binding to it is refused at set-up",
	.machine = CXL,
	.needs = { .nodes = 3, .memory_only_node = true },
	.cgroups = {
		{ "cxl", .cpuset = cpuset_node(0), .workers = 1, .policy = mpol_bind(2) },
	},
	.must_end = "broken: policy-not-covered",
};

MPOL_TEST(slow_tier_is_seen) = {
	.why = "pages on the memory-only node count as slow, whatever the policy says",
	.machine = CXL,
	.needs = { .nodes = 3, .memory_only_node = true },
	.cgroups = {
		{ "spread", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 2), .workers = 1, .policy = mpol_interleave(0, 2),
		  .work = { .bytes = UINT64_C(16) << 20 } },
	},
	.expect = { [SLOW_TIER] = AT_MOST(0.4) },
	.must_end = "fail",
};
