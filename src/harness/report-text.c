/* SPDX-License-Identifier: MIT */
/* A result as a person wants to read it: the machine, who ran where, where the pages are, what was
 * expected. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/report.h"
#include "view/bar.h"
#include "view/table.h"

#define SHARE_MOVED   0.05 /* of the bytes: a node has more or less of them than before */
#define MOMENTS_SHOWN 6
#define BAR_WIDTH     24
#define CONSOLE_LINES 20

static const enum view_tone tones[N_VERDICTS] = {
	[VERDICT_PASS] = VIEW_GOOD,
	[VERDICT_FAIL] = VIEW_BAD,
	[VERDICT_SKIP] = VIEW_WARN,
	[VERDICT_BROKEN] = VIEW_BAD,
};

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void show_boot(const struct mpol_result *r, struct strbuf *out)
{
	if (r->accel)
		strbuf_printf(out, ", %s, booted in %.1f s",
			      STREQ(r->accel, "tcg") ? "emulated" : r->accel, r->boot_seconds);
	strbuf_putc(out, '\n');
}

static void show_machine(const struct mpol_result *r, const struct view_style *s,
			 struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 4 };
	char bytes[VIEW_BYTES_TEXT];

	strbuf_printf(out, "  machine %s, Linux %s, %u last-level cache%s", result_machine(r),
		      or_unknown(r->release), r->llcs, r->llcs == 1 ? "" : "s");
	show_boot(r, out);
	if (r->were)
		strbuf_printf(out, "    its nodes were %s\n", r->were);
	view_table_column(&t, VIEW_LEFT, "%s", "");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	view_table_column(&t, VIEW_RIGHT, "%s", "");
	for (size_t i = 0; i < r->n_nodes; i++) {
		const struct result_node *n = &r->nodes[i];

		view_table_cell(&t, VIEW_PLAIN, "node %u", n->id);
		if (n->cpus && *n->cpus)
			view_table_cell(&t, VIEW_PLAIN, "CPUs %s", n->cpus);
		else
			view_table_cell(&t, VIEW_DIM, "memory only");
		view_table_cell(&t, VIEW_PLAIN, "%s",
				n->memory ? view_bytes(bytes, n->memory) : "no memory");
	}
	view_table_write(&t, s, out);
}

/* Whether the list names the node; the lists are ours and short. */
static bool list_has(const char *list, unsigned node)
{
	struct mpol_nodeset set;

	return list && mpol_nodes_parse(list, &set, NULL) == 0 && mpol_nodes_has(&set, node);
}

/* The nodes worth a row: those with pages, and those where pages were expected. */
static struct mpol_nodeset nodes_shown(const struct result_cgroup *c)
{
	struct mpol_nodeset set = { { 0 } };

	if (c->expected && mpol_nodes_parse(c->expected, &set, NULL) < 0)
		set = (struct mpol_nodeset){ { 0 } };
	for (size_t i = 0; i < c->n_amounts; i++)
		mpol_nodes_add(&set, c->amounts[i].node);
	return set;
}

static uint64_t bytes_on(const struct result_cgroup *c, unsigned node)
{
	for (size_t i = 0; i < c->n_amounts; i++)
		if (c->amounts[i].node == node)
			return c->amounts[i].bytes;
	return 0;
}

static void show_pages(const struct result_cgroup *c, const struct view_style *s,
		       struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 4 };
	struct mpol_nodeset shown = nodes_shown(c);
	char bytes_text[VIEW_BYTES_TEXT], percent[VIEW_PERCENT_TEXT];
	uint64_t total = 0;

	for (size_t i = 0; i < c->n_amounts; i++)
		total += c->amounts[i].bytes;
	if (!c->placed || total == 0) {
		strbuf_printf(out, "    no pages were observed\n");
		return;
	}
	for (size_t i = 0; i < 5; i++)
		view_table_column(&t, i == 2 || i == 3 ? VIEW_RIGHT : VIEW_LEFT, "%s", "");
	for (int node = mpol_nodes_next(&shown, 0); node >= 0;
	     node = mpol_nodes_next(&shown, (unsigned)node + 1)) {
		uint64_t bytes = bytes_on(c, (unsigned)node);
		double share = (double)bytes / (double)total;
		bool expected = list_has(c->expected, (unsigned)node);
		_cleanup_(strbuf_done) struct strbuf bar = { 0 };

		view_bar(&bar, s, share, BAR_WIDTH);
		view_table_cell(&t, VIEW_PLAIN, "node %d", node);
		view_table_cell(&t, expected ? VIEW_GOOD : VIEW_BAD, "%s", strbuf_text(&bar));
		view_table_cell(&t, VIEW_PLAIN, "%s", view_bytes(bytes_text, bytes));
		view_table_cell(&t, VIEW_PLAIN, "%s", view_percent(percent, share));
		view_table_cell(&t, expected ? VIEW_DIM : VIEW_BAD, "%s",
				expected ? "expected" : "elsewhere");
	}
	view_table_write(&t, s, out);
}

static double share_on(const struct result_amounts *a, unsigned node, double total)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->of[i].node == node)
			return (double)a->of[i].bytes / total;
	return 0;
}

static double total_of(const struct result_amounts *a)
{
	double total = 0;

	for (size_t i = 0; i < a->n; i++)
		total += (double)a->of[i].bytes;
	return total;
}

/* Whether some node has another share at the one moment than at the other. */
static bool differs(const struct result_amounts *a, const struct result_amounts *b)
{
	double of_a = total_of(a), of_b = total_of(b);

	for (size_t i = 0; i < a->n + b->n; i++) {
		unsigned node = i < a->n ? a->of[i].node : b->of[i - a->n].node;

		if (fabs(share_on(a, node, of_a) - share_on(b, node, of_b)) >= SHARE_MOVED)
			return true;
	}
	return false;
}

static void show_moment(const struct result_point *p, struct strbuf *out)
{
	char bytes[VIEW_BYTES_TEXT];

	strbuf_printf(out, "%.2f s", p->seconds);
	for (size_t i = 0; i < p->all.n; i++)
		strbuf_printf(out, "%s node %u %s", i ? "," : "", p->all.of[i].node,
			      view_bytes(bytes, p->all.of[i].bytes));
}

/* The moments at which pages were found elsewhere than before; where none moved, nothing. */
static void show_moves(const struct result_cgroup *c, struct strbuf *out)
{
	const struct result_point *last = NULL;
	size_t shown = 0;

	for (size_t i = 0; i < c->n_points; i++) {
		const struct result_point *p = &c->points[i];

		if (p->all.n == 0 || (last && !differs(&last->all, &p->all)))
			continue;
		if (last && shown == 0) {
			strbuf_puts(out, "    over time: ");
			show_moment(last, out);
			shown++;
		}
		last = p;
		if (shown == 0)
			continue; /* the first; perhaps the only one */
		if (shown++ == MOMENTS_SHOWN) {
			strbuf_puts(out, "; …");
			break;
		}
		strbuf_puts(out, "; ");
		show_moment(p, out);
	}
	if (shown)
		strbuf_putc(out, '\n');
}

/* What its pages are, where they are of several kinds. */
static void show_kinds(const struct result_cgroup *c, struct strbuf *out)
{
	const struct result_point *p = c->n_points ? &c->points[c->n_points - 1] : NULL;
	char bytes[VIEW_BYTES_TEXT];
	bool first = true;

	if (!p || result_kinds(p) < 2)
		return;
	strbuf_puts(out, "    of these");
	for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++) {
		if (p->kinds[kind].n == 0)
			continue;
		strbuf_printf(out, "%s %s", first ? ":" : ";",
			      mpol_page_kind_name((enum mpol_page_kind)kind));
		first = false;
		for (size_t i = 0; i < p->kinds[kind].n; i++)
			strbuf_printf(out, "%s %s on node %u", i ? "," : "",
				      view_bytes(bytes, p->kinds[kind].of[i].bytes),
				      p->kinds[kind].of[i].node);
	}
	strbuf_putc(out, '\n');
}

/* "1", "0.8333", "37": as many digits as matter. */
static const char *number(char buf[32], double value)
{
	(void)snprintf(buf, 32, fabs(value) < 1e6 ? "%.4g" : "%.0f", value);
	return buf;
}

static void show_checks(const struct result_cgroup *c, const struct view_style *s,
			struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 4 };
	char value[32], bound[32];

	for (size_t i = 0; i < 4; i++)
		view_table_column(&t, i == 1 ? VIEW_RIGHT : VIEW_LEFT, "%s", "");
	for (size_t i = 0; i < c->n_checks; i++) {
		const struct result_check *k = &c->checks[i];

		view_table_cell(&t, VIEW_PLAIN, "%s", metrics[k->metric].name);
		view_table_cell(&t, k->holds ? VIEW_PLAIN : VIEW_BAD, "%s",
				k->value.known ? number(value, k->value.value) : "unknown");
		view_table_cell(&t, VIEW_DIM, "%s %s %s (%s)",
				k->bound.kind == MPOL_MINIMUM ? "at least" : "at most",
				number(bound, k->bound.value), metrics[k->metric].unit,
				bound_layer_names[k->layer]);
		view_table_cell(&t, k->holds ? VIEW_GOOD : VIEW_BAD, "%s",
				k->holds ? "holds" : "fails");
	}
	view_table_write(&t, s, out);
}

/* What each group did, in a line. */
static void show_works(const struct result_cgroup *c, struct strbuf *out)
{
	char rate[32], bytes[VIEW_BYTES_TEXT];

	for (size_t i = 0; i < c->n_works; i++) {
		const struct result_work *k = &c->works[i];

		strbuf_printf(out, "    %u x %s", k->workers, or_unknown(k->kind));
		if (c->n_works > 1)
			strbuf_printf(out, ", policy %s", or_unknown(k->policy));
		if (k->latency > 0)
			strbuf_printf(out, ": %.1f ns a load", k->latency);
		else if (k->bandwidth > 0)
			strbuf_printf(out, ": %s/s", view_bytes(bytes, (uint64_t)k->bandwidth));
		else if (k->has_rate)
			strbuf_printf(out, ": %s %s/s", number(rate, k->rate), or_unknown(k->unit));
		strbuf_printf(out, ", %.2f s of CPU, %llu migration%s\n", k->cpu_seconds,
			      (unsigned long long)k->migrations, k->migrations == 1 ? "" : "s");
	}
}

static void show_cgroup(const struct result_cgroup *c, const struct view_style *s,
			struct strbuf *out)
{
	strbuf_puts(out, "  cgroup ");
	view_tone(out, s, VIEW_BOLD, or_unknown(c->name));
	strbuf_printf(out, ": %u worker%s on CPUs %s, mems %s, policy %s\n", c->workers,
		      c->workers == 1 ? "" : "s", or_unknown(c->cpus), or_unknown(c->mems),
		      or_unknown(c->policy));
	show_works(c, out);
	show_pages(c, s, out);
	show_kinds(c, out);
	show_moves(c, out);
	show_checks(c, s, out);
}

static void show_error(const char *label, const struct result_error *e, const struct view_style *s,
		       struct strbuf *out)
{
	strbuf_printf(out, "  %s", label);
	if (e->where)
		strbuf_printf(out, "%s: ", e->where);
	view_tone(out, s, VIEW_PLAIN, or_unknown(e->what));
	strbuf_putc(out, '\n');
	if (e->why)
		strbuf_printf(out, "      %s   [%s]\n", e->why, or_unknown(e->rule));
	if (e->hint)
		strbuf_printf(out, "      Hint: %s\n", e->hint);
}

/* The last lines, indented. */
static void show_console(const char *console, struct strbuf *out)
{
	const char *from = console ? console + strlen(console) : NULL;
	unsigned lines = 0;

	if (!console || !*console)
		return;
	while (from > console && (lines += from[-1] == '\n') <= CONSOLE_LINES)
		from--;
	strbuf_puts(out, "  the guest's last words:\n");
	while (*from) {
		size_t len = strcspn(from, "\n");

		strbuf_puts(out, "    | ");
		strbuf_add(out, from, len);
		strbuf_putc(out, '\n');
		from += len + (from[len] == '\n');
	}
}

static void show_verdict(const struct mpol_result *r, const struct view_style *s,
			 struct strbuf *out)
{
	strbuf_puts(out, "  ");
	view_tone(out, s, tones[r->verdict], verdict_names[r->verdict]);
	if (r->must_end && r->ended != VERDICT_SKIP)
		strbuf_printf(out, ": it ended \"%s\", declared to end \"%s\"",
			      verdict_names[r->ended], r->must_end);
	strbuf_printf(out, " (%.1f s)\n\n", r->seconds);
}

static void show_text(const struct report *report, const struct view_style *s, struct strbuf *out)
{
	const struct mpol_result *r = &report->results[report->n - 1];

	view_tone(out, s, VIEW_BOLD, or_unknown(r->test));
	if (r->why)
		strbuf_printf(out, ": %s", r->why);
	strbuf_putc(out, '\n');
	if (r->ended != VERDICT_SKIP && r->n_nodes)
		show_machine(r, s, out);
	else if (report->gauntlet)
		strbuf_printf(out, "  machine %s, Linux %s\n", result_machine(r),
			      or_unknown(r->release));
	for (size_t i = 0; i < r->n_cgroups; i++)
		show_cgroup(&r->cgroups[i], s, out);
	/* Where all went well, nobody asks why. */
	for (size_t i = 0; i < r->n_notes && r->ended != VERDICT_PASS; i++)
		show_error("note: ", &r->notes[i], s, out);
	if (r->has_error)
		show_error("", &r->error, s, out);
	show_console(r->console, out);
	show_verdict(r, s, out);
}

static bool is_same_machine(const struct mpol_result *a, const struct mpol_result *b)
{
	return STREQ(result_machine(a), result_machine(b)) &&
	       STREQ(or_unknown(a->release), or_unknown(b->release));
}

/* Whether an earlier result is of the same machine. */
static bool was_seen(const struct report *r, size_t of)
{
	for (size_t i = 0; i < of; i++)
		if (is_same_machine(&r->results[i], &r->results[of]))
			return true;
	return false;
}

/* How each machine did, in the order of their first results. */
static void show_machines(const struct report *r, const struct view_style *s, struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { 0 };

	view_table_column(&t, VIEW_LEFT, "machine");
	view_table_column(&t, VIEW_LEFT, "Linux");
	for (size_t v = 0; v < N_VERDICTS; v++)
		view_table_column(&t, VIEW_RIGHT, "%s", verdict_names[v]);
	for (size_t i = 0; i < r->n; i++) {
		size_t by_verdict[N_VERDICTS] = { 0 };

		if (was_seen(r, i))
			continue;
		for (size_t k = i; k < r->n; k++)
			by_verdict[r->results[k].verdict] +=
				is_same_machine(&r->results[i], &r->results[k]);
		view_table_cell(&t, VIEW_PLAIN, "%s", result_machine(&r->results[i]));
		view_table_cell(&t, VIEW_PLAIN, "%s", or_unknown(r->results[i].release));
		for (size_t v = 0; v < N_VERDICTS; v++)
			view_table_cell(&t, by_verdict[v] ? tones[v] : VIEW_DIM, "%zu",
					by_verdict[v]);
	}
	view_table_write(&t, s, out);
	strbuf_putc(out, '\n');
}

static void end_text(const struct report *r, const struct view_style *s, struct strbuf *out)
{
	if (r->gauntlet)
		show_machines(r, s, out);
	if (r->n < r->planned)
		strbuf_printf(out, "interrupted after %zu of %zu tests\n", r->n, r->planned);
	strbuf_printf(out, "%zu passed, %zu failed, %zu skipped, %zu broken\n",
		      r->by_verdict[VERDICT_PASS], r->by_verdict[VERDICT_FAIL],
		      r->by_verdict[VERDICT_SKIP], r->by_verdict[VERDICT_BROKEN]);
}

const struct report_format report_text = { "text", "for people", NULL, show_text, end_text };
