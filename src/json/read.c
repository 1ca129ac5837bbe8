/* SPDX-License-Identifier: MIT */
/* Reading JSON with errors that say where; see read.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/no-memory.h"
#include "json/read.h"

static const struct mpol_rule rule_syntax = {
	"json-syntax",
	EINVAL,
	"JSON is read to the letter of RFC 8259: a document that is half understood would mean "
	"something else to the next reader.",
	"check the brackets, quotes and commas before this place",
	"RFC 8259",
	NULL,
};
static const struct mpol_rule rule_duplicate = {
	"json-duplicate-key",
	EINVAL,
	"Of two members with one name, some readers take the first and some the last.",
	"keep one of them",
	"RFC 8259 section 4",
	NULL,
};
static const struct mpol_rule rule_deep = {
	"json-too-deep",
	EINVAL,
	"No document of use is nested more than 2048 levels deep; one that is means to exhaust the "
	"reader.",
	"write it flatter",
	"jansson, JSON_PARSER_MAX_DEPTH",
	NULL,
};

static const struct mpol_rule *rule_of(const json_error_t *e)
{
	enum json_error_code code = json_error_code(e);

	if (code == json_error_out_of_memory ||
	    !*e->text) /* it says nothing when memory ran out early */
		return &rule_out_of_memory;
	if (code == json_error_duplicate_key)
		return &rule_duplicate;
	if (code == json_error_stack_overflow)
		return &rule_deep;
	return &rule_syntax;
}

int json_read(const char *text, size_t len, struct json_doc *ret, struct mpol_error *err)
{
	json_error_t e;
	char where[64];
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (!root) {
		(void)snprintf(where, sizeof(where), "line %d, column %d", MAX(e.line, 1),
			       MAX(e.column, 1));
		/* jansson names a flag of its own here. */
		if (json_error_code(&e) == json_error_null_character)
			return mpol_fail(err, &rule_syntax, where,
					 "\\u0000 is no character of a text");
		return mpol_fail(err, rule_of(&e), where, "%s", *e.text ? e.text : "out of memory");
	}
	if (memchr(text, '\0', len)) { /* after a number jansson takes it for the end */
		json_decref(root);
		return mpol_fail(err, &rule_syntax, "", "a NUL byte stands after the document");
	}
	*ret = (struct json_doc){ .text = text, .len = len, .root = root };
	return 0;
}

void json_doc_done(struct json_doc *doc)
{
	json_decref(doc->root);
	*doc = (struct json_doc){ 0 };
}

/* "PATH, line L, column C"; skip characters further right. */
static void describe(const struct json_doc *doc, const struct json_path *path, enum json_part part,
		     unsigned skip, char where[128])
{
	struct json_place place;
	size_t len = json_path_print(path, where, 80);

	len = MIN(len, (size_t)79);
	if (json_locate(doc->text, doc->len, path, part, &place))
		(void)snprintf(where + len, 128 - len, "%sline %u, column %u", len ? ", " : "",
			       place.line, place.column + skip);
}

int json_fail(struct mpol_error *err, const struct mpol_rule *rule, const struct json_doc *doc,
	      const struct json_path *path, enum json_part part, const char *fmt, ...)
{
	char where[128], what[256];
	va_list ap;

	if (!err) /* looking for the place would be in vain, and costs as much as the text is long
		   */
		return -rule->errnum;
	describe(doc, path, part, 0, where);
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap); /* cut is fine */
	va_end(ap);
	return mpol_fail(err, rule, where, "%s", what);
}

void json_error_in_string(struct mpol_error *err, const struct json_doc *doc,
			  const struct json_path *path)
{
	struct json_place place;
	unsigned column = 0;
	char where[128];

	if (!err)
		return;
	if (sscanf(err->where, "column %u", &column) == 1 &&
	    json_locate(doc->text, doc->len, path, JSON_VALUE, &place)) {
		const char *string = doc->text + place.offset + 1;

		/* An escape before the place makes the string's columns another count. */
		if (memchr(string, '\\', MIN(column, doc->len - place.offset - 1)))
			column = 0;
	}
	describe(doc, path, JSON_VALUE, column, where);
	(void)snprintf(err->where, sizeof(err->where), "%.*s", (int)sizeof(err->where) - 1, where);
}

const char *json_kind(const json_t *value)
{
	static const char *const kinds[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
		[JSON_INTEGER] = "a number", [JSON_REAL] = "a number",	[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",	     [JSON_NULL] = "null",
	};

	return kinds[json_typeof(value)];
}
