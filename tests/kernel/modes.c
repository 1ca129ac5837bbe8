/* SPDX-License-Identifier: MIT */
/*
 * Where the pages of each of the seven modes are: exact shares, in base pages, of 4096 pages per worker. Two workers, one
 * on each node, so that "near" and "far" both occur.
 */
#include <mpol/test.h>

#define PAGES_4096 (UINT64_C(16) << 20) /* bytes of 4096 pages of 4 KiB */
#define TWO_NODES  { .nodes = 2, .llcs = 2, .cores = 1, .threads = 1 }
#define EXACT	   [SHARE_DEVIATION] = AT_MOST(0)

MPOL_TEST(default_and_local_pages_are_where_the_cpu_is) = {
	.why = "without a policy, and with LOCAL, pages are on the node of the CPU that touches them first",
	.machine = TWO_NODES,
	.cgroups = {
		{ "default0", .cpuset = cpuset_node(0), .workers = 1, .work = { .bytes = PAGES_4096 } },
		{ "default1", .cpuset = cpuset_node(1), .workers = 1, .work = { .bytes = PAGES_4096 } },
		{ "local0", .cpuset = cpuset_node(0), .workers = 1, .work = { .bytes = PAGES_4096 }, .policy = mpol_local() },
		{ "local1", .cpuset = cpuset_node(1), .workers = 1, .work = { .bytes = PAGES_4096 }, .policy = mpol_local() },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1), [PAGES_OUTSIDE_NODES] = AT_MOST(0) },
};

MPOL_TEST(preferred_pages_are_on_that_node) = {
	.why = "PREFERRED takes all pages from its node, wherever the CPU is, as long as it has room",
	.machine = TWO_NODES,
	.cgroups = {
		{ "near", .cpuset = cpuset_node(1), .workers = 1, .work = { .bytes = PAGES_4096 }, .policy = mpol_preferred(1),
		  .shares = { [1] = 1 } },
		{ "far", .cpuset = cpuset_node(0), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [1] = 1 } },
	},
	.expect = { EXACT, [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(bind_to_two_nodes_does_not_spread) = {
	.why = "BIND to both nodes takes the nearest first: all pages are where the CPU is",
	.machine = TWO_NODES,
	.cgroups = {
		{ "from0", .cpuset = cpuset_list("0"), .mems = MPOL_NODES(0, 1), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0, 1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [0] = 1 } },
		{ "from1", .cpuset = cpuset_list("1"), .mems = MPOL_NODES(0, 1), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0, 1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [1] = 1 } },
	},
	.expect = { EXACT, [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(bound_pages_are_on_their_node) = {
	.why = "BIND to the other node takes every page from there",
	.machine = TWO_NODES,
	.cgroups = {
		{ "far", .cpuset = cpuset_node(0), .workers = 2, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [1] = 1 } },
	},
	.expect = { EXACT, [PAGES_OUTSIDE_NODES] = AT_MOST(0) },
};

MPOL_TEST(interleaved_pages_are_halves) = {
	.why = "INTERLEAVE over two nodes gives each half of the pages, to the page",
	.machine = TWO_NODES,
	.cgroups = {
		{ "both", .workers = 2, .cpuset = cpuset_list("0-1"), .work = { .bytes = PAGES_4096 }, .policy = mpol_interleave(0, 1),
		  .shares = { [0] = 0.5F, [1] = 0.5F } },
		{ "static_from_node0", .workers = 1, .cpuset = cpuset_node(0), .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_INTERLEAVE, .nodes = MPOL_NODES(0, 1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [0] = 0.5F, [1] = 0.5F } },
	},
	.expect = { EXACT, [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(preferred_many_takes_the_nearest_of_its_nodes) = {
	.why = "PREFERRED_MANY takes the nearest of its nodes first, and all pages while it has room",
	.machine = TWO_NODES,
	.needs = { .preferred_many = true },
	.cgroups = {
		{ "from0", .cpuset = cpuset_node(0), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_policy(MPOL_MODE_PREFERRED_MANY, .nodes = MPOL_NODES(0, 1), .flags = MPOL_FLAG_STATIC_NODES),
		  .shares = { [0] = 1 } },
		{ "only1", .cpuset = cpuset_node(1), .workers = 1, .work = { .bytes = PAGES_4096 }, .policy = mpol_preferred_many(1),
		  .shares = { [1] = 1 } },
	},
	.expect = { EXACT, [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(weighted_pages_are_three_to_one) = {
	.why = "WEIGHTED_INTERLEAVE with weights 3 and 1 puts 3072 of 4096 pages on node 0 and 1024 on node 1",
	.machine = TWO_NODES,
	.needs = { .weighted_interleave = true },
	.weights = { [0] = 3, [1] = 1 },
	.cgroups = {
		{ "weighted", .cpuset = cpuset_list("0-1"), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_weighted_interleave(0, 1), .shares = { [0] = 0.75F, [1] = 0.25F } },
	},
	.expect = { EXACT },
};

MPOL_TEST(equal_weights_are_halves) = {
	.why = "WEIGHTED_INTERLEAVE with equal weights is INTERLEAVE",
	.machine = TWO_NODES,
	.needs = { .weighted_interleave = true },
	.weights = { [0] = 1, [1] = 1 },
	.cgroups = {
		{ "weighted", .cpuset = cpuset_list("0-1"), .workers = 1, .work = { .bytes = PAGES_4096 },
		  .policy = mpol_weighted_interleave(0, 1), .shares = { [0] = 0.5F, [1] = 0.5F } },
	},
	.expect = { EXACT },
};
