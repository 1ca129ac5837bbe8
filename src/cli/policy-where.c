/* SPDX-License-Identifier: MIT */
/* Where a policy's parts stand in its text; see policy-where.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cli/policy-where.h"
#include "json/read.h"

#define MAX_FILE ((size_t)16 << 20)

/* "bind=static:0-1" */
static void in_kernel_text(const char *text, const char *part, char *buf, size_t size)
{
	size_t mode = strcspn(text, "=:"), at = 0;

	if (STREQ(part, "flags") && text[mode] == '=')
		at = mode + 1;
	if (STREQ(part, "nodes") && strchr(text, ':'))
		at = strcspn(text, ":") + 1;
	(void)snprintf(buf, size, "column %zu", at + 1);
}

/* "--balancing --membind=0-1", "-m 0": the policy's own option is the one that is not --balancing.
 */
static void in_options(const char *text, const char *part, char *buf, size_t size)
{
	const char *balancing = strstr(text, "--b"), *option = text;

	if (STARTS(option, "numactl "))
		option += strlen("numactl ");
	if (balancing == option) {
		option += strcspn(option, " ");
		option += strspn(option, " ");
	}
	if (STREQ(part, "flags") && balancing)
		option = balancing;
	(void)snprintf(buf, size, "%.*s%s", (int)strcspn(option, "= "), option,
		       STREQ(part, "nodes") ? ", column 1" : "");
}

/* "NUMAPolicy=bind\nNUMAMask=0-1" */
static void in_unit(const char *text, const char *part, char *buf, size_t size)
{
	const char *key =
		STREQ(part, "nodes") && strstr(text, "NUMAMask=") ? "NUMAMask=" : "NUMAPolicy=";
	const char *at = strstr(text, key);
	size_t line = 1;

	for (const char *p = text; at && p < at; p++)
		line += *p == '\n';
	(void)snprintf(buf, size, "%s, line %zu", key, line);
}

/* The policy object's path in the document: a config.json, its linux, or the object itself. */
static struct json_path policy_path(const json_t *root)
{
	struct json_path path = { 0 };

	if (json_object_get(root, "linux"))
		path = json_path_key(&path, "linux");
	if (json_object_get(root, "linux") || json_object_get(root, "memoryPolicy"))
		path = json_path_key(&path, "memoryPolicy");
	return path;
}

static void in_json(const char *text, const char *part, char *buf, size_t size)
{
	_cleanup_(json_doc_done) struct json_doc doc = { 0 };
	struct json_path object, path;
	struct json_place place;
	size_t len;

	*buf = '\0';
	if (json_read(text, strlen(text), &doc, NULL) < 0)
		return;
	object = policy_path(doc.root);
	path = json_path_key(&object, part);
	if (!json_locate(text, doc.len, &path, JSON_VALUE, &place)) {
		path = object;
		if (!json_locate(text, doc.len, &path, JSON_VALUE, &place))
			return;
	}
	len = json_path_print(&path, buf, size);
	if (len < size)
		(void)snprintf(buf + len, size - len, "%sline %u, column %u", len ? ", " : "",
			       place.line, place.column);
}

static void in_text(const char *text, const char *part, char *buf, size_t size)
{
	if (*text == '{')
		in_json(text, part, buf, size);
	else if (*text == '-' || STARTS(text, "numactl "))
		in_options(text, part, buf, size);
	else if (*text == '[' || strstr(text, "NUMAPolicy="))
		in_unit(text, part, buf, size);
	else
		in_kernel_text(text, part, buf, size);
}

static void find(const char *text, const char *part, char *buf, size_t size)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *content = NULL;
	const char *start;
	size_t len;

	if (*text != '@') {
		in_text(text, part, buf, size);
		return;
	}
	len = (size_t)snprintf(buf, size, "%s: ", text + 1);
	fd = open(text + 1, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || len >= size || fd_read_all(fd, MAX_FILE, &content, NULL) < 0)
		return;
	start = content + strspn(content, " \t\r\n");
	in_text(*start == '{' ? content : start, part, buf + len, size - len);
}

void policy_where(const char *text, struct mpol_error *err)
{
	static const char *const parts[] = { "mode", "flags", "nodes" };
	char where[sizeof(err->where)];

	for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
		if (!STREQ(err->where, parts[i]))
			continue;
		find(text, parts[i], where, sizeof(where));
		(void)snprintf(err->where, sizeof(err->where), "%s", where);
		return;
	}
}
