/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "base/list.h"
#include "base/macros.h"
#include "check.h"

static const struct {
	const char *text, *where, *what; /* where NULL: accepted */
	const char *printed;
} lists[] = {
	{ "", NULL, NULL, "" },
	{ "0", NULL, NULL, "0" },
	{ "0-3,7", NULL, NULL, "0-3,7" },
	{ "7,0-3", NULL, NULL, "0-3,7" },
	{ "0,1,2", NULL, NULL, "0-2" },
	{ "1-3,2-5", NULL, NULL, "1-5" },
	{ "1023", NULL, NULL, "1023" },
	{ "0-1023", NULL, NULL, "0-1023" },
	{ "63,64", NULL, NULL, "63-64" },
	{ "007", NULL, NULL, "7" },
	{ "0-", "column 3", "a node number is expected, not the end", NULL },
	{ "3-1", "column 1", "the range 3-1 is reversed", NULL },
	{ "0,,2", "column 3", "a node number is expected, not ','", NULL },
	{ "0,", "column 3", "a node number is expected, not the end", NULL },
	{ ",0", "column 1", "a node number is expected, not ','", NULL },
	{ "-1", "column 1", "a node number is expected, not '-'", NULL },
	{ "+1", "column 1", "a node number is expected, not '+'", NULL },
	{ " 0", "column 1", "a node number is expected, not ' '", NULL },
	{ "0 ", "column 2", "a comma or the end is expected, not ' '", NULL },
	{ "0-1-2", "column 4", "a comma or the end is expected, not '-'", NULL },
	{ "0x1", "column 2", "a comma or the end is expected, not 'x'", NULL },
	{ "1024", "column 1", "node 1024 is above 1023, the highest there can be", NULL },
	{ "0-9876543210", "column 3", "node 9876543210 is above 1023, the highest there can be",
	  NULL },
	{ "99999999999999999999999999999999999999", "column 1",
	  "node 999999999999999999999999 is above 1023", NULL },
	{ "0-3:2", "column 4", "a comma or the end is expected, not ':'", NULL },
	{ "1\n", "column 2", "byte 0x0a", NULL },
};

TEST(every_list_is_read_or_refused_with_its_column)
{
	for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
		uint64_t words[16] = { 42 };
		struct mpol_error err = { 0 };
		char text[4096];
		int r = list_parse(lists[i].text, 1023, "node", words, &err);

		check_row(i, lists[i].text);
		if (lists[i].where) {
			CHECK_EQ(r, -EINVAL);
			CHECK_STR(err.where, lists[i].where);
			CHECK_HAS(err.what, lists[i].what);
			CHECK(mpol_error_hint(&err) != NULL);
			CHECK_EQ(words[0], 42); /* untouched on failure */
			continue;
		}
		CHECK_EQ(r, 0);
		(void)list_print(words, 16, text, sizeof(text));
		CHECK_STR(text, lists[i].printed);
	}
}

TEST(a_bad_list_is_refused_without_a_place_for_the_reason_as_well)
{
	for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
		uint64_t words[16];

		check_row(i, lists[i].text);
		CHECK_EQ(list_parse(lists[i].text, 1023, "node", words, NULL),
			 lists[i].where ? -EINVAL : 0);
	}
}

TEST(printing_into_too_little_room_says_how_much_is_needed)
{
	uint64_t words[16] = { 0x8f };
	char text[4];

	CHECK_EQ(list_print(words, 16, text, sizeof(text)), 5);
	CHECK_STR(text, "0-3");
	CHECK_EQ(list_print(words, 16, NULL, 0), 5);
}

TEST(a_long_list_is_read_whole)
{
	char text[4096], *p = text;
	uint64_t words[16];

	for (int i = 0; i < 1024; i += 2)
		p += sprintf(p, "%s%d", i ? "," : "", i);
	CHECK_EQ(list_parse(text, 1023, "node", words, NULL), 0);
	CHECK_EQ(bits_count(words, 16), 512);
	CHECK_EQ(bits_next(words, 16, 1022), 1022);
	CHECK_EQ(bits_next(words, 16, 1023), -1);
}
