/* SPDX-License-Identifier: MIT */
/* Shares as small bars, and sizes as people read them; see bar.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/bar.h"
#include "base/macros.h"

/* Filled part in steps of 1/steps column, so that neither "some" looks like none nor "not all" like
 * all. */
static unsigned filled_steps(double share, unsigned width, unsigned steps)
{
	unsigned all = width * steps;
	unsigned filled = share <= 0 ? 0 : share >= 1 ? all : (unsigned)(share * all + 0.5);

	if (share < 1 && filled >= all && filled > 0)
		filled = all - 1;
	if (share > 0 && filled == 0)
		filled = 1;
	return filled;
}

static void unknown_bar(struct strbuf *out, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		strbuf_putc(out, '?');
}

void view_bar(struct strbuf *out, const struct view_style *s, double share, unsigned width)
{
	/* U+258F LEFT ONE EIGHTH BLOCK to U+2588 FULL BLOCK */
	static const char *const eighths[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
	unsigned steps = s->utf8 ? 8 : 1, filled;

	if (isnan(share)) {
		unknown_bar(out, width);
		return;
	}
	filled = filled_steps(share, width, steps);
	for (unsigned i = 0; i < width; i++) {
		unsigned here = MIN(filled, steps);

		filled -= here;
		strbuf_puts(out, s->utf8 ? eighths[here] : here ? "#" : ".");
	}
}

const char *view_bytes(char buf[VIEW_BYTES_TEXT], uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes == 0)
		return strcpy(buf, "0");
	/* 1023.95 would be printed as 1024.0: the next unit says it better. */
	while (value >= 1023.95 && unit + 1 < ELEMENTSOF(units)) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(buf, VIEW_BYTES_TEXT, "%.1f", value); /* at most "1023.9" */
	if (strlen(buf) > 2 && STREQ(buf + strlen(buf) - 2, ".0"))
		buf[strlen(buf) - 2] = '\0';
	(void)snprintf(buf + strlen(buf), VIEW_BYTES_TEXT - strlen(buf), " %s", units[unit]);
	return buf;
}

const char *view_percent(char buf[VIEW_PERCENT_TEXT], double share)
{
	const char *text = isnan(share)	   ? "unknown"
			   : share <= 0	   ? "0%"
			   : share >= 1	   ? "100%"
			   : share < 0.001 ? "<0.1%"
			   : share > 0.999 ? ">99.9%"
					   : NULL;

	if (text)
		return strcpy(buf, text);
	(void)snprintf(buf, VIEW_PERCENT_TEXT, "%.1f", share * 100);
	if (STREQ(buf + strlen(buf) - 2, ".0"))
		buf[strlen(buf) - 2] = '\0';
	return strcat(buf, "%");
}

const char *view_count(char buf[VIEW_COUNT_TEXT], uint64_t count)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	char *p = buf;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return buf;
}
