/* SPDX-License-Identifier: MIT */
/* Bars, sizes and shares as people read them. */
#include <math.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "view/bar.h"

static const struct view_style utf8 = { .utf8 = true }, ascii = { .utf8 = false };

static const struct {
	double share;
	unsigned width;
	const char *utf8, *ascii;
} bars[] = {
	{ 0, 4, "    ", "...." },
	{ 1, 4, "████", "####" },
	{ 0.5, 4, "██  ", "##.." },
	{ 0.625, 4, "██▌ ", "###." },
	{ 0.999999, 4, "███▉", "###." }, /* one stray page in a million is to be seen */
	{ 0.000001, 4, "▏   ", "#..." },
	{ -1, 2, "  ", ".." },
	{ 2, 2, "██", "##" },
	{ 0.5, 1, "▌", "#" },
	{ 0.9, 1, "▉", "#" },
	{ NAN, 3, "???", "???" },
	{ 1, 0, "", "" },
	{ 0.5, 0, "", "" },
};

TEST(a_bar_is_as_wide_as_asked_and_tells_some_from_none_and_all)
{
	for (size_t i = 0; i < ELEMENTSOF(bars); i++) {
		_cleanup_(strbuf_done) struct strbuf a = { 0 }, b = { 0 };

		check_row(i, bars[i].utf8);
		view_bar(&a, &utf8, bars[i].share, bars[i].width);
		view_bar(&b, &ascii, bars[i].share, bars[i].width);
		CHECK_STR(strbuf_text(&a), bars[i].utf8);
		CHECK_STR(strbuf_text(&b), bars[i].ascii);
		CHECK_EQ(view_width(strbuf_text(&a)), bars[i].width);
	}
}

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ 0, "0" },
	{ 1, "1 B" },
	{ 1023, "1023 B" },
	{ 1024, "1 KiB" },
	{ 4096, "4 KiB" },
	{ 1536, "1.5 KiB" },
	{ (1 << 20) - 1, "1 MiB" }, /* and not 1024 KiB */
	{ 1 << 20, "1 MiB" },
	{ 64 << 20, "64 MiB" },
	{ (uint64_t)1 << 40, "1 TiB" },
	{ UINT64_MAX, "16 EiB" },
};

TEST(sizes_are_in_binary_units)
{
	for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
		char buf[VIEW_BYTES_TEXT];

		check_row(i, sizes[i].text);
		CHECK_STR(view_bytes(buf, sizes[i].bytes), sizes[i].text);
	}
}

static const struct {
	double share;
	const char *text;
} shares[] = {
	{ 0, "0%" },	     { 1, "100%" },	  { 0.5, "50%" },
	{ 0.123, "12.3%" },  { 0.0004, "<0.1%" }, { 0.9996, ">99.9%" },
	{ 0.9985, "99.9%" }, { 0.001, "0.1%" },	  { NAN, "unknown" },
};

TEST(only_nothing_is_0_percent_and_only_everything_100)
{
	for (size_t i = 0; i < ELEMENTSOF(shares); i++) {
		char buf[VIEW_PERCENT_TEXT];

		check_row(i, shares[i].text);
		CHECK_STR(view_percent(buf, shares[i].share), shares[i].text);
	}
}

TEST(counts_have_commas)
{
	char buf[VIEW_COUNT_TEXT];

	CHECK_STR(view_count(buf, 0), "0");
	CHECK_STR(view_count(buf, 999), "999");
	CHECK_STR(view_count(buf, 1000), "1,000");
	CHECK_STR(view_count(buf, 1234567), "1,234,567");
	CHECK_STR(view_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
}
