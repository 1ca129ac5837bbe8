/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "json/scan.h"

/* where NULL: accepted */
static const struct {
	const char *text, *where, *what;
} documents[] = {
	{ "{}", NULL, NULL },
	{ " [ ] \n", NULL, NULL },
	{ "\"a\"", NULL, NULL },
	{ "-0.5e+10", NULL, NULL },
	{ "0", NULL, NULL },
	{ "{\"a\":[1,{\"b\":null}],\"c\":true}", NULL, NULL },
	{ "[18446744073709551616]", NULL, NULL },
	{ "\"\\u00e9\\ud83d\\ude00\\n\"", NULL, NULL },
	{ "\"\xc3\xa9\"", NULL, NULL },
	{ "", "line 1, column 1", "a value is expected" },
	{ "{", "line 1, column 2", "a string is expected" },
	{ "{\"a\" 1}", "line 1, column 6", "a colon is expected" },
	{ "{\"a\":1,}", "line 1, column 8", "a string is expected" },
	{ "[1,]", "line 1, column 4", "a value is expected" },
	{ "[1 2]", "line 1, column 4", "a comma or ] is expected" },
	{ "{\"a\":1\n\"b\":2}", "line 2, column 1", "a comma or } is expected" },
	{ "{\"a\":1]", "line 1, column 7", "a comma or } is expected" },
	{ "{} {}", "line 1, column 4", "the text goes on after the value" },
	{ "01", "line 1, column 2", "the text goes on after the value" },
	{ "-", "line 1, column 2", "a digit is expected" },
	{ "1.", "line 1, column 3", "a digit is expected" },
	{ "1e", "line 1, column 3", "a digit is expected" },
	{ "+1", "line 1, column 1", "a value is expected" },
	{ "nul", "line 1, column 1", "a value is expected" },
	{ "\"a", "line 1, column 3", "the string does not end" },
	{ "\"a\nb\"", "line 1, column 3", "must be escaped" },
	{ "\"\\x\"", "line 1, column 3", "no escape of a string" },
	{ "\"\\u12g4\"", "line 1, column 6", "four hexadecimal digits" },
	{ "\"\xff\"", "line 1, column 2", "not UTF-8" },
	{ "[\"\xc3\xa9\", x]", "line 1, column 7", "a value is expected" },
	{ "[1 // one\n]", "line 1, column 4", "a comma or ] is expected" },
	{ "{'a':1}", "line 1, column 2", "a string is expected" },
	{ "\xef\xbb\xbf{}", "line 1, column 1", "a value is expected" },
};

TEST(every_document_is_accepted_or_refused_with_its_place)
{
	for (size_t i = 0; i < ELEMENTSOF(documents); i++) {
		struct mpol_error err = { 0 };
		struct span root;
		int r = scan_document(documents[i].text, strlen(documents[i].text), &root, &err);

		check_row(i, documents[i].text);
		CHECK_EQ(r, documents[i].where ? -EINVAL : 0);
		if (documents[i].where) {
			CHECK_STR(err.where, documents[i].where);
			CHECK_HAS(err.what, documents[i].what);
		}
	}
}

TEST(a_document_that_is_cut_anywhere_is_refused)
{
	static const char text[] = "{\"a\":[1,-2.5e3,{\"b\":\"\\u00e9x\"}],\"c\":true,\"d\":null}";
	struct span root;

	for (size_t len = 0; len < strlen(text); len++) {
		_cleanup_free_ char *cut = malloc(len ? len : 1); /* so that reading on is seen */

		memcpy(cut, text, len);
		check_row(len, text);
		CHECK_EQ(scan_document(cut, len, &root, NULL), -EINVAL);
	}
}

TEST(a_nul_byte_is_no_json)
{
	struct span root;

	CHECK_EQ(scan_document("{}\0", 3, &root, NULL), -EINVAL);
	CHECK_EQ(scan_document("[\"a\0b\"]", 7, &root, NULL), -EINVAL);
	CHECK_EQ(scan_document("\"\\\0\"", 4, &root, NULL), -EINVAL);
}

TEST(a_depth_bomb_is_refused_where_it_gets_too_deep)
{
	size_t len = (size_t)10 << 20;
	_cleanup_free_ char *text = malloc(len);
	struct mpol_error err = { 0 };
	struct span root;

	memset(text, '[', len);
	CHECK_EQ(scan_document(text, len, &root, &err), -EINVAL);
	CHECK_STR(err.rule->id, "config-too-deep");
	CHECK_STR(err.where, "line 1, column 129");
}

static struct span scanned(const char *text)
{
	struct span root = { 0 };

	CHECK_EQ(scan_document(text, strlen(text), &root, NULL), 0);
	return root;
}

TEST(members_are_walked_with_their_spans)
{
	static const char text[] = "{ \"a\" : [1, {\"x\":2}] ,\"b}\": \"]\\\"\",\"c\":{} }";
	struct span root = scanned(text);
	struct scan_member m;
	size_t pos = 0;

	CHECK(scan_next(text, root, &pos, &m) && scan_is(text, m.key, "a"));
	CHECK_EQ(scan_kind(text, m.value), SCAN_ARRAY);
	CHECK_EQ(m.value.end - m.value.start, strlen("[1, {\"x\":2}]"));
	CHECK(scan_next(text, root, &pos, &m) && scan_is(text, m.key, "b}"));
	CHECK(scan_is(text, m.value, "]\""));
	CHECK(scan_next(text, root, &pos, &m) && scan_is(text, m.key, "c"));
	CHECK(!scan_next(text, root, &pos, &m));
}

TEST(escapes_are_the_same_key)
{
	static const char text[] = "{\"l\\u0069nux\":1}";
	struct scan_member m;

	CHECK_EQ(scan_find(text, scanned(text), "linux", "", &m, NULL), 0);
	CHECK(!span_absent(m.value));
	CHECK(!scan_is(text, m.key, "linu"));
	CHECK(!scan_is(text, m.key, "linuxx"));
}

TEST(strings_are_decoded)
{
	static const struct {
		const char *text, *decoded;
	} strings[] = {
		{ "\"\"", "" },
		{ "\"a\\/b\\\\\\\"\\n\\t\\r\\b\\f\"", "a/b\\\"\n\t\r\b\f" },
		{ "\"\\u0041\\u00e9\\u20ac\"", "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\ud83dx\"", "\xef\xbf\xbdx" },
		{ "\"\\ude00\"", "\xef\xbf\xbd" },
		{ "\"a\\u0000b\"", "a\xef\xbf\xbd"
				   "b" },
	};

	for (size_t i = 0; i < ELEMENTSOF(strings); i++) {
		_cleanup_free_ char *decoded =
			scan_string(strings[i].text, scanned(strings[i].text));

		check_row(i, strings[i].text);
		CHECK_STR(decoded, strings[i].decoded);
	}
}

TEST(a_key_that_stands_twice_is_refused)
{
	static const char text[] = "{\"a\":1,\n \"b\":2, \"\\u0061\":3}";
	struct mpol_error err = { 0 };
	struct scan_member m;

	CHECK_EQ(scan_find(text, scanned(text), "a", "linux", &m, &err), -EINVAL);
	CHECK_STR(err.rule->id, "config-duplicate-key");
	CHECK_STR(err.where, "line 2, column 9");
	CHECK_STR(err.what, "linux.a appears twice");
	CHECK_EQ(scan_find(text, scanned(text), "b", "", &m, NULL), 0);
	CHECK_EQ(scan_find(text, scanned(text), "z", "", &m, NULL), 0);
	CHECK(span_absent(m.value));
}
