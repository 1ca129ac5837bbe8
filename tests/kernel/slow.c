/* SPDX-License-Identifier: MIT */
/* What takes its time: nodes that are filled and released, balancing, plugged memory, and many workers. */
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

MPOL_TEST(a_node_that_is_released_has_room_again) = {
	.why = "what a step took it can give back while the test runs",
	TWO_NODES,
	.cgroups = { { "late", .workers = 1, .work = { .bytes = 64 * BYTES, .held = true }, .policy = mpol_bind(1) } },
	.then = { step_fill_node(1, 0), step_release_node(1), step_start("late", 0) },
	.expect = { [PAGES_OUTSIDE_NODES] = AT_MOST(0) },
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

/* The third node has nothing but plugged memory. */
#define PLUGGED                                                                                              \
	.machine = { .nodes = 3, .cpus = "1:1:0", .memory = "512M:512M:0", .hotplug = "0:0:128M" },           \
	.needs = { .nodes = 3, .root = true, .memory_only_node = true }

MPOL_TEST(pages_leave_memory_that_goes_away) = {
	.why = "memory that is taken off the machine takes no page with it: they are elsewhere, all of them",
	PLUGGED,
	.cgroups = { { "a", .workers = 1, .work = { .bytes = 8 * BYTES }, .policy = mpol_preferred(2), .judge = MPOL_NODES(2) } },
	.then = { step_until_touched("a"), step_until_on("a", 2), step_offline_memory(2) },
	.expect = { [PAGE_LOCALITY] = AT_MOST(0), [MIGRATED_SHARE] = AT_LEAST(1) },
};

MPOL_TEST(memory_that_comes_back_is_used) = {
	.why = "what the test before took off is here again, and new pages come from memory that a step brought back",
	PLUGGED,
	.cgroups = { { "a", .workers = 1, .work = { .kind = MPOL_WORK_FAULTS, .bytes = 8 * BYTES }, .policy = mpol_preferred(2),
		       .judge = MPOL_NODES(2) } },
	.then = { step_until_touched("a"), step_offline_memory(2), step_until_on("a", 0, 1), step_online_memory(2),
		  step_set_policy("a", mpol_preferred(2)), step_until_rounds("a", 1) },
	.expect = { [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(memory_from_the_boot_stays) = {
	.why = "only plugged memory can go",
	PLUGGED,
	.cgroups = { { "a", .workers = 1, .work = { .bytes = BYTES } } },
	.then = { step_offline_memory(0) },
	.must_end = "broken: memory-blocks",
};
