/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/registry.h"

static const struct mpol_test nothing;
static const struct mpol_test_entry b9 = { "bind_far", "b.c", 9, &nothing },
				    b20 = { "bind_near", "b.c", 20, &nothing },
				    a100 = { "spread", "a.c", 100, &nothing },
				    b9_again = { "bind_far", "c.c", 1, &nothing };

TEST(tests_come_in_the_order_of_their_sources)
{
	/* As gcc -O2 leaves them, in reverse, and as a linker may pad them. */
	const struct mpol_test_entry *section[] = { &b20, NULL, &b9, &a100 };
	_cleanup_(registry_done) struct registry r = { 0 };

	CHECK_EQ(registry_read(section, section + ELEMENTSOF(section), &r, NULL), 0);
	CHECK_EQ(r.n, 3);
	CHECK_STR(r.tests[0]->name, "spread");
	CHECK_STR(r.tests[1]->name, "bind_far");
	CHECK_STR(r.tests[2]->name, "bind_near");
}

TEST(no_tests_are_no_error)
{
	_cleanup_(registry_done) struct registry r = { 0 };

	CHECK_EQ(registry_read(NULL, NULL, &r, NULL), 0);
	CHECK_EQ(r.n, 0);
}

TEST(two_tests_of_one_name_are_refused_with_both_places)
{
	const struct mpol_test_entry *section[] = { &b9, &b9_again };
	_cleanup_(registry_done) struct registry r = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(registry_read(section, section + ELEMENTSOF(section), &r, &err), -EEXIST);
	CHECK_HAS(err.what, "b.c:9 and c.c:1");
}

static const struct {
	const char *name;
	char *names[3];
	size_t n;
	const char *selected[4]; /* NULL: refused */
	const char *hint;
} selections[] = {
	{ "none given: all", { NULL }, 0, { "spread", "bind_far", "bind_near" }, NULL },
	{ "one", { (char[]){ "bind_near" } }, 1, { "bind_near" }, NULL },
	{ "the registry's order, not the caller's",
	  { (char[]){ "bind_near" }, (char[]){ "spread" } },
	  2,
	  { "spread", "bind_near" },
	  NULL },
	{ "a pattern", { (char[]){ "bind*" } }, 1, { "bind_far", "bind_near" }, NULL },
	{ "twice the same", { (char[]){ "spread" }, (char[]){ "s*" } }, 2, { "spread" }, NULL },
	{ "misspelt", { (char[]){ "bind_neer" } }, 1, { NULL }, "did you mean bind_near?" },
	{ "one of two unknown", { (char[]){ "spread" }, (char[]){ "zzz" } }, 2, { NULL }, "list" },
	{ "empty", { (char[]){ "" } }, 1, { NULL }, "list" },
};

TEST(names_and_patterns_select_tests_or_are_refused)
{
	const struct mpol_test_entry *section[] = { &b9, &b20, &a100 }, *selected[3];
	_cleanup_(registry_done) struct registry r = { 0 };

	CHECK_EQ(registry_read(section, section + ELEMENTSOF(section), &r, NULL), 0);
	for (size_t i = 0; i < ELEMENTSOF(selections); i++) {
		struct mpol_error err = { 0 };
		size_t n = 0, expected = 0;
		int ret = registry_select(&r, selections[i].names, selections[i].n, selected, &n,
					  &err);

		check_row(i, selections[i].name);
		CHECK_EQ(ret, selections[i].selected[0] ? 0 : -ENOENT);
		if (ret < 0) {
			CHECK_HAS(mpol_error_hint(&err), selections[i].hint);
			continue;
		}
		while (selections[i].selected[expected])
			expected++;
		CHECK_EQ(n, expected);
		for (size_t k = 0; k < n && k < expected; k++)
			CHECK_STR(selected[k]->name, selections[i].selected[k]);
	}
}
