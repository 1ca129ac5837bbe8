/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <mpol/policy.h>

#include "base/macros.h"
#include "check.h"

TEST(literals_and_parsed_sets_are_equal)
{
	struct mpol_nodeset literal = MPOL_NODES(0, 1, 2, 3, 7), parsed, ranged;

	CHECK_EQ(mpol_nodes_parse("0-3,7", &parsed, NULL), 0);
	CHECK(mpol_nodes_equal(&literal, &parsed));
	CHECK_EQ(mpol_nodes_range(0, 3, &ranged, NULL), 0);
	CHECK(mpol_nodes_subset(&ranged, &literal));
	CHECK(!mpol_nodes_subset(&literal, &ranged));
	CHECK_EQ(mpol_nodes_count(&literal), 5);
	CHECK_EQ(mpol_nodes_last(&literal), 7);
}

TEST(sets_built_at_run_time_are_checked)
{
	const unsigned good[] = { 5, 1023 }, bad[] = { 1, 1024 };
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;

	CHECK_EQ(mpol_nodes_from(good, 2, &s, &err), 0);
	CHECK_EQ(mpol_nodes_last(&s), 1023);
	CHECK_EQ(mpol_nodes_next(&s, 6), 1023);
	CHECK_EQ(mpol_nodes_from(bad, 2, &s, &err), -EINVAL);
	CHECK_HAS(err.what, "node 1024");
	CHECK_EQ(mpol_nodes_range(3, 1, &s, &err), -EINVAL);
	CHECK_HAS(err.what, "3-1");
	CHECK_EQ(mpol_nodes_range(0, 1024, &s, &err), -EINVAL);
}

/* What a policy refers to: the seed's node_set(). */
static const struct {
	const char *name;
	struct mpol_policy policy;
	struct mpol_nodeset nodes;
} policies[] = {
	{ "default has none", mpol_default(), { { 0 } } },
	{ "local has none", mpol_local(), { { 0 } } },
	{ "default with nodes has none",
	  mpol_policy(MPOL_MODE_DEFAULT, .nodes = MPOL_NODES(1)),
	  { { 0 } } },
	{ "preferred has one", mpol_preferred(3), MPOL_NODES(3) },
	{ "preferred with several has the lowest",
	  mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(2, 5)), MPOL_NODES(2) },
	{ "preferred without nodes has none", mpol_policy(MPOL_MODE_PREFERRED), { { 0 } } },
	{ "bind", mpol_bind(0, 1), MPOL_NODES(0, 1) },
	{ "interleave", mpol_interleave(0, 63), MPOL_NODES(0, 63) },
	{ "preferred-many", mpol_preferred_many(1, 2), MPOL_NODES(1, 2) },
	{ "weighted interleave", mpol_weighted_interleave(0, 1), MPOL_NODES(0, 1) },
};

TEST(a_policy_refers_to_its_nodes)
{
	for (size_t i = 0; i < ELEMENTSOF(policies); i++) {
		struct mpol_nodeset nodes = mpol_policy_nodes(&policies[i].policy);

		check_row(i, policies[i].name);
		CHECK(mpol_nodes_equal(&nodes, &policies[i].nodes));
	}
}
