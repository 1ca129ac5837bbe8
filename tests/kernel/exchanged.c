/* SPDX-License-Identifier: MIT */
/*
 * The checks can fail: examples/numa-locality.c with the policies exchanged, and other tests that must not pass.
 */
#include <mpol/test.h>

#define SEED_MACHINE { .nodes = 2, .llcs = 4, .cores = 4, .threads = 1 }

MPOL_TEST(exchanged_policies_are_refused_at_set_up) = {
	.why = "a policy for a node that the cgroup's CPUs do not cover is refused before anything is spawned",
	.machine = SEED_MACHINE,
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "node0", .cpuset = cpuset_node(0), .workers = 4, .policy = mpol_bind(1) },
		{ "node1", .cpuset = cpuset_node(1), .workers = 4, .policy = mpol_bind(0) },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
	.must_end = "broken: policy-not-covered",
};

MPOL_TEST(exchanged_static_policies_run_and_fail) = {
	.why = "declared static, the exchanged policies run, and the check sees every page on the wrong node",
	.machine = SEED_MACHINE,
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "node0", .cpuset = cpuset_node(0), .workers = 4,
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(1), .flags = MPOL_FLAG_STATIC_NODES),
		  .judge = MPOL_NODES(0) },
		{ "node1", .cpuset = cpuset_node(1), .workers = 4,
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0), .flags = MPOL_FLAG_STATIC_NODES),
		  .judge = MPOL_NODES(1) },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
	.must_end = "fail",
};

MPOL_TEST(pages_outside_are_counted) = {
	.why = "interleaved pages judged by one node alone leave half of them outside",
	.machine = { .nodes = 2 },
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "both", .cpuset = cpuset_list("0-1"), .workers = 1, .work = { .bytes = UINT64_C(8) << 20 },
		  .policy = mpol_interleave(0, 1), .judge = MPOL_NODES(0) },
	},
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(1023) }, /* of 2048, 1024 are outside */
	.must_end = "fail",
};

MPOL_TEST(wrong_shares_fail) = {
	.why = "halves are not three to one",
	.machine = { .nodes = 2 },
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "both", .cpuset = cpuset_list("0-1"), .workers = 1, .work = { .bytes = UINT64_C(8) << 20 },
		  .policy = mpol_interleave(0, 1), .shares = { [0] = 0.75F, [1] = 0.25F } },
	},
	.must_end = "fail",
};

MPOL_TEST(no_pages_observed_fails_a_locality_bound) = {
	.why = "a cgroup without workers has no pages, and that is unknown, never 1.0",
	.cgroups = {
		{ "idle", .workers = 0 },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
	.must_end = "fail",
};

MPOL_TEST(impossible_policy_is_broken_not_failed) = {
	.why = "a policy that no kernel takes is refused by its rule, and no worker runs without it",
	.cgroups = {
		{ "both_flags", .workers = 1,
		  .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0),
					.flags = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES) },
	},
	.must_end = "broken: static-excludes-relative",
};
