/* SPDX-License-Identifier: MIT */
/*
 * Which hierarchy has the cpuset controller, and where is it mounted? On a hybrid system a v2 mount
 * may be there that carries other controllers only, so a v2 hierarchy is asked
 * (cgroup.controllers), not assumed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cgroup/io.h"

static const struct mpol_rule rule_no_cpuset = {
	"cgroup-no-cpuset",
	ENOENT,
	"CPUs and memory nodes are given to groups of processes by the cpuset controller, on the "
	"one hierarchy that carries "
	"it.",
	"mount it: mount -t cgroup2 none /sys/fs/cgroup, or mount -t cgroup -o cpuset none "
	"/sys/fs/cgroup/cpuset",
	"Documentation/admin-guide/cgroup-v2.rst; /proc/cgroups",
	NULL,
};
const struct mpol_rule cgroup_rule_not_delegated = {
	"cgroup-not-delegated",
	EACCES,
	"On cgroup v2 a group has only the controllers that the group above hands down in its "
	"cgroup.subtree_control.",
	"write +cpuset to cgroup.subtree_control of the groups above, or for systemd units: "
	"Delegate=cpuset",
	"Documentation/admin-guide/cgroup-v2.rst, Top-down Constraint",
	NULL,
};
static const struct mpol_rule rule_outside = {
	"cgroup-outside",
	ENOENT,
	"A cgroup namespace, or a mount of a part of the hierarchy, hides the groups above.",
	"ask from outside of the container",
	"cgroup_namespaces(7)",
	NULL,
};
static const struct mpol_rule rule_unreadable = {
	"cgroup-unreadable",
	EIO,
	"Which cgroups there are stands in /proc.",
	NULL,
	"proc(5), /proc/PID/mountinfo, /proc/PID/cgroup",
	NULL,
};

/* One mount, of either file. All strings point into the line. */
struct mount {
	char *top, *point, *type, *options;
};

/* Undoes \040 and its like, in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else
			*to = *s;
	}
	*to = '\0';
}

/* "31 23 0:28 TOP POINT rw,relatime shared:9 - TYPE SOURCE OPTIONS" */
static bool split_mountinfo(char *line, struct mount *ret)
{
	char *field[6], *rest = line, *after = strstr(line, " - ");

	if (!after)
		return false;
	*after = '\0';
	after += 3;
	for (size_t i = 0; i < ELEMENTSOF(field); i++)
		if (!(field[i] = strsep(&rest, " ")))
			return false;
	ret->top = field[3];
	ret->point = field[4];
	ret->type = strsep(&after, " ");
	(void)strsep(&after, " "); /* the source tells nothing */
	ret->options = after;
	return after != NULL;
}

/* "SOURCE POINT TYPE OPTIONS 0 0", of recordings that have no mountinfo */
static bool split_mounts(char *line, struct mount *ret)
{
	static char slash[] = "/";

	(void)strsep(&line, " ");
	ret->top = slash;
	ret->point = strsep(&line, " ");
	ret->type = strsep(&line, " ");
	ret->options = strsep(&line, " ");
	return ret->options != NULL;
}

static bool has_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *o = options; o; o = strchr(o, ',')) {
		o += *o == ',';
		if (strncmp(o, name, len) == 0 && (o[len] == ',' || o[len] == '\0'))
			return true;
	}
	return false;
}

/* Whether the v2 hierarchy mounted there has the controller. */
static bool v2_has_cpuset(int root_fd, const char *point)
{
	char line[1024];

	if (file_read_line_at(root_fd, line, sizeof(line), "%s/cgroup.controllers", point) < 0)
		return false;
	for (char *w = line, *word; (word = strsep(&w, " "));)
		if (STREQ(word, "cpuset"))
			return true;
	return false;
}

/* What was met on the way, for the error. */
struct seen {
	bool v2;
	char v2_point[256];
};

/* Fills ret when this mount carries the controller. */
static bool consider(int root_fd, const struct mount *m, struct cgroup_tree *ret, struct seen *seen)
{
	bool v2 = STREQ(m->type, "cgroup2");

	if (!v2 && !STREQ(m->type, "cpuset") &&
	    !(STREQ(m->type, "cgroup") && has_option(m->options, "cpuset")))
		return false;
	unescape(m->point);
	unescape(m->top);
	if (v2 && !v2_has_cpuset(root_fd, m->point)) {
		seen->v2 = true;
		(void)snprintf(seen->v2_point, sizeof(seen->v2_point), "%s", m->point);
		return false;
	}
	ret->version = v2 ? CGROUP_V2 : CGROUP_V1;
	return snprintf(ret->mount, sizeof(ret->mount), "%s", m->point + strspn(m->point, "/")) <
		       CGROUP_PATH &&
	       snprintf(ret->top, sizeof(ret->top), "%s", m->top) < CGROUP_PATH;
}

static int describe_absence(int root_fd, const struct seen *seen, struct mpol_error *err)
{
	if (!seen->v2)
		return mpol_fail(err, &rule_no_cpuset, "",
				 "no mounted cgroup hierarchy has the cpuset controller");
	/* Only groups below the root of the hierarchy have cgroup.events. */
	if (file_exists_at(root_fd, "%s/cgroup.events", seen->v2_point) == 1)
		return mpol_fail(err, &cgroup_rule_not_delegated, seen->v2_point,
				 "the cgroups visible here were not given the cpuset controller");
	mpol_fail(err, &rule_no_cpuset, seen->v2_point,
		  "the cgroup v2 hierarchy has no cpuset controller, and no v1 hierarchy is "
		  "mounted with it");
	return mpol_hint(err,
			 "see /proc/cgroups: either a v1 hierarchy has it, unmounted (mount -t "
			 "cgroup -o cpuset "
			 "none DIR), or the kernel was built or booted without (cgroup_disable=)");
}

int cgroup_find(int root_fd, struct cgroup_tree *ret, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	bool (*split)(char *, struct mount *) = split_mountinfo;
	struct seen seen = { 0 };
	struct cgroup_tree tree;
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "proc/self/mountinfo");

	if (r < 0) {
		split = split_mounts;
		r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "proc/self/mounts");
		if (r < 0)
			r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "proc/mounts");
	}
	if (r < 0)
		return mpol_fail_errno(err, &rule_unreadable, -r, "proc/self/mountinfo",
				       "the mounts cannot be read: %s", strerror(-r));
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		struct mount m;

		if (split(line, &m) && consider(root_fd, &m, &tree, &seen)) {
			*ret = tree;
			return 0;
		}
	}
	return describe_absence(root_fd, &seen, err);
}

/* The path in "3:cpu,cpuset:/path" or "0::/path", when the line is the tree's. */
static const char *path_in_line(const struct cgroup_tree *tree, char *line)
{
	const char *number = strsep(&line, ":"), *controllers = strsep(&line, ":");

	if (!line)
		return NULL;
	if (tree->version == CGROUP_V2 ? STREQ(number, "0") && !*controllers
				       : has_option(controllers, "cpuset"))
		return line;
	return NULL;
}

/* The path below what is mounted; NULL when it is not below. */
static const char *below_top(const struct cgroup_tree *tree, const char *path)
{
	size_t len = STREQ(tree->top, "/") ? 0 : strlen(tree->top);

	if (strncmp(path, tree->top, len) != 0 || (path[len] != '/' && path[len] != '\0') ||
	    STARTS(path, "/../") || STREQ(path, "/.."))
		return NULL;
	return path[len] ? path + len : "/";
}

int cgroup_path_of(int root_fd, const struct cgroup_tree *tree, pid_t pid, char *ret, size_t size,
		   struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	char file[64] = "proc/self/cgroup";
	const char *path = NULL;
	int r;

	if (pid)
		(void)snprintf(file, sizeof(file), "proc/%d/cgroup", (int)pid); /* fits */
	r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "%s", file);
	if (r < 0)
		return mpol_fail_errno(err, &rule_unreadable, -r, file,
				       "the cgroups of the process cannot be read: %s",
				       strerror(-r));
	for (char *rest = text, *line; !path && (line = strsep(&rest, "\n"));)
		path = path_in_line(tree, line);
	if (!path)
		return mpol_fail(err, &rule_outside, file,
				 "the process is in no cgroup of the hierarchy at /%s",
				 tree->mount);
	path = below_top(tree, path);
	if (!path)
		return mpol_fail(err, &rule_outside, file,
				 "the process is in a cgroup that is not below /%s", tree->mount);
	if (snprintf(ret, size, "%s", path) >= (int)size)
		return mpol_fail_errno(err, &rule_unreadable, ENAMETOOLONG, file,
				       "the path has more than %zu bytes", size - 1);
	return 0;
}
