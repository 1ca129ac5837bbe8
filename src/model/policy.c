/* SPDX-License-Identifier: MIT */
/* A policy as a value; see mpol/policy.h. */
#include <mpol/policy.h>

bool mpol_policy_equal(const struct mpol_policy *a, const struct mpol_policy *b)
{
	return a->mode == b->mode && a->flags == b->flags && mpol_nodes_equal(&a->nodes, &b->nodes);
}

struct mpol_nodeset mpol_policy_nodes(const struct mpol_policy *p)
{
	struct mpol_nodeset none = { { 0 } }, one = { { 0 } };
	int lowest;

	switch (p->mode) {
	case MPOL_MODE_DEFAULT:
	case MPOL_MODE_LOCAL:
		return none;
	case MPOL_MODE_PREFERRED:
		lowest = mpol_nodes_next(&p->nodes, 0);
		if (lowest >= 0)
			mpol_nodes_add(&one, (unsigned)lowest);
		return one;
	case MPOL_MODE_BIND:
	case MPOL_MODE_INTERLEAVE:
	case MPOL_MODE_PREFERRED_MANY:
	case MPOL_MODE_WEIGHTED_INTERLEAVE:
	case MPOL_N_MODES:
		break;
	}
	return p->nodes;
}
