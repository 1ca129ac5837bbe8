/* SPDX-License-Identifier: MIT */
/* What the text of a report says of several machines, and of pages that move. */
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/report.h"

static char bind[] = "bind", spread[] = "spread", two[] = "2n2l1c1t", asked[] = "shared/two",
	    old[] = "6.1.0", new[] = "6.12.1";

TEST(machines_are_counted_once_whatever_the_order_of_their_tests)
{
	struct mpol_result results[] = {
		{ .test = bind, .place = two, .release = old },
		{ .test = bind,
		  .place = two,
		  .release = new,
		  .verdict = VERDICT_FAIL,
		  .ended = VERDICT_FAIL },
		{ .test = bind,
		  .place = two,
		  .asked = asked,
		  .release = old,
		  .verdict = VERDICT_SKIP,
		  .ended = VERDICT_SKIP },
		{ .test = spread, .place = two, .release = old },
	};
	struct report report = {
		.planned = 4, .n = ELEMENTSOF(results), .gauntlet = true, .results = results
	};
	const struct view_style style = { 0 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	report_text.end(&report, &style, &out);
	CHECK_STR(strbuf_text(&out), "machine     Linux   pass  fail  skip  broken\n"
				     "2n2l1c1t    6.1.0      2     0     0       0\n"
				     "2n2l1c1t    6.12.1     0     1     0       0\n"
				     "shared/two  6.1.0      0     0     1       0\n"
				     "\n"
				     "0 passed, 0 failed, 0 skipped, 0 broken\n");
	report.gauntlet = false;
	strbuf_clear(&out);
	report_text.end(&report, &style, &out);
	CHECK_STR(strbuf_text(&out), "0 passed, 0 failed, 0 skipped, 0 broken\n");
}

#define HEAD                                                                                    \
	"{\"test\":\"t\",\"verdict\":\"pass\",\"ended\":\"pass\",\"cgroups\":[{\"name\":\"c\"," \
	"\"bytes\":{\"1\":8192},\"series\":["
#define TAIL "]}]}"

/* clang-format off */
static const struct {
	const char *name, *series, *moves, *kinds; /* the line, or NULL: there is none */
} rows[] = {
	{ "nothing was observed", "", NULL, NULL },
	{ "they stay where they are",
	  "{\"seconds\":0,\"bytes\":{\"1\":8192}},{\"seconds\":2,\"bytes\":{\"1\":16384}}", NULL, NULL },
	{ "they come, and stay",
	  "{\"seconds\":0,\"bytes\":{}},{\"seconds\":2,\"bytes\":{\"1\":8192}}", NULL, NULL },
	{ "they move, and back",
	  "{\"seconds\":0,\"bytes\":{}},{\"seconds\":0.5,\"bytes\":{\"0\":8192}},{\"seconds\":1,\"bytes\":{\"0\":8192}},"
	  "{\"seconds\":1.25,\"bytes\":{\"0\":4096,\"1\":4096}},{\"seconds\":2,\"bytes\":{\"0\":8192}}",
	  "    over time: 0.50 s node 0 8 KiB; 1.25 s node 0 4 KiB, node 1 4 KiB; 2.00 s node 0 8 KiB\n", NULL },
	{ "a little is not said",
	  "{\"seconds\":0,\"bytes\":{\"0\":1000}},{\"seconds\":2,\"bytes\":{\"0\":960,\"1\":40}}", NULL, NULL },
	{ "of several kinds",
	  "{\"seconds\":0,\"bytes\":{\"1\":8192},\"kinds\":{\"anon\":{\"1\":4096},\"file\":{\"0\":2048,\"1\":2048}}}",
	  NULL, "    of these: anon 4 KiB on node 1; file 2 KiB on node 0, 2 KiB on node 1\n" },
	{ "of one kind",
	  "{\"seconds\":0,\"bytes\":{\"1\":8192},\"kinds\":{\"anon\":{\"1\":8192}}}", NULL, NULL },
};
/* clang-format on */

static void check_line(const char *text, const char *start, const char *line)
{
	if (line)
		CHECK_HAS(text, line);
	else
		CHECK(!strstr(text, start));
}

TEST(pages_that_move_and_their_kinds_are_told_in_a_line)
{
	const struct view_style style = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(result_done) struct mpol_result result = { 0 };
		_cleanup_(strbuf_done) struct strbuf json = { 0 }, out = { 0 };
		struct report report = { .planned = 1, .n = 1, .results = &result };

		check_row(i, rows[i].name);
		strbuf_printf(&json, "%s%s%s", HEAD, rows[i].series, TAIL);
		CHECK_EQ(result_read(strbuf_text(&json), json.len, &result, NULL), 0);
		report_text.show(&report, &style, &out);
		check_line(strbuf_text(&out), "over time", rows[i].moves);
		check_line(strbuf_text(&out), "of these", rows[i].kinds);
	}
}

TEST(of_many_moves_the_first_are_told)
{
	const struct view_style style = { 0 };
	_cleanup_(result_done) struct mpol_result result = { 0 };
	_cleanup_(strbuf_done) struct strbuf json = { 0 }, out = { 0 };
	struct report report = { .planned = 1, .n = 1, .results = &result };

	strbuf_puts(&json, HEAD);
	for (unsigned i = 0; i < 9; i++)
		strbuf_printf(&json, "%s{\"seconds\":%u,\"bytes\":{\"%u\":8192}}", i ? "," : "", i,
			      i % 2);
	strbuf_puts(&json, TAIL);
	CHECK_EQ(result_read(strbuf_text(&json), json.len, &result, NULL), 0);
	report_text.show(&report, &style, &out);
	CHECK_HAS(strbuf_text(&out), "; 5.00 s node 1 8 KiB; …\n");
}
