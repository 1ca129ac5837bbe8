/* SPDX-License-Identifier: MIT */
/* Steps as data: what changes while workers run, and what the kernel makes of it. */
#include <mpol/test.h>

#define BYTES	  (UINT64_C(1) << 20)
#define TWO_NODES .machine = { .nodes = 2 }
#define BOTH	  MPOL_NODES(0, 1)

MPOL_TEST(cpus_as_data_bound_pages_stay) = {
	.why = "pages bound to node 0 stay there when their workers are moved to the CPUs of node 1",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_node(0), .mems = BOTH, .workers = 1, .work = { .bytes = BYTES }, .policy = mpol_bind(0) } },
	.then = { step_until_touched("all"), step_set_cpuset("a", cpuset_node(1)) },
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(0), [CPUSET_ESCAPES] = AT_MOST(0) },
};

MPOL_TEST(swapped_cpusets_leave_pages_behind) = {
	.why = "two cgroups that swap their CPUs have all of their pages on the other's node",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_node(0), .mems = BOTH, .workers = 1, .work = { .bytes = BYTES } },
		     { "b", .cpuset = cpuset_node(1), .mems = BOTH, .workers = 1, .work = { .bytes = BYTES } } },
	.then = { step_until_touched("all"), step_swap_cpusets("a", "b") },
	.seconds = 0.2, /* automatic balancing moves pages of the default policy after a second at work */
	.expect = { [PAGE_LOCALITY] = AT_MOST(0) },
};

MPOL_TEST(a_cleared_cpuset_has_all_cpus) = {
	.why = "without its cpuset a cgroup has the CPUs of all nodes, so that pages are expected on all",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_node(0), .mems = BOTH, .workers = 1, .work = { .bytes = BYTES } } },
	.then = { step_until_touched("a"), step_set_cpuset("a", cpuset_node(1)), step_clear_cpuset("a") },
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(swapped_mems_swap_the_pages) = {
	.why = "two v2 cpusets that swap their nodes swap their pages; bound ones as well, for the policy follows",
	TWO_NODES,
	.needs = { .nodes = 2, .cpuset_migrates = true },
	.cgroups = { { "a", .mems = MPOL_NODES(0), .workers = 1, .work = { .bytes = BYTES }, .shares = { [1] = 1 } },
		     { "b", .cpuset = cpuset_list("0-1"), .mems = MPOL_NODES(1), .workers = 1, .work = { .bytes = BYTES },
		       .policy = mpol_bind(1), .shares = { [0] = 1 } } },
	.then = { step_until_touched("all"), step_swap_mems("a", "b") },
	.expect = { [MIGRATED_SHARE] = AT_LEAST(1) },
};

MPOL_TEST(cleared_mems_let_new_pages_be_local) = {
	.why = "a worker on node 1 whose cgroup had node 0 only takes its new pages at home once it has all nodes",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_node(1), .mems = MPOL_NODES(0), .workers = 1,
		       .work = { .kind = MPOL_WORK_FAULTS, .bytes = BYTES }, .shares = { [1] = 1 } } },
	.then = { step_until_touched("a"), step_clear_mems("a"), step_until_rounds("a", 1) },
};

MPOL_TEST(mems_as_data_move_new_pages) = {
	.why = "the nodes of a cgroup are changed between two rounds: new pages come from the new one",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_list("0-1"), .mems = MPOL_NODES(0), .workers = 1,
		       .work = { .kind = MPOL_WORK_FAULTS, .bytes = BYTES }, .shares = { [1] = 1 } } },
	.then = { step_until_touched("a"), step_set_mems("a", 1), step_until_rounds("a", 1) },
};

MPOL_TEST(weights_change_while_workers_run) = {
	.why = "weights that are set while a worker takes new pages hold for these pages",
	TWO_NODES,
	.needs = { .nodes = 2, .weighted_interleave = true },
	.weights = { [0] = 1, [1] = 1 },
	.cgroups = { { "a", .workers = 1, .work = { .kind = MPOL_WORK_FAULTS, .bytes = BYTES }, .policy = mpol_weighted_interleave(0, 1),
		       .shares = { [0] = 0.25F, [1] = 0.75F } } },
	.then = { step_until_touched("a"), step_set_weights([0] = 1, [1] = 3), step_until_rounds("a", 1) },
	.expect = { [SHARE_DEVIATION] = AT_MOST(0.02) },
};

static int fails(struct mpol_run *run, struct mpol_error *err)
{
	return mpol_run_until_touched(run, "nobody", err);
}

MPOL_TEST(a_function_is_a_step_too) = {
	.why = "a function among the steps is called, and its failure breaks the test",
	.cgroups = { { "somebody", .workers = 1, .work = { .bytes = 4096 } } },
	.then = { step_wait(0.01), step_call(fails) },
	.must_end = "broken: step-unknown-cgroup",
};

MPOL_TEST(workers_that_move_are_in_the_other_cgroup) = {
	.why = "a worker that was moved to a cgroup on node 1 runs there, and has left its pages behind",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "from", .cpuset = cpuset_node(0), .mems = BOTH, .workers = 1, .work = { .bytes = BYTES },
		       .expect = { [PAGE_LOCALITY] = AT_MOST(0), [CPUSET_ESCAPES] = AT_MOST(0) } },
		     { "to", .cpuset = cpuset_node(1), .mems = BOTH } },
	.then = { step_until_touched("from"), step_move("from", "to") },
};

#define NEW_PAGES .kind = MPOL_WORK_FAULTS, .bytes = BYTES

MPOL_TEST(a_new_policy_holds_for_new_pages) = {
	.why = "a worker that was given another policy while it works takes its new pages from there, and is judged by it",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .workers = 1, .work = { NEW_PAGES }, .policy = mpol_bind(0), .shares = { [1] = 1 } },
		     { "b", .cpuset = cpuset_node(0), .mems = BOTH, .workers = 1, .works = { { NEW_PAGES, .policy = mpol_preferred(0) } },
		       .shares = { [0] = 0.5F, [1] = 0.5F } } },
	.then = { step_until_touched("all"), step_set_policy("a", mpol_bind(1)), step_set_policy("b", mpol_interleave(0, 1)),
		  step_until_rounds("all", 1) },
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(default_is_a_policy_to_go_back_to) = {
	.why = "a worker that was given DEFAULT takes its new pages where it runs",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .cpuset = cpuset_list("0"), .mems = BOTH, .workers = 1, .work = { NEW_PAGES },
		       .policy = mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(1), .flags = MPOL_FLAG_STATIC_NODES),
		       .shares = { [0] = 1 } } },
	.then = { step_until_touched("a"), step_set_policy("a", { 0 }), step_until_rounds("a", 1) },
};

MPOL_TEST(a_new_policy_that_is_refused_breaks_the_test) = {
	.why = "the worker says what the kernel made of it",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .mems = MPOL_NODES(0), .workers = 1, .work = { NEW_PAGES } } },
	.then = { step_until_touched("a"), step_set_policy("a", mpol_bind(1)) },
	.must_end = "broken: no-usable-node",
};

MPOL_TEST(stopped_workers_take_no_new_pages) = {
	.why = "workers that stand still keep the pages that they have, whatever their policy is by now",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .workers = 1, .works = { { NEW_PAGES }, { NEW_PAGES } }, .policy = mpol_bind(0), .judge = BOTH,
		       .shares = { [0] = 0.5F, [1] = 0.5F } } },
	.then = { step_until_touched("a"), step_stop("a", 1), step_set_policy("a", mpol_bind(1)), step_wait(0.1) },
};

MPOL_TEST(stopped_workers_can_be_started_again) = {
	.why = "and go on where they were",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "a", .workers = 2, .work = { NEW_PAGES }, .policy = mpol_bind(0), .shares = { [1] = 1 } } },
	.then = { step_stop("a", 0), step_start("a", 0), step_stop("a", 1), step_start("all", 0), step_until_touched("a"),
		  step_stop("a", 0), step_set_policy("a", mpol_bind(1)), step_start("a", 0), step_until_rounds("a", 1) },
};

MPOL_TEST(held_workers_begin_with_a_step) = {
	.why = "a group that is held has no page before a step starts it: all of them are from its new policy",
	TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "first", .workers = 1, .work = { .bytes = BYTES } },
		     { "later", .workers = 1, .work = { .bytes = BYTES, .held = true }, .policy = mpol_bind(0), .shares = { [1] = 1 } } },
	.then = { step_until_touched("first"), step_set_policy("later", mpol_bind(1)), step_start("later", 0) },
};

MPOL_TEST(workers_leave_a_cpu_that_goes_away) = {
	.why = "the worker of a CPU that is taken off the machine goes on elsewhere, and its pages stay",
	TWO_NODES,
	.needs = { .nodes = 2, .root = true },
	.cgroups = { { "a", .workers = 2, .work = { .bytes = BYTES, .affinity = affinity_one() } } },
	.then = { step_until_touched("a"), step_offline_cpus("1"), step_until_rounds("a", 1) },
	.expect = { [PAGE_LOCALITY] = AT_MOST(0.5) },
};

MPOL_TEST(a_cpu_that_went_away_comes_back) = {
	.why = "what the test before took off is here again, and what a step brings back can be used",
	TWO_NODES,
	.needs = { .nodes = 2, .root = true },
	.cgroups = { { "a", .workers = 2, .work = { .bytes = BYTES, .affinity = affinity_one() } } },
	.then = { step_until_touched("a"), step_offline_cpus("1"), step_online_cpus("1"), step_until_rounds("a", 1) },
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};
