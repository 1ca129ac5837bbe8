/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "notation/words.h"

static const struct {
	const char *text;
	size_t n;
	const char *words[4];
	size_t columns[4];
} rows[] = {
	{ "", 0, { 0 }, { 0 } },
	{ " \t\n ", 0, { 0 }, { 0 } },
	{ "a b", 2, { "a", "b" }, { 1, 3 } },
	{ "  a   b  ", 2, { "a", "b" }, { 3, 7 } },
	{ "'a b' c", 2, { "a b", "c" }, { 1, 7 } },
	{ "\"a 'b\" c", 2, { "a 'b", "c" }, { 1, 8 } },
	{ "a'b'\"c\"d", 1, { "abcd" }, { 1 } },
	{ "a\\ b", 1, { "a b" }, { 1 } },
	{ "'a\\b'", 1, { "a\\b" }, { 1 } },
	{ "\"a\\\"b\\\\c\\d\"", 1, { "a\"b\\c\\d" }, { 1 } },
	{ "'' \"\"", 2, { "", "" }, { 1, 4 } },
};

TEST(a_text_is_split_as_a_shell_does)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(words_done) struct words w = { 0 };

		check_row(i, rows[i].text);
		CHECK_EQ(words_split(rows[i].text, &w, NULL), 0);
		CHECK_EQ(w.n, rows[i].n);
		for (size_t n = 0; n < w.n && n < rows[i].n; n++) {
			CHECK_STR(w.word[n].text, rows[i].words[n]);
			CHECK_EQ(w.word[n].column, rows[i].columns[n]);
		}
	}
}

TEST(an_open_quote_is_refused_with_its_column)
{
	static const char *const open[] = { "a 'b", "a \"b", "a b\\", "a \"b\\\"" };

	for (size_t i = 0; i < ELEMENTSOF(open); i++) {
		_cleanup_(words_done) struct words w = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, open[i]);
		CHECK_EQ(words_split(open[i], &w, &err), -EINVAL);
		CHECK_STR(err.where, "column 3");
		CHECK_EQ(w.n, 0);
	}
}

TEST(what_was_quoted_is_read_back)
{
	static const char *const texts[] = { "",	 "plain-0,1",	"two words", "it's",
					     "!2",	 "a\"b\\c$d`e", "|",	     "\n",
					     "\xff\x01", "*?[x]" };

	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		_cleanup_(strbuf_done) struct strbuf b = { 0 };
		_cleanup_(words_done) struct words w = { 0 };

		check_row(i, texts[i]);
		words_quote(&b, texts[i]);
		CHECK_EQ(words_split(strbuf_text(&b), &w, NULL), 0);
		CHECK_EQ(w.n, 1);
		CHECK_STR(w.word[0].text, texts[i]);
	}
}
