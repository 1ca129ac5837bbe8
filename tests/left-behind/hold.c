/* SPDX-License-Identifier: MIT */
/* A test that works for two minutes, to be ended before: tests/left-behind/run. */
#include <mpol/test.h>

MPOL_TEST(hold) = {
	.why = "workers in a cgroup work until somebody ends them",
	.machine = { .nodes = 1, .llcs = 1, .cores = 1, .threads = 1 },
	.needs = { .nodes = 1 },
	.seconds = 120,
	.cgroups = { { "held", .cpuset = cpuset_node(0), .workers = 3, .policy = mpol_bind(0) } },
	.expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
};
