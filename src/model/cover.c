/* SPDX-License-Identifier: MIT */
/* The coverage rule; see cover.h. Pure: a policy, a cpuset and a machine that is already known. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/cover.h"

/* Lists in messages are cut after so many bytes. */
#define LIST_TEXT 64

#define OR_INTENDED "or add MPOL_FLAG_STATIC_NODES to say that it is intended."

static const struct mpol_rule not_covered = {
	.id = "policy-not-covered",
	.errnum = EINVAL,
	.why = "Workers run on the CPUs of their cgroup; a policy for other nodes is more often a "
	       "mistake than "
	       "meant.",
	.hint = "widen the cpuset, name memory-only nodes in the mems, or add "
		"MPOL_FLAG_STATIC_NODES to say that it is intended.",
};

static const struct mpol_rule outside_mems = {
	.id = "policy-outside-mems",
	.errnum = EINVAL,
	.why = "The kernel drops nodes outside the cpuset's mems from a policy, without a word "
	       "while one is left.",
	.hint = "add the nodes to the mems, or take them out of the policy.",
	.source = "cpuset(7); mm/mempolicy.c mpol_set_nodemask()",
};

static const struct mpol_rule node_absent = {
	.id = "policy-node-absent",
	.errnum = EINVAL,
	.why = "No page can ever be on a node that is not there or has no memory, and the kernel "
	       "drops it silently.",
	.hint = "use nodes that have memory.",
	.source = "mm/mempolicy.c mpol_set_nodemask()",
};

struct list_text {
	char text[LIST_TEXT];
};

static struct list_text cut_list(const char *noun, const char *list)
{
	struct list_text t;

	(void)snprintf(t.text, sizeof(t.text), "%s %.40s%s", noun, list,
		       strlen(list) > 40 ? "…" : "");
	return t;
}

/* "node 1", "nodes 0-3"; what is too long ends in an ellipsis. */
static struct list_text nodes_text(const struct mpol_nodeset *s)
{
	char list[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(s, list, sizeof(list));
	return cut_list(mpol_nodes_count(s) == 1 ? "node" : "nodes", list);
}

static struct list_text cpus_text(const struct mpol_cpus *s)
{
	char list[MPOL_CPUS_TEXT];

	(void)mpol_cpus_print(s, list, sizeof(list));
	return cut_list(mpol_cpus_count(s) == 1 ? "CPU" : "CPUs", list);
}

static int check_present(const struct mpol_nodeset *nodes, const char *where,
			 const struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_nodeset absent = mpol_nodes_minus(nodes, &m->with_memory);

	if (mpol_nodes_empty(&absent))
		return 0;
	mpol_fail(err, &node_absent, where, "the policy names %s; memory is on %s",
		  nodes_text(&absent).text, nodes_text(&m->with_memory).text);
	return mpol_hint(err, "use nodes within %s.", nodes_text(&m->with_memory).text);
}

static int check_mems(const struct mpol_nodeset *nodes, const struct mpol_nodeset *mems,
		      const char *where, struct mpol_error *err)
{
	struct mpol_nodeset outside = mpol_nodes_minus(nodes, mems);

	if (mpol_nodes_empty(&outside))
		return 0;
	return mpol_fail(err, &outside_mems, where, "the policy names %s; the mems are %s",
			 nodes_text(&outside).text, nodes_text(mems).text);
}

/* CPUs cannot cover what has none: there the mems must say it. */
static int hint_to_cover(const struct mpol_nodeset *uncovered, const struct mpol_machine *m,
			 struct mpol_error *err)
{
	struct mpol_nodeset memory_only = mpol_machine_memory_only(m);
	struct mpol_nodeset with_cpus = mpol_nodes_minus(uncovered, &memory_only);

	memory_only = mpol_nodes_and(uncovered, &memory_only);
	if (mpol_nodes_empty(&memory_only))
		return mpol_hint(err, "widen the cpuset to %s, " OR_INTENDED,
				 nodes_text(&with_cpus).text);
	if (mpol_nodes_empty(&with_cpus))
		return mpol_hint(err, "name %s (no CPUs) in the mems, " OR_INTENDED,
				 nodes_text(&memory_only).text);
	return mpol_hint(err,
			 "widen the cpuset to %s and name %s (no CPUs) in the mems, " OR_INTENDED,
			 nodes_text(&with_cpus).text, nodes_text(&memory_only).text);
}

/* By the CPUs, or, for memory-only nodes, by the mems that the cgroup names itself. */
static int check_covered(const struct mpol_nodeset *nodes, const struct cover_cpuset *cpuset,
			 const char *where, const struct mpol_machine *m, struct mpol_error *err)
{
	const struct mpol_cpus *cpus = cpuset->cpus ? cpuset->cpus : &m->cpus_allowed;
	struct mpol_nodeset by_cpus = mpol_machine_nodes_of_cpus(m, cpus);
	struct mpol_nodeset by_mems = mpol_machine_memory_only(m);
	struct mpol_nodeset covered, uncovered;

	by_mems = mpol_nodes_and(&by_mems, &cpuset->mems);
	covered = mpol_nodes_or(&by_cpus, &by_mems);
	uncovered = mpol_nodes_minus(nodes, &covered);
	if (mpol_nodes_empty(&uncovered))
		return 0;
	mpol_fail(err, &not_covered, where, "the policy names %s; the cgroup's %s %s %s",
		  nodes_text(&uncovered).text, cpus_text(cpus).text,
		  mpol_cpus_count(cpus) == 1 ? "covers" : "cover", nodes_text(&covered).text);
	return hint_to_cover(&uncovered, m, err);
}

int cover_check(const struct mpol_policy *p, const struct cover_cpuset *cpuset,
		const struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_nodeset nodes = mpol_policy_nodes(p);
	bool has_mems = !mpol_nodes_empty(&cpuset->mems);
	char where[sizeof(err->where)];
	int r;

	if (mpol_nodes_empty(&nodes) || p->flags & MPOL_FLAG_RELATIVE_NODES ||
	    (!cpuset->cpus && !has_mems))
		return 0;
	(void)snprintf(where, sizeof(where), "cgroup %.80s", cpuset->cgroup);
	r = check_present(&nodes, where, m, err);
	if (r < 0)
		return r;
	if (!(p->flags & MPOL_FLAG_STATIC_NODES)) {
		r = check_covered(&nodes, cpuset, where, m, err);
		if (r < 0)
			return r;
	}
	return check_mems(&nodes, has_mems ? &cpuset->mems : &m->mems_allowed, where, err);
}
