/* SPDX-License-Identifier: MIT */
/* Tables are aligned by what is seen on the screen. */
#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "view/table.h"

static const struct view_style plain = { .utf8 = true },
			       coloured = { .utf8 = true, .colour = true };

TEST(columns_are_aligned_by_width_on_the_screen)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_table_column(&t, VIEW_LEFT, "cgroup");
	view_table_column(&t, VIEW_RIGHT, "node %u", 0);
	view_table_column(&t, VIEW_LEFT, "%s", "bar");
	view_table_cell(&t, VIEW_PLAIN, "%s", "é");
	view_table_cell(&t, VIEW_PLAIN, "%d MiB", 64);
	view_table_cell(&t, VIEW_PLAIN, "%s", "██");
	view_table_cell(&t, VIEW_PLAIN, "%s", "日本語で");
	view_table_cell(&t, VIEW_PLAIN, "%s", "0");
	view_table_end_row(&t);
	view_table_end_row(&t); /* a complete row stays as it is */
	view_table_write(&t, &plain, &out);
	CHECK_STR(strbuf_text(&out), "  cgroup    node 0  bar\n"
				     "  é         64 MiB  ██\n"
				     "  日本語で       0\n");
}

TEST(colours_do_not_disturb_the_alignment)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_table_column(&t, VIEW_RIGHT, "%s", "");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	view_table_cell(&t, VIEW_GOOD, "%s", "pass");
	view_table_cell(&t, VIEW_PLAIN, "%s", "a");
	view_table_cell(&t, VIEW_BAD, "%s", "x");
	view_table_cell(&t, VIEW_PLAIN, "%s", "b");
	view_table_write(&t, &coloured, &out);
	CHECK_STR(strbuf_text(&out), "\033[32mpass\033[0m  a\n   \033[31mx\033[0m  b\n");
}

TEST(an_empty_table_is_no_text_and_an_unfinished_row_is_written)
{
	_cleanup_(view_table_done) struct view_table none = { 0 }, t = { 0 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_table_write(&none, &plain, &out);
	CHECK_STR(strbuf_text(&out), "");
	CHECK(!out.failed);
	view_table_column(&t, VIEW_LEFT, "a");
	view_table_column(&t, VIEW_LEFT, "b");
	view_table_cell(&t, VIEW_PLAIN, "1");
	view_table_write(&t, &plain, &out);
	CHECK_STR(strbuf_text(&out), "a  b\n1\n");
}

static const struct {
	const char *text, *printed;
	size_t width;
} texts[] = {
	{ "plain", "plain", 5 },
	{ "\033[31mred", "?[31mred", 8 }, /* a name cannot write to the terminal */
	{ "a\tb\nc\x7f", "a?b?c?", 6 },
	{ "\xc2\x9b"
	  "31m",
	  "?31m", 4 }, /* U+009B is CSI as well */
	{ "\x9b"
	  "31m",
	  "?31m", 4 },
	{ "e\xcc\x81", "e\xcc\x81", 1 }, /* combining acute */
	{ "\xff\xfe", "\xff\xfe", 2 },	 /* no UTF-8 at all */
	{ "\xe2\x96", "\xe2?", 2 },	 /* cut in the middle; 0x96 alone is a C1 control */
	{ "\xc0\xaf", "\xc0\xaf", 2 },	 /* overlong */
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2 }, /* an emoji */
};

TEST(control_characters_never_reach_the_terminal)
{
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		_cleanup_(strbuf_done) struct strbuf out = { 0 };

		check_row(i, texts[i].printed);
		view_tone(&out, &plain, VIEW_BAD, texts[i].text);
		CHECK_STR(strbuf_text(&out), texts[i].printed);
		CHECK_EQ(view_width(texts[i].text), texts[i].width);
	}
}

TEST(a_file_has_no_colours)
{
	struct view_style s = view_style_of(-1);

	CHECK(!s.colour);
	CHECK_EQ(s.width, 0);
}

static const struct {
	const char *all, *ctype, *lang;
	bool utf8;
} locales[] = {
	{ NULL, NULL, NULL, false },	    { NULL, NULL, "C.UTF-8", true },
	{ NULL, NULL, "de_DE.utf8", true }, { "C", NULL, "C.UTF-8", false },
	{ "", "C.UTF-8", NULL, true },	    { NULL, "C", "C.UTF-8", false },
};

static void set_or_unset(const char *name, const char *value)
{
	if (value)
		(void)setenv(name, value, 1);
	else
		(void)unsetenv(name);
}

TEST(the_locale_decides_about_block_characters)
{
	for (size_t i = 0; i < ELEMENTSOF(locales); i++) {
		check_row(i, locales[i].lang);
		set_or_unset("LC_ALL", locales[i].all);
		set_or_unset("LC_CTYPE", locales[i].ctype);
		set_or_unset("LANG", locales[i].lang);
		CHECK_EQ(view_style_of(-1).utf8, locales[i].utf8);
	}
}
