/* SPDX-License-Identifier: MIT */
/* Warnings and notes about policies that are accepted, on machines written as literals: a row per
 * rule and side. */
#include <stdio.h>

#include <mpol/check.h>
#include <mpol/predict.h>

#include "base/macros.h"
#include "check.h"

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)

/* Nodes 0 and 1 with CPUs 0-1 and 2-3; 2 memory only; 3 CPUs 4-5 only; 4 possible. Node 1 is nearly
 * full. */
static struct mpol_node nodes[] = {
	{ .id = 0,
	  .online = true,
	  .has_memory = true,
	  .memory_known = true,
	  .memory_total = GIB,
	  .free_known = true,
	  .memory_free = GIB / 2 },
	{ .id = 1,
	  .online = true,
	  .has_memory = true,
	  .memory_known = true,
	  .memory_total = 8 * GIB,
	  .free_known = true,
	  .memory_free = 63 * MIB },
	{ .id = 2,
	  .online = true,
	  .has_memory = true,
	  .memory_known = true,
	  .memory_total = GIB,
	  .free_known = true,
	  .memory_free = GIB / 64 },
	{ .id = 3, .online = true },
};
static unsigned distance[] = {
	10, 20, 30, 20, 20, 10, 40, 20, 30, 40, 10, 30, 20, 20, 30, 10,
};

static struct mpol_machine machine(const char *kernel, const char *mems, const char *cpus)
{
	struct mpol_machine m = { .numa = true,
				  .n_nodes = 4,
				  .nodes = nodes,
				  .distance = distance,
				  .possible = MPOL_NODES(0, 1, 2, 3, 4),
				  .online = MPOL_NODES(0, 1, 2, 3),
				  .with_memory = MPOL_NODES(0, 1, 2),
				  .with_cpus = MPOL_NODES(0, 1, 3) };

	nodes[0].cpus.word[0] = 3;
	nodes[1].cpus.word[0] = 3 << 2;
	nodes[3].cpus.word[0] = 3 << 4;
	m.cpus_online.word[0] = 63;
	(void)mpol_nodes_parse(mems, &m.mems_allowed, NULL);
	(void)mpol_cpus_parse(cpus, &m.cpus_allowed, NULL);
	if (*kernel)
		(void)mpol_kernel_from_version(kernel, &m.kernel, NULL);
	return m;
}

#define STATIC	  .flags = MPOL_FLAG_STATIC_NODES
#define RELATIVE  .flags = MPOL_FLAG_RELATIVE_NODES
#define BALANCING .flags = MPOL_FLAG_NUMA_BALANCING
#define ALL_CPUS  "0-5"

static const struct {
	const char *why;
	struct mpol_policy policy;
	const char *kernel, *mems, *cpus;
	const char *rule;
	int severity;	  /* -1: the rule must not be among the findings */
	const char *says; /* within what or hint */
} rows[] = {
	{ "a node that cannot be is dropped", mpol_interleave(0, 9), "6.12", "0-2", ALL_CPUS,
	  "node-dropped", MPOL_WARNING, "9 does not exist" },
	{ "an offline node is dropped", mpol_interleave(0, 4), "6.12", "0-2", ALL_CPUS,
	  "node-dropped", MPOL_WARNING, "4 is offline" },
	{ "a node outside the cpuset is dropped", mpol_interleave(0, 1), "6.12", "0,2", ALL_CPUS,
	  "node-dropped", MPOL_WARNING, "1 is outside the cpuset" },
	{ "the hint is what is in force", mpol_interleave(0, 1), "6.12", "0,2", ALL_CPUS,
	  "node-dropped", MPOL_WARNING, "interleave:0" },
	{ "usable nodes are not dropped", mpol_interleave(0, 1), "6.12", "0-2", ALL_CPUS,
	  "node-dropped", -1, NULL },
	{ "positions are not dropped",
	  mpol_policy(MPOL_MODE_BIND, RELATIVE, .nodes = MPOL_NODES(0, 9)), "6.12", "0-2", ALL_CPUS,
	  "node-dropped", -1, NULL },
	{ "a node without memory is told as that", mpol_interleave(0, 3), "6.12", "0-2", ALL_CPUS,
	  "node-without-memory", MPOL_WARNING, "3 is online and has no memory" },
	{ "and not as dropped as well", mpol_interleave(0, 3), "6.12", "0-2", ALL_CPUS,
	  "node-dropped", -1, NULL },
	{ "with STATIC its memory counts once it is there",
	  mpol_policy(MPOL_MODE_INTERLEAVE, STATIC, .nodes = MPOL_NODES(0, 3)), "6.12", "0-2",
	  ALL_CPUS, "node-without-memory", MPOL_WARNING, "once it has memory" },
	{ "nodes with memory are not told", mpol_interleave(0, 1), "6.12", "0-2", ALL_CPUS,
	  "node-without-memory", -1, NULL },
	{ "flags on default are dropped", mpol_policy(MPOL_MODE_DEFAULT, STATIC), "6.12", "0-2",
	  ALL_CPUS, "flags-dropped", MPOL_WARNING, "STATIC_NODES" },
	{ "default without flags has none to drop", mpol_default(), "6.12", "0-2", ALL_CPUS,
	  "flags-dropped", -1, NULL },
	{ "preferred takes the lowest usable",
	  mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(0, 1, 2)), "6.12", "1-2", ALL_CPUS,
	  "preferred-takes-one", MPOL_WARNING, "of the nodes 1-2 only 1" },
	{ "one usable node is no choice",
	  mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(0, 1)), "6.12", "1-2", ALL_CPUS,
	  "preferred-takes-one", -1, NULL },
	{ "on old kernels the hint names the version",
	  mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(0, 1)), "5.10", "0-2", ALL_CPUS,
	  "preferred-takes-one", MPOL_WARNING, "needs Linux 5.15" },
	{ "positions beyond the cpuset fold",
	  mpol_policy(MPOL_MODE_BIND, RELATIVE, .nodes = MPOL_NODES(0, 3)), "6.12", "0-2", ALL_CPUS,
	  "relative-folds", MPOL_WARNING, "beyond 2" },
	{ "the last position does not",
	  mpol_policy(MPOL_MODE_BIND, RELATIVE, .nodes = MPOL_NODES(0, 2)), "6.12", "0-2", ALL_CPUS,
	  "relative-folds", -1, NULL },
	{ "node numbers do not", mpol_policy(MPOL_MODE_BIND, STATIC, .nodes = MPOL_NODES(2)),
	  "6.12", "0,2", ALL_CPUS, "relative-folds", -1, NULL },
	{ "a full node is told", mpol_bind(1), "6.12", "0-2", ALL_CPUS, "node-full", MPOL_WARNING,
	  "63 of 8192 MiB" },
	{ "a small node is not full at 1/64", mpol_bind(2), "6.12", "0-2", ALL_CPUS, "node-full",
	  -1, NULL },
	{ "pinned CPUs far from the memory", mpol_bind(1), "6.12", "0-2", "0-1", "far-from-cpus",
	  MPOL_WARNING, "memory of 1 is 20 away, that of 0 only 10" },
	{ "free CPUs far from the memory", mpol_bind(1), "6.12", "0-2", ALL_CPUS, "far-from-cpus",
	  MPOL_NOTE, "20" },
	{ "the worst CPU node counts", mpol_bind(2), "6.12", "0-2", "0-3", "far-from-cpus",
	  MPOL_WARNING, "node 1 the memory of 2 is 40 away" },
	{ "near memory is near", mpol_bind(0), "6.12", "0-2", "0-1", "far-from-cpus", -1, NULL },
	{ "memory that is as near as any is near", mpol_bind(1), "6.12", "0-2", "4-5",
	  "far-from-cpus", -1, NULL },
	{ "interleaving over the own node is no mistake", mpol_interleave(0, 2), "6.12", "0-2",
	  "0-1", "far-from-cpus", -1, NULL },
	{ "bind over two nodes does not spread", mpol_bind(0, 1), "6.12", "0-2", ALL_CPUS,
	  "bind-does-not-spread", MPOL_WARNING, "interleave:0-1" },
	{ "bind on one node has nothing to spread", mpol_bind(0), "6.12", "0-2", ALL_CPUS,
	  "bind-does-not-spread", -1, NULL },
	{ "of two nodes one may be left", mpol_bind(0, 1), "6.12", "0,2", ALL_CPUS,
	  "bind-does-not-spread", -1, NULL },
	{ "bind means the OOM killer", mpol_bind(0), "6.12", "0-2", ALL_CPUS, "bind-oom-kills",
	  MPOL_WARNING, "preferred:0" },
	{ "several nodes: preferred-many falls back", mpol_bind(0, 1), "6.12", "0-2", ALL_CPUS,
	  "bind-oom-kills", MPOL_WARNING, "preferred-many:0-1" },
	{ "interleave falls back", mpol_interleave(0), "6.12", "0-2", ALL_CPUS, "bind-oom-kills",
	  -1, NULL },
	{ "the nodes as given are read back",
	  mpol_policy(MPOL_MODE_BIND, STATIC, .nodes = MPOL_NODES(0, 4)), "6.12", "0-2", ALL_CPUS,
	  "readback-as-asked", MPOL_NOTE, "answers the nodes 0,4, while 0" },
	{ "without flags those in force are", mpol_interleave(0, 4), "6.12", "0-2", ALL_CPUS,
	  "readback-as-asked", -1, NULL },
	{ "empty preferred is local", mpol_policy(MPOL_MODE_PREFERRED), "6.12", "0-2", ALL_CPUS,
	  "empty-preferred-is-local", MPOL_NOTE, "local" },
	{ "preferred with a node is not", mpol_preferred(0), "6.12", "0-2", ALL_CPUS,
	  "empty-preferred-is-local", -1, NULL },
	{ "on 5.10 local reads as preferred", mpol_local(), "5.10", "0-2", ALL_CPUS,
	  "local-reads-as-preferred", MPOL_NOTE, "5.10" },
	{ "on 6.12 local is local", mpol_local(), "6.12", "0-2", ALL_CPUS,
	  "local-reads-as-preferred", -1, NULL },
	{ "6.1.50 hides balancing", mpol_policy(MPOL_MODE_BIND, BALANCING, .nodes = MPOL_NODES(0)),
	  "6.1.50", "0-2", ALL_CPUS, "balancing-hidden", MPOL_NOTE, "default" },
	{ "6.12 shows it", mpol_policy(MPOL_MODE_BIND, BALANCING, .nodes = MPOL_NODES(0)), "6.12",
	  "0-2", ALL_CPUS, "balancing-hidden", -1, NULL },
	{ "default resets", mpol_default(), "6.12", "0-2", ALL_CPUS, "default-resets", MPOL_NOTE,
	  "inherited" },
	{ "local does not", mpol_local(), "6.12", "0-2", ALL_CPUS, "default-resets", -1, NULL },
	{ "weights are everybody's", mpol_weighted_interleave(0, 1), "6.12", "0-2", ALL_CPUS,
	  "weights-are-global", MPOL_NOTE, "0-1" },
	{ "interleave has no weights", mpol_interleave(0, 1), "6.12", "0-2", ALL_CPUS,
	  "weights-are-global", -1, NULL },
	{ "the profiles differ about balancing",
	  mpol_policy(MPOL_MODE_PREFERRED_MANY, BALANCING, .nodes = MPOL_NODES(0)), "6.12", "0-2",
	  ALL_CPUS, "profiles-differ", MPOL_NOTE, "container runtimes refuse" },
	{ "the profiles differ about flags on default", mpol_policy(MPOL_MODE_DEFAULT, RELATIVE),
	  "6.12", "0-2", ALL_CPUS, "profiles-differ", MPOL_NOTE, "container runtimes refuse" },
	{ "they agree about bind", mpol_bind(0), "6.12", "0-2", ALL_CPUS, "profiles-differ", -1,
	  NULL },
	{ "nothing is known of the kernel", mpol_bind(0), "", "0-2", ALL_CPUS, "kernel-unknown",
	  MPOL_NOTE, "newest" },
	{ "its version is", mpol_bind(0), "6.12", "0-2", ALL_CPUS, "kernel-unknown", -1, NULL },
	{ "a short text is not cut", mpol_interleave(0, 1), "6.12", "0-2", ALL_CPUS,
	  "numa-maps-cut", -1, NULL },
	{ "a mask within the possible nodes is reported whole",
	  mpol_policy(MPOL_MODE_BIND, STATIC, .nodes = MPOL_NODES(0, 4)), "6.12", "0-2", ALL_CPUS,
	  "readback-cut", -1, NULL },
	{ "a refused policy is not remarked upon", mpol_bind(4), "6.12", "0-2", ALL_CPUS,
	  "bind-oom-kills", -1, NULL },
};

TEST(what_is_accepted_is_remarked_upon)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_machine m = machine(rows[i].kernel, rows[i].mems, rows[i].cpus);
		struct mpol_finding f[24] = { 0 };
		int n = mpol_check(&rows[i].policy, &m, f, ELEMENTSOF(f)), found = -1;

		check_row(i, rows[i].why);
		CHECK(n <= (int)ELEMENTSOF(f));
		for (int j = 0; j < n && found < 0; j++)
			if (STREQ(f[j].error.rule->id, rows[i].rule))
				found = j;
		if (!CHECK_EQ(found >= 0, rows[i].severity >= 0) || found < 0)
			continue;
		CHECK_EQ(f[found].severity, rows[i].severity);
		if (!strstr(f[found].error.hint, rows[i].says))
			CHECK_HAS(f[found].error.what, rows[i].says);
	}
}

TEST(a_text_of_63_bytes_is_told_as_cut)
{
	struct mpol_machine m = machine("6.12", "0-2", ALL_CPUS);
	struct mpol_policy p = mpol_policy(MPOL_MODE_INTERLEAVE);
	struct mpol_finding f[24] = { 0 };
	int n, found = 0;

	for (unsigned node = 0; node < 80; node += 2)
		mpol_nodes_add(&p.nodes, node);
	m.mems_allowed = m.with_memory = m.online = m.possible = p.nodes;
	n = mpol_check(&p, &m, f, ELEMENTSOF(f));
	for (int i = 0; i < n; i++)
		found += STREQ(f[i].error.rule->id, "numa-maps-cut");
	CHECK_EQ(found, 1);
	CHECK_EQ(mpol_check(&p, &m, f, 0), n); /* counted, also without room */
}

TEST(a_mask_beyond_the_possible_nodes_is_told_as_not_reported)
{
	struct mpol_machine m = machine("6.12", "0-2", ALL_CPUS);
	struct mpol_policy p = mpol_policy(MPOL_MODE_BIND, STATIC, .nodes = MPOL_NODES(0));
	struct mpol_finding f[24] = { 0 };
	int n, found = 0;

	mpol_nodes_add(&p.nodes, 100);
	n = mpol_check(&p, &m, f, ELEMENTSOF(f));
	for (int i = 0; i < n; i++)
		found += STREQ(f[i].error.rule->id, "readback-cut") &&
			 strstr(f[i].error.what, "100");
	CHECK_EQ(found, 1);
}

TEST(nodes_that_a_mode_does_not_take_are_told_once)
{
	struct mpol_machine m = machine("6.12", "0-2", ALL_CPUS);
	struct mpol_policy of_default = mpol_policy(MPOL_MODE_DEFAULT, .nodes = MPOL_NODES(4)),
			   of_local = mpol_policy(MPOL_MODE_LOCAL, .nodes = MPOL_NODES(4));
	struct mpol_finding f[24] = { 0 };

	CHECK_EQ(mpol_check(&of_default, &m, f, ELEMENTSOF(f)), 1);
	CHECK_STR(f[0].error.rule->id, "default-takes-no-nodes");
	CHECK_EQ(mpol_check(&of_local, &m, f, ELEMENTSOF(f)), 1);
	CHECK_STR(f[0].error.rule->id, "local-takes-no-nodes");
}
