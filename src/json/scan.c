/* SPDX-License-Identifier: MIT */
/* Where things stand in a JSON text; see scan.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/scan.h"

#include "base/macros.h"
#include "base/strbuf.h"
#include "base/utf8.h"

static const struct mpol_rule rule_json = {
	"config-syntax",
	EINVAL,
	"The text is no JSON by the letter of RFC 8259; readers that guess differ in what they "
	"guess.",
	"mend the text there",
	"RFC 8259",
	NULL,
};
static const struct mpol_rule rule_depth = {
	"config-too-deep",
	EINVAL,
	"No configuration nests deeply; a text that does is meant to exhaust its readers.",
	NULL,
	"RFC 8259, section 9",
	NULL,
};
static const struct mpol_rule rule_twice = {
	"config-duplicate-key",
	EINVAL,
	"Some readers take the first of two equal keys, some the last, some merge them: what was "
	"checked would not be what is used.",
	"keep one of them",
	"RFC 8259, section 4",
	NULL,
};

const struct mpol_rule *const scan_rules[] = { &rule_json, &rule_depth, &rule_twice, NULL };

/* A reader over the text; what is NULL until something is wrong, at *at then. */
struct reader {
	const char *text;
	size_t len, at;
	const char *what;
};

static bool fail(struct reader *r, const char *what)
{
	r->what = what;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct reader *r)
{
	while (r->at < r->len && is_space(r->text[r->at]))
		r->at++;
}

static char peek(const struct reader *r)
{
	return r->at < r->len ? r->text[r->at] : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_escape(struct reader *r)
{
	r->at++;
	if (r->at >= r->len || !strchr("\"\\/bfnrtu", r->text[r->at]) || !r->text[r->at])
		return fail(r, "no escape of a string");
	if (r->text[r->at] != 'u') {
		r->at++;
		return true;
	}
	r->at++;
	for (int i = 0; i < 4; i++, r->at++)
		if (r->at >= r->len || hex_digit(r->text[r->at]) < 0)
			return fail(r, "\\u needs four hexadecimal digits");
	return true;
}

/* What a string is mostly made of: characters that mean themselves. */
static bool is_plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

static bool read_string(struct reader *r)
{
	if (peek(r) != '"')
		return fail(r, "a string is expected");
	r->at++;
	for (;;) {
		size_t at = r->at;

		while (at < r->len && is_plain(r->text[at]))
			at++;
		r->at = at;
		if (at >= r->len)
			break;
		unsigned char c = (unsigned char)r->text[at];
		size_t n;

		if (c == '"') {
			r->at++;
			return true;
		}
		if (c < 0x20)
			return fail(r, "a control character in a string must be escaped");
		if (c == '\\') {
			if (!read_escape(r))
				return false;
			continue;
		}
		n = c < 0x80 ? 1 : utf8_length(r->text + r->at, r->len - r->at);
		if (n == 0)
			return fail(r, "not UTF-8");
		r->at += n;
	}
	return fail(r, "the string does not end");
}

static bool read_digits(struct reader *r)
{
	if (!is_digit(peek(r)))
		return fail(r, "a digit is expected");
	while (is_digit(peek(r)))
		r->at++;
	return true;
}

static bool read_number(struct reader *r)
{
	if (peek(r) == '-')
		r->at++;
	if (peek(r) == '0')
		r->at++;
	else if (!read_digits(r))
		return false;
	if (peek(r) == '.') {
		r->at++;
		if (!read_digits(r))
			return false;
	}
	if (peek(r) != 'e' && peek(r) != 'E')
		return true;
	r->at++;
	if (peek(r) == '+' || peek(r) == '-')
		r->at++;
	return read_digits(r);
}

static bool read_word(struct reader *r)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ELEMENTSOF(words); i++) {
		size_t n = strlen(words[i]);

		if (r->len - r->at >= n && memcmp(r->text + r->at, words[i], n) == 0) {
			r->at += n;
			return true;
		}
	}
	return fail(r, "a value is expected");
}

static bool read_scalar(struct reader *r)
{
	char c = peek(r);

	if (c == '"')
		return read_string(r);
	if (c == '-' || is_digit(c))
		return read_number(r);
	return read_word(r);
}

static bool read_key(struct reader *r)
{
	skip_space(r);
	if (!read_string(r))
		return false;
	skip_space(r);
	if (peek(r) != ':')
		return fail(r, "a colon is expected");
	r->at++;
	return true;
}

/*
 * After a value: closes what ends here, and stands before the next value or, with depth 0, at the
 * end. closer[] holds the closing bracket of each open container.
 */
static bool read_between(struct reader *r, const char *closer, unsigned *depth)
{
	for (;;) {
		skip_space(r);
		if (*depth == 0)
			return true;
		if (peek(r) == closer[*depth - 1]) {
			r->at++;
			(*depth)--;
			continue;
		}
		if (peek(r) != ',')
			return fail(r, closer[*depth - 1] == '}' ? "a comma or } is expected"
								 : "a comma or ] is expected");
		r->at++;
		return closer[*depth - 1] == '}' ? read_key(r) : true;
	}
}

/* Opens a container: stands before its first value, or behind it when it is empty. */
static bool read_open(struct reader *r, char *closer, unsigned *depth, bool *ret_empty)
{
	char close = r->text[r->at] == '{' ? '}' : ']';

	if (*depth == SCAN_MAX_DEPTH)
		return fail(r, NULL);
	r->at++;
	skip_space(r);
	*ret_empty = peek(r) == close;
	if (*ret_empty) {
		r->at++;
		return true;
	}
	closer[(*depth)++] = close;
	return close == '}' ? read_key(r) : true;
}

static bool read_value(struct reader *r)
{
	char closer[SCAN_MAX_DEPTH];
	unsigned depth = 0;

	do {
		bool whole = true;

		skip_space(r);
		if (peek(r) == '{' || peek(r) == '[') {
			if (!read_open(r, closer, &depth, &whole))
				return false;
		} else if (!read_scalar(r)) {
			return false;
		}
		if (whole && !read_between(r, closer, &depth))
			return false;
	} while (depth);
	return true;
}

const char *scan_place(const char *text, size_t at, char buf[SCAN_PLACE])
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	(void)snprintf(buf, SCAN_PLACE, "line %zu, column %zu", line, column);
	return buf;
}

int scan_document(const char *text, size_t len, struct span *ret, struct mpol_error *err)
{
	struct reader r = { .text = text, .len = len };
	char place[SCAN_PLACE];
	size_t start;
	bool ok;

	skip_space(&r);
	start = r.at;
	ok = read_value(&r);
	if (ok && r.at == len) {
		while (is_space(text[r.at - 1]))
			r.at--;
		*ret = (struct span){ start, r.at };
		return 0;
	}
	scan_place(text, r.at, place);
	if (!ok && !r.what)
		return mpol_fail(err, &rule_depth, place, "nested more than %d deep",
				 SCAN_MAX_DEPTH);
	return mpol_fail(err, &rule_json, place, "%s%s",
			 ok ? "the text goes on after the value" : r.what,
			 !ok && r.at >= len ? ", not the end of the text" : "");
}

enum scan_kind scan_kind(const char *text, struct span value)
{
	switch (text[value.start]) {
	case '{':
		return SCAN_OBJECT;
	case '[':
		return SCAN_ARRAY;
	case '"':
		return SCAN_STRING;
	case 't':
	case 'f':
		return SCAN_BOOLEAN;
	case 'n':
		return SCAN_NULL;
	}
	return SCAN_NUMBER;
}

const char *scan_kind_name(enum scan_kind kind)
{
	static const char *const names[] = {
		[SCAN_OBJECT] = "an object",  [SCAN_ARRAY] = "an array",
		[SCAN_STRING] = "a string",   [SCAN_NUMBER] = "a number",
		[SCAN_BOOLEAN] = "a boolean", [SCAN_NULL] = "null",
	};

	return names[kind];
}

/* Behind the string that starts at at; the text is valid. */
static size_t skip_string(const char *text, size_t at)
{
	for (at++;; at += 2) {
		while (text[at] != '"' && text[at] != '\\')
			at++;
		if (text[at] == '"')
			return at + 1;
	}
}

static size_t skip_value(const char *text, size_t at)
{
	unsigned depth = 0;

	do {
		switch (text[at]) {
		case '"':
			at = skip_string(text, at);
			break;
		case '{':
		case '[':
			depth++;
			at++;
			break;
		case '}':
		case ']':
			depth--;
			at++;
			break;
		case ',':
		case ':':
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			at++;
			break;
		default:
			at += strcspn(text + at, ",:]} \t\r\n");
		}
	} while (depth);
	return at;
}

static size_t skip_between(const char *text, size_t at)
{
	while (is_space(text[at]) || text[at] == ',' || text[at] == ':')
		at++;
	return at;
}

bool scan_next(const char *text, struct span container, size_t *pos, struct scan_member *ret)
{
	size_t at = skip_between(text, *pos ? *pos : container.start + 1);

	if (at >= container.end - 1)
		return false;
	*ret = (struct scan_member){ { at, at }, { at, at } };
	if (text[container.start] == '{') {
		ret->key.end = skip_string(text, at);
		at = skip_between(text, ret->key.end);
	}
	ret->value = (struct span){ at, skip_value(text, at) };
	*pos = ret->value.end;
	return true;
}

static unsigned hex4(const char *p)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++)
		value = value * 16 + (unsigned)hex_digit(p[i]);
	return value;
}

static size_t put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xC0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xE0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3F));
		to[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3F));
	to[2] = (char)(0x80 | (c >> 6 & 0x3F));
	to[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

/* \uXXXX at p, or a pair of them; NUL and lone surrogates become U+FFFD. */
static size_t decode_unicode(const char *p, const char *end, char *to, size_t *ret_n)
{
	unsigned c = hex4(p + 2), low;

	if (c >= 0xD800 && c < 0xDC00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
		low = hex4(p + 8);
		if (low >= 0xDC00 && low < 0xE000) {
			*ret_n = put_utf8(to, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
			return 12;
		}
	}
	if (c == 0 || (c >= 0xD800 && c < 0xE000))
		c = 0xFFFD;
	*ret_n = put_utf8(to, c);
	return 6;
}

/* One character or escape at p: its bytes to to, its length in the text returned. */
static size_t decode(const char *p, const char *end, char to[4], size_t *ret_n)
{
	static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
	const char *known;

	*ret_n = 1;
	to[0] = p[0];
	if (p[0] != '\\')
		return 1;
	if (p[1] == 'u')
		return decode_unicode(p, end, to, ret_n);
	known = strchr(from, p[1]);
	to[0] = known ? into[known - from] : p[1];
	return 2;
}

bool scan_is(const char *text, struct span string, const char *expected)
{
	const char *p = text + string.start + 1, *end = text + string.end - 1;
	char c[4];
	size_t n;

	if (text[string.start] != '"')
		return false;
	while (p < end) {
		p += decode(p, end, c, &n);
		if (strncmp(expected, c, n) != 0)
			return false;
		expected += n;
	}
	return !*expected;
}

char *scan_string(const char *text, struct span string)
{
	const char *p = text + string.start + 1, *end = text + string.end - 1;
	struct strbuf b = { 0 };
	char c[4];
	size_t n;

	strbuf_puts(&b, "");
	while (p < end) {
		p += decode(p, end, c, &n);
		strbuf_add(&b, c, n);
	}
	return strbuf_take(&b);
}

int scan_find_each(const char *text, struct span object, const char *path,
		   struct scan_wanted *wanted, size_t n, struct mpol_error *err)
{
	char place[SCAN_PLACE];
	struct scan_member m;
	size_t pos = 0;

	while (scan_next(text, object, &pos, &m)) {
		struct scan_wanted *w = wanted;

		while (w < wanted + n && !(w->key && scan_is(text, m.key, w->key)))
			w++;
		if (w == wanted + n)
			continue;
		if (!span_absent(w->member.value))
			return mpol_fail(err, &rule_twice, scan_place(text, m.key.start, place),
					 "%s%s%s appears twice", path, *path ? "." : "", w->key);
		w->member = m;
	}
	return 0;
}

int scan_find(const char *text, struct span object, const char *key, const char *path,
	      struct scan_member *ret, struct mpol_error *err)
{
	struct scan_wanted wanted = { .key = key };
	int r = scan_find_each(text, object, path, &wanted, 1, err);

	if (r == 0)
		*ret = wanted.member;
	return r;
}
