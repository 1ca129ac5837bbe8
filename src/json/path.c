/* SPDX-License-Identifier: MIT */
/* Where a value stands in a document, in words; see path.h. */
#include <stdbool.h>
#include <stdio.h>

#include "json/path.h"

struct json_path json_path_key(const struct json_path *parent, const char *key)
{
	struct json_path path = *parent;

	if (path.depth < JSON_PATH_DEPTH)
		path.step[path.depth++] = (struct json_step){ .key = key };
	return path;
}

struct json_path json_path_index(const struct json_path *parent, size_t index)
{
	struct json_path path = *parent;

	if (path.depth < JSON_PATH_DEPTH)
		path.step[path.depth++] = (struct json_step){ .index = index };
	return path;
}

/* Whether a key can stand in a path without quotes. */
static bool is_identifier(const char *key)
{
	for (const char *p = key; *p; p++)
		if (!(*p == '_' || (*p >= '0' && *p <= '9') ||
		      ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
			return false;
	return *key;
}

size_t json_path_print(const struct json_path *path, char *buf, size_t size)
{
	size_t len = 0;

	if (size)
		*buf = '\0';
	for (unsigned i = 0; i < path->depth; i++) {
		const struct json_step *s = &path->step[i];
		char *end = len < size ? buf + len : NULL;
		size_t room = len < size ? size - len : 0;

		if (!s->key)
			len += (size_t)snprintf(end, room, "[%zu]", s->index);
		else if (is_identifier(s->key))
			len += (size_t)snprintf(end, room, "%s%s", i ? "." : "", s->key);
		else
			len += (size_t)snprintf(end, room, "[\"%s\"]", s->key);
	}
	return len;
}
