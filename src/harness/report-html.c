/* SPDX-License-Identifier: MIT */
/*
 * A page that stands alone, for people: per test the machine drawn, per cgroup where its pages were
 * over time, the bounds and the verdict. No scripts and no network: it can be kept, mailed and
 * printed. Written at the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include <mpol/machine.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/report.h"
#include "view/bar.h"
#include "view/html.h"
#include "view/svg.h"

static const enum view_tone tones[N_VERDICTS] = {
	[VERDICT_PASS] = VIEW_GOOD,
	[VERDICT_FAIL] = VIEW_BAD,
	[VERDICT_SKIP] = VIEW_WARN,
	[VERDICT_BROKEN] = VIEW_BAD,
};

static const char *const classes[N_VERDICTS] = {
	[VERDICT_PASS] = "good",
	[VERDICT_FAIL] = "bad",
	[VERDICT_SKIP] = "warn",
	[VERDICT_BROKEN] = "bad",
};

static const char *or_unknown(const char *text)
{
	return text && *text ? text : "?";
}

/* --- The machine. --- */

static void machine_of(const struct mpol_result *r, struct mpol_machine *m, struct mpol_node *nodes,
		       struct mpol_llc *llcs)
{
	*m = (struct mpol_machine){
		.numa = true,
		.n_nodes = r->n_nodes,
		.nodes = nodes,
		.distance = r->distance,
		.n_llcs = r->caches ? r->llcs : 0,
		.llcs = llcs,
	};
	for (size_t i = 0; i < r->n_nodes; i++) {
		nodes[i] = (struct mpol_node){
			.id = r->nodes[i].id,
			.online = true,
			.has_memory = r->nodes[i].memory > 0,
			.memory_known = true,
			.memory_total = r->nodes[i].memory,
		};
		if (r->nodes[i].cpus &&
		    mpol_cpus_parse(r->nodes[i].cpus, &nodes[i].cpus, NULL) == 0 &&
		    !mpol_cpus_empty(&nodes[i].cpus))
			mpol_nodes_add(&m->with_cpus, nodes[i].id);
		for (size_t k = 0; k < ELEMENTSOF(m->cpus_online.word); k++)
			m->cpus_online.word[k] |= nodes[i].cpus.word[k];
	}
	for (size_t i = 0; i < m->n_llcs; i++)
		if (!r->caches[i] || mpol_cpus_parse(r->caches[i], &llcs[i].cpus, NULL) < 0)
			llcs[i] = (struct mpol_llc){ 0 };
}

static void add_machine(struct strbuf *out, const struct mpol_result *r)
{
	_cleanup_free_ struct mpol_machine *m = malloc(sizeof(*m));
	_cleanup_free_ struct mpol_node *nodes = calloc(r->n_nodes + 1, sizeof(*nodes));
	_cleanup_free_ struct mpol_llc *llcs = calloc((size_t)r->llcs + 1, sizeof(*llcs));

	if (r->n_nodes == 0)
		return;
	if (!m || !nodes || !llcs) {
		out->failed = true;
		return;
	}
	if (r->accel)
		view_html_paragraph(out, "Machine %s, Linux %s, %s, booted in %.1f s",
				    result_machine(r), or_unknown(r->release),
				    STREQ(r->accel, "tcg") ? "emulated" : r->accel,
				    r->boot_seconds);
	else
		view_html_paragraph(out, "Machine %s, Linux %s", result_machine(r),
				    or_unknown(r->release));
	if (r->were)
		view_html_paragraph(out, "Its nodes were %s.", r->were);
	machine_of(r, m, nodes, llcs);
	view_svg_machine(out, m);
}

/* --- A cgroup. --- */

static uint64_t bytes_on(const struct result_amount *amounts, size_t n, unsigned node)
{
	for (size_t i = 0; i < n; i++)
		if (amounts[i].node == node)
			return amounts[i].bytes;
	return 0;
}

static struct mpol_nodeset nodes_of(const struct result_cgroup *c)
{
	struct mpol_nodeset set = { { 0 } };

	for (size_t p = 0; p < c->n_points; p++)
		for (size_t i = 0; i < c->points[p].all.n; i++)
			mpol_nodes_add(&set, c->points[p].all.of[i].node);
	for (size_t i = 0; i < c->n_amounts; i++)
		mpol_nodes_add(&set, c->amounts[i].node);
	return set;
}

static unsigned count_nodes(const struct mpol_nodeset *s)
{
	unsigned n = 0;

	for (int node = mpol_nodes_next(s, 0); node >= 0;
	     node = mpol_nodes_next(s, (unsigned)node + 1))
		n++;
	return n;
}

static void add_plot(struct strbuf *out, const struct result_cgroup *c)
{
	struct mpol_nodeset set = nodes_of(c);
	unsigned n = count_nodes(&set), k = 0;
	_cleanup_free_ struct view_series *series = calloc(n + 1, sizeof(*series));
	_cleanup_free_ double *values = calloc((size_t)n * c->n_points + 1, sizeof(*values));
	_cleanup_free_ double *seconds = calloc(c->n_points + 1, sizeof(*seconds));
	_cleanup_free_ char(*labels)[24] = calloc(n + 1, sizeof(*labels));
	struct view_plot plot = { "pages by node over time", c->n_points, seconds, n, series };

	if (c->n_points == 0 || n == 0)
		return; /* kinds without memory */
	if (!series || !values || !seconds || !labels) {
		out->failed = true;
		return;
	}
	for (size_t p = 0; p < c->n_points; p++)
		seconds[p] = c->points[p].seconds;
	for (int node = mpol_nodes_next(&set, 0); node >= 0;
	     node = mpol_nodes_next(&set, (unsigned)node + 1), k++) {
		double *of = &values[(size_t)k * c->n_points];

		for (size_t p = 0; p < c->n_points; p++)
			of[p] = (double)bytes_on(c->points[p].all.of, c->points[p].all.n,
						 (unsigned)node);
		(void)snprintf(labels[k], sizeof(labels[k]), "node %d", node);
		series[k] = (struct view_series){ labels[k], (unsigned)node % 8, of };
	}
	view_svg_plot(out, &plot);
}

static void add_pages(struct strbuf *out, const struct result_cgroup *c)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };
	struct mpol_nodeset set = nodes_of(c), expected = { { 0 } };
	char bytes_text[VIEW_BYTES_TEXT], percent[VIEW_PERCENT_TEXT];
	const struct result_point *last = c->n_points ? &c->points[c->n_points - 1] : NULL;
	bool kinds = last && result_kinds(last) > 1;
	uint64_t total = 0;

	for (size_t i = 0; i < c->n_amounts; i++)
		total += c->amounts[i].bytes;
	if (!c->placed || total == 0) {
		view_html_paragraph(out, "No pages were observed.");
		return;
	}
	if (!c->expected || mpol_nodes_parse(c->expected, &expected, NULL) < 0)
		expected = (struct mpol_nodeset){ { 0 } };
	view_table_column(&t, VIEW_LEFT, "node");
	view_table_column(&t, VIEW_RIGHT, "at the end");
	for (size_t kind = 0; kinds && kind < MPOL_N_PAGE_KINDS; kind++)
		if (last->kinds[kind].n > 0)
			view_table_column(&t, VIEW_RIGHT, "of these %s",
					  mpol_page_kind_name((enum mpol_page_kind)kind));
	view_table_column(&t, VIEW_RIGHT, "share");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	for (int node = mpol_nodes_next(&set, 0); node >= 0;
	     node = mpol_nodes_next(&set, (unsigned)node + 1)) {
		uint64_t bytes = bytes_on(c->amounts, c->n_amounts, (unsigned)node);
		bool wanted = mpol_nodes_has(&expected, (unsigned)node);

		view_table_cell(&t, VIEW_PLAIN, "node %d", node);
		view_table_cell(&t, VIEW_PLAIN, "%s", view_bytes(bytes_text, bytes));
		for (size_t kind = 0; kinds && kind < MPOL_N_PAGE_KINDS; kind++)
			if (last->kinds[kind].n > 0)
				view_table_cell(
					&t, VIEW_DIM, "%s",
					view_bytes(bytes_text,
						   bytes_on(last->kinds[kind].of,
							    last->kinds[kind].n, (unsigned)node)));
		view_table_cell(&t, VIEW_PLAIN, "%s",
				view_percent(percent, (double)bytes / (double)total));
		view_table_cell(&t, wanted ? VIEW_GOOD : VIEW_BAD, "%s",
				wanted ? "expected" : "elsewhere");
	}
	view_html_table(out, &t);
}

static void add_works(struct strbuf *out, const struct result_cgroup *c)
{
	static const char *const titles[] = { "work", "workers",     "policy",	  "rate",
					      "CPU",  "longest gap", "migrations" };
	_cleanup_(view_table_done) struct view_table t = { 0 };
	char bytes[VIEW_BYTES_TEXT];

	for (size_t i = 0; i < ELEMENTSOF(titles); i++)
		view_table_column(&t, i == 0 || i == 2 ? VIEW_LEFT : VIEW_RIGHT, "%s", titles[i]);
	for (size_t i = 0; i < c->n_works; i++) {
		const struct result_work *k = &c->works[i];

		view_table_cell(&t, VIEW_PLAIN, "%s", or_unknown(k->kind));
		view_table_cell(&t, VIEW_PLAIN, "%u", k->workers);
		view_table_cell(&t, VIEW_PLAIN, "%s", or_unknown(k->policy));
		if (k->latency > 0)
			view_table_cell(&t, VIEW_PLAIN, "%.1f ns a load", k->latency);
		else if (k->bandwidth > 0)
			view_table_cell(&t, VIEW_PLAIN, "%s/s",
					view_bytes(bytes, (uint64_t)k->bandwidth));
		else
			view_table_cell(&t, VIEW_PLAIN, "%.4g %s/s", k->rate, or_unknown(k->unit));
		view_table_cell(&t, VIEW_PLAIN, "%.2f s", k->cpu_seconds);
		view_table_cell(&t, VIEW_PLAIN, "%.1f ms", k->gap * 1000);
		view_table_cell(&t, VIEW_PLAIN, "%llu", (unsigned long long)k->migrations);
	}
	if (c->n_works)
		view_html_table(out, &t);
}

static void add_checks(struct strbuf *out, const struct result_cgroup *c)
{
	static const char *const titles[] = { "check", "measured", "bound", "from", "" };
	_cleanup_(view_table_done) struct view_table t = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(titles); i++)
		view_table_column(&t, i == 1 ? VIEW_RIGHT : VIEW_LEFT, "%s", titles[i]);
	for (size_t i = 0; i < c->n_checks; i++) {
		const struct result_check *k = &c->checks[i];

		view_table_cell(&t, VIEW_PLAIN, "%s", metrics[k->metric].name);
		if (k->value.known)
			view_table_cell(&t, k->holds ? VIEW_PLAIN : VIEW_BAD, "%.6g",
					k->value.value);
		else
			view_table_cell(&t, VIEW_BAD, "unknown");
		view_table_cell(&t, VIEW_PLAIN, "%s %.6g %s",
				k->bound.kind == MPOL_MINIMUM ? "at least" : "at most",
				k->bound.value, metrics[k->metric].unit);
		view_table_cell(&t, VIEW_DIM, "%s", bound_layer_names[k->layer]);
		view_table_cell(&t, k->holds ? VIEW_GOOD : VIEW_BAD, "%s",
				k->holds ? "holds" : "fails");
	}
	if (c->n_checks)
		view_html_table(out, &t);
}

static void add_cgroup(struct strbuf *out, const struct result_cgroup *c)
{
	_cleanup_(strbuf_done) struct strbuf title = { 0 };

	strbuf_printf(&title, "cgroup %s", or_unknown(c->name));
	view_html_heading(out, 3, strbuf_text(&title));
	view_html_paragraph(out, "%u worker%s on CPUs %s, mems %s, policy %s; pages expected on %s",
			    c->workers, c->workers == 1 ? "" : "s", or_unknown(c->cpus),
			    or_unknown(c->mems), or_unknown(c->policy), or_unknown(c->expected));
	add_works(out, c);
	add_plot(out, c);
	add_pages(out, c);
	add_checks(out, c);
}

/* --- A test. --- */

static void add_error(struct strbuf *out, const struct result_error *e)
{
	view_html_paragraph(out, "%s%s%s", e->where ? e->where : "", e->where ? ": " : "",
			    or_unknown(e->what));
	if (e->why)
		view_html_paragraph(out, "%s [%s]", e->why, or_unknown(e->rule));
	if (e->hint)
		view_html_paragraph(out, "Hint: %s", e->hint);
}

static void add_verdict(struct strbuf *out, const struct mpol_result *r)
{
	strbuf_printf(out, "<p class=\"%s\">%s in %.1f s", classes[r->verdict],
		      verdict_names[r->verdict], r->seconds);
	if (r->must_end && r->ended != VERDICT_SKIP) {
		strbuf_printf(out, ": it ended &quot;%s&quot;, declared to end &quot;",
			      verdict_names[r->ended]);
		view_html_text(out, r->must_end);
		strbuf_puts(out, "&quot;");
	}
	strbuf_puts(out, "</p>\n");
}

static void add_result(struct strbuf *out, const struct mpol_result *r)
{
	view_html_heading(out, 2, or_unknown(r->test));
	if (r->why)
		view_html_paragraph(out, "%s", r->why);
	add_verdict(out, r);
	if (r->has_error)
		add_error(out, &r->error);
	for (size_t i = 0; i < r->n_notes && r->ended != VERDICT_PASS; i++)
		add_error(out, &r->notes[i]);
	if (r->ended != VERDICT_SKIP)
		add_machine(out, r);
	for (size_t i = 0; i < r->n_cgroups; i++)
		add_cgroup(out, &r->cgroups[i]);
	if (r->console && *r->console) {
		view_html_paragraph(out, "The guest's console:");
		strbuf_puts(out, "<pre>");
		view_html_text(out, r->console);
		strbuf_puts(out, "</pre>\n");
	}
}

static void add_summary(struct strbuf *out, const struct report *r)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };

	view_html_paragraph(out, "%zu passed, %zu failed, %zu skipped, %zu broken",
			    r->by_verdict[VERDICT_PASS], r->by_verdict[VERDICT_FAIL],
			    r->by_verdict[VERDICT_SKIP], r->by_verdict[VERDICT_BROKEN]);
	if (r->n < r->planned)
		view_html_paragraph(out, "Interrupted after %zu of %zu tests.", r->n, r->planned);
	view_table_column(&t, VIEW_LEFT, "test");
	view_table_column(&t, VIEW_LEFT, "verdict");
	view_table_column(&t, VIEW_LEFT, "machine");
	view_table_column(&t, VIEW_LEFT, "Linux");
	view_table_column(&t, VIEW_RIGHT, "seconds");
	for (size_t i = 0; i < r->n; i++) {
		view_table_cell(&t, VIEW_PLAIN, "%s", or_unknown(r->results[i].test));
		view_table_cell(&t, tones[r->results[i].verdict], "%s",
				verdict_names[r->results[i].verdict]);
		view_table_cell(&t, VIEW_PLAIN, "%s", result_machine(&r->results[i]));
		view_table_cell(&t, VIEW_PLAIN, "%s", or_unknown(r->results[i].release));
		view_table_cell(&t, VIEW_PLAIN, "%.1f", r->results[i].seconds);
	}
	view_html_table(out, &t);
}

static void end_html(const struct report *r, const struct view_style *s, struct strbuf *out)
{
	(void)s;
	view_html_begin(out, "Tests of memory placement");
	view_html_heading(out, 1, "Tests of memory placement");
	add_summary(out, r);
	for (size_t i = 0; i < r->n; i++)
		add_result(out, &r->results[i]);
	view_html_end(out);
}

const struct report_format report_html = { "html", "a page that stands alone, with plots", NULL,
					   NULL, end_html };
