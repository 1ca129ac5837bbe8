/* SPDX-License-Identifier: MIT */
/* Machines that differ from a shape in one thing each: the comparison must be able to say no. */
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "harness/guest.h"
#include "check.h"

#define MIB ((uint64_t)1 << 20)

static struct vm_shape shape;
static struct mpol_node nodes[3];
static struct mpol_llc llcs[2];
static unsigned distance[9];
static struct mpol_machine machine;

static void add_cpus(struct mpol_cpus *cpus, unsigned first, unsigned last)
{
	for (unsigned c = first; c <= last; c++)
		mpol_cpus_add(cpus, c);
}

/* What "cpus=2:2:0,…" becomes when all is well. */
static void same_machine(void)
{
	static const unsigned distances[] = { 10, 20, 30, 20, 10, 25, 30, 25, 10 };

	CHECK_EQ(vm_shape_parse(
			 "cpus=2:2:0,memory=256M:256M:128M,distance=10/20/30:20/10/25:30/25/10,"
			 "latency=100/200/400:200/100/300,bandwidth=20G/10G/4G:10G/20G/5G",
			 &shape, NULL),
		 0);
	memset(nodes, 0, sizeof(nodes));
	memset(llcs, 0, sizeof(llcs));
	memcpy(distance, distances, sizeof(distance));
	machine = (struct mpol_machine){ .numa = true,
					 .n_nodes = 3,
					 .nodes = nodes,
					 .distance = distance,
					 .n_llcs = 2,
					 .llcs = llcs };
	for (unsigned n = 0; n < 3; n++) {
		nodes[n] = (struct mpol_node){ .id = n,
					       .online = true,
					       .has_memory = true,
					       .memory_total = (n < 2 ? 250 : 127) * MIB };
		nodes[n].access[0] = (struct mpol_access){
			.known = true,
			.read_latency = n < 2 ? 100 : 300, /* node 1 is the nearer one of node 2 */
			.read_bandwidth = (n < 2 ? 20 : 5) * 1024,
		};
		mpol_nodes_add(&machine.online, n);
	}
	add_cpus(&nodes[0].cpus, 0, 1);
	add_cpus(&nodes[1].cpus, 2, 3);
	add_cpus(&llcs[0].cpus, 0, 1);
	add_cpus(&llcs[1].cpus, 2, 3);
}

static void node_missing(void)
{
	machine.online = (struct mpol_nodeset)MPOL_NODES(0, 1);
}
static void node_renumbered(void)
{
	machine.online = (struct mpol_nodeset)MPOL_NODES(0, 1, 3);
}
static void cpu_missing(void)
{
	nodes[1].cpus = (struct mpol_cpus){ { 0 } };
	add_cpus(&nodes[1].cpus, 2, 2);
}
static void cpu_on_memory_node(void)
{
	add_cpus(&nodes[2].cpus, 4, 4);
}
static void memory_gone(void)
{
	nodes[2].memory_total = 0;
}
static void memory_short(void)
{
	nodes[0].memory_total = 100 * MIB;
}
static void memory_more(void)
{
	nodes[2].memory_total = 300 * MIB;
}
static void distance_other(void)
{
	distance[5] = 26;
}
static void distance_unknown(void)
{
	machine.distance = NULL;
}
static void one_cache(void)
{
	machine.n_llcs = 1;
}
static void cache_spans(void)
{
	add_cpus(&llcs[0].cpus, 2, 2);
}
static void no_cache(void)
{
	machine.n_llcs = 0;
}
static void latency_other(void)
{
	nodes[2].access[0].read_latency = 400;
}
static void bandwidth_other(void)
{
	nodes[1].access[0].read_bandwidth = 20000;
}
static void access_unknown(void)
{
	nodes[0].access[0].known = false;
}
static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*change)(void);
	const char *what; /* NULL: no difference */
} cases[] = {
	{ "the same", nothing, NULL },
	{ "a node missing", node_missing,
	  "the guest has the nodes 0-1 online, and the shape has 3" },
	{ "a node renumbered", node_renumbered, "the guest has the nodes 0-1,3 online" },
	{ "a CPU missing", cpu_missing,
	  "node 1 has the CPUs \"2\" in the guest, and \"2-3\" in the shape" },
	{ "a CPU on the memory-only node", cpu_on_memory_node,
	  "node 2 has the CPUs \"4\" in the guest, and \"\" in the shape" },
	{ "no memory", memory_gone, "node 2 has 0 MiB in the guest, and 128 MiB in the shape" },
	{ "too little memory", memory_short, "node 0 has 100 MiB" },
	{ "too much memory", memory_more, "node 2 has 300 MiB" },
	{ "another distance", distance_other,
	  "the distance from node 1 to node 2 is 26 in the guest, and 25" },
	{ "no distances", distance_unknown,
	  "the distance from node 0 to node 0 is 0 in the guest" },
	{ "one cache", one_cache, "the guest has 1 last-level caches, and the shape has 2" },
	{ "no cache", no_cache, "the guest has 0 last-level caches" },
	{ "another latency", latency_other,
	  "the latency of node 2 is 400 ns in the guest, and 300 ns in the shape" },
	{ "another bandwidth", bandwidth_other,
	  "the bandwidth of node 1 is 20000M in the guest, and 20480M in the shape" },
	{ "an HMAT that was ignored", access_unknown,
	  "nothing tells in the guest how node 0 is reached" },
	{ "a cache that spans nodes", cache_spans,
	  "last-level cache 0 serves 3 CPUs in the guest, and 2" },
};

TEST(the_first_difference_is_named)
{
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		char what[300] = "";
		bool differs;

		check_row(i, cases[i].name);
		same_machine();
		cases[i].change();
		differs = guest_topology_differs(&machine, &shape, what, sizeof(what));
		CHECK_EQ(differs, cases[i].what != NULL);
		CHECK_HAS(what, cases[i].what ? cases[i].what : "");
	}
}

TEST(a_node_of_cpus_only_has_no_memory)
{
	char what[300];

	same_machine();
	CHECK_EQ(vm_shape_parse("cpus=2:2:0,memory=256M:0:128M", &shape, NULL), 0);
	CHECK(guest_topology_differs(&machine, &shape, what, sizeof(what)));
	nodes[1].memory_total = 0;
	CHECK(!guest_topology_differs(&machine, &shape, what, sizeof(what)));
}
