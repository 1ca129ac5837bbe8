/* SPDX-License-Identifier: MIT */
/* OpenMetrics text; see metrics.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/metrics.h"
#include "base/utf8.h"

static const struct {
	const char *name, *suffix;
} types[VIEW_N_METRIC_TYPES] = {
	[VIEW_GAUGE] = { "gauge", "" },
	[VIEW_COUNTER] = { "counter", "_total" },
	[VIEW_INFO] = { "info", "_info" },
};

/* The text is UTF-8 to its readers: other bytes, as names of processes may have, become U+FFFD. */
static void add_escaped(struct strbuf *out, const char *text)
{
	size_t left = strlen(text), len;

	for (; left; text += len, left -= len) {
		len = utf8_length(text, left);
		if (len == 0) {
			strbuf_puts(out, "\xef\xbf\xbd");
			len = 1;
		} else if (*text == '\n') {
			strbuf_puts(out, "\\n");
		} else if (*text == '"' || *text == '\\') {
			strbuf_printf(out, "\\%c", *text);
		} else {
			strbuf_add(out, text, len);
		}
	}
}

void view_metric_family(struct strbuf *out, const char *name, enum view_metric_type type,
			const char *unit, const char *help)
{
	strbuf_printf(out, "# TYPE %s %s\n", name, types[type].name);
	if (*unit)
		strbuf_printf(out, "# UNIT %s %s\n", name, unit);
	strbuf_printf(out, "# HELP %s ", name);
	add_escaped(out, help);
	strbuf_putc(out, '\n');
}

/* The shortest text that reads back equal. */
static void add_shortest(struct strbuf *out, double value)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits,
			       value); /* at most 24 characters */
		if (strtod(text, NULL) == value)
			break;
	}
	strbuf_printf(out, " %s\n", text);
}

static void add_labels(struct strbuf *out, const struct view_label *labels)
{
	const char *before = "{";

	for (; labels && labels->name; labels++) {
		if (!labels->value)
			continue;
		strbuf_printf(out, "%s%s=\"", before, labels->name);
		add_escaped(out, labels->value);
		strbuf_putc(out, '"');
		before = ",";
	}
	if (*before == ',')
		strbuf_putc(out, '}');
}

void view_metric_sample(struct strbuf *out, const char *name, enum view_metric_type type,
			const struct view_label *labels, double value)
{
	if (isnan(value))
		return;
	strbuf_printf(out, "%s%s", name, types[type].suffix);
	add_labels(out, labels);
	if (type == VIEW_INFO)
		strbuf_puts(out, " 1\n");
	else if (value >= 0 && value < 9007199254740992.0 &&
		 value == (double)(unsigned long long)value)
		strbuf_printf(out, " %llu\n", (unsigned long long)value);
	else if (isinf(value))
		strbuf_puts(out, value > 0 ? " +Inf\n" : " -Inf\n");
	else
		add_shortest(out, value);
}

void view_metrics_end(struct strbuf *out)
{
	strbuf_puts(out, "# EOF\n");
}
