/* SPDX-License-Identifier: MIT */
/*
 * The quick way through a line of JSON, without a tree or an allocation: for batches of hundreds of
 * thousands of small objects a second, of which jansson alone would take the whole time.
 *
 * It understands less than jansson on purpose: strings of printable ASCII without escapes, integers
 * of up to 18 digits, null, true, false. At anything else, also at a syntax error, it gives up, and
 * json_read() looks at the line instead: one place knows the whole language and its errors. What is
 * understood is understood exactly as jansson does; a test holds them against each other.
 *
 *	struct json_quick q = json_quick(line, len);
 *
 *	for (json_quick_object(&q); json_quick_key(&q, &key);)
 *		if (json_slice_is(key, "mode"))
 *			json_quick_string(&q, &mode);
 *		else
 *			q.failed = true;
 *	if (!json_quick_end(&q))
 *		the slow way;
 */
#ifndef JSON_QUICK_H
#define JSON_QUICK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct json_quick {
	const char *p, *end;
	bool first;  /* nothing was read in the innermost container */
	bool failed; /* gave up; everything answers false from then on */
};

/* A part of the line, without quotes and without NUL. */
struct json_slice {
	const char *text;
	size_t len;
};

static inline bool json_slice_is(struct json_slice s, const char *text)
{
	return strlen(text) == s.len && memcmp(text, s.text, s.len) == 0;
}

struct json_quick json_quick(const char *text, size_t len);

/* Enters an object or an array. */
bool json_quick_object(struct json_quick *q);
bool json_quick_array(struct json_quick *q);
/* The next member's key, its value to be read; false after the last, which leaves the object. */
bool json_quick_key(struct json_quick *q, struct json_slice *ret);
/* Whether there is another element, to be read; false after the last, which leaves the array. */
bool json_quick_element(struct json_quick *q);

/* The value's first character ('"', '[', '{', 'n', 't', 'f', '-' or a digit); 0 when gave up. */
char json_quick_peek(struct json_quick *q);
bool json_quick_string(struct json_quick *q, struct json_slice *ret);
bool json_quick_integer(struct json_quick *q, int64_t *ret);
bool json_quick_null(struct json_quick *q);

/* Whether all was understood, and nothing stands behind it. */
bool json_quick_end(struct json_quick *q);

#endif
