/* SPDX-License-Identifier: MIT */
/* Questions to a placement that was read before: pure; see mpol/placement.h. */
#include <mpol/placement.h>

#include "base/macros.h"

const char *mpol_page_kind_name(enum mpol_page_kind kind)
{
	static const char *const names[MPOL_N_PAGE_KINDS] = {
		[MPOL_PAGE_ANON] = "anon",
		[MPOL_PAGE_FILE] = "file",
		[MPOL_PAGE_SHARED] = "shared",
		[MPOL_PAGE_HUGE] = "huge",
	};

	return names[kind];
}

static uint64_t node_bytes(const struct mpol_placement *p, unsigned node)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
		sum += p->bytes[k][node];
	return sum;
}

uint64_t mpol_placement_on(const struct mpol_placement *p, const struct mpol_nodeset *set)
{
	uint64_t sum = 0;

	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		if (!set || mpol_nodes_has(set, n))
			sum += node_bytes(p, n);
	return sum;
}

uint64_t mpol_placement_own_on(const struct mpol_placement *p, const struct mpol_nodeset *set)
{
	uint64_t sum = 0;

	for (unsigned n = 0; p->own_known && n < MPOL_MAX_NODES; n++)
		if (!set || mpol_nodes_has(set, n))
			sum += p->own[n];
	return sum;
}

struct mpol_nodeset mpol_placement_nodes(const struct mpol_placement *p)
{
	struct mpol_nodeset s = { { 0 } };

	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		if (node_bytes(p, n))
			mpol_nodes_add(&s, n);
	return s;
}

static bool share(uint64_t part, uint64_t whole, double *ret)
{
	if (whole == 0)
		return false;
	*ret = (double)part / (double)whole;
	return true;
}

bool mpol_placement_locality(const struct mpol_placement *p, const struct mpol_nodeset *nodes,
			     double *ret)
{
	return p->known && share(mpol_placement_on(p, nodes), mpol_placement_on(p, NULL), ret);
}

bool mpol_placement_own_locality(const struct mpol_placement *p, const struct mpol_nodeset *nodes,
				 double *ret)
{
	return p->own_known &&
	       share(mpol_placement_own_on(p, nodes), mpol_placement_own_on(p, NULL), ret);
}

void mpol_placement_add(struct mpol_placement *into, const struct mpol_placement *add)
{
	for (unsigned n = 0; n < MPOL_MAX_NODES; n++) {
		for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
			into->bytes[k][n] += add->bytes[k][n];
		into->own[n] += add->own[n];
	}
	into->unattributed += add->unattributed;
	/* One part that is not known makes the sum unknown, whatever the order they are added in.
	 */
	into->unknown_parts += add->known ? 0 : MAX(add->unknown_parts, 1u);
	into->unknown_own_parts += add->own_known ? 0 : MAX(add->unknown_own_parts, 1u);
	into->known = into->unknown_parts == 0;
	into->own_known = into->unknown_own_parts == 0;
}
