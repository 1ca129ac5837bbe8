/* SPDX-License-Identifier: MIT */
/* Files of one cgroup; see io.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/io.h"

static const struct mpol_rule rule_read_only = {
	"cgroup-read-only",
	EROFS,
	"Container engines mount /sys/fs/cgroup read-only, so that a container cannot change its "
	"own limits.",
	"run outside of the container, or start it with a writable cgroup mount (for podman and "
	"docker: --privileged)",
	"mount(8)",
	NULL,
};
static const struct mpol_rule rule_permission = {
	"cgroup-permission",
	EACCES,
	"Cgroups belong to root, unless a subtree was delegated to a user.",
	"run as root, or inside a delegated cgroup: systemd-run --user --scope -p Delegate=yes "
	"COMMAND",
	"Documentation/admin-guide/cgroup-v2.rst, Delegation",
	NULL,
};
static const struct mpol_rule rule_not_found = {
	"cgroup-not-found",
	ENOENT,
	"A cgroup is a directory below the mount of its hierarchy.",
	NULL,
	"Documentation/admin-guide/cgroup-v2.rst",
	NULL,
};
static const struct mpol_rule rule_io = {
	"cgroup-io", EIO, "A control file of the cgroup could not be used.", NULL, NULL, NULL,
};

int cgroup_fail(struct mpol_error *err, int r, const char *path, const char *what)
{
	switch (r) {
	case -EROFS:
		return mpol_fail(err, &rule_read_only, path, "%s: the file system is read-only",
				 what);
	case -EACCES:
	case -EPERM:
		return mpol_fail_errno(err, &rule_permission, -r, path, "%s: %s", what,
				       strerror(-r));
	case -ENOENT:
	case -ENODEV: /* the directory was removed while its files were open */
		return mpol_fail(err, &rule_not_found, path, "%s: there is no such cgroup", what);
	}
	return mpol_fail_errno(err, &rule_io, -r, path, "%s: %s", what, strerror(-r));
}

const char *cgroup_file(const struct cgroup *g, const char *name, char buf[64])
{
	(void)snprintf(buf, 64, "%s%s", g->no_prefix ? "" : "cpuset.", name); /* our own names */
	return buf;
}

int cgroup_read(const struct cgroup *g, const char *file, char **ret, struct mpol_error *err)
{
	size_t len;
	int r = file_read_at(g->fd, FILE_MAX_SIZE, ret, &len, "%s", file);
	char what[96];

	if (r < 0) {
		(void)snprintf(what, sizeof(what), "reading %s", file); /* our own names */
		return cgroup_fail(err, r, g->path, what);
	}
	if (len && (*ret)[len - 1] == '\n')
		(*ret)[len - 1] = '\0';
	return 0;
}

int cgroup_write(const struct cgroup *g, const char *file, const char *text, struct mpol_error *err)
{
	int r = file_write_at(g->fd, text, "%s", file);
	char what[160];

	if (r == 0)
		return 0;
	(void)snprintf(what, sizeof(what), "writing \"%.*s\" to %s", (int)strcspn(text, "\n"), text,
		       file); /* cut is fine */
	return cgroup_fail(err, r, g->path, what);
}

bool cgroup_has(const struct cgroup *g, const char *file)
{
	return file_exists_at(g->fd, "%s", file) == 1;
}

bool cgroup_file_has_word(const struct cgroup *g, const char *file, const char *word)
{
	_cleanup_free_ char *text = NULL;
	char *rest;

	if (cgroup_read(g, file, &text, NULL) < 0)
		return false;
	for (char *w = strtok_r(text, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest))
		if (STREQ(w, word))
			return true;
	return false;
}

void cgroup_look(struct cgroup *g)
{
	if (g->version == CGROUP_V2) {
		g->is_root = !cgroup_has(g, "cgroup.events");
		return;
	}
	g->no_prefix = !cgroup_has(g, "cpuset.cpus") && cgroup_has(g, "cpus");
	g->is_root = cgroup_has(g, "release_agent");
}

int cgroup_open_above(const struct cgroup *g, struct cgroup *ret)
{
	struct cgroup above = { .fd = -1, .version = g->version, .no_prefix = g->no_prefix };
	size_t len = strlen(g->path);

	while (len > 1 && g->path[len - 1] != '/')
		len--;
	memcpy(above.path, g->path, len > 1 ? len - 1 : len);
	above.fd = file_open_at(g->fd, O_RDONLY | O_DIRECTORY, "..");
	if (above.fd < 0)
		return above.fd;
	if (!cgroup_has(&above, "cgroup.procs")) {
		cgroup_done(&above);
		return -ENOENT;
	}
	cgroup_look(&above);
	*ret = above;
	return 0;
}
