/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "json/read.h"

static const struct {
	const char *text, *rule, *where, *what;
} invalid[] = {
	{ "", "json-syntax", "line 1, column 1", "unexpected token near end of file" },
	{ "{", "json-syntax", "line 1, column 1", "string or '}' expected near end of file" },
	{ "{\"a\":1,}", "json-syntax", "line 1, column 8", "string or '}' expected near '}'" },
	{ "{\"a\":1}\n}", "json-syntax", "line 2, column 1", "end of file expected near '}'" },
	{ "{\"a\":1,\n \"a\":2}", "json-duplicate-key", "line 2, column 4",
	  "duplicate object key near '\"a\"'" },
	{ "[\"\\u0000\"]", "json-syntax", "line 1, column 9", "\\u0000 is no character" },
	{ "[\"\xff\"]", "json-syntax", "line 1, column 2", "unable to decode byte 0xff" },
	{ "{'a':1}", "json-syntax", "line 1, column 2", "string or '}' expected near ''" },
	{ "[1 // one\n]", "json-syntax", "line 1, column 4", "']' expected near '/'" },
	{ "[NaN]", "json-syntax", "line 1, column 4", "invalid token near 'NaN'" },
	{ "\xef\xbb\xbf{}", "json-syntax", "line 1, column 1", "invalid token" },
	{ "[99999999999999999999]", "json-syntax", "line 1, column 21", "too big integer" },
};

TEST(invalid_json_is_refused_with_line_and_column)
{
	for (size_t i = 0; i < ELEMENTSOF(invalid); i++) {
		struct mpol_error err = { 0 };
		struct json_doc doc;

		check_row(i, invalid[i].text);
		CHECK_EQ(json_read(invalid[i].text, strlen(invalid[i].text), &doc, &err), -EINVAL);
		CHECK_STR(err.rule->id, invalid[i].rule);
		CHECK_STR(err.where, invalid[i].where);
		CHECK_HAS(err.what, invalid[i].what);
		CHECK(mpol_error_hint(&err) != NULL);
	}
}

TEST(a_nul_byte_is_no_json)
{
	struct mpol_error err = { 0 };
	struct json_doc doc;

	CHECK_EQ(json_read("{}\0", 3, &doc, &err), -EINVAL);
	CHECK_EQ(json_read("11\0", 3, &doc, &err), -EINVAL);
	CHECK_STR(err.what, "a NUL byte stands after the document");
	CHECK_EQ(json_read("[\"a\0b\"]", 7, &doc, &err), -EINVAL);
}

TEST(a_depth_bomb_is_refused)
{
	size_t len = (size_t)10 << 20;
	_cleanup_free_ char *text = malloc(len);
	struct mpol_error err = { 0 };
	struct json_doc doc;

	memset(text, '[', len);
	CHECK_EQ(json_read(text, len, &doc, &err), -EINVAL);
	CHECK_STR(err.rule->id, "json-too-deep");
	for (size_t i = 0; i + 5 < len; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	CHECK_EQ(json_read(text, len, &doc, &err), -EINVAL);
	CHECK_STR(err.rule->id, "json-too-deep");
}

static const char document[] =
	"{\n"
	"  \"a\": [1, {\"b\": \"\\\"]}\", \"c\\u0041\": true}, [ ], -2.5e3],\n"
	"  \"\xc3\xa9\": {\"org.x\": [[[0]]], \"last\":null}\n"
	"}\n";

static const struct {
	struct json_path path;
	const char *printed;
	enum json_part part;
	unsigned line, column; /* 0: there is none */
} places[] = {
	{ { 0 }, "", JSON_VALUE, 1, 1 },
	{ { 1, { { "a" } } }, "a", JSON_VALUE, 2, 8 },
	{ { 1, { { "a" } } }, "a", JSON_KEY, 2, 3 },
	{ { 2, { { "a" }, { NULL, 0 } } }, "a[0]", JSON_VALUE, 2, 9 },
	{ { 3, { { "a" }, { NULL, 1 }, { "b" } } }, "a[1].b", JSON_VALUE, 2, 18 },
	{ { 3, { { "a" }, { NULL, 1 }, { "cA" } } }, "a[1].cA", JSON_VALUE, 2, 37 },
	{ { 3, { { "a" }, { NULL, 1 }, { "cA" } } }, "a[1].cA", JSON_KEY, 2, 26 },
	{ { 2, { { "a" }, { NULL, 2 } } }, "a[2]", JSON_VALUE, 2, 44 },
	{ { 2, { { "a" }, { NULL, 3 } } }, "a[3]", JSON_VALUE, 2, 49 },
	{ { 2, { { "a" }, { NULL, 4 } } }, "a[4]", JSON_VALUE, 0, 0 },
	{ { 3, { { "a" }, { NULL, 2 }, { NULL, 0 } } }, "a[2][0]", JSON_VALUE, 0, 0 },
	{ { 2, { { "\xc3\xa9" }, { "org.x" } } }, "[\"\xc3\xa9\"][\"org.x\"]", JSON_VALUE, 3, 18 },
	{ { 2, { { "\xc3\xa9" }, { "last" } } }, "[\"\xc3\xa9\"].last", JSON_VALUE, 3, 34 },
	{ { 2, { { "\xc3\xa9" }, { "none" } } }, "[\"\xc3\xa9\"].none", JSON_VALUE, 0, 0 },
	{ { 2, { { "a" }, { "b" } } }, "a.b", JSON_VALUE, 0, 0 },
	{ { 1, { { NULL, 0 } } }, "[0]", JSON_VALUE, 0, 0 },
};

TEST(every_path_is_found_in_the_text)
{
	struct json_doc doc;

	CHECK_EQ(json_read(document, sizeof(document) - 1, &doc, NULL), 0);
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		struct json_place place = { 0 };
		char text[128];

		(void)json_path_print(&places[i].path, text, sizeof(text));
		check_row(i, text);
		CHECK_STR(text, places[i].printed);
		CHECK_EQ(json_locate(doc.text, doc.len, &places[i].path, places[i].part, &place),
			 places[i].line != 0);
		CHECK_EQ(place.line, places[i].line);
		CHECK_EQ(place.column, places[i].column);
	}
	json_doc_done(&doc);
}

TEST(a_path_too_deep_ends_early)
{
	struct json_path path = { 0 };
	char text[8];

	for (int i = 0; i < 20; i++)
		path = json_path_index(&path, 0);
	CHECK_EQ(path.depth, JSON_PATH_DEPTH);
	CHECK_EQ(json_path_print(&path, text, sizeof(text)), 3 * JSON_PATH_DEPTH);
	CHECK_STR(text, "[0][0][");
}
