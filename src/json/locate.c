/* SPDX-License-Identifier: MIT */
/*
 * The line and column of a JSON path in a text that was read before, so is known to be valid.
 * jansson's tree does not keep positions, and they are wanted only for errors.
 */
#include <stdio.h>
#include <string.h>

#include "json/read.h"

struct text {
	const char *p, *end;
};

static void skip_space(struct text *t)
{
	while (t->p < t->end && memchr(" \t\r\n", *t->p, 4))
		t->p++;
}

/* Past the character c, which is next but for space, or false. */
static bool skip_char(struct text *t, char c)
{
	skip_space(t);
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static void skip_string(struct text *t)
{
	for (t->p++; t->p < t->end && *t->p != '"'; t->p++)
		if (*t->p == '\\' && t->p + 1 < t->end)
			t->p++;
	if (t->p < t->end)
		t->p++;
}

/* To the comma or bracket after a value of any depth: brackets are counted, so nesting costs no
 * stack. */
static void skip_value(struct text *t)
{
	size_t depth = 0;

	while (t->p < t->end) {
		if (*t->p == '"') {
			skip_string(t);
			continue;
		}
		if (!depth && memchr(",]}", *t->p, 3))
			return;
		depth += *t->p == '{' || *t->p == '[';
		depth -= *t->p == '}' || *t->p == ']';
		t->p++;
	}
}

/* Whether the string that begins at t->p, escapes and all, is the key. */
static bool is_key(const struct text *t, const char *key)
{
	struct text end = *t;
	json_t *string;
	bool same;

	skip_string(&end);
	if (!memchr(t->p, '\\', (size_t)(end.p - t->p)))
		return (size_t)(end.p - t->p) == strlen(key) + 2 &&
		       memcmp(t->p + 1, key, strlen(key)) == 0;
	string = json_loadb(t->p, (size_t)(end.p - t->p), JSON_DECODE_ANY, NULL);
	same = string && strcmp(json_string_value(string), key) == 0;
	json_decref(string);
	return same;
}

/* From an object's start to the member's value; ret_key is where its key begins. */
static bool enter_key(struct text *t, const char *key, const char **ret_key)
{
	if (!skip_char(t, '{'))
		return false;
	for (skip_space(t); t->p < t->end && *t->p == '"'; skip_space(t)) {
		bool found = is_key(t, key);

		*ret_key = t->p;
		skip_string(t);
		if (!skip_char(t, ':'))
			return false;
		skip_space(t);
		if (found)
			return true;
		skip_value(t);
		if (!skip_char(t, ','))
			return false;
	}
	return false;
}

static bool enter_index(struct text *t, size_t index)
{
	if (!skip_char(t, '['))
		return false;
	for (size_t i = 0; i < index; i++) {
		skip_value(t);
		if (!skip_char(t, ','))
			return false;
	}
	skip_space(t);
	return t->p < t->end && *t->p != ']';
}

static struct json_place place_of(const char *text, const char *p)
{
	struct json_place place = { 1, 1, (size_t)(p - text) };

	for (const char *q = text; q < p; q++) {
		if (*q == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)*q & 0xC0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

bool json_locate(const char *text, size_t len, const struct json_path *path, enum json_part part,
		 struct json_place *ret)
{
	struct text t = { text, text + len };
	const char *key = text;

	skip_space(&t);
	for (unsigned i = 0; i < path->depth; i++) {
		const struct json_step *s = &path->step[i];

		if (s->key ? !enter_key(&t, s->key, &key) : !enter_index(&t, s->index))
			return false;
	}
	*ret = place_of(text, part == JSON_KEY && path->depth ? key : t.p);
	return true;
}
