/* SPDX-License-Identifier: MIT */
#include "base/macros.h"
#include "check.h"
#include "checks/bounds.h"

/* The value of a layer for one metric, and what the merge of all four must give. */
/* clang-format off */
static const struct {
	const char *name;
	struct mpol_bound library, suite, test, cgroup, merged;
	enum bound_layer layer;
} merges[] = {
	{ "nobody says anything", {}, {}, {}, {}, {}, LAYER_NONE },
	{ "the library alone", AT_MOST(0), {}, {}, {}, AT_MOST(0), LAYER_LIBRARY },
	{ "the suite over the library", AT_MOST(0), AT_MOST(1), {}, {}, AT_MOST(1), LAYER_SUITE },
	{ "the test over the suite", {}, AT_LEAST(0.5), AT_LEAST(0.8), {}, AT_LEAST(0.8), LAYER_TEST },
	{ "the cgroup over all", AT_LEAST(0.1), AT_LEAST(0.2), AT_LEAST(0.3), AT_MOST(0.4), AT_MOST(0.4), LAYER_CGROUP },
	{ "switched off is a say", {}, {}, AT_LEAST(0.8), UNCHECKED, UNCHECKED, LAYER_CGROUP },
	{ "switched off, then on again", AT_LEAST(0.8), UNCHECKED, {}, AT_LEAST(0.9), AT_LEAST(0.9), LAYER_CGROUP },
	{ "a bound of zero is a bound", {}, AT_MOST(5), {}, AT_MOST(0), AT_MOST(0), LAYER_CGROUP },
};
/* clang-format on */

TEST(later_layers_win_and_the_layer_is_remembered)
{
	for (size_t i = 0; i < ELEMENTSOF(merges); i++) {
		/* In the last place of the array, to see that all of it is merged. */
		const size_t m = MPOL_N_METRICS - 1;
		struct mpol_bound layers[4][MPOL_N_METRICS] = { 0 };
		struct bounds b = { 0 };

		check_row(i, merges[i].name);
		layers[0][m] = merges[i].library;
		layers[1][m] = merges[i].suite;
		layers[2][m] = merges[i].test;
		layers[3][m] = merges[i].cgroup;
		for (size_t l = 0; l < 4; l++)
			bounds_merge(&b, layers[l], (enum bound_layer)(LAYER_LIBRARY + l));
		CHECK_EQ(b.bound[m].kind, merges[i].merged.kind);
		CHECK(b.bound[m].value == merges[i].merged.value);
		CHECK_EQ(b.layer[m], merges[i].layer);
		CHECK_EQ(b.bound[0].kind, MPOL_INHERIT);
	}
}

TEST(a_missing_layer_changes_nothing)
{
	struct bounds b = { 0 };

	bounds_merge(&b, library_expect, LAYER_LIBRARY);
	bounds_merge(&b, NULL, LAYER_SUITE);
	CHECK_EQ(b.layer[STARVED_WORKERS], LAYER_LIBRARY);
}

/* clang-format off */
static const struct {
	const char *name;
	struct mpol_bound bound;
	struct measures m; /* judged by page locality */
	bool checked, holds;
} verdicts[] = {
	{ "at the bound", AT_LEAST(0.75), { .placed = true, .judged = 4, .local = 3 }, true, true },
	{ "below it", AT_LEAST(0.8), { .placed = true, .judged = 4, .local = 3 }, true, false },
	{ "above a maximum", AT_MOST(0.5), { .placed = true, .judged = 4, .local = 3 }, true, false },
	{ "one page in 2^40 bytes too few", AT_LEAST(1.0),
	  { .placed = true, .judged = UINT64_C(1) << 40, .local = (UINT64_C(1) << 40) - 4096 }, true, false },
	{ "a third of three", AT_LEAST(1.0 / 3.0), { .placed = true, .judged = 3, .local = 1 }, true, true },
	{ "unknown fails a minimum", AT_LEAST(0), { .placed = true }, true, false },
	{ "unknown fails a maximum", AT_MOST(1), { .placed = false }, true, false },
	{ "switched off", UNCHECKED, { .placed = true }, false, true },
	{ "no bound", {}, { .placed = true }, false, true },
};
/* clang-format on */

TEST(a_bound_holds_only_for_a_known_value_on_its_side)
{
	for (size_t i = 0; i < ELEMENTSOF(verdicts); i++) {
		struct bound_verdict v =
			bound_judge(&verdicts[i].bound, &metrics[PAGE_LOCALITY], &verdicts[i].m);

		check_row(i, verdicts[i].name);
		CHECK_EQ(v.checked, verdicts[i].checked);
		CHECK_EQ(v.holds, verdicts[i].holds);
	}
}
