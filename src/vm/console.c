/* SPDX-License-Identifier: MIT */
/* The end of what a guest printed; see console.h. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vm/console.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"

/* What a dying kernel says, the most telling first. */
static const char *const reasons[] = {
	"Kernel panic - not syncing",
	"Out of memory: Killed process",
	"BUG: ",
	"general protection fault",
	"Oops: ",
	"watchdog: BUG: soft lockup",
};

void console_add(struct console *c, const char *data, size_t len)
{
	if (len > CONSOLE_SIZE) {
		c->seen += len - CONSOLE_SIZE;
		data += len - CONSOLE_SIZE;
		len = CONSOLE_SIZE;
	}
	c->seen += len;
	while (len) {
		size_t part = MIN(len, CONSOLE_SIZE - c->next);

		memcpy(c->data + c->next, data, part);
		c->next = (c->next + part) % CONSOLE_SIZE;
		data += part;
		len -= part;
	}
}

/* The length of the escape sequence at p (ESC [ … letter, or ESC and one more), which ends before
 * end. */
static size_t escape_length(const char *p, const char *end)
{
	const char *q = p + 1;

	if (q == end || *q != '[')
		return q == end ? 1 : 2;
	for (q++; q < end && !(*q >= '@' && *q <= '~'); q++)
		;
	return (size_t)(MIN(q + 1, end) - p);
}

/* All that is kept, in order and printable. */
static char *text(const struct console *c)
{
	_cleanup_free_ char *raw = malloc(CONSOLE_SIZE);
	bool wrapped = c->seen > CONSOLE_SIZE;
	size_t first = wrapped ? CONSOLE_SIZE - c->next : 0, len = first + c->next;
	struct strbuf b = { 0 };

	if (!raw)
		return NULL;
	memcpy(raw, c->data + c->next, first);
	memcpy(raw + first, c->data, c->next);
	for (const char *p = raw; p < raw + len; p++) {
		if (*p == '\033')
			p += escape_length(p, raw + len) - 1;
		else if (*p == '\n' || *p == '\t' || (unsigned char)*p >= ' ')
			strbuf_putc(&b, *p == 0x7f ? '?' : *p);
		else if (*p != '\r')
			strbuf_putc(&b, '?');
	}
	return strbuf_take(&b);
}

char *console_tail(const struct console *c, unsigned max)
{
	_cleanup_free_ char *all = text(c);
	char *start;

	if (!all)
		return NULL;
	start = all + strlen(all);
	while (start > all && start[-1] == '\n')
		*--start = '\0';
	while (start > all && max) {
		if (start[-1] == '\n' && --max == 0)
			break;
		start--;
	}
	return strdup(start);
}

const char *console_reason(const struct console *c, char *ret, size_t size)
{
	_cleanup_free_ char *all = text(c);

	for (size_t i = 0; all && i < ELEMENTSOF(reasons); i++) {
		const char *at = NULL;

		for (const char *p = all; (p = strstr(p, reasons[i])); p++)
			at = p; /* the last one: earlier ones were survived */
		if (!at)
			continue;
		(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\n"), at);
		return ret;
	}
	return NULL;
}
