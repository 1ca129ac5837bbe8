/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML, as Jenkins, GitLab and others read it: a failure is a failed check, an error is a
 * broken test. Written at the end, since the counts stand at the top. Source: the schema of the
 * Jenkins xUnit plugin (junit-10.xsd).
 */
#include "harness/report.h"

/* XML 1.0 cannot say most control characters, not even escaped. */
static void put_text(struct strbuf *out, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			strbuf_puts(out, "&amp;");
		else if (c == '<')
			strbuf_puts(out, "&lt;");
		else if (c == '>')
			strbuf_puts(out, "&gt;");
		else if (c == '"')
			strbuf_puts(out, "&quot;");
		else if (c == '\n' || c == '\t')
			strbuf_printf(out, "&#%u;", c);
		else if (c < ' ' || c == 0x7f)
			strbuf_putc(out, '?');
		else
			strbuf_putc(out, *text);
	}
}

static void put_attribute(struct strbuf *out, const char *name, const char *value)
{
	strbuf_printf(out, " %s=\"", name);
	put_text(out, value ? value : "");
	strbuf_putc(out, '"');
}

/* The checks that failed, a line each; with their values, as in the other reports. */
static void put_checks(struct strbuf *out, const struct mpol_result *r)
{
	for (size_t i = 0; i < r->n_cgroups; i++)
		for (size_t k = 0; k < r->cgroups[i].n_checks; k++) {
			const struct result_check *c = &r->cgroups[i].checks[k];

			if (c->holds)
				continue;
			strbuf_puts(out, "cgroup ");
			put_text(out, r->cgroups[i].name);
			strbuf_printf(out, ": %s is ", metrics[c->metric].name);
			if (c->value.known)
				strbuf_printf(out, "%.6g", c->value.value);
			else
				strbuf_puts(out, "unknown");
			strbuf_printf(out, ", %s %.6g %s (%s)\n",
				      c->bound.kind == MPOL_MINIMUM ? "at least" : "at most",
				      c->bound.value, metrics[c->metric].unit,
				      bound_layer_names[c->layer]);
		}
}

static void put_end(struct strbuf *out, const struct mpol_result *r, const char *element)
{
	strbuf_printf(out, "    <%s", element);
	put_attribute(out, "message", r->has_error ? r->error.what : "a check does not hold");
	if (r->has_error && r->error.rule)
		put_attribute(out, "type", r->error.rule);
	strbuf_puts(out, ">");
	put_checks(out, r);
	if (r->has_error) {
		put_text(out, r->error.where);
		put_text(out, r->error.where ? ": " : "");
		put_text(out, r->error.what);
		put_text(out, "\n");
		put_text(out, r->error.hint);
	}
	strbuf_printf(out, "</%s>\n", element);
}

/* On several machines the kernel tells two results apart, too. */
static void put_class(struct strbuf *out, const struct report *report, const struct mpol_result *r)
{
	strbuf_puts(out, " classname=\"");
	put_text(out, result_machine(r));
	if (report->gauntlet) {
		strbuf_puts(out, ", Linux ");
		put_text(out, r->release ? r->release : "?");
	}
	strbuf_putc(out, '"');
}

static void put_case(struct strbuf *out, const struct report *report, const struct mpol_result *r)
{
	strbuf_puts(out, "  <testcase");
	put_class(out, report, r);
	put_attribute(out, "name", r->test);
	strbuf_printf(out, " time=\"%.3f\">\n", r->seconds);
	switch (r->verdict) {
	case VERDICT_FAIL:
		put_end(out, r, "failure");
		break;
	case VERDICT_BROKEN:
		put_end(out, r, "error");
		break;
	case VERDICT_SKIP:
		strbuf_puts(out, "    <skipped");
		put_attribute(out, "message", r->error.what);
		strbuf_puts(out, "/>\n");
		break;
	case VERDICT_PASS:
	case N_VERDICTS:
		break;
	}
	if (r->console && *r->console) {
		strbuf_puts(out, "    <system-err>");
		put_text(out, r->console);
		strbuf_puts(out, "</system-err>\n");
	}
	strbuf_puts(out, "  </testcase>\n");
}

static void end_junit(const struct report *r, const struct view_style *s, struct strbuf *out)
{
	double seconds = 0;

	(void)s;
	for (size_t i = 0; i < r->n; i++)
		seconds += r->results[i].seconds;
	strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	strbuf_printf(out,
		      "<testsuite name=\"mpol\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		      "skipped=\"%zu\" time=\"%.3f\">\n",
		      r->n, r->by_verdict[VERDICT_FAIL], r->by_verdict[VERDICT_BROKEN],
		      r->by_verdict[VERDICT_SKIP], seconds);
	for (size_t i = 0; i < r->n; i++)
		put_case(out, r, &r->results[i]);
	strbuf_puts(out, "</testsuite>\n");
}

const struct report_format report_junit = { "junit", "JUnit XML, for continuous integration", NULL,
					    NULL, end_junit };
