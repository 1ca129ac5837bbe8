/* SPDX-License-Identifier: MIT */
/*
 * What set_mempolicy(2) refuses: one row per rule, in the order in which the kernel asks. The
 * kernel answers EINVAL to all of them; the rows tell them apart.
 */
#include <errno.h>
#include <stdio.h>

#include "base/macros.h"
#include "model/question.h"
#include "model/words.h"

static bool known_mode(const struct question *q)
{
	return q->mode >= 0 && q->mode < MPOL_N_MODES;
}

static bool both_node_flags(const struct question *q)
{
	return (q->flags & MPOL_FLAG_STATIC_NODES) && (q->flags & MPOL_FLAG_RELATIVE_NODES);
}

static bool any_node_flag(const struct question *q)
{
	return q->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES);
}

static bool balancing(const struct question *q)
{
	return q->flags & q->kernel.flags & MPOL_FLAG_NUMA_BALANCING;
}

/* sanitize_mpol_flags(): what is left without the flags must be below MPOL_MAX, compared as
 * unsigned. */
static bool unknown_mode(const struct question *q)
{
	return !known_mode(q);
}
static void describe_unknown_mode(const struct question *q, struct mpol_error *err)
{
	int asked = (int)((unsigned)q->mode | q->flags);

	words_what(err, "mode %d (0x%x) is none", asked, (unsigned)asked);
}

static bool mode_too_new(const struct question *q)
{
	return known_mode(q) && !(q->kernel.modes >> q->mode & 1);
}
static void describe_mode_too_new(const struct question *q, struct mpol_error *err)
{
	bool many = q->mode == MPOL_MODE_PREFERRED_MANY;
	char nodes[WORDS_LIST];

	words_what(err, "kernel %s does not know %s, which came with Linux %s",
		   words_kernel(&q->kernel), words_mode(q->mode), many ? "5.15" : "6.9");
	if (mpol_nodes_empty(&q->nodes))
		return;
	words_hint(err,
		   many ? "use preferred with the one node that matters most, or interleave:%s"
			: "use interleave:%s, or Linux 6.9 or newer",
		   words_list(&q->nodes, nodes));
}

/* To a kernel that does not know the flag its bit is part of the mode number. */
static bool balancing_too_new(const struct question *q)
{
	return q->flags & ~q->kernel.flags & MPOL_FLAG_NUMA_BALANCING;
}
static void describe_balancing_too_new(const struct question *q, struct mpol_error *err)
{
	char text[WORDS_POLICY];

	words_what(err, "kernel %s does not know NUMA_BALANCING, which came with Linux 5.12",
		   words_kernel(&q->kernel));
	words_hint(err, "use %s, or Linux 5.12 or newer",
		   words_policy(q->mode, q->flags & ~(unsigned)MPOL_FLAG_NUMA_BALANCING, &q->nodes,
				text));
}

static bool static_and_relative(const struct question *q)
{
	return both_node_flags(q);
}
static void describe_static_and_relative(const struct question *q, struct mpol_error *err)
{
	char as_static[WORDS_POLICY], as_relative[WORDS_POLICY];
	unsigned others = q->flags & MPOL_FLAG_NUMA_BALANCING;

	words_what(err, "STATIC_NODES and RELATIVE_NODES are both set");
	words_hint(
		err, "use %s for node numbers, or %s for positions within the cpuset",
		words_policy(q->mode, MPOL_FLAG_STATIC_NODES | others, &q->nodes, as_static),
		words_policy(q->mode, MPOL_FLAG_RELATIVE_NODES | others, &q->nodes, as_relative));
}

static bool balancing_without_bind(const struct question *q)
{
	return balancing(q) && known_mode(q) && q->mode != MPOL_MODE_BIND &&
	       q->mode != MPOL_MODE_PREFERRED_MANY;
}
static void describe_balancing(const struct question *q, struct mpol_error *err)
{
	char bound[WORDS_POLICY], without[WORDS_POLICY];
	unsigned others = q->flags & ~(unsigned)MPOL_FLAG_NUMA_BALANCING;

	words_what(err, "NUMA_BALANCING is set with %s", words_mode(q->mode));
	if (mpol_nodes_empty(&q->nodes) || !question_mode_has_nodes(q))
		words_hint(err, "leave NUMA_BALANCING out: %s",
			   words_policy(q->mode, others, &q->nodes, without));
	else
		words_hint(err, "use %s, or leave NUMA_BALANCING out: %s",
			   words_policy(MPOL_MODE_BIND, q->flags, &q->nodes, bound),
			   words_policy(q->mode, others, &q->nodes, without));
}

static bool balancing_with_preferred_many(const struct question *q)
{
	return balancing(q) && q->mode == MPOL_MODE_PREFERRED_MANY &&
	       !q->kernel.balancing_with_preferred_many;
}
static void describe_balancing_with_preferred_many(const struct question *q, struct mpol_error *err)
{
	describe_balancing(q, err);
	words_what(err, "kernel %s takes NUMA_BALANCING with bind only, not with preferred-many",
		   words_kernel(&q->kernel));
}

static bool mask_too_long(const struct question *q)
{
	return q->too_long;
}
static void describe_mask_too_long(const struct question *q, struct mpol_error *err)
{
	(void)q;
	words_what(err, "the node mask has more than %d bits", QUESTION_LONGEST_MASK);
}

static bool node_too_high(const struct question *q)
{
	return q->too_high >= 0;
}
static void describe_node_too_high(const struct question *q, struct mpol_error *err)
{
	words_what(err, "node %d is above %d, the highest there can be", q->too_high,
		   MPOL_MAX_NODES - 1);
}

static bool mask_unreadable(const struct question *q)
{
	return q->unreadable;
}
static void describe_mask_unreadable(const struct question *q, struct mpol_error *err)
{
	(void)q;
	words_what(err, "the node mask ends before maxnode does");
}

static bool default_with_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_DEFAULT && !mpol_nodes_empty(&q->nodes);
}
static bool local_with_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_LOCAL && !mpol_nodes_empty(&q->nodes);
}
static void describe_unwanted_nodes(const struct question *q, struct mpol_error *err)
{
	char nodes[WORDS_LIST];

	words_what(err, "%s is given the nodes %s", words_mode(q->mode),
		   words_list(&q->nodes, nodes));
	words_hint(err, "use %s, or a mode with nodes: %s:%s", words_mode(q->mode),
		   mpol_nodes_count(&q->nodes) == 1 ? "preferred" : "bind",
		   words_list(&q->nodes, nodes));
}

static bool local_with_flags(const struct question *q)
{
	return q->mode == MPOL_MODE_LOCAL && any_node_flag(q);
}
static bool empty_preferred_with_flags(const struct question *q)
{
	return q->mode == MPOL_MODE_PREFERRED && question_without_nodes(q) && any_node_flag(q);
}
static void describe_unwanted_flags(const struct question *q, struct mpol_error *err)
{
	words_what(err, "%s%s is given %s", words_mode(q->mode),
		   q->mode == MPOL_MODE_PREFERRED ? " without nodes" : "", words_flags(q->flags));
	if (q->mode == MPOL_MODE_LOCAL)
		words_hint(err, "use local");
}

static bool bind_without_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_BIND && question_without_nodes(q);
}
static bool interleave_without_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_INTERLEAVE && question_without_nodes(q);
}
static bool preferred_many_without_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_PREFERRED_MANY && question_without_nodes(q);
}
static bool weighted_interleave_without_nodes(const struct question *q)
{
	return q->mode == MPOL_MODE_WEIGHTED_INTERLEAVE && question_without_nodes(q);
}
static void describe_missing_nodes(const struct question *q, struct mpol_error *err)
{
	char nodes[WORDS_LIST];

	words_what(err, "%s has no nodes", words_mode(q->mode));
	if (q->situated)
		words_hint(err, "name the nodes: %s:%s are those this task may use",
			   words_mode(q->mode), words_list(&q->allowed, nodes));
}

/* mpol_set_nodemask() keeps the usable ones; mpol_new_nodemask() and mpol_new_preferred() refuse
 * none. */
static bool no_usable_node(const struct question *q)
{
	return q->situated && question_mode_has_nodes(q) && !mpol_nodes_empty(&q->nodes) &&
	       mpol_nodes_empty(&q->usable);
}
static void describe_no_usable_node(const struct question *q, struct mpol_error *err)
{
	char text[WORDS_POLICY], why[128];
	unsigned one = mpol_nodes_count(&q->nodes) == 1;

	words_what(err, "%s usable: %s", one ? "the node is not" : "none of the nodes is",
		   words_why_unusable(q, &q->nodes, why));
	words_hint(err, "use %s, the nodes this task may use",
		   words_policy(q->mode, q->flags, &q->allowed, text));
}

const struct refusal kernel_refusals[] = {
	{ RULE_UNKNOWN_MODE, unknown_mode, "mode", describe_unknown_mode },
	{ RULE_MODE_TOO_NEW, mode_too_new, "mode", describe_mode_too_new },
	{ RULE_BALANCING_TOO_NEW, balancing_too_new, "flags", describe_balancing_too_new },
	{ RULE_STATIC_EXCLUDES_RELATIVE, static_and_relative, "flags",
	  describe_static_and_relative },
	{ RULE_BALANCING_NEEDS_BIND, balancing_without_bind, "flags", describe_balancing },
	{ RULE_BALANCING_WITH_PREFERRED_MANY, balancing_with_preferred_many, "flags",
	  describe_balancing_with_preferred_many },
	{ RULE_MASK_TOO_LONG, mask_too_long, "nodes", describe_mask_too_long },
	{ RULE_NODE_TOO_HIGH, node_too_high, "nodes", describe_node_too_high },
	{ RULE_MASK_UNREADABLE, mask_unreadable, "nodes", describe_mask_unreadable },
	{ RULE_DEFAULT_TAKES_NO_NODES, default_with_nodes, "nodes", describe_unwanted_nodes },
	{ RULE_LOCAL_TAKES_NO_NODES, local_with_nodes, "nodes", describe_unwanted_nodes },
	{ RULE_LOCAL_TAKES_NO_FLAGS, local_with_flags, "flags", describe_unwanted_flags },
	{ RULE_EMPTY_PREFERRED_TAKES_NO_FLAGS, empty_preferred_with_flags, "flags",
	  describe_unwanted_flags },
	{ RULE_BIND_NEEDS_NODES, bind_without_nodes, "nodes", describe_missing_nodes },
	{ RULE_INTERLEAVE_NEEDS_NODES, interleave_without_nodes, "nodes", describe_missing_nodes },
	{ RULE_PREFERRED_MANY_NEEDS_NODES, preferred_many_without_nodes, "nodes",
	  describe_missing_nodes },
	{ RULE_WEIGHTED_INTERLEAVE_NEEDS_NODES, weighted_interleave_without_nodes, "nodes",
	  describe_missing_nodes },
	{ RULE_NO_USABLE_NODE, no_usable_node, "nodes", describe_no_usable_node },
};
const size_t n_kernel_refusals = ELEMENTSOF(kernel_refusals);
