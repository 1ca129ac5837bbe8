/* SPDX-License-Identifier: MIT */
/*
 * What a node expression means on a machine: "all" becomes 0-1. Pure; devices have been looked up
 * before. The *allowed* nodes are those with memory that the task asked about may use.
 */
#include <errno.h>

#include "model/nodes-expr.h"

static const struct mpol_rule rule_empty = {
	"nodes-none-here",
	EINVAL,
	"Sets like all, cpu or !2 are taken from the nodes with memory that the task may use; here "
	"none of them is meant.",
	"`mpol machine` shows nodes, CPUs and distances; name the nodes by number",
	"mpol-policy(7)",
	NULL,
};
static const struct mpol_rule rule_position = {
	"nodes-position",
	EINVAL,
	"\"+\" counts positions among the nodes that the task may use, from 0.",
	NULL,
	"numa(3) numa_parse_nodestring()",
	NULL,
};
static const struct mpol_rule rule_same = {
	"nodes-same-needs-previous",
	EINVAL,
	"\"same\" stands for the previous node list of the same command line.",
	"name the nodes in the first list",
	"numactl(8)",
	NULL,
};
static const struct mpol_rule rule_distances = {
	"nodes-distances-unknown",
	EINVAL,
	"dist<=N asks for the distances between nodes, which the machine does not tell.",
	"name the nodes by number",
	"Documentation/ABI/stable/sysfs-devices-node distance",
	NULL,
};

const struct mpol_rule *const nodes_meant_rules[] = {
	&rule_empty, &rule_position, &rule_same, &rule_distances, NULL,
};

static struct mpol_nodeset allowed_nodes(const struct mpol_machine *m)
{
	if (mpol_nodes_empty(&m->with_memory)) /* a kernel without NUMA tells no node's state */
		return m->mems_allowed;
	return mpol_nodes_and(&m->mems_allowed, &m->with_memory);
}

/* At most distance away from one of the nodes from. */
static struct mpol_nodeset near_nodes(const struct mpol_machine *m, const struct mpol_nodeset *from,
				      const struct mpol_nodeset *allowed, unsigned distance)
{
	struct mpol_nodeset s = { { 0 } };

	for (int a = mpol_nodes_next(from, 0); a >= 0; a = mpol_nodes_next(from, (unsigned)a + 1))
		for (int b = mpol_nodes_next(allowed, 0); b >= 0;
		     b = mpol_nodes_next(allowed, (unsigned)b + 1)) {
			unsigned d = mpol_machine_distance(m, (unsigned)a, (unsigned)b);

			if (d && d <= distance)
				mpol_nodes_add(&s, (unsigned)b);
		}
	return s;
}

/* The named sets together. */
static struct mpol_nodeset sets_nodes(const struct mpol_nodes_expr *e, const struct mpol_machine *m,
				      const struct mpol_nodeset *allowed)
{
	struct mpol_nodeset cpu = mpol_machine_nodes_of_cpus(m, &m->cpus_allowed), s = { { 0 } };
	struct mpol_nodeset part;

	if (e->sets & MPOL_SET_ALL)
		s = *allowed;
	if (e->sets & MPOL_SET_CPU) {
		part = mpol_nodes_and(&cpu, allowed);
		s = mpol_nodes_or(&s, &part);
	}
	if (e->sets & MPOL_SET_MEM_ONLY) {
		part = mpol_nodes_minus(allowed, &m->with_cpus);
		s = mpol_nodes_or(&s, &part);
	}
	if (e->sets & MPOL_SET_NEAR) {
		part = near_nodes(m, &cpu, allowed, e->distance);
		s = mpol_nodes_or(&s, &part);
	}
	return s;
}

/* The nodes at the positions. */
static int at_positions(const struct mpol_nodeset *positions, const struct mpol_nodeset *allowed,
			struct mpol_nodeset *ret, struct mpol_error *err)
{
	unsigned n = mpol_nodes_count(allowed), position = 0;
	int last = mpol_nodes_last(positions);

	if (last >= (int)n) {
		(void)mpol_fail(err, &rule_position, "", "there is no position %d among %u node%s",
				last, n, n == 1 ? "" : "s");
		return n ? mpol_hint(err, "count from +0 to +%u", n - 1) : -EINVAL;
	}
	*ret = (struct mpol_nodeset){ { 0 } };
	for (int node = mpol_nodes_next(allowed, 0); node >= 0;
	     node = mpol_nodes_next(allowed, (unsigned)node + 1), position++)
		if (mpol_nodes_has(positions, position))
			mpol_nodes_add(ret, (unsigned)node);
	return 0;
}

/* The nodes without regard to "!". */
static int named_nodes(const struct mpol_nodes_expr *e, const struct mpol_machine *m,
		       const struct mpol_nodeset *device_nodes, const struct mpol_nodeset *allowed,
		       struct mpol_nodeset *ret, struct mpol_error *err)
{
	struct mpol_nodeset sets;

	if (e->relative)
		return at_positions(&e->nodes, allowed, ret, err);
	if (e->sets & MPOL_SET_NEAR && !m->distance)
		return mpol_fail(err, &rule_distances, "",
				 "the distances between nodes are unknown");
	sets = sets_nodes(e, m, allowed);
	*ret = mpol_nodes_or(&e->nodes, &sets);
	if (e->device != MPOL_DEVICE_NONE)
		*ret = mpol_nodes_or(ret, device_nodes);
	return 0;
}

static int nothing_meant(const struct mpol_nodes_expr *e, const struct mpol_nodeset *allowed,
			 struct mpol_error *err)
{
	char text[MPOL_NODES_EXPR_TEXT], list[MPOL_NODES_TEXT];

	(void)mpol_nodes_expr_print(e, text, sizeof(text));
	(void)mpol_nodes_print(allowed, list, sizeof(list));
	return mpol_fail(err, &rule_empty, "", "%.60s names no node here (allowed: %.60s)", text,
			 *list ? list : "none");
}

int nodes_expr_evaluate(const struct mpol_nodes_expr *e, const struct mpol_machine *m,
			const struct mpol_nodeset *previous,
			const struct mpol_nodeset *device_nodes, struct mpol_nodeset *ret,
			struct mpol_error *err)
{
	struct mpol_nodeset allowed = allowed_nodes(m), nodes;
	int r;

	if (mpol_nodes_expr_is_literal(e)) {
		*ret = e->nodes;
		return 0;
	}
	if (e->sets & MPOL_SET_SAME) {
		if (!previous)
			return mpol_fail(err, &rule_same, "",
					 "\"same\" needs a previous node list");
		*ret = *previous;
		return 0;
	}
	r = named_nodes(e, m, device_nodes, &allowed, &nodes, err);
	if (r < 0)
		return r;
	if (e->inverted)
		nodes = mpol_nodes_minus(&allowed, &nodes);
	if (mpol_nodes_empty(&nodes))
		return nothing_meant(e, &allowed, err);
	*ret = nodes;
	return 0;
}
