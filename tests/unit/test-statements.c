/* SPDX-License-Identifier: MIT */
/*
 * What a memory policy in a scheduler test harness is stated to be, one row for each statement,
 * named after it: what is refused, which node the refusal names, what is warned of. Statements
 * about where pages go are tests on virtual machines (tests/kernel), named alike; those of the OCI
 * runtime stand in test-rules.c.
 */
#include <errno.h>

#include <mpol/check.h>

#include "base/macros.h"
#include "check.h"
#include "model/cover.h"

static struct mpol_node nodes[] = {
	{ .id = 0, .online = true, .has_memory = true, .cpus = { { 0x0f } } },
	{ .id = 1, .online = true, .has_memory = true, .cpus = { { 0xf0 } } },
};

#define ALL_MODES     ((1U << (MPOL_MODE_WEIGHTED_INTERLEAVE + 1)) - 1)
#define ALL_FLAGS     (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES | MPOL_FLAG_NUMA_BALANCING)
#define WITHOUT(mode) (ALL_MODES & ~(1U << MPOL_MODE_##mode))

static struct mpol_machine machine_of(unsigned modes)
{
	return (struct mpol_machine){
		.numa = true,
		.n_nodes = ELEMENTSOF(nodes),
		.nodes = nodes,
		.possible = MPOL_NODES(0, 1),
		.online = MPOL_NODES(0, 1),
		.with_memory = MPOL_NODES(0, 1),
		.with_cpus = MPOL_NODES(0, 1),
		.cpus_online = { { 0xff } },
		.mems_allowed = MPOL_NODES(0, 1),
		.cpus_allowed = { { 0xff } },
		.kernel = { .known = true,
			    .modes = modes,
			    .flags = ALL_FLAGS,
			    .local_is_a_mode = true },
	};
}

/* clang-format off */
static const struct {
	const char *statement;
	struct mpol_policy policy;
	unsigned modes;            /* that the kernel has; 0: all */
	const char *rule;          /* that is among the findings; NULL: none refuses, and not_rule is not among them */
	const char *not_rule;
} kernels[] = {
	{ "Bind: when all specified nodes are exhausted (the OOM killer comes, not ENOMEM)", mpol_bind(0), 0, "bind-oom-kills", NULL },
	{ "Preferred: falling back to others when the preferred node is full", mpol_preferred(0), 0, NULL, "bind-oom-kills" },
	{ "PreferredMany: falling back to others when all preferred nodes are full", mpol_preferred_many(0, 1), 0, NULL, "bind-oom-kills" },
	{ "Interleave: round-robin across the specified nodes", mpol_interleave(0, 1), 0, NULL, "bind-oom-kills" },
	{ "PreferredMany: kernel 5.15+", mpol_preferred_many(0, 1), WITHOUT(PREFERRED_MANY), "mode-too-new", NULL },
	{ "PreferredMany: kernel 5.15+, and there it is", mpol_preferred_many(0, 1), ALL_MODES, NULL, "mode-too-new" },
	{ "WeightedInterleave: kernel 6.9+", mpol_weighted_interleave(0, 1), WITHOUT(WEIGHTED_INTERLEAVE), "mode-too-new", NULL },
	{ "WeightedInterleave: kernel 6.9+, and there it is", mpol_weighted_interleave(0, 1), ALL_MODES, NULL, "mode-too-new" },
	{ "Local: no nodemask", mpol_local(), 0, NULL, "local-takes-no-nodes" },
	{ "Local: no nodemask, not even one node", mpol_policy(MPOL_MODE_LOCAL, .nodes = MPOL_NODES(0)), 0, "local-takes-no-nodes", NULL },
	{ "Default: no policy of its own", mpol_default(), 0, NULL, "bind-oom-kills" },
	{ "MpolFlags: flags combine", mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0),
	  .flags = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_NUMA_BALANCING), 0, NULL, "static-excludes-relative" },
	{ "MpolFlags: NONE is 0", mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0), .flags = 0), 0, NULL, "static-excludes-relative" },
};

static const struct {
	const char *statement;
	struct mpol_policy policy;
	uint64_t cpus;             /* of the cpuset; 0: the cgroup has none */
	const char *rule;          /* NULL: it is set up */
} cpusets[] = {
	{ "Bind([1]) on a cgroup whose cpuset covers only NUMA node 0 fails", mpol_bind(1), 0x0f, "policy-not-covered" },
	{ "the node set is covered by the NUMA nodes reachable from that cpuset", mpol_bind(0), 0x0f, NULL },
	{ "covered means every node of the set", mpol_interleave(0, 1), 0x0f, "policy-not-covered" },
	{ "validated when a cgroup has a cpuset, only then", mpol_bind(1), 0, NULL },
	{ "Default skips validation", mpol_default(), 0x0f, NULL },
	{ "Local skips validation", mpol_local(), 0x0f, NULL },
	{ "the example: node0 on the CPUs of node 0", mpol_bind(0), 0x0f, NULL },
	{ "the example: node1 on the CPUs of node 1", mpol_bind(1), 0xf0, NULL },
};
/* clang-format on */

static bool is_among(const struct mpol_finding *f, int n, const char *rule)
{
	for (int i = 0; rule && i < n; i++)
		if (STREQ(f[i].error.rule->id, rule))
			return true;
	return false;
}

TEST(policies_are_refused_and_warned_of_as_stated)
{
	for (size_t i = 0; i < ELEMENTSOF(kernels); i++) {
		struct mpol_machine m = machine_of(kernels[i].modes ? kernels[i].modes : ALL_MODES);
		struct mpol_finding f[16] = { 0 };
		int n = (int)mpol_check(&kernels[i].policy, &m, f, ELEMENTSOF(f));

		check_row(i, kernels[i].statement);
		n = MIN(n, (int)ELEMENTSOF(f));
		if (kernels[i].rule)
			CHECK(is_among(f, n, kernels[i].rule));
		else
			CHECK(n == 0 || f[0].severity != MPOL_REFUSED);
		CHECK(!is_among(f, n, kernels[i].not_rule));
	}
}

TEST(cpusets_cover_policies_as_stated)
{
	struct mpol_machine m = machine_of(ALL_MODES);

	for (size_t i = 0; i < ELEMENTSOF(cpusets); i++) {
		struct mpol_cpus cpus = { { cpusets[i].cpus } };
		struct cover_cpuset set = { "cg_0", cpusets[i].cpus ? &cpus : NULL, { { 0 } } };
		struct mpol_error err = { 0 };

		check_row(i, cpusets[i].statement);
		CHECK_EQ(cover_check(&cpusets[i].policy, &set, &m, &err),
			 cpusets[i].rule ? -EINVAL : 0);
		CHECK_STR(err.rule ? err.rule->id : NULL, cpusets[i].rule);
	}
}

TEST(constructors_take_any_set)
{
	static const unsigned array[] = { 0, 1 };
	struct mpol_nodeset a, b, c, literal = MPOL_NODES(0, 1);

	CHECK_EQ(mpol_nodes_from(array, 2, &a, NULL), 0);
	CHECK_EQ(mpol_nodes_range(0, 1, &b, NULL), 0);
	CHECK_EQ(mpol_nodes_parse("0-1", &c, NULL), 0);
	CHECK(mpol_nodes_equal(&a, &literal) && mpol_nodes_equal(&b, &literal) &&
	      mpol_nodes_equal(&c, &literal));
}
