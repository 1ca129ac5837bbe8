/* SPDX-License-Identifier: MIT */
/* Pages and drawings: well-formed, with everything foreign escaped, and with what they are meant to
 * tell. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "view/html.h"
#include "view/svg.h"

/* Elements without an end. */
static bool is_void(const char *name, size_t len)
{
	static const char *const names[] = { "meta", "!DOCTYPE" };

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
			return true;
	return false;
}

/* Whether every element that begins also ends, in the right order. */
static bool balanced(const char *text)
{
	struct {
		const char *name;
		size_t len;
	} open[64];
	size_t depth = 0;

	for (const char *p = strchr(text, '<'); p; p = strchr(p, '<')) {
		bool ends = *++p == '/';
		const char *name = p + ends, *close = strchr(p, '>');
		size_t len = strcspn(name, " \n/>");

		if (!close || len == 0)
			return false;
		p = close;
		if (close[-1] == '/' || is_void(name, len))
			continue;
		if (!ends) {
			if (depth == ELEMENTSOF(open))
				return false;
			open[depth].name = name;
			open[depth++].len = len;
		} else if (depth == 0 || open[--depth].len != len ||
			   strncmp(open[depth].name, name, len) != 0) {
			return false;
		}
	}
	return depth == 0;
}

TEST(the_check_of_balance_can_fail)
{
	CHECK(balanced("<a><b x=\"1\">t</b><c/></a>"));
	CHECK(!balanced("<a><b></a></b>"));
	CHECK(!balanced("<a>"));
	CHECK(!balanced("</a>"));
	CHECK(!balanced("a < b"));
}

TEST(foreign_text_is_only_text)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_html_text(&out, "<script>alert(\"1\" & '2')</script>\x01\n");
	CHECK_STR(strbuf_text(&out), "&lt;script&gt;alert(&quot;1&quot; &amp; "
				     "&#39;2&#39;)&lt;/script&gt;\xef\xbf\xbd\n");
}

TEST(a_page_stands_alone_and_is_well_formed)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_table_column(&t, VIEW_LEFT, "<name>");
	view_table_column(&t, VIEW_RIGHT, "locality");
	view_table_cell(&t, VIEW_PLAIN, "a&b");
	view_table_cell(&t, VIEW_GOOD, "100%%");
	view_table_cell(&t, VIEW_BAD, "x");
	view_html_begin(&out, "a <report>");
	view_html_heading(&out, 9, "1 < 2");
	view_html_paragraph(&out, "%s & %d", "<p>", 3);
	view_html_table(&out, &t);
	view_html_end(&out);
	CHECK(!out.failed);
	CHECK(balanced(strbuf_text(&out)));
	CHECK_HAS(strbuf_text(&out), "<title>a &lt;report&gt;</title>");
	CHECK_HAS(strbuf_text(&out), "<h6>1 &lt; 2</h6>");
	CHECK_HAS(strbuf_text(&out), "<p>&lt;p&gt; &amp; 3</p>");
	CHECK_HAS(strbuf_text(&out), "<th>&lt;name&gt;</th><th class=\"r\">locality</th>");
	CHECK_HAS(strbuf_text(&out), "<td>a&amp;b</td><td class=\"r good\">100%</td>");
	CHECK_HAS(strbuf_text(&out), "<td class=\"bad\">x</td></tr>");
	CHECK(!strstr(strbuf_text(&out), "http")); /* no network */
	CHECK(!strstr(strbuf_text(&out), "<script"));
}

static const double seconds[] = { 0, 1, 2 }, node0[] = { 0, 4096, 8192 },
		    node1[] = { 4096, 4096, NAN };
static const struct view_series series[] = { { "node <0>", 0, node0 }, { "node 1", 1, node1 } };

TEST(a_plot_stacks_its_series)
{
	struct view_plot plot = { "pages & nodes", 3, seconds, 2, series };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };

	view_svg_plot(&out, &plot);
	CHECK(balanced(strbuf_text(&out)));
	CHECK_HAS(strbuf_text(&out), "<title>pages &amp; nodes</title>");
	/* The sums are 4096, 8192 and 8192 of 8192: node 0 up to none, half and all of the height
	 * of 164. */
	CHECK_HAS(
		strbuf_text(&out),
		"points=\"80.0,192.0 340.0,110.0 600.0,28.0 600.0,192.0 340.0,192.0 80.0,192.0 \"");
	/* node 1 upon it, and nothing where it is not known */
	CHECK_HAS(strbuf_text(&out),
		  "points=\"80.0,110.0 340.0,28.0 600.0,28.0 600.0,28.0 340.0,110.0 80.0,192.0 \"");
	CHECK_HAS(strbuf_text(&out), "At the end: node &lt;0&gt; 8 KiB, node 1 unknown.");
	CHECK_HAS(strbuf_text(&out), ">8 KiB</text>");
	CHECK_HAS(strbuf_text(&out), ">2 s</text>");
}

TEST(a_plot_of_one_moment_is_a_level_and_of_none_a_sentence)
{
	struct view_plot one = { "one", 1, seconds + 1, 2, series },
			 none = { "none", 0, seconds, 2, series };
	_cleanup_(strbuf_done) struct strbuf a = { 0 }, b = { 0 };

	view_svg_plot(&a, &one);
	CHECK(balanced(strbuf_text(&a)));
	CHECK_HAS(strbuf_text(&a), "80.0,192.0 600.0,192.0 600.0,192.0");
	CHECK(!strstr(strbuf_text(&a), "nan"));
	view_svg_plot(&b, &none);
	CHECK_STR(strbuf_text(&b), "<p class=\"warn\">none: nothing was measured</p>\n");
}

TEST(a_machine_is_drawn_with_its_memory_only_nodes)
{
	struct mpol_node nodes[2] = {
		{ .id = 0,
		  .online = true,
		  .has_memory = true,
		  .memory_known = true,
		  .memory_total = (uint64_t)2 << 30 },
		{ .id = 3,
		  .online = true,
		  .has_memory = true,
		  .memory_known = true,
		  .memory_total = (uint64_t)1 << 30 },
	};
	struct mpol_llc llcs[2] = { { .size = 16 << 20 }, { .size = 0 } };
	unsigned distance[] = { 10, 20, 17, 10 };
	struct mpol_machine m = { .numa = true,
				  .n_nodes = 2,
				  .nodes = nodes,
				  .distance = distance,
				  .n_llcs = 2,
				  .llcs = llcs };
	_cleanup_(strbuf_done) struct strbuf out = { 0 }, none = { 0 };

	CHECK_EQ(mpol_cpus_parse("0-3", &nodes[0].cpus, NULL), 0);
	CHECK_EQ(mpol_cpus_parse("0-1", &llcs[0].cpus, NULL), 0);
	CHECK_EQ(mpol_cpus_parse("2-3", &llcs[1].cpus, NULL), 0);
	m.cpus_online = nodes[0].cpus;
	mpol_nodes_add(&m.with_cpus, 0);
	view_svg_machine(&out, &m);
	CHECK(balanced(strbuf_text(&out)));
	CHECK_HAS(strbuf_text(&out), "2 nodes, 4 CPUs, 2 last-level caches");
	CHECK_HAS(strbuf_text(&out), ">CPU 0-1, 16 MiB<");
	CHECK_HAS(strbuf_text(&out), ">CPU 2-3<");
	CHECK_HAS(strbuf_text(&out), ">1 GiB, no CPUs<");
	CHECK_HAS(strbuf_text(&out), "stroke-dasharray");
	CHECK_HAS(strbuf_text(&out), ">17<");
	view_svg_machine(&none, &(struct mpol_machine){ 0 });
	CHECK_HAS(strbuf_text(&none), "not known");
}
