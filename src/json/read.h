/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON, through jansson, with errors that say where: path, line and column.
 *
 * jansson's tree does not keep positions. They are found again in the text, when there is something
 * to complain about: the text of a document therefore lives as long as the document.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <mpol/error.h>
#include <jansson.h>

#include "json/path.h"

struct json_doc {
	const char *text; /* the caller's, len bytes */
	size_t len;
	json_t *root;
};

/*
 * Strict: one value and nothing after it, no duplicate keys, valid UTF-8, no NUL, at most 2048
 * levels deep. Any value may be the root. On failure err->where is "line L, column C".
 */
int json_read(const char *text, size_t len, struct json_doc *ret, struct mpol_error *err);
void json_doc_done(struct json_doc *doc);

enum json_part {
	JSON_VALUE,
	JSON_KEY, /* the last step's key */
};

struct json_place {
	unsigned line, column; /* from 1; columns count characters */
	size_t offset;	       /* in bytes, from 0 */
};
/* Finds the path in the text, which is valid JSON. False: there is no such value. */
bool json_locate(const char *text, size_t len, const struct json_path *path, enum json_part part,
		 struct json_place *ret);

/*
 * mpol_fail() with "PATH, line L, column C" as where. Of the root the path is left out. skip: so
 * many characters into a string value, when it is written without escapes.
 */
int json_fail(struct mpol_error *err, const struct mpol_rule *rule, const struct json_doc *doc,
	      const struct json_path *path, enum json_part part, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Puts "PATH, line L, column C" into an error whose where was "column N" within the string at path.
 */
void json_error_in_string(struct mpol_error *err, const struct json_doc *doc,
			  const struct json_path *path);

/* "a string", "an object", …: what a value is, for sentences. */
const char *json_kind(const json_t *value);

#endif
