/* SPDX-License-Identifier: MIT */
/* The formats for programs that read along: TAP 14 and JSON lines. */
#include "harness/report.h"

/* --- TAP 14, https://testanything.org/tap-version-14-specification.html --- */

/* In descriptions and directives a '#' and a backslash are escaped; newlines cannot be said. */
static void tap_text(struct strbuf *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '#' || *text == '\\')
			strbuf_putc(out, '\\');
		strbuf_putc(out, *text == '\n' ? ' ' : *text);
	}
}

/* A YAML string in double quotes, which takes everything. */
static void yaml_member(struct strbuf *out, const char *key, const char *text)
{
	if (!text)
		return;
	strbuf_printf(out, "  %s: \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			strbuf_printf(out, "\\x%02x", (unsigned char)*text);
		else
			strbuf_putc(out, *text);
	}
	strbuf_puts(out, "\"\n");
}

static void tap_checks(const struct mpol_result *r, struct strbuf *out)
{
	for (size_t i = 0; i < r->n_cgroups; i++)
		for (size_t k = 0; k < r->cgroups[i].n_checks; k++) {
			const struct result_check *c = &r->cgroups[i].checks[k];

			strbuf_printf(out, "  %s/%s: ", r->cgroups[i].name, metrics[c->metric].key);
			if (c->value.known)
				strbuf_printf(out, "%.6g", c->value.value);
			else
				strbuf_puts(out, "unknown");
			strbuf_printf(out, " # %s %.6g (%s): %s\n",
				      c->bound.kind == MPOL_MINIMUM ? "at least" : "at most",
				      c->bound.value, bound_layer_names[c->layer],
				      c->holds ? "holds" : "fails");
		}
}

static void begin_tap(const struct report *r, struct strbuf *out)
{
	strbuf_printf(out, "TAP version 14\n1..%zu\n", r->planned);
}

static void show_tap(const struct report *report, const struct view_style *s, struct strbuf *out)
{
	const struct mpol_result *r = &report->results[report->n - 1];
	bool ok = r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP;

	(void)s;
	strbuf_printf(out, "%s %zu - %s", ok ? "ok" : "not ok", report->n, r->test);
	if (report->gauntlet) {
		strbuf_puts(out, " on ");
		tap_text(out, result_machine(r));
		strbuf_puts(out, ", Linux ");
		tap_text(out, r->release ? r->release : "?");
	}
	if (r->verdict == VERDICT_SKIP) {
		strbuf_puts(out, " # SKIP ");
		tap_text(out, r->error.what);
		strbuf_putc(out, '\n');
		return;
	}
	strbuf_puts(out, "\n  ---\n");
	yaml_member(out, "verdict", verdict_names[r->verdict]);
	yaml_member(out, "ended", r->must_end ? verdict_names[r->ended] : NULL);
	yaml_member(out, "must_end", r->must_end);
	yaml_member(out, "why", r->why);
	yaml_member(out, "machine", r->place);
	yaml_member(out, "asked", r->asked);
	yaml_member(out, "release", r->release);
	strbuf_printf(out, "  seconds: %.3f\n", r->seconds);
	if (r->has_error) {
		yaml_member(out, "rule", r->error.rule);
		yaml_member(out, "where", r->error.where);
		yaml_member(out, "what", r->error.what);
		yaml_member(out, "hint", r->error.hint);
	}
	tap_checks(r, out);
	strbuf_puts(out, "  ...\n");
}

/* A run that was cut short says so, as the plan counts what did not come. */
static void end_tap(const struct report *r, const struct view_style *s, struct strbuf *out)
{
	(void)s;
	if (r->n < r->planned)
		strbuf_printf(out, "Bail out! interrupted after %zu of %zu tests\n", r->n,
			      r->planned);
}

const struct report_format report_tap = { "tap", "TAP 14, for test harnesses", begin_tap, show_tap,
					  end_tap };

/* --- JSON: a line per result. --- */

static void show_json(const struct report *report, const struct view_style *s, struct strbuf *out)
{
	(void)s;
	result_write(&report->results[report->n - 1], out);
	strbuf_putc(out, '\n');
}

const struct report_format report_json = { "json", "a line of JSON for each test", NULL, show_json,
					   NULL };
