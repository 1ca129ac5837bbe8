/* SPDX-License-Identifier: MIT */
/* What happens to pages while their workers run: cpusets that change under them. */
#include <mpol/test.h>

static int move_to_node1(struct mpol_run *run, struct mpol_error *err)
{
	int r = mpol_run_until_touched(run, "all", err);
	if (r < 0)
		return r;

	return mpol_run_set_cpuset(run, "all", cpuset_node(1), err);
}

MPOL_TEST(bound_pages_stay_when_workers_move) = {
	.why = "pages bound to node 0 stay there when their workers are moved to the CPUs of node 1",
	.machine = { .nodes = 2, .cores = 2 },
	.needs = { .nodes = 2 }, /* the step names node 1, and nobody can know */
	.cgroups = {
		{ "all", .cpuset = cpuset_node(0), .workers = 2, .work = { .bytes = UINT64_C(16) << 20 }, .policy = mpol_bind(0) },
	},
	.steps = move_to_node1,
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(0) },
};

static int take_node0_away(struct mpol_run *run, struct mpol_error *err)
{
	int r = mpol_run_until_touched(run, "all", err);
	if (r < 0)
		return r;

	return mpol_run_set_mems(run, "all", (struct mpol_nodeset)MPOL_NODES(1), err);
}

MPOL_TEST(pages_follow_the_mems_of_a_v2_cpuset) = {
	.why = "a v2 cpuset that loses its node migrates the pages, the policy follows, and pages are expected where it is now",
	.machine = { .nodes = 2 },
	.needs = { .nodes = 2, .cpuset_migrates = true },
	.cgroups = {
		{ "all", .cpuset = cpuset_list("0-1"), .mems = MPOL_NODES(0), .workers = 1, .work = { .bytes = UINT64_C(16) << 20 },
		  .policy = mpol_bind(0), .shares = { [1] = 1 } },
	},
	.steps = take_node0_away,
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};

static int name_nobody(struct mpol_run *run, struct mpol_error *err)
{
	return mpol_run_until_touched(run, "nobody", err);
}

MPOL_TEST(a_step_that_fails_breaks_the_test) = {
	.why = "steps name cgroups that exist",
	.cgroups = { { "somebody", .workers = 1, .work = { .bytes = 4096 } } },
	.steps = name_nobody,
	.must_end = "broken: step-unknown-cgroup",
};

static int incomplete(struct mpol_run *run, struct mpol_error *err)
{
	return mpol_run_step(run, &(struct mpol_step){ .kind = MPOL_STEP_SWAP_MEMS, .cgroup = "one" }, err);
}

MPOL_TEST(a_step_of_a_function_is_checked_as_those_of_a_list) = {
	.why = "swapping takes two: a function that names one is told so",
	.cgroups = { { "one", .workers = 1, .work = { .bytes = 65536 } } },
	.steps = incomplete,
	.must_end = "broken: step-spec",
};
