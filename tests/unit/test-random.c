/* SPDX-License-Identifier: MIT */
/* The same seed, the same accesses; and which CPUs an affinity means. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "work/kinds.h"
#include "work/placing.h"
#include "work/random.h"

TEST(a_seed_decides_all_numbers)
{
	uint64_t a = 7, b = 7, c = 8, zero = 0;
	unsigned same = 0;

	/* The first of seed 0, from the generator's published test vector. */
	CHECK_EQ(work_random(&zero), UINT64_C(0xe220a8397b1dcdaf));
	for (int i = 0; i < 1000; i++) {
		uint64_t x = work_random(&a);

		CHECK_EQ(x, work_random(&b));
		same += x == work_random(&c);
	}
	CHECK_EQ(same, 0);
}

TEST(a_cycle_goes_through_all_lines_and_its_seed_decides_it)
{
	static const size_t sizes[] = { 1, 2, 3, 64, 1000 };

	for (size_t s = 0; s < ELEMENTSOF(sizes); s++) {
		size_t n = sizes[s], steps = 0;
		_cleanup_free_ uint32_t *next = malloc(n * sizeof(*next));
		_cleanup_free_ uint32_t *again = malloc(n * sizeof(*again));
		_cleanup_free_ uint32_t *other = malloc(n * sizeof(*other));
		uint32_t at = 0;

		check_row(s, "size");
		work_cycle(next, n, 5);
		work_cycle(again, n, 5);
		work_cycle(other, n, 6);
		do {
			at = next[at];
			steps++;
		} while (at != 0 && steps <= n);
		CHECK_EQ(steps, n); /* one cycle, not several */
		CHECK(memcmp(next, again, n * sizeof(*next)) == 0);
		CHECK(n < 64 || memcmp(next, other, n * sizeof(*next)) != 0);
	}
}

/* clang-format off */
static const struct {
	const char *name;
	struct mpol_affinity affinity;
	const char *allowed;
	unsigned index;
	const char *chosen; /* NULL: refused */
} rows[] = {
	{ "inherited", { 0 }, "2-5", 0, "2-5" },
	{ "a list within", { MPOL_AFFINITY_LIST, .list = "3-4" }, "2-5", 0, "3-4" },
	{ "a list that reaches out", { MPOL_AFFINITY_LIST, .list = "5-9" }, "2-5", 0, "5" },
	{ "a list outside", { MPOL_AFFINITY_LIST, .list = "0-1" }, "2-5", 0, NULL },
	{ "one, the first", { MPOL_AFFINITY_ONE }, "2-5", 0, "2" },
	{ "one, the last", { MPOL_AFFINITY_ONE }, "2-5", 3, "5" },
	{ "one, round again", { MPOL_AFFINITY_ONE }, "2-5", 4, "2" },
	{ "one, over a hole", { MPOL_AFFINITY_ONE }, "0,63-64", 2, "64" },
	{ "more at random than there are", { MPOL_AFFINITY_RANDOM, .count = 9 }, "2-5", 0, "2-5" },
};
/* clang-format on */

TEST(an_affinity_chooses_among_the_cpus_allowed)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_cpus allowed, chosen;
		struct mpol_error err = { 0 };
		char list[MPOL_CPUS_TEXT];
		uint64_t random = 1;
		int r;

		check_row(i, rows[i].name);
		CHECK_EQ(mpol_cpus_parse(rows[i].allowed, &allowed, NULL), 0);
		r = place_choose(&rows[i].affinity, &allowed, rows[i].index, &random, &chosen,
				 &err);
		CHECK_EQ(r == 0, rows[i].chosen != NULL);
		if (r < 0) {
			CHECK_STR(err.rule->id, "worker-affinity");
			continue;
		}
		(void)mpol_cpus_print(&chosen, list, sizeof(list));
		CHECK_STR(list, rows[i].chosen);
	}
}

TEST(cpus_at_random_are_as_many_as_declared_and_the_same_for_a_seed)
{
	const struct mpol_affinity two = { MPOL_AFFINITY_RANDOM, .count = 2 };
	struct mpol_cpus allowed, a, b;
	bool differs = false;

	CHECK_EQ(mpol_cpus_parse("0-15", &allowed, NULL), 0);
	for (uint64_t seed = 0; seed < 32; seed++) {
		uint64_t one = seed, other = seed, next = seed + 1;

		CHECK_EQ(place_choose(&two, &allowed, 0, &one, &a, NULL), 0);
		CHECK_EQ(place_choose(&two, &allowed, 0, &other, &b, NULL), 0);
		CHECK_EQ(mpol_cpus_count(&a), 2);
		CHECK(mpol_cpus_subset(&a, &allowed));
		CHECK(mpol_cpus_equal(&a, &b));
		CHECK_EQ(place_choose(&two, &allowed, 0, &next, &b, NULL), 0);
		differs = differs || !mpol_cpus_equal(&a, &b);
	}
	CHECK(differs);
}

TEST(kinds_are_found_by_name_and_complete)
{
	CHECK_EQ(work_kind_find("chase"), MPOL_WORK_CHASE);
	CHECK_EQ(work_kind_find("chasing"), MPOL_N_WORK_KINDS);
	for (size_t i = 0; i < MPOL_N_WORK_KINDS; i++) {
		check_row(i, work_kinds[i].name);
		CHECK_EQ(work_kind_find(work_kinds[i].name), i);
		CHECK(work_kinds[i].unit && work_kinds[i].summary && work_kinds[i].run);
	}
}
