/* SPDX-License-Identifier: MIT */
/* Nodes without room: who is killed, who falls back, and what huge pages do. */
#include <mpol/test.h>

#define BYTES	  (UINT64_C(1) << 20)
#define BOTH	  MPOL_NODES(0, 1)
#define TWO_NODES .machine = { .nodes = 2 }, .needs = { .nodes = 2, .root = true }
/* It starts when its node is full, and wants more than what the kernel keeps. */
#define LATER(policy_)                                                                                       \
	{ "late", .workers = 1, .work = { .bytes = 64 * BYTES, .held = true }, .policy = policy_ }
#define FULL_THEN_LATE { step_fill_node(1, 0), step_start("late", 0) }

MPOL_TEST(a_bind_worker_on_a_full_node_is_killed) = {
	.why = "bound to a node without room, a worker is killed, and the test fails, naming the OOM killer",
	TWO_NODES,
	.cgroups = { LATER(mpol_bind(1)) },
	.then = FULL_THEN_LATE,
	.must_end = "fail",
};

MPOL_TEST(a_killed_worker_can_be_declared) = {
	.why = "where that is what is to be shown it is a bound like others, and workers that fall back live",
	TWO_NODES,
	.cgroups = { { "late", .workers = 1, .work = { .bytes = 64 * BYTES, .held = true }, .policy = mpol_bind(1),
		       .expect = { [KILLED_WORKERS] = AT_LEAST(1) } },
		     { "other", .workers = 1, .work = { .bytes = BYTES }, .policy = mpol_bind(0),
		       .expect = { [PAGE_LOCALITY] = AT_LEAST(1) } } },
	.then = FULL_THEN_LATE,
};

MPOL_TEST(preferred_falls_back_where_the_node_is_full) = {
	.why = "PREFERRED takes what its node has not from another one, and nobody is killed",
	TWO_NODES,
	.cgroups = { LATER(mpol_preferred(1)) },
	.then = FULL_THEN_LATE,
	.expect = { [PAGE_LOCALITY] = AT_MOST(0.5), [KILLED_WORKERS] = AT_MOST(0) },
};

MPOL_TEST(only_what_was_filled_is_released) = {
	.why = "a step that gives back what nobody took is a mistake",
	TWO_NODES,
	.cgroups = { { "a", .workers = 1, .work = { .bytes = BYTES } } },
	.then = { step_release_node(0) },
	.must_end = "broken: node-fill",
};

#define HUGE_PAGES(policy_) { "huge", .workers = 1, .work = { .kind = MPOL_WORK_HUGETLB, .bytes = 4 * BYTES }, .policy = policy_ }

MPOL_TEST(reserved_huge_pages_are_where_they_are_bound) = {
	.why = "two huge pages that are reserved on node 1 are what a worker bound to it gets",
	TWO_NODES,
	.hugepages = { [1] = 2 },
	.cgroups = { HUGE_PAGES(mpol_bind(1)) },
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(0), [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(huge_pages_of_another_node_are_no_help) = {
	.why = "bound to a node with too few of them, mapping huge pages is refused (ENOMEM) while the other node has plenty",
	TWO_NODES,
	.hugepages = { [0] = 4, [1] = 1 },
	.cgroups = { HUGE_PAGES(mpol_bind(1)) },
	.must_end = "broken: worker-hugetlb",
};

MPOL_TEST(more_huge_pages_than_there_is_room_for) = {
	.why = "a reservation that the kernel cut short is told",
	TWO_NODES,
	.hugepages = { [1] = 1000000 },
	.cgroups = { HUGE_PAGES(mpol_bind(1)) },
	.must_end = "broken: hugepages-short",
};
