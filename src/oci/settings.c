/* SPDX-License-Identifier: MIT */
/* The operator's settings; see settings.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "oci/settings.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define SETTINGS_MAX ((size_t)1 << 20)

static const struct mpol_rule rule_settings = {
	"runtime-settings",
	EINVAL,
	"A setting that is misspelt or malformed would silently not hold for any container.",
	"mpol-runtime(8) lists the keys: real, policy, env, native, classes",
	NULL,
	NULL,
};

static int wrong(const char *text, struct span at, struct mpol_error *err, const char *what)
{
	char place[SCAN_PLACE];

	return mpol_fail(err, &rule_settings, scan_place(text, at.start, place), "%s", what);
}

static int take_string(const char *text, struct span value, char **ret, struct mpol_error *err)
{
	if (scan_kind(text, value) != SCAN_STRING)
		return wrong(text, value, err, "a string is expected");
	free(*ret);
	*ret = scan_string(text, value);
	return *ret ? 0 : mpol_fail_errno(err, &rule_settings, ENOMEM, "", "out of memory");
}

static int take_native(const char *text, struct span value, enum oci_native *ret,
		       struct mpol_error *err)
{
	static const char *const names[] = {
		[OCI_NATIVE_AUTO] = "auto",
		[OCI_NATIVE_NEVER] = "never",
		[OCI_NATIVE_ALWAYS] = "always",
	};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (scan_is(text, value, names[i])) {
			*ret = (enum oci_native)i;
			return 0;
		}
	return wrong(text, value, err, "\"auto\", \"never\" or \"always\" is expected");
}

static int take_member(struct oci_settings *s, struct scan_member m, struct mpol_error *err)
{
	const char *t = s->text;

	if (scan_is(t, m.key, "real"))
		return take_string(t, m.value, &s->real, err);
	if (scan_is(t, m.key, "policy"))
		return take_string(t, m.value, &s->policy, err);
	if (scan_is(t, m.key, "native"))
		return take_native(t, m.value, &s->native, err);
	if (scan_is(t, m.key, "env")) {
		if (scan_kind(t, m.value) != SCAN_BOOLEAN)
			return wrong(t, m.value, err, "true or false is expected");
		s->env = t[m.value.start] == 't';
		return 0;
	}
	if (scan_is(t, m.key, "classes")) {
		if (scan_kind(t, m.value) != SCAN_OBJECT)
			return wrong(t, m.value, err,
				     "an object of names and policies is expected");
		s->classes = m.value;
		return 0;
	}
	return wrong(t, m.key, err, "there is no such key");
}

static int read_text(const char *path, struct oci_settings *s, size_t *ret_len,
		     struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path ? path : OCI_SETTINGS_FILE,
				      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r;

	if (fd < 0 && errno == ENOENT && !path)
		return 0;
	r = fd < 0 ? -errno : fd_read_all(fd, SETTINGS_MAX, &s->text, ret_len);
	return r < 0 ? mpol_fail_errno(err, &rule_settings, -r, "", "cannot be read: %s",
				       strerror(-r))
		     : 0;
}

static int read_settings(const char *path, struct oci_settings *s, struct mpol_error *err)
{
	struct scan_member m;
	struct span root;
	size_t len, pos = 0;
	int r = read_text(path, s, &len, err);

	if (r < 0 || !s->text)
		return r;
	r = scan_document(s->text, len, &root, err);
	if (r < 0)
		return r;
	if (scan_kind(s->text, root) != SCAN_OBJECT)
		return wrong(s->text, root, err, "an object is expected");
	while (scan_next(s->text, root, &pos, &m)) {
		r = take_member(s, m, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int oci_settings_read(const char *path, struct oci_settings *ret, struct mpol_error *err)
{
	struct oci_settings s = { 0 };
	int r = path && !*path ? 0 : read_settings(path, &s, err);

	if (r < 0) {
		mpol_error_within(err, path ? path : OCI_SETTINGS_FILE);
		oci_settings_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}

void oci_settings_done(struct oci_settings *s)
{
	free(s->text);
	free(s->real);
	free(s->policy);
	*s = (struct oci_settings){ 0 };
}

int oci_settings_class(const struct oci_settings *s, const char *name, char **ret,
		       struct mpol_error *err)
{
	struct scan_member m;
	int r;

	*ret = NULL;
	if (span_absent(s->classes))
		return 0;
	r = scan_find(s->text, s->classes, name, "classes", &m, err);
	if (r < 0 || span_absent(m.value))
		return r;
	return take_string(s->text, m.value, ret, err);
}
