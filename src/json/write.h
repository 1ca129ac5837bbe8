/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON as it goes: no tree is built. All output of the project comes from here.
 *
 *	struct strbuf text = { 0 };
 *	struct json_writer w = json_writer(&text, JSON_LINE);
 *
 *	json_begin_object(&w);
 *	json_member_int(&w, "schema", 1);
 *	json_key(&w, "nodes");
 *	json_begin_array(&w);
 *	json_write_string(&w, "0-1");
 *	json_end_array(&w);
 *	json_end_object(&w);
 *	json_newline(&w);                 {"schema":1,"nodes":["0-1"]}
 *
 * Commas and indentation are the writer's business; that keys and values alternate is the caller's.
 * Out of memory is remembered in the strbuf.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdint.h>

#include "base/strbuf.h"

enum json_style {
	JSON_LINE,     /* one line without spaces, for JSONL */
	JSON_INDENTED, /* for people: a member a line, two spaces a level */
};

struct json_writer {
	struct strbuf *out;
	enum json_style style;
	unsigned depth;
	bool filled;	/* the innermost container has a member already */
	bool after_key; /* a value follows on this line */
};

struct json_writer json_writer(struct strbuf *out, enum json_style style);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
/* Ends a document, or a line of JSONL. */
void json_newline(struct json_writer *w);

/*
 * Values. A NULL string is null. Bytes that are not UTF-8 become U+FFFD, so that every output can
 * be read; control characters are escaped. Doubles are the shortest text that reads back equal;
 * infinities and NaN, which JSON cannot say, are null: unknown.
 */
void json_write_string(struct json_writer *w, const char *text);
void json_write_string_len(struct json_writer *w, const char *text, size_t len);
void json_write_int(struct json_writer *w, int64_t value);
void json_write_uint(struct json_writer *w, uint64_t value);
void json_write_double(struct json_writer *w, double value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
/* A value that is JSON already, on one line. */
void json_write_raw(struct json_writer *w, const char *json);

/* A member: key and value. */
void json_member_string(struct json_writer *w, const char *key, const char *text);
void json_member_int(struct json_writer *w, const char *key, int64_t value);
void json_member_uint(struct json_writer *w, const char *key, uint64_t value);
void json_member_double(struct json_writer *w, const char *key, double value);
void json_member_bool(struct json_writer *w, const char *key, bool value);
void json_member_null(struct json_writer *w, const char *key);

#endif
