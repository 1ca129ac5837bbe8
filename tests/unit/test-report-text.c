/* SPDX-License-Identifier: MIT */
/* What the text of a report says of several machines. */
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
