/* SPDX-License-Identifier: MIT */
/* OpenMetrics text, as the specification has it. */
#include <math.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "view/metrics.h"

TEST(families_are_described_and_the_text_ends)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_metric_family(&out, "mpol_node_free_bytes", VIEW_GAUGE, "bytes",
			   "Free memory\nof a \"node\".");
	view_metric_sample(&out, "mpol_node_free_bytes", VIEW_GAUGE,
			   (struct view_label[]){ { "node", "0" }, { NULL } }, 4096);
	view_metric_family(&out, "mpol_migrated_pages", VIEW_COUNTER, "", "Pages.");
	view_metric_sample(&out, "mpol_migrated_pages", VIEW_COUNTER, NULL, 3);
	view_metric_family(&out, "mpol_policy", VIEW_INFO, "", "Policies.");
	view_metric_sample(&out, "mpol_policy", VIEW_INFO,
			   (struct view_label[]){ { "mode", "bind" },
						  { "flags", NULL },
						  { "comm", "a\"b\\c\n\xff" },
						  { NULL } },
			   42);
	view_metrics_end(&out);
	CHECK_STR(strbuf_text(&out),
		  "# TYPE mpol_node_free_bytes gauge\n"
		  "# UNIT mpol_node_free_bytes bytes\n"
		  "# HELP mpol_node_free_bytes Free memory\\nof a \\\"node\\\".\n"
		  "mpol_node_free_bytes{node=\"0\"} 4096\n"
		  "# TYPE mpol_migrated_pages counter\n"
		  "# HELP mpol_migrated_pages Pages.\n"
		  "mpol_migrated_pages_total 3\n"
		  "# TYPE mpol_policy info\n"
		  "# HELP mpol_policy Policies.\n"
		  "mpol_policy_info{mode=\"bind\",comm=\"a\\\"b\\\\c\\n\xef\xbf\xbd\"} 1\n"
		  "# EOF\n");
}

static const struct {
	double value;
	const char *text;
} values[] = {
	{ 0, "x 0\n" },
	{ 1e15, "x 1000000000000000\n" },
	{ 0.25, "x 0.25\n" },
	{ -3, "x -3\n" },
	{ 1e300, "x 1e+300\n" },
	{ INFINITY, "x +Inf\n" },
	{ -INFINITY, "x -Inf\n" },
	{ NAN, "" }, /* what is not known is not there */
};

TEST(values_are_written_so_that_they_read_back_equal)
{
	for (size_t i = 0; i < ELEMENTSOF(values); i++) {
		_cleanup_(strbuf_done) struct strbuf out = { 0 };

		check_row(i, values[i].text);
		view_metric_sample(&out, "x", VIEW_GAUGE, NULL, values[i].value);
		CHECK_STR(strbuf_text(&out), values[i].text);
	}
}
