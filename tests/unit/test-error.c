/* SPDX-License-Identifier: MIT */
/* Describing failures: nothing is lost, and a failure stays one without a place for its reason. */
#include <errno.h>

#include <mpol/error.h>

#include "base/cleanup.h"
#include "base/error-text.h"
#include "base/macros.h"
#include "check.h"

static const struct mpol_rule rule = { "a-rule", EINVAL, "Why.", "the rule's hint", NULL, NULL };

TEST(a_failure_is_described)
{
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_fail(&err, &rule, "here", "%d is wrong", 7), -EINVAL);
	CHECK_STR(err.where, "here");
	CHECK_STR(err.what, "7 is wrong");
	CHECK_STR(mpol_error_hint(&err), "the rule's hint");
	CHECK_EQ(mpol_hint(&err, "use %d", 8), -EINVAL);
	CHECK_STR(mpol_error_hint(&err), "use 8");
	CHECK_EQ(mpol_fail_errno(&err, &rule, ENOENT, NULL, "x"), -ENOENT);
	CHECK_STR(err.where, "");
	CHECK_STR(mpol_error_hint(&err), "the rule's hint"); /* the earlier failure's is gone */
}

TEST(a_failure_with_a_hint_stays_one_without_a_place_for_it)
{
	CHECK_EQ(mpol_fail_errno(NULL, &rule, ENOENT, "", "x"), -ENOENT);
	CHECK_EQ(mpol_hint(NULL, "y"), -ENOENT);
	CHECK_EQ(mpol_fail(NULL, &rule, "", "x"), -EINVAL);
	CHECK_EQ(mpol_hint(NULL, "y"), -EINVAL);
}

TEST(text_that_does_not_fit_is_cut_at_a_character)
{
	struct mpol_error err = { 0 };
	char text[300];

	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 3);
	(void)mpol_fail(&err, &rule, "", "x%s", text);
	CHECK_EQ(strlen(err.what), sizeof(err.what) - 1);
	(void)mpol_fail(&err, &rule, "", "%s", text);
	CHECK_EQ(strlen(err.what), sizeof(err.what) - 2); /* no half of a character */
	CHECK_EQ((unsigned char)err.what[strlen(err.what) - 1], 0xa9);
}

TEST(an_error_is_one_text_wherever_it_is_said)
{
	static const struct mpol_rule bare = { "bare", EINVAL, "Because.", NULL, NULL, NULL };
	static const struct {
		struct mpol_error err;
		const char *severity, *text;
	} rows[] = {
		{ { .what = "no" }, "", "mpol: no\n" },
		{ { .where = "a", .what = "no", .rule = &bare },
		  "note: ",
		  "mpol: note: a: no\n      Because.   [bare]\n" },
		{ { .what = "no", .rule = &rule },
		  "",
		  "mpol: no\n      Why.   [a-rule]\n      Hint: the rule's hint\n" },
		{ { .where = "\033[2J", .what = "a\nmpol: b", .hint = "\xc2\x9b!" },
		  "",
		  "mpol: ?[2J: a?mpol: b\n      Hint: ?!\n" }, /* what was given writes no lines */
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };

		check_row(i, rows[i].text);
		error_text(&text, "mpol", rows[i].severity, &rows[i].err);
		CHECK_STR(strbuf_text(&text), rows[i].text);
	}
}
