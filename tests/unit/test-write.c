/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <math.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "json/write.h"

static void write_all_kinds(struct json_writer *w)
{
	json_begin_object(w);
	json_member_int(w, "schema", 1);
	json_member_string(w, "text", "a\"b");
	json_member_string(w, "none", NULL);
	json_member_bool(w, "yes", true);
	json_key(w, "list");
	json_begin_array(w);
	json_write_uint(w, UINT64_MAX);
	json_write_int(w, INT64_MIN);
	json_begin_object(w);
	json_member_double(w, "half", 0.5);
	json_end_object(w);
	json_end_array(w);
	json_key(w, "empty");
	json_begin_array(w);
	json_end_array(w);
	json_member_null(w, "last");
	json_end_object(w);
	json_newline(w);
}

TEST(a_document_is_one_line)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_LINE);

	write_all_kinds(&w);
	CHECK_STR(strbuf_text(&b),
		  "{\"schema\":1,\"text\":\"a\\\"b\",\"none\":null,\"yes\":true,"
		  "\"list\":[18446744073709551615,-9223372036854775808,{\"half\":0.5}],"
		  "\"empty\":[],\"last\":null}\n");
}

TEST(a_document_is_indented_for_people)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_INDENTED);

	write_all_kinds(&w);
	CHECK_STR(strbuf_text(&b), "{\n"
				   "  \"schema\": 1,\n"
				   "  \"text\": \"a\\\"b\",\n"
				   "  \"none\": null,\n"
				   "  \"yes\": true,\n"
				   "  \"list\": [\n"
				   "    18446744073709551615,\n"
				   "    -9223372036854775808,\n"
				   "    {\n"
				   "      \"half\": 0.5\n"
				   "    }\n"
				   "  ],\n"
				   "  \"empty\": [],\n"
				   "  \"last\": null\n"
				   "}\n");
}

TEST(a_second_document_starts_afresh)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_LINE);

	for (int i = 0; i < 2; i++) {
		json_begin_array(&w);
		json_write_int(&w, i);
		json_write_int(&w, i);
		json_end_array(&w);
		json_newline(&w);
	}
	CHECK_STR(strbuf_text(&b), "[0,0]\n[1,1]\n");
}

static const struct {
	const char *text, *json;
} strings[] = {
	{ "", "\"\"" },
	{ "plain text", "\"plain text\"" },
	{ "quote \" backslash \\ slash /", "\"quote \\\" backslash \\\\ slash /\"" },
	{ "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"" },
	{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7",
	  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7\"" }, /* 2, 3 and 4 bytes */
	{ "a\xff"
	  "b",
	  "\"a\\ufffdb\"" },		      /* no such byte */
	{ "\xc3", "\"\\ufffd\"" },	      /* cut */
	{ "\xe2\x82", "\"\\ufffd\\ufffd\"" }, /* cut, each byte on its own */
	{ "\xe2\x82"
	  "\"",
	  "\"\\ufffd\\ufffd\\\"\"" },			 /* a cut character eats no quote */
	{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },		 /* overlong '/' */
	{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" }, /* overlong '/' */
	{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" }, /* surrogate */
	{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, /* above U+10FFFF */
	{ "\x80", "\"\\ufffd\"" },				    /* stray continuation */
};

TEST(every_string_is_readable_json)
{
	for (size_t i = 0; i < ELEMENTSOF(strings); i++) {
		_cleanup_(strbuf_done) struct strbuf b = { 0 };
		struct json_writer w = json_writer(&b, JSON_LINE);
		json_t *read;

		check_row(i, strings[i].json);
		json_write_string(&w, strings[i].text);
		CHECK_STR(strbuf_text(&b), strings[i].json);
		read = json_loads(strbuf_text(&b), JSON_DECODE_ANY, NULL);
		CHECK(read != NULL);
		json_decref(read);
	}
}

static const struct {
	double value;
	const char *json;
} doubles[] = {
	{ 0, "0" },
	{ 0.1, "0.1" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 1e300, "1e+300" },
	{ -2.5, "-2.5" },
	{ 123456789012345680.0, "1.2345678901234568e+17" },
	{ NAN, "null" },
	{ INFINITY, "null" },
	{ -INFINITY, "null" },
	{ 0.8, "0.8" },
};

static void check_doubles(void)
{
	for (size_t i = 0; i < ELEMENTSOF(doubles); i++) {
		_cleanup_(strbuf_done) struct strbuf b = { 0 };
		struct json_writer w = json_writer(&b, JSON_LINE);

		check_row(i, doubles[i].json);
		json_write_double(&w, doubles[i].value);
		CHECK_STR(strbuf_text(&b), doubles[i].json);
	}
}

TEST(doubles_are_short_and_exact)
{
	check_doubles();
}

TEST(a_locale_changes_no_number)
{
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
		check_skip("no locale with a decimal comma is installed");
	check_doubles();
}
