/* SPDX-License-Identifier: MIT */
/* A growing string; see strbuf.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

/* Makes room for len more bytes and a NUL. */
static bool reserve(struct strbuf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	if (b->failed)
		return false;
	if (b->len + len < b->cap)
		return true;
	while (cap <= b->len + len)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *b, const char *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void strbuf_puts(struct strbuf *b, const char *text)
{
	strbuf_add(b, text, strlen(text));
}

/* C0, DEL, and C1 (ECMA-48): U+0080 to U+009F, and to old terminals the lone bytes as well. */
static bool is_control(const unsigned char *p, size_t length)
{
	if (length == 2)
		return p[0] == 0xC2 && p[1] < 0xA0;
	return length < 2 && (p[0] < 0x20 || (p[0] >= 0x7F && p[0] < 0xA0));
}

void strbuf_puts_visible(struct strbuf *b, const char *text)
{
	for (size_t left = strlen(text); left;) {
		size_t length = utf8_length(text, left), n = length ? length : 1;

		if (is_control((const unsigned char *)text, length))
			strbuf_putc(b, '?');
		else
			strbuf_add(b, text, n);
		text += n;
		left -= n;
	}
}

void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !reserve(b, (size_t)n))
		return;
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap); /* measured just now */
	b->len += (size_t)n;
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

void strbuf_clear(struct strbuf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

char *strbuf_take(struct strbuf *b)
{
	char *data;

	strbuf_add(b, "", 0); /* so that the empty string is a string, too */
	data = b->data;
	if (b->failed) {
		free(data);
		data = NULL;
	}
	*b = (struct strbuf){ 0 };
	return data;
}

const char *strbuf_text(const struct strbuf *b)
{
	return b->data ? b->data : "";
}

void strbuf_done(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){ 0 };
}
