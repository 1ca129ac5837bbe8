/* SPDX-License-Identifier: MIT */
/* A streaming writer of JSON; see write.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/write.h"

struct json_writer json_writer(struct strbuf *out, enum json_style style)
{
	return (struct json_writer){ .out = out, .style = style };
}

static void new_line(struct json_writer *w)
{
	if (w->style != JSON_INDENTED)
		return;
	strbuf_putc(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		strbuf_add(w->out, "  ", 2);
}

/* What stands in front of a key, or of a value that has none: a comma, a new line. */
static void begin_member(struct json_writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->filled)
		strbuf_putc(w->out, ',');
	if (w->depth)
		new_line(w);
	w->filled = true;
}

static void begin(struct json_writer *w, char bracket)
{
	begin_member(w);
	strbuf_putc(w->out, bracket);
	w->depth++;
	w->filled = false;
}

static void end(struct json_writer *w, char bracket)
{
	bool filled = w->filled;

	w->depth--;
	if (filled)
		new_line(w);
	strbuf_putc(w->out, bracket);
	w->filled = true;
}

void json_begin_object(struct json_writer *w)
{
	begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
	end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
	begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
	end(w, ']');
}

void json_newline(struct json_writer *w)
{
	strbuf_putc(w->out, '\n');
	w->filled = false;
}

/* Whether a byte stands for itself inside a JSON string. */
static bool is_plain(unsigned char c)
{
	/* ASCII from 0x20 on, 16 characters a line */
	/* clang-format off */
	static const bool plain[256] = {
		[0x20] = 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* not '"' */
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, /* not '\\' */
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, /* not DEL */
	};
	/* clang-format on */

	return plain[c];
}

/* Writes the character at text that is not plain; returns its length in bytes. */
static size_t escape(struct strbuf *out, const char *text, size_t len)
{
	static const char short_form[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
					   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\' };
	unsigned char c = (unsigned char)*text;
	size_t n = utf8_length(text, len);

	if (n == 0) {
		strbuf_puts(out, "\\ufffd");
		return 1;
	}
	if (n > 1) {
		strbuf_add(out, text, n);
		return n;
	}
	if (c < sizeof(short_form) && short_form[c]) {
		strbuf_putc(out, '\\');
		strbuf_putc(out, short_form[c]);
	} else {
		strbuf_printf(out, "\\u%04x", c);
	}
	return 1;
}

static void quote(struct strbuf *out, const char *text, size_t len)
{
	size_t done = 0;

	strbuf_putc(out, '"');
	for (size_t i = 0; i < len;) {
		if (is_plain((unsigned char)text[i])) {
			i++;
			continue;
		}
		strbuf_add(out, text + done, i - done);
		i += escape(out, text + i, len - i);
		done = i;
	}
	strbuf_add(out, text + done, len - done);
	strbuf_putc(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
	begin_member(w);
	quote(w->out, key, strlen(key));
	strbuf_putc(w->out, ':');
	if (w->style == JSON_INDENTED)
		strbuf_putc(w->out, ' ');
	w->after_key = true;
}

void json_write_string_len(struct json_writer *w, const char *text, size_t len)
{
	begin_member(w);
	quote(w->out, text, len);
}

void json_write_raw(struct json_writer *w, const char *json)
{
	begin_member(w);
	strbuf_puts(w->out, json);
}

void json_write_null(struct json_writer *w)
{
	json_write_raw(w, "null");
}

void json_write_bool(struct json_writer *w, bool value)
{
	json_write_raw(w, value ? "true" : "false");
}

void json_write_string(struct json_writer *w, const char *text)
{
	if (text)
		json_write_string_len(w, text, strlen(text));
	else
		json_write_null(w);
}

static void number(struct json_writer *w, bool negative, uint64_t magnitude)
{
	char digits[24], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + magnitude % 10);
	while (magnitude /= 10);
	if (negative)
		*--p = '-';
	begin_member(w);
	strbuf_add(w->out, p, (size_t)(digits + sizeof(digits) - p));
}

void json_write_uint(struct json_writer *w, uint64_t value)
{
	number(w, false, value);
}

void json_write_int(struct json_writer *w, int64_t value)
{
	number(w, value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_write_double(struct json_writer *w, double value)
{
	char text[40];

	if (!isfinite(value)) {
		json_write_null(w);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	/* The program around us may have set a locale whose decimal point is not a point. */
	for (char *p = text; *p; p++)
		if (!strchr("0123456789+-e", *p))
			*p = '.';
	json_write_raw(w, text);
}

void json_member_string(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_write_string(w, text);
}

void json_member_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_write_int(w, value);
}

void json_member_uint(struct json_writer *w, const char *key, uint64_t value)
{
	json_key(w, key);
	json_write_uint(w, value);
}

void json_member_double(struct json_writer *w, const char *key, double value)
{
	json_key(w, key);
	json_write_double(w, value);
}

void json_member_bool(struct json_writer *w, const char *key, bool value)
{
	json_key(w, key);
	json_write_bool(w, value);
}

void json_member_null(struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_write_null(w);
}
