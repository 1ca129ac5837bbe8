/* SPDX-License-Identifier: MIT */
/* Where a value stands in a document, in words: linux.memoryPolicy.flags[0]. */
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include <stddef.h>

/* Where a value stands: linux.memoryPolicy.flags[0]. A plain value; keys are the caller's. */
#define JSON_PATH_DEPTH 16
struct json_path {
	unsigned depth;
	struct json_step {
		const char *key; /* NULL: an index */
		size_t index;
	} step[JSON_PATH_DEPTH];
};
/* The path of a member and of an element; deeper than JSON_PATH_DEPTH the path ends early. */
struct json_path json_path_key(const struct json_path *parent, const char *key);
struct json_path json_path_index(const struct json_path *parent, size_t index);
/* linux.memoryPolicy.flags[0], annotations["org.mpol.memory-policy"]; returns the length as
 * snprintf. */
size_t json_path_print(const struct json_path *path, char *buf, size_t size);

#endif
