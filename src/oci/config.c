/* SPDX-License-Identifier: MIT */
/* What in a config.json concerns memory policies; see config.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "oci/config.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"

static const struct mpol_rule rule_file = {
	"config-file",
	EIO,
	"A bundle is a directory with a regular file config.json in it.",
	"name the bundle's directory, or its config.json",
	"runtime-spec bundle.md",
	NULL,
};
static const struct mpol_rule rule_large = {
	"config-too-large",
	EFBIG,
	"No engine writes a configuration of many megabytes; one that is that large is a mistake "
	"or an "
	"attack.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_type = {
	"config-type",
	EINVAL,
	"The specification says what each key holds; a runtime refuses or drops anything else.",
	NULL,
	"runtime-spec config.md, config-linux.md",
	NULL,
};

const struct json_path oci_policy_path = { 2, { { .key = "linux" }, { .key = "memoryPolicy" } } };

static int wrong_type(const char *text, struct span value, const char *path, const char *expected,
		      struct mpol_error *err)
{
	char place[SCAN_PLACE];

	return mpol_fail(err, &rule_type, scan_place(text, value.start, place), "%s is %s, not %s",
			 path, scan_kind_name(scan_kind(text, value)), expected);
}

/* Absent when it is missing or null, or else of the kind. */
static int check_kind(const struct oci_config *c, const char *path, const char *key,
		      enum scan_kind kind, struct scan_member *ret, struct mpol_error *err)
{
	char full[128];

	if (span_absent(ret->value))
		return 0;
	if (scan_kind(c->text, ret->value) == kind)
		return 0;
	if (scan_kind(c->text, ret->value) != SCAN_NULL) {
		(void)snprintf(full, sizeof(full), "%s%s%s", path, *path ? "." : "", key);
		return wrong_type(c->text, ret->value, full, scan_kind_name(kind), err);
	}
	/* null counts as missing, but what is put in its place must replace it: the key stays. */
	ret->value.end = ret->value.start;
	return 0;
}

static int find(const struct oci_config *c, struct span object, const char *path, const char *key,
		enum scan_kind kind, struct scan_member *ret, struct mpol_error *err)
{
	int r;

	*ret = (struct scan_member){ 0 };
	if (span_absent(object))
		return 0;
	r = scan_find(c->text, object, key, path, ret, err);
	return r < 0 ? r : check_kind(c, path, key, kind, ret, err);
}

/* Several objects of one object, which may be large: it is gone through once. */
static int find_objects(const struct oci_config *c, struct span object, const char *path,
			struct scan_wanted *wanted, size_t n, struct mpol_error *err)
{
	int r = span_absent(object) ? 0 : scan_find_each(c->text, object, path, wanted, n, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = check_kind(c, path, wanted[i].key, SCAN_OBJECT, &wanted[i].member, err);
	return r;
}

static int find_resources(struct oci_config *c, struct span resources, struct mpol_error *err)
{
	struct scan_member cpu, m;
	int r;

	r = find(c, resources, "linux.resources", "cpu", SCAN_OBJECT, &cpu, err);
	if (r < 0)
		return r;
	r = find(c, cpu.value, "linux.resources.cpu", "cpus", SCAN_STRING, &m, err);
	if (r < 0)
		return r;
	c->cpus = m.value;
	r = find(c, cpu.value, "linux.resources.cpu", "mems", SCAN_STRING, &m, err);
	c->mems = m.value;
	return r;
}

static int find_all(struct oci_config *c, struct mpol_error *err)
{
	struct scan_wanted top[] = { { .key = "linux" },
				     { .key = "annotations" },
				     { .key = "hooks" } };
	struct scan_wanted below[] = { { .key = "memoryPolicy" }, { .key = "resources" } };
	int r;

	if (scan_kind(c->text, c->root) != SCAN_OBJECT)
		return wrong_type(c->text, c->root, "the configuration", "an object", err);
	r = find_objects(c, c->root, "", top, ELEMENTSOF(top), err);
	if (r < 0)
		return r;
	c->linux_ = top[0].member;
	c->annotations = top[1].member.value;
	c->hooks = top[2].member;
	r = find(c, c->hooks.value, "hooks", "createRuntime", SCAN_ARRAY, &c->create_runtime, err);
	if (r >= 0)
		r = find_objects(c, c->linux_.value, "linux", below, ELEMENTSOF(below), err);
	if (r < 0)
		return r;
	c->policy = below[0].member;
	return find_resources(c, below[1].member.value, err);
}

int oci_config_take(char *text, size_t len, struct oci_config *ret, struct mpol_error *err)
{
	struct oci_config c = { .text = text, .len = len };
	int r = scan_document(text, len, &c.root, err);

	if (r >= 0)
		r = find_all(&c, err);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret = c;
	return 0;
}

static int read_regular(int dir_fd, const char *name, char **ret, size_t *ret_len,
			struct mpol_error *err)
{
	/* Not blocking: a FIFO of that name must not hold us up. */
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return mpol_fail_errno(err, &rule_file, errno, "", "cannot be opened: %s",
				       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return mpol_fail_errno(err, &rule_file, EINVAL, "", "is no regular file");
	r = (size_t)st.st_size > OCI_CONFIG_MAX ? -EFBIG
						: fd_read_all(fd, OCI_CONFIG_MAX, ret, ret_len);
	if (r == -EFBIG)
		return mpol_fail(err, &rule_large, "", "has more than %zu MiB",
				 OCI_CONFIG_MAX >> 20);
	if (r < 0)
		return mpol_fail_errno(err, &rule_file, -r, "", "cannot be read: %s", strerror(-r));
	return 0;
}

int oci_config_read(int dir_fd, const char *name, struct oci_config *ret, struct mpol_error *err)
{
	char *text = NULL;
	size_t len;
	int r;

	r = read_regular(dir_fd, name, &text, &len, err);
	if (r >= 0)
		r = oci_config_take(text, len, ret, err);
	if (r < 0)
		mpol_error_within(err, name);
	return r;
}

void oci_config_done(struct oci_config *c)
{
	free(c->text);
	*c = (struct oci_config){ 0 };
}

int oci_config_annotation(const struct oci_config *c, const char *key, char **ret,
			  struct mpol_error *err)
{
	struct scan_member m;
	int r;

	*ret = NULL;
	r = find(c, c->annotations, "annotations", key, SCAN_STRING, &m, err);
	if (r < 0 || span_absent(m.value))
		return r;
	*ret = scan_string(c->text, m.value);
	return *ret ? 0 : no_memory(err, "the configuration");
}

int oci_config_env(const struct oci_config *c, const char *name, char **ret, struct mpol_error *err)
{
	struct scan_member process, env, element;
	size_t pos = 0, len = strlen(name);
	int r;

	*ret = NULL;
	r = find(c, c->root, "", "process", SCAN_OBJECT, &process, err);
	if (r < 0)
		return r;
	r = find(c, process.value, "process", "env", SCAN_ARRAY, &env, err);
	if (r < 0 || span_absent(env.value))
		return r;
	/* The last one counts, as for runtimes that set them one after the other. */
	while (scan_next(c->text, env.value, &pos, &element)) {
		_cleanup_free_ char *text = NULL;

		if (scan_kind(c->text, element.value) != SCAN_STRING)
			continue;
		text = scan_string(c->text, element.value);
		if (!text)
			return no_memory(err, "the configuration");
		if (strncmp(text, name, len) != 0 || text[len] != '=')
			continue;
		free(*ret);
		*ret = strdup(text + len + 1);
		if (!*ret)
			return no_memory(err, "the configuration");
	}
	return 0;
}
