/* SPDX-License-Identifier: MIT */
/*
 * JSON: what is read quickly is what jansson reads; every value of a document is found again in its
 * text; and what the writer writes of it is read as the same.
 */
#include "fuzz.h"
#include "json/quick.h"
#include "json/read.h"
#include "json/write.h"

/* Walks through a value quickly; the tree says what it must find. */
static void compare(struct json_quick *q, json_t *tree)
{
	struct json_slice s;
	int64_t n;

	switch (json_quick_peek(q)) {
	case '"':
		if (json_quick_string(q, &s) && tree)
			MUST(json_is_string(tree) && json_slice_is(s, json_string_value(tree)));
		return;
	case '[':
		json_quick_array(q);
		for (size_t i = 0; json_quick_element(q); i++)
			compare(q, tree ? json_array_get(tree, i) : NULL);
		return;
	case '{':
		for (json_quick_object(q); json_quick_key(q, &s);) {
			char *key = strndup(s.text, s.len);

			MUST(key);
			compare(q, tree ? json_object_get(tree, key) : NULL);
			free(key);
		}
		return;
	case 'n':
		(void)json_quick_null(q);
		return;
	default:
		if (json_quick_integer(q, &n) && tree)
			MUST(json_is_integer(tree) && json_integer_value(tree) == n);
	}
}

/* Writes the value, and looks for each of its parts in the text. */
static void visit(const struct json_doc *doc, json_t *value, const struct json_path *path,
		  struct json_writer *w)
{
	struct json_path part;
	struct json_place place;
	const char *key;
	json_t *child;
	size_t i;

	if (path->depth < JSON_PATH_DEPTH)
		MUST(json_locate(doc->text, doc->len, path, JSON_VALUE, &place) &&
		     place.offset < doc->len);
	if (json_is_object(value)) {
		json_begin_object(w);
		json_object_foreach(value, key, child)
		{
			part = json_path_key(path, key);
			json_key(w, key);
			visit(doc, child, &part, w);
		}
		json_end_object(w);
	} else if (json_is_array(value)) {
		json_begin_array(w);
		json_array_foreach(value, i, child)
		{
			part = json_path_index(path, i);
			visit(doc, child, &part, w);
		}
		json_end_array(w);
	} else if (json_is_string(value)) {
		json_write_string_len(w, json_string_value(value), json_string_length(value));
	} else if (json_is_integer(value)) {
		json_write_int(w, json_integer_value(value));
	} else if (json_is_real(value)) {
		json_write_double(w, json_real_value(value));
	} else if (json_is_boolean(value)) {
		json_write_bool(w, json_is_true(value));
	} else {
		json_write_null(w);
	}
}

static void write_and_read(const struct json_doc *doc, enum json_style style)
{
	struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, style);
	struct json_path root = { 0 };
	struct json_doc again = { 0 };

	visit(doc, doc->root, &root, &w);
	MUST(json_read(strbuf_text(&b), b.len, &again, NULL) == 0);
	/* 1.0 is written 1, which is an integer to jansson: numbers are compared by the unit tests.
	 */
	MUST(json_typeof(doc->root) == json_typeof(again.root) || json_is_number(doc->root));
	json_doc_done(&again);
	strbuf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpol_error err = { 0 };
	struct json_doc doc = { 0 };
	char *text = fuzz_text(data, size);
	struct json_quick q = json_quick(text, size);
	int r = json_read(text, size, &doc, &err);

	if (size > 4096 || memchr(text, '\0', size)) { /* recursion here is the fuzzer's own */
		json_doc_done(&doc);
		free(text);
		return 0;
	}
	compare(&q, doc.root);
	if (json_quick_end(&q))
		MUST(r == 0 || strcmp(err.rule->id, "json-duplicate-key") == 0);
	if (r < 0) {
		fuzz_must_explain(r, &err);
	} else {
		write_and_read(&doc, JSON_LINE);
		write_and_read(&doc, JSON_INDENTED);
		json_doc_done(&doc);
	}
	free(text);
	return 0;
}
