/* SPDX-License-Identifier: MIT */
/*
 * What a change of the cpuset makes of a policy that is in force: mpol_rebind_policy() and what it
 * calls. The task's cpuset, its mems, and the nodes of the policy are sets of nodes; "the i-th"
 * counts from the lowest.
 */
#include "model/rebind.h"

static int nth(const struct mpol_nodeset *s, unsigned n)
{
	int node = mpol_nodes_next(s, 0);

	for (; n > 0 && node >= 0; n--)
		node = mpol_nodes_next(s, (unsigned)node + 1);
	return node;
}

/* How many nodes of s are below node. */
static unsigned position(const struct mpol_nodeset *s, unsigned node)
{
	unsigned n = 0;

	for (int i = mpol_nodes_next(s, 0); i >= 0 && (unsigned)i < node;
	     i = mpol_nodes_next(s, (unsigned)i + 1))
		n++;
	return n;
}

struct mpol_nodeset nodes_relative(const struct mpol_nodeset *set, const struct mpol_nodeset *onto)
{
	struct mpol_nodeset result = { { 0 } };
	unsigned n = mpol_nodes_count(onto);

	if (n == 0)
		return result;
	for (int b = mpol_nodes_next(set, 0); b >= 0; b = mpol_nodes_next(set, (unsigned)b + 1))
		mpol_nodes_add(&result, (unsigned)nth(onto, (unsigned)b % n));
	return result;
}

struct mpol_nodeset nodes_remap(const struct mpol_nodeset *set, const struct mpol_nodeset *from,
				const struct mpol_nodeset *to)
{
	struct mpol_nodeset result = { { 0 } };
	unsigned n = mpol_nodes_count(to);

	for (int b = mpol_nodes_next(set, 0); b >= 0; b = mpol_nodes_next(set, (unsigned)b + 1)) {
		unsigned node = (unsigned)b;

		if (n > 0 && mpol_nodes_has(from, node))
			node = (unsigned)nth(to, position(from, node) % n);
		mpol_nodes_add(&result, node);
	}
	return result;
}

bool keeps_user_nodes(unsigned flags, const struct mpol_kernel *k)
{
	unsigned keeping = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES;

	if (k->balancing_keeps_user_nodes)
		keeping |= MPOL_FLAG_NUMA_BALANCING;
	return flags & keeping;
}

/* mpol_rebind_nodemask(): BIND, INTERLEAVE, WEIGHTED_INTERLEAVE. */
static void rebind_nodes(struct mpol_kept *kept, const struct mpol_nodeset *mems)
{
	struct mpol_nodeset nodes;

	if (kept->flags & MPOL_FLAG_STATIC_NODES) {
		nodes = mpol_nodes_and(&kept->saved, mems);
	} else if (kept->flags & MPOL_FLAG_RELATIVE_NODES) {
		nodes = nodes_relative(&kept->saved, mems);
	} else {
		/* With NUMA_BALANCING saved may be the nodes as given, where the old cpuset is
		 * expected: from the wrong base. */
		nodes = nodes_remap(&kept->nodes, &kept->saved, mems);
		kept->saved = *mems;
	}
	kept->nodes = mpol_nodes_empty(&nodes) ? *mems : nodes;
}

static struct mpol_nodeset only(int node)
{
	struct mpol_nodeset s = { { 0 } };

	if (node >= 0)
		mpol_nodes_add(&s, (unsigned)node);
	return s;
}

/* mpol_rebind_preferred() before Linux 5.14, with its MPOL_F_LOCAL. */
static void rebind_preferred_node(struct mpol_kept *kept, const struct mpol_nodeset *mems)
{
	struct mpol_nodeset nodes;

	if (kept->flags & MPOL_FLAG_STATIC_NODES) {
		int lowest = mpol_nodes_next(&kept->saved, 0);

		/* The lowest as given, which need not be the one that was in force. */
		kept->local = lowest < 0 || !mpol_nodes_has(mems, (unsigned)lowest);
		kept->nodes = kept->local ? kept->nodes : only(lowest);
	} else if (kept->flags & MPOL_FLAG_RELATIVE_NODES) {
		nodes = nodes_relative(&kept->saved, mems);
		kept->nodes = only(mpol_nodes_next(&nodes, 0));
	} else if (!kept->local) {
		kept->nodes = nodes_remap(&kept->nodes, &kept->saved, mems);
		kept->saved = *mems;
	}
}

/* mpol_rebind_policy() */
void mpol_kept_move(struct mpol_kept *kept, const struct mpol_kernel *kernel,
		    const struct mpol_nodeset *mems)
{
	const struct mpol_kernel *k = kernel && kernel->known ? kernel : kernel_newest();

	if (!keeps_user_nodes(kept->flags, k) && !kept->local &&
	    mpol_nodes_equal(&kept->saved, mems))
		return;
	switch (kept->mode) {
	case MPOL_MODE_DEFAULT:
	case MPOL_MODE_LOCAL:
	case MPOL_N_MODES:
		return;
	case MPOL_MODE_BIND:
	case MPOL_MODE_INTERLEAVE:
	case MPOL_MODE_WEIGHTED_INTERLEAVE:
		rebind_nodes(kept, mems);
		return;
	case MPOL_MODE_PREFERRED:
		if (!k->local_is_a_mode) {
			rebind_preferred_node(kept, mems);
			return;
		}
		break;
	case MPOL_MODE_PREFERRED_MANY:
		break;
	}
	/* mpol_rebind_preferred() since Linux 5.14: the nodes stay, and what was saved is
	 * overwritten. */
	kept->saved = *mems;
}
