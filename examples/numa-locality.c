/* SPDX-License-Identifier: MIT */
/*
 * Eight workers in two cgroups, each bound to the memory of the node it runs on: are their pages there?
 *
 *     build/examples/numa-locality run          on a virtual machine, unless this one has two nodes
 *     build/examples/numa-locality run --here   on this one, or not at all
 */
#include <mpol/test.h>

MPOL_TEST(numa_locality) = {
	.why = "workers bound to their own node find their pages there",
	.machine = { .nodes = 2, .llcs = 4, .cores = 4, .threads = 1 },
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "node0", .cpuset = cpuset_node(0), .workers = 4, .policy = mpol_bind(0) },
		{ "node1", .cpuset = cpuset_node(1), .workers = 4, .policy = mpol_bind(1) },
	},
	.expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
};
