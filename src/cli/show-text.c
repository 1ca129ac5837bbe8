/* SPDX-License-Identifier: MIT */
/* What `mpol show` collected, as a person reads it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/show.h"
#include "view/bar.h"
#include "view/table.h"

#define BAR_WIDTH 12

struct printer {
	const struct view_style *style;
	struct strbuf *out;
};

static void cell_bytes(struct view_table *t, enum view_tone tone, uint64_t bytes)
{
	char buf[VIEW_BYTES_TEXT];

	view_table_cell(t, bytes ? tone : VIEW_DIM, "%s", view_bytes(buf, bytes));
}

static void cell_bar(const struct printer *p, struct view_table *t, enum view_tone tone,
		     double share)
{
	_cleanup_(strbuf_done) struct strbuf bar = { 0 };

	view_bar(&bar, p->style, share, BAR_WIDTH);
	view_table_cell(t, tone, "%s", strbuf_text(&bar));
}

static void cell_percent(struct view_table *t, enum view_tone tone, double share)
{
	char buf[VIEW_PERCENT_TEXT];

	view_table_cell(t, tone, "%s", view_percent(buf, share));
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* --- Where: nodes by kind --- */

static uint64_t on_node(const struct mpol_placement *p, unsigned node)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
		sum += p->bytes[k][node];
	return sum;
}

static void print_nodes(const struct printer *p, const struct mpol_placement *placement,
			const char *approximately)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };
	struct mpol_nodeset nodes = mpol_placement_nodes(placement);
	double all = (double)mpol_placement_on(placement, NULL);

	view_table_column(&t, VIEW_LEFT, "node");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	view_table_column(&t, VIEW_RIGHT, "share");
	view_table_column(&t, VIEW_RIGHT, "%stotal", approximately);
	for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
		view_table_column(&t, VIEW_RIGHT, "%s",
				  mpol_page_kind_name((enum mpol_page_kind)k));
	if (placement->own_known)
		view_table_column(&t, VIEW_RIGHT, "own");
	for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
	     n = mpol_nodes_next(&nodes, (unsigned)n + 1)) {
		uint64_t here = on_node(placement, (unsigned)n);

		view_table_cell(&t, VIEW_PLAIN, "%d", n);
		cell_bar(p, &t, VIEW_PLAIN, (double)here / all);
		cell_percent(&t, VIEW_PLAIN, (double)here / all);
		cell_bytes(&t, VIEW_BOLD, here);
		for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
			cell_bytes(&t, VIEW_PLAIN, placement->bytes[k][n]);
		if (placement->own_known)
			cell_bytes(&t, VIEW_PLAIN, placement->own[n]);
	}
	view_table_write(&t, p->style, p->out);
}

/* --- Against what: the policies --- */

static void cell_expected(struct view_table *t, const struct show_judged *j)
{
	char nodes[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(&j->expected, nodes, sizeof(nodes)); /* fits by definition */
	switch (j->from) {
	case SHOW_BY_POLICY:
		view_table_cell(t, VIEW_PLAIN, "%s", nodes);
		break;
	case SHOW_BY_CPUS:
		view_table_cell(t, VIEW_PLAIN, "%s, of its CPUs", nodes);
		break;
	case SHOW_UNKNOWN:
		view_table_cell(t, VIEW_WARN, "unknown");
		break;
	}
}

static enum view_tone tone_of(const struct show_judged *j)
{
	return !j->known	   ? VIEW_WARN
	       : j->locality >= 1  ? VIEW_GOOD
	       : j->locality < 0.5 ? VIEW_BAD
				   : VIEW_PLAIN;
}

static void cell_locality(struct view_table *t, const struct show_judged *j, bool sampled)
{
	char middle[VIEW_PERCENT_TEXT], low[VIEW_PERCENT_TEXT], high[VIEW_PERCENT_TEXT];

	if (!j->known)
		view_table_cell(t, VIEW_WARN, "%s", j->governed ? "unknown" : "no pages");
	else if (sampled)
		view_table_cell(t, tone_of(j), "%s (%s to %s)", view_percent(middle, j->locality),
				view_percent(low, j->low), view_percent(high, j->high));
	else
		view_table_cell(t, tone_of(j), "%s", view_percent(middle, j->locality));
}

static void print_policies(const struct printer *p, const struct show_process *s)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };

	if (s->groups.n == 0)
		return;
	strbuf_putc(p->out, '\n');
	view_table_column(&t, VIEW_LEFT, "policy in force");
	view_table_column(&t, VIEW_RIGHT, "mappings");
	view_table_column(&t, VIEW_RIGHT, "placed by it");
	view_table_column(&t, VIEW_RIGHT, "elsewhere");
	view_table_column(&t, VIEW_LEFT, "expected on");
	view_table_column(&t, VIEW_RIGHT, "locality");
	for (size_t i = 0; i < s->groups.n; i++) {
		const struct policy_group *g = &s->groups.groups[i];
		const struct show_judged *j = &s->judged[i];

		view_table_cell(&t, VIEW_BOLD, "%s%s", *g->text ? g->text : "the threads' differ",
				g->policy.cut ? "…" : "");
		if (s->sampled)
			view_table_cell(&t, VIEW_DIM, "-");
		else
			view_table_cell(&t, VIEW_PLAIN, "%zu", g->mappings);
		cell_bytes(&t, VIEW_PLAIN, j->governed);
		if (j->from == SHOW_UNKNOWN)
			view_table_cell(&t, VIEW_WARN, "unknown");
		else
			cell_bytes(&t, VIEW_BAD, j->governed - j->on);
		cell_expected(&t, j);
		cell_locality(&t, j, s->sampled);
	}
	view_table_write(&t, p->style, p->out);
}

/* --- What is to be said besides --- */

static void remark(const struct printer *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void remark(const struct printer *p, const char *fmt, ...)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	strbuf_puts(p->out, "  ");
	view_tone(p->out, p->style, VIEW_DIM, strbuf_text(&text));
	strbuf_putc(p->out, '\n');
}

static bool any_cut(const struct show_process *s)
{
	for (size_t i = 0; i < s->groups.n; i++)
		if (s->groups.groups[i].policy.cut)
			return true;
	return false;
}

static void print_remarks(const struct printer *p, const struct show_process *s)
{
	uint64_t all = placement_governed(&s->total, NULL),
		 own = mpol_placement_own_on(&s->total, NULL);
	char buf[VIEW_BYTES_TEXT];

	if (s->threads.n > 1) {
		remark(p,
		       "The threads' policies differ; mappings without a policy of their own show "
		       "thread %d's:",
		       (int)s->pid);
		for (size_t i = 0; i < s->threads.n; i++)
			remark(p, "  %s: %zu thread%s (%d%s)", s->threads.policies[i].text,
			       s->threads.policies[i].threads,
			       plural(s->threads.policies[i].threads),
			       (int)s->threads.policies[i].first,
			       s->threads.policies[i].threads > 1 ? " and others" : "");
	}
	if (s->sampled)
		remark(p,
		       "Sampled: %llu pages hit at random, +-%.1f%% at 95%% confidence; policies "
		       "of single mappings are "
		       "not told apart (--exact does).",
		       (unsigned long long)s->sampled_pages,
		       mpol_sample_margin(s->sampled_pages) * 100);
	if (s->total.own_known && own < all)
		remark(p,
		       "%s are mapped by other processes as well (inherited by fork, or shared): "
		       "another policy may "
		       "have placed them.",
		       view_bytes(buf, all - own));
	if (any_cut(s))
		remark(p, "The kernel cuts a policy's text at 63 characters: which nodes follow is "
			  "unknown.");
}

static void print_head(const struct printer *p, const struct show_process *s)
{
	_cleanup_(strbuf_done) struct strbuf title = { 0 };
	char buf[VIEW_BYTES_TEXT];

	strbuf_printf(&title, "%s (%d)", *s->name ? s->name : "process", (int)s->pid);
	view_tone(p->out, p->style, VIEW_BOLD, strbuf_text(&title));
	strbuf_printf(p->out, ": %s%s resident, %zu thread%s", s->sampled ? "about " : "",
		      view_bytes(buf, mpol_placement_on(&s->total, NULL)), s->threads.n_threads,
		      plural(s->threads.n_threads));
	if (s->threads.n == 1)
		strbuf_printf(p->out, ", policy %s", s->threads.policies[0].text);
	strbuf_puts(p->out, "\n\n");
}

static void print_process(const struct printer *p, const struct show_process *s)
{
	print_head(p, s);
	if (mpol_placement_on(&s->total, NULL) == 0) {
		remark(p, s->total.known ? "No page is resident: there is no locality to tell."
					 : "No page was hit: where they are is unknown.");
		return;
	}
	print_nodes(p, &s->total, s->sampled ? "~" : "");
	print_policies(p, s);
	print_remarks(p, s);
}

/* --- Many processes --- */

/* A thread of the kernel: it has no mappings, and nothing is to be told of it. */
static bool has_no_memory(const struct show_process *s)
{
	return !s->sampled && s->groups.n == 0;
}

static void print_table(const struct printer *p, const struct show_answer *a)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };
	struct mpol_placement sum = { 0 };
	struct mpol_nodeset nodes;
	size_t kernel = 0;

	for (size_t i = 0; i < a->n; i++)
		if (!a->processes[i].err.errnum)
			mpol_placement_add(&sum, &a->processes[i].total);
	nodes = mpol_placement_nodes(&sum);
	view_table_column(&t, VIEW_RIGHT, "PID");
	view_table_column(&t, VIEW_LEFT, "name");
	view_table_column(&t, VIEW_LEFT, "policy");
	view_table_column(&t, VIEW_RIGHT, "resident");
	for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
	     n = mpol_nodes_next(&nodes, (unsigned)n + 1))
		view_table_column(&t, VIEW_RIGHT, "node %d", n);
	view_table_column(&t, VIEW_RIGHT, "locality");
	for (size_t i = 0; i < a->n; i++) {
		const struct show_process *s = &a->processes[i];

		kernel += !s->err.errnum && has_no_memory(s);
		if (s->err.errnum || has_no_memory(s))
			continue;
		view_table_cell(&t, VIEW_PLAIN, "%d", (int)s->pid);
		view_table_cell(&t, VIEW_PLAIN, "%s", s->name);
		view_table_cell(&t, VIEW_PLAIN, "%s",
				s->threads.n == 1  ? s->threads.policies[0].text
				: s->threads.n > 1 ? "differ"
						   : "-");
		cell_bytes(&t, VIEW_BOLD, mpol_placement_on(&s->total, NULL));
		for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
		     n = mpol_nodes_next(&nodes, (unsigned)n + 1))
			cell_bytes(&t, VIEW_PLAIN, on_node(&s->total, (unsigned)n));
		cell_locality(&t, &s->all, s->sampled);
	}
	view_table_write(&t, p->style, p->out);
	if (kernel)
		remark(p, "and %zu thread%s of the kernel, without memory of their own", kernel,
		       plural(kernel));
	strbuf_puts(p->out, "\nAll together");
	view_tone(p->out, p->style, VIEW_DIM, " (what they share is counted for each)");
	strbuf_puts(p->out, "\n\n");
	print_nodes(p, &sum, "");
}

/* --- A cgroup's own counters --- */

static uint64_t charged(const struct mpol_cgroup_memory *m, unsigned node)
{
	uint64_t sum = 0;

	for (size_t c = 0; c < MPOL_N_MEMORY_CLASSES; c++)
		sum += m->bytes[c][node];
	return sum;
}

static void print_charged(const struct printer *p, const struct mpol_cgroup_memory *m)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };
	double all = 0;

	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		all += (double)charged(m, n);
	view_table_column(&t, VIEW_LEFT, "node");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	view_table_column(&t, VIEW_RIGHT, "charged");
	for (size_t c = 0; c < MPOL_N_MEMORY_CLASSES; c++)
		if (m->known[c])
			view_table_column(&t, VIEW_RIGHT, "%s",
					  mpol_memory_class_name((enum mpol_memory_class)c));
	for (unsigned n = 0; n < MPOL_MAX_NODES; n++) {
		if (!charged(m, n))
			continue;
		view_table_cell(&t, VIEW_PLAIN, "%u", n);
		cell_bar(p, &t, VIEW_PLAIN, (double)charged(m, n) / all);
		cell_bytes(&t, VIEW_BOLD, charged(m, n));
		for (size_t c = 0; c < MPOL_N_MEMORY_CLASSES; c++)
			if (m->known[c])
				cell_bytes(&t, VIEW_PLAIN, m->bytes[c][n]);
	}
	view_table_write(&t, p->style, p->out);
	strbuf_putc(p->out, '\n');
}

static void print_cgroup(const struct printer *p, const struct show_cgroup *c, size_t n)
{
	_cleanup_(strbuf_done) struct strbuf title = { 0 };

	strbuf_printf(&title, "cgroup %s", c->path);
	view_tone(p->out, p->style, VIEW_BOLD, strbuf_text(&title));
	strbuf_printf(p->out, ": %zu process%s\n\n", n, n == 1 ? "" : "es");
	if (c->memory_known)
		print_charged(p, &c->memory);
}

static size_t count_read(const struct show_answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->processes[i].err.errnum == 0;
	return n;
}

void show_text(const struct show_answer *a, const struct view_style *style, struct strbuf *out)
{
	const struct printer p = { style, out };
	size_t n = count_read(a);

	if (a->cgroup)
		print_cgroup(&p, a->cgroup, a->n);
	if (n > 1)
		print_table(&p, a);
	for (size_t i = 0; n == 1 && i < a->n; i++)
		if (a->processes[i].err.errnum == 0)
			print_process(&p, &a->processes[i]);
}
