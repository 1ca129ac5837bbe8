/* SPDX-License-Identifier: MIT */
/*
 * Where things stand in a JSON text. A parsed tree does not know, and two things need it: findings
 * with line and column, and editing a configuration so that all else in it stays as it was written
 * (numbers, order, spacing, unknown keys).
 *
 * scan_document() is strict (RFC 8259, valid UTF-8, no nesting beyond SCAN_MAX_DEPTH); the other
 * functions walk a text that it accepted. No memory is allocated but for strings handed out.
 *
 * span: a part of the text, [start, end). An empty span (start == end) stands for what is absent.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <mpol/error.h>

#define SCAN_MAX_DEPTH 128

struct span {
	size_t start, end;
};

static inline bool span_absent(struct span s)
{
	return s.start == s.end;
}

/* One value with nothing but space around it. -EINVAL: err->where is "line N, column N". */
int scan_document(const char *text, size_t len, struct span *ret, struct mpol_error *err);

enum scan_kind { SCAN_OBJECT, SCAN_ARRAY, SCAN_STRING, SCAN_NUMBER, SCAN_BOOLEAN, SCAN_NULL };
enum scan_kind scan_kind(const char *text, struct span value);
const char *scan_kind_name(enum scan_kind kind); /* "an object" */

struct scan_member {
	struct span key; /* with its quotes; absent for an array's elements */
	struct span value;
};
/* Walks an object or array: *pos is 0 at first. False at the end. */
bool scan_next(const char *text, struct span container, size_t *pos, struct scan_member *ret);

/* Whether a string value (or key) is this text, escapes decoded. */
bool scan_is(const char *text, struct span string, const char *expected);
/* A string decoded, with NUL bytes as U+FFFD; NULL when memory ran out. The caller frees. */
char *scan_string(const char *text, struct span string);

/*
 * The member of an object by its key; absent when there is none. Two of the same key are -EINVAL:
 * readers of JSON differ in which of them they take, so that the one checked may not be the one
 * used. path names the object in the error ("linux"), "" the document.
 */
int scan_find(const char *text, struct span object, const char *key, const char *path,
	      struct scan_member *ret, struct mpol_error *err);

/* "line N, column N" (in characters, from 1) of an offset. */
#define SCAN_PLACE 48
const char *scan_place(const char *text, size_t at, char buf[SCAN_PLACE]);

/* The same for several keys in one go, for large objects; members start absent. */
struct scan_wanted {
	const char *key; /* NULL: none */
	struct scan_member member;
};
int scan_find_each(const char *text, struct span object, const char *path,
		   struct scan_wanted *wanted, size_t n, struct mpol_error *err);

/* The rules of scanning; ends with NULL. */
extern const struct mpol_rule *const scan_rules[];

#endif
