/* SPDX-License-Identifier: MIT */
/* Writing linux.memoryPolicy into a config.json; see patch.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "oci/config.h"
#include "oci/patch.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "notation/notation.h"

static const struct mpol_rule rule_open = {
	"bundle-open",
	ENOENT,
	"A bundle is a directory with a regular file config.json in it.",
	"name the bundle's directory, or its config.json",
	"runtime-spec bundle.md",
	NULL,
};
static const struct mpol_rule rule_link = {
	"config-is-link",
	ELOOP,
	"What a symbolic link leads to may belong to somebody else; writing through one, or "
	"replacing "
	"it, would change more than the bundle.",
	"name the file itself",
	NULL,
	NULL,
};
static const struct mpol_rule rule_write = {
	"config-write",
	EIO,
	"The new configuration is written beside the old one and takes its place.",
	NULL,
	NULL,
	NULL,
};

int oci_bundle_open(const char *path, int *ret_dir, const char **ret_name, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *dir = NULL;
	const char *slash = strrchr(path, '/');

	*ret_name = "config.json";
	if (fd < 0 && errno == ENOTDIR) {
		dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
		fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		*ret_name = slash ? slash + 1 : path;
	}
	if (fd < 0)
		return mpol_fail_errno(err, &rule_open, errno, path, "cannot be opened: %s",
				       strerror(errno));
	*ret_dir = TAKE_FD(fd);
	return 0;
}

static int no_link(int dir, const char *name, struct stat *ret, struct mpol_error *err)
{
	if (fstatat(dir, name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return mpol_fail_errno(err, &rule_open, errno, name, "%s", strerror(errno));
	if (S_ISLNK(ret->st_mode))
		return mpol_fail(err, &rule_link, name, "is a symbolic link");
	return 0;
}

/* Labels and ACLs, as far as they may be copied. */
static void copy_attributes(int from, int to)
{
	char names[4096], value[4096];
	ssize_t n = flistxattr(from, names, sizeof(names));

	for (ssize_t at = 0; n > 0 && at < n; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t len = fgetxattr(from, names + at, value, sizeof(value));

		if (len >= 0)
			(void)fsetxattr(to, names + at, value, (size_t)len, 0);
	}
}

static int fill(int dir, const char *name, int fd, const struct stat *st, const char *text,
		size_t len)
{
	_cleanup_close_ int old = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int r = fd_write_all(fd, text, len);

	if (r < 0)
		return r;
	if ((st->st_uid != geteuid() || st->st_gid != getegid()) &&
	    fchown(fd, st->st_uid, st->st_gid) < 0)
		return -errno;
	if (fchmod(fd, st->st_mode & 07777) < 0)
		return -errno;
	if (old >= 0)
		copy_attributes(old, fd);
	return fsync(fd) < 0 ? -errno : 0;
}

/* The name the new file has for a moment; whoever holds the directory's lock may remove an old one.
 */
#define BESIDE ".config.json.mpol-patch"

static int replace(int dir, const char *name, const struct stat *st, const char *text, size_t len)
{
	_cleanup_close_ int fd = -1;
	int r;

	(void)unlinkat(dir, BESIDE, 0); /* of a patch that was killed */
	fd = openat(dir, BESIDE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fill(dir, name, fd, st, text, len);
	if (r >= 0 && renameat(dir, BESIDE, dir, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, BESIDE, 0);
	else
		(void)fsync(dir); /* the name; what matters, the content, is on the disk */
	return r;
}

/* Whether the configuration says exactly this policy. */
static bool says(const struct oci_config *c, const struct mpol_policy_expr *policy)
{
	struct span v = c->policy.value;
	_cleanup_free_ char *text = NULL;
	struct mpol_policy_expr now;

	if (span_absent(v) || !policy)
		return span_absent(v) && !policy;
	text = strndup(c->text + v.start, v.end - v.start);
	return text && mpol_policy_parse(text, &now, NULL) == 0 &&
	       mpol_policy_expr_equal(&now, policy);
}

static int patch_file(int dir, const char *name, const struct mpol_policy_expr *policy,
		      struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	_cleanup_free_ char *object = NULL, *text = NULL;
	struct stat st;
	size_t len;
	int r = no_link(dir, name, &st, err);

	if (r >= 0)
		r = oci_config_read(dir, name, &c, err);
	if (r < 0)
		return r;
	if (says(&c, policy))
		return 0;
	if (policy)
		r = notation_oci.print(policy, &object, err);
	if (r >= 0)
		r = oci_config_with_policy(&c, object, &text, &len, err);
	if (r < 0)
		return r;
	r = replace(dir, name, &st, text, len);
	return r < 0 ? mpol_fail_errno(err, &rule_write, -r, name, "%s", strerror(-r)) : 1;
}

int oci_patch(const char *path, const struct mpol_policy_expr *policy, struct mpol_error *err)
{
	_cleanup_close_ int dir = -1;
	const char *name;
	int r = oci_bundle_open(path, &dir, &name, err);

	if (r < 0)
		return r;
	/* One patch at a time: two would lose one of their changes. */
	if (flock(dir, LOCK_EX) < 0)
		return mpol_fail_errno(err, &rule_write, errno, path, "cannot be locked: %s",
				       strerror(errno));
	return patch_file(dir, name, policy, err);
}
