/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "check.h"
#include "json/quick.h"
#include "json/write.h"

/* Writes what is read quickly, value by value. */
static void copy_value(struct json_quick *q, struct json_writer *w)
{
	struct json_slice s;
	int64_t n;

	switch (json_quick_peek(q)) {
	case '"':
		if (json_quick_string(q, &s))
			json_write_string_len(w, s.text, s.len);
		return;
	case '[':
		json_quick_array(q);
		json_begin_array(w);
		while (json_quick_element(q))
			copy_value(q, w);
		json_end_array(w);
		return;
	case '{':
		json_begin_object(w);
		for (json_quick_object(q); json_quick_key(q, &s);) {
			char key[64];

			(void)snprintf(key, sizeof(key), "%.*s", (int)s.len, s.text);
			json_key(w, key);
			copy_value(q, w);
		}
		json_end_object(w);
		return;
	case 'n':
		if (json_quick_null(q))
			json_write_null(w);
		return;
	default:
		if (json_quick_integer(q, &n))
			json_write_int(w, n);
	}
}

static const struct {
	const char *text;
	bool quick; /* false: left to jansson */
} lines[] = {
	{ "{}", true },
	{ " { } ", true },
	{ "[]", true },
	{ "{\"mode\":\"MPOL_BIND\",\"flags\":[],\"nodes\":\"0-1\"}\n", true },
	{ "{\"a\":[1,-2,0,-0,123456789012345678],\"b\":null,\"c\":{\"d\":[[],{}]}}", true },
	{ "{ \"a\" : [ \"x\" , \"y\" ] , \"b\" : 7 }", true },
	{ "{\"a\":\"\\u0041\"}", false },
	{ "{\"\xc3\xa9\":1}", false },
	{ "{\"a\":1.0}", false },
	{ "{\"a\":1e3}", false },
	{ "{\"a\":999999999999999999}", true },
	{ "{\"a\":1234567890123456789}", false },
	{ "{\"a\":9999999999999999999}", false }, /* found by the fuzzer: above INT64_MAX */
	{ "{\"a\":01}", false },
	{ "{\"a\":-}", false },
	{ "{\"a\":- 1}", false },
	{ "{\"a\":+1}", false },
	{ "{\"a\":true}", false },
	{ "{\"a\":nul}", false },
	{ "{\"a\":nullx}", false },
	{ "{\"a\":1,}", false },
	{ "{\"a\":[1,]}", false },
	{ "{\"a\":[,1]}", false },
	{ "{\"a\":[1 2]}", false },
	{ "{,\"a\":1}", false },
	{ "{\"a\" 1}", false },
	{ "{\"a\":}", false },
	{ "{\"a\"}", false },
	{ "{\"a\":1", false },
	{ "{\"a\":1}}", false },
	{ "{\"a\":1} x", false },
	{ "{\"a", false },
	{ "{\"a\":\"b", false },
	{ "{a:1}", false },
	{ "{\"a\":\"\t\"}", false },
	{ "", false },
	{ " ", false },
	{ "{]", false },
	{ "[}", false },
};

TEST(what_is_read_quickly_is_what_jansson_reads)
{
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		struct strbuf b = { 0 };
		struct json_writer w = json_writer(&b, JSON_LINE);
		struct json_quick q = json_quick(lines[i].text, strlen(lines[i].text));
		json_t *quick, *slow;

		check_row(i, lines[i].text);
		copy_value(&q, &w);
		CHECK_EQ(json_quick_end(&q), lines[i].quick);
		if (lines[i].quick) {
			quick = json_loads(strbuf_text(&b), 0, NULL);
			slow = json_loads(lines[i].text, 0, NULL);
			CHECK(quick && slow && json_equal(quick, slow));
			json_decref(quick);
			json_decref(slow);
		}
		strbuf_done(&b);
	}
}
