/* SPDX-License-Identifier: MIT */
/* The coverage rule on a machine of three nodes: 0 and 1 with four CPUs each, 2 memory only; and
 * node 3 with CPUs only. */
#include <errno.h>

#include "base/macros.h"
#include "check.h"
#include "model/cover.h"

static struct mpol_node nodes[] = {
	{ .id = 0, .online = true, .has_memory = true, .cpus = { { 0x00f } } },
	{ .id = 1, .online = true, .has_memory = true, .cpus = { { 0x0f0 } } },
	{ .id = 2, .online = true, .has_memory = true },
	{ .id = 3, .online = true, .cpus = { { 0xf00 } } },
};
static const struct mpol_machine machine = {
	.numa = true,
	.n_nodes = ELEMENTSOF(nodes),
	.nodes = nodes,
	.online = MPOL_NODES(0, 1, 2, 3),
	.with_memory = MPOL_NODES(0, 1, 2),
	.with_cpus = MPOL_NODES(0, 1, 3),
	.cpus_online = { { 0xfff } },
	.mems_allowed = MPOL_NODES(0, 1, 2),
	.cpus_allowed = { { 0xfff } },
};

#define P(mode_, ...)                                                       \
	{                                                                   \
		.mode = MPOL_MODE_##mode_, .nodes = MPOL_NODES(__VA_ARGS__) \
	}
#define PF(mode_, flag_, ...)                                          \
	{                                                              \
		.mode = MPOL_MODE_##mode_, .flags = MPOL_FLAG_##flag_, \
		.nodes = MPOL_NODES(__VA_ARGS__)                       \
	}
#define NO_CPUS 0

/* clang-format off */
static const struct {
	const char *name;
	struct mpol_policy p;
	uint64_t cpus;             /* the cpuset's; NO_CPUS: it names none */
	struct mpol_nodeset mems;
	const char *rule;          /* NULL: it is fine */
	const char *what, *hint;   /* parts of the message */
} rows[] = {
	{ "bound to the CPUs' own node", P(BIND, 0), 0x00f, {}, NULL, NULL, NULL },
	{ "bound to another node", P(BIND, 1), 0x00f, {}, "policy-not-covered",
	  "the policy names node 1; the cgroup's CPUs 0-3 cover node 0", "widen the cpuset to node 1, or add MPOL_FLAG_STATIC_NODES" },
	{ "one node of two uncovered", P(INTERLEAVE, 0, 1), 0x00f, {}, "policy-not-covered", "names node 1;", NULL },
	{ "one CPU of the node is enough", P(INTERLEAVE, 0, 1), 0x011, {}, NULL, NULL, NULL },
	{ "preferred elsewhere", P(PREFERRED, 1), 0x00f, {}, "policy-not-covered", "node 1", NULL },
	{ "of preferred, only the lowest node is referred to", P(PREFERRED, 0, 1), 0x00f, {}, NULL, NULL, NULL },
	{ "preferred without a node is local", { .mode = MPOL_MODE_PREFERRED }, 0x00f, {}, NULL, NULL, NULL },
	{ "preferred-many elsewhere", P(PREFERRED_MANY, 0, 1), 0x00f, {}, "policy-not-covered", "node 1", NULL },
	{ "weighted interleave elsewhere", P(WEIGHTED_INTERLEAVE, 0, 1), 0x00f, {}, "policy-not-covered", "node 1", NULL },
	{ "default has no nodes", { .mode = MPOL_MODE_DEFAULT }, 0x00f, {}, NULL, NULL, NULL },
	{ "local has no nodes", { .mode = MPOL_MODE_LOCAL }, 0x00f, {}, NULL, NULL, NULL },
	{ "relative counts positions", PF(BIND, RELATIVE_NODES, 7), 0x00f, {}, NULL, NULL, NULL },
	{ "static says that it is meant", PF(BIND, STATIC_NODES, 1), 0x00f, {}, NULL, NULL, NULL },
	{ "static, but there is no such node", PF(BIND, STATIC_NODES, 5), 0x00f, {}, "policy-node-absent",
	  "names node 5; memory is on nodes 0-2", "use nodes within nodes 0-2" },
	{ "static, but the node has no memory", PF(BIND, STATIC_NODES, 3), 0x00f, {}, "policy-node-absent", "node 3", NULL },
	{ "static never waives the mems", PF(BIND, STATIC_NODES, 1), 0x00f, MPOL_NODES(0), "policy-outside-mems",
	  "names node 1; the mems are node 0", "add the nodes to the mems" },
	{ "static within the mems", PF(BIND, STATIC_NODES, 1), 0x00f, MPOL_NODES(0, 1), NULL, NULL, NULL },
	{ "balancing alone waives nothing", PF(BIND, NUMA_BALANCING, 1), 0x00f, {}, "policy-not-covered", "node 1", NULL },
	{ "mems do not cover a node that has CPUs", P(BIND, 1), 0x00f, MPOL_NODES(0, 1), "policy-not-covered", "node 1", NULL },
	{ "mems cover the memory-only node", P(BIND, 2), 0x00f, MPOL_NODES(0, 2), NULL, NULL, NULL },
	{ "nobody names the memory-only node", P(BIND, 2), 0x00f, {}, "policy-not-covered", "node 2",
	  "name node 2 (no CPUs) in the mems, or add MPOL_FLAG_STATIC_NODES" },
	{ "nodes of both kinds", P(BIND, 1, 2), 0x00f, {}, "policy-not-covered", "nodes 1-2",
	  "widen the cpuset to node 1 and name node 2 (no CPUs) in the mems, or" },
	{ "covered by CPUs, but not among the mems", P(BIND, 0, 1), 0x0ff, MPOL_NODES(0), "policy-outside-mems", "node 1", NULL },
	{ "covered by CPUs, but without memory", P(BIND, 3), 0xf00, {}, "policy-node-absent", "node 3", NULL },
	{ "only mems: all CPUs are its own", P(BIND, 0, 1, 2), NO_CPUS, MPOL_NODES(0, 1, 2), NULL, NULL, NULL },
	{ "only mems, and a node outside them", P(BIND, 1), NO_CPUS, MPOL_NODES(0), "policy-outside-mems", "node 1", NULL },
	{ "no cpuset at all", P(BIND, 1), NO_CPUS, {}, NULL, NULL, NULL },
	{ "an absent node", P(BIND, 0, 9), 0x00f, {}, "policy-node-absent", "node 9", NULL },
};
/* clang-format on */

TEST(every_node_of_a_policy_is_covered_by_its_cgroup_or_declared_static)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_cpus cpus = { { rows[i].cpus } };
		struct cover_cpuset set = { "node0", rows[i].cpus ? &cpus : NULL, rows[i].mems };
		struct mpol_error err = { 0 };
		int r = cover_check(&rows[i].p, &set, &machine, &err);

		check_row(i, rows[i].name);
		CHECK_EQ(r, rows[i].rule ? -EINVAL : 0);
		if (r == 0 || !rows[i].rule) {
			CHECK_STR(err.what, "");
			continue;
		}
		CHECK_STR(err.rule->id, rows[i].rule);
		CHECK_STR(err.where, "cgroup node0");
		CHECK_HAS(err.what, rows[i].what);
		if (rows[i].hint)
			CHECK_HAS(mpol_error_hint(&err), rows[i].hint);
	}
}
