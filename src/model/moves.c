/* SPDX-License-Identifier: MIT */
/* What a change of the cpuset did to a policy, in words: one row per rule. The change itself is in
 * rebind.c. */
#include "base/macros.h"
#include "model/moves.h"
#include "model/rebind.h"
#include "model/words.h"

struct move {
	const struct mpol_kept *before, *after;
	const struct mpol_kernel *kernel;
	const struct mpol_nodeset *from, *to;
};

static bool is_preferred(const struct move *m)
{
	return m->before->mode == MPOL_MODE_PREFERRED ||
	       m->before->mode == MPOL_MODE_PREFERRED_MANY;
}

static bool has_node_flag(const struct move *m)
{
	return m->before->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES);
}

static bool changed(const struct move *m)
{
	return !mpol_nodes_equal(&m->before->nodes, &m->after->nodes);
}

static bool stays_whatever_the_cpuset(const struct move *m)
{
	return is_preferred(m) && m->kernel->local_is_a_mode;
}

/* What a kernel without the defect would have made of it. */
static bool wrong_base(const struct move *m)
{
	struct mpol_nodeset right;

	if (m->before->flags != MPOL_FLAG_NUMA_BALANCING ||
	    !m->kernel->balancing_keeps_user_nodes || is_preferred(m))
		return false;
	right = nodes_remap(&m->before->nodes, m->from, m->to);
	return !mpol_nodes_equal(&right, &m->after->nodes);
}
static void describe_wrong_base(const struct move *m, struct mpol_error *err)
{
	struct mpol_nodeset right = nodes_remap(&m->before->nodes, m->from, m->to);
	char now[WORDS_LIST], should[WORDS_LIST];

	words_what(err, "the nodes are %s now, where %s was to be expected",
		   words_list(&m->after->nodes, now), words_list(&right, should));
}

static bool renumbered(const struct move *m)
{
	return !has_node_flag(m) && changed(m) && !wrong_base(m);
}
static void describe_renumbered(const struct move *m, struct mpol_error *err)
{
	char before[WORDS_LIST], after[WORDS_LIST], text[WORDS_POLICY];

	words_what(err, "the nodes %s became %s", words_list(&m->before->nodes, before),
		   words_list(&m->after->nodes, after));
	words_hint(err, "use %s to keep the numbers, or RELATIVE_NODES to keep the positions",
		   words_policy(m->before->mode, m->before->flags | MPOL_FLAG_STATIC_NODES,
				&m->before->nodes, text));
}

static bool static_widened(const struct move *m)
{
	struct mpol_nodeset left = mpol_nodes_and(&m->before->saved, m->to);

	return m->before->flags & MPOL_FLAG_STATIC_NODES && !is_preferred(m) &&
	       mpol_nodes_empty(&left);
}
static void describe_static_widened(const struct move *m, struct mpol_error *err)
{
	char given[WORDS_LIST], now[WORDS_LIST];

	words_what(err, "none of the nodes %s is allowed any more: the policy applies to %s",
		   words_list(&m->before->saved, given), words_list(&m->after->nodes, now));
}

static bool preferred_outside(const struct move *m)
{
	return stays_whatever_the_cpuset(m) && !mpol_nodes_subset(&m->after->nodes, m->to);
}
static void describe_preferred_outside(const struct move *m, struct mpol_error *err)
{
	struct mpol_nodeset outside = mpol_nodes_minus(&m->after->nodes, m->to);
	char list[WORDS_LIST], mems[WORDS_LIST];

	words_what(err, "of the preferred nodes %s is outside the cpuset; pages come from %s",
		   words_list(&outside, list), words_list(m->to, mems));
}

static bool preferred_became_local(const struct move *m)
{
	return m->after->local && m->before->flags & MPOL_FLAG_STATIC_NODES;
}
static void describe_preferred_became_local(const struct move *m, struct mpol_error *err)
{
	char list[WORDS_LIST];

	words_what(err,
		   "the preferred node %s is not allowed any more: the policy is local until it "
		   "returns",
		   words_list(&m->before->nodes, list));
}

static bool readback_overwritten(const struct move *m)
{
	return stays_whatever_the_cpuset(m) && keeps_user_nodes(m->before->flags, m->kernel) &&
	       !mpol_nodes_equal(&m->before->saved, &m->after->saved);
}
static void describe_readback_overwritten(const struct move *m, struct mpol_error *err)
{
	char list[WORDS_LIST], nodes[WORDS_LIST];

	words_what(err, "get_mempolicy(2) now answers the nodes %s, the cpuset's; in force is %s",
		   words_list(&m->after->saved, list), words_list(&m->after->nodes, nodes));
}

static const struct {
	enum policy_rule rule;
	enum mpol_severity severity;
	bool (*applies)(const struct move *m);
	void (*describe)(const struct move *m, struct mpol_error *err);
} rows[] = {
	{ RULE_BALANCING_WRONG_BASE, MPOL_WARNING, wrong_base, describe_wrong_base },
	{ RULE_RENUMBERED, MPOL_WARNING, renumbered, describe_renumbered },
	{ RULE_STATIC_WIDENED, MPOL_WARNING, static_widened, describe_static_widened },
	{ RULE_PREFERRED_OUTSIDE, MPOL_WARNING, preferred_outside, describe_preferred_outside },
	{ RULE_PREFERRED_BECAME_LOCAL, MPOL_WARNING, preferred_became_local,
	  describe_preferred_became_local },
	{ RULE_READBACK_OVERWRITTEN, MPOL_NOTE, readback_overwritten,
	  describe_readback_overwritten },
};

size_t move_check(const struct mpol_kept *before, const struct mpol_kept *after,
		  const struct mpol_kernel *kernel, const struct mpol_nodeset *from,
		  const struct mpol_nodeset *to, struct mpol_finding *out, size_t max)
{
	const struct move m = { before, after, kernel && kernel->known ? kernel : kernel_newest(),
				from, to };
	size_t n = 0;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		if (!rows[i].applies(&m))
			continue;
		if (n < max) {
			out[n].severity = rows[i].severity;
			words_begin(&out[n].error, &policy_rules[rows[i].rule], "nodes");
			rows[i].describe(&m, &out[n].error);
		}
		n++;
	}
	return n;
}
