/* SPDX-License-Identifier: MIT */
/* One cgroup: opened, created, given CPUs and mems, read. See cgroup.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cgroup/io.h"

static const struct mpol_rule rule_name = {
	"cgroup-name",
	EINVAL,
	"The name of a cgroup is a directory's; names that begin like a control file could clash "
	"with one.",
	"use letters, digits, '-' and '_'",
	"Documentation/admin-guide/cgroup-v2.rst",
	NULL,
};
static const struct mpol_rule rule_exists = {
	"cgroup-exists",
	EEXIST,
	"Two groups of one parent cannot have the same name.",
	"choose another name, or remove the group that is left from an earlier run",
	"mkdir(2)",
	NULL,
};
static const struct mpol_rule rule_cpuset = {
	"cgroup-cpuset",
	EINVAL,
	"A cpuset is a part of the one above it; on cgroup v2 the kernel takes anything and then "
	"uses what is left of it.",
	"name only what the group above has, or widen that one first",
	"kernel/cgroup/cpuset.c validate_change()",
	NULL,
};
static const struct mpol_rule rule_root = {
	"cgroup-root",
	EINVAL,
	"The root of a hierarchy has all CPUs and all memory nodes; it cannot be given fewer, or "
	"removed.",
	"create a group below it",
	"kernel/cgroup/cpuset.c",
	NULL,
};

void cgroup_done(struct cgroup *g)
{
	cleanup_close(&g->fd);
}

static bool climbs(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p += 2)
		if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
			return true;
	return false;
}

int cgroup_open(int root_fd, const struct cgroup_tree *tree, const char *path, struct cgroup *ret,
		struct mpol_error *err)
{
	struct cgroup g = { .fd = -1, .version = tree->version };
	size_t lead = strspn(path, "/");
	int n = snprintf(g.path, sizeof(g.path), "/%s%s%s", tree->mount, path[lead] ? "/" : "",
			 path + lead);

	if (n >= CGROUP_PATH)
		return cgroup_fail(err, -ENAMETOOLONG, path, "opening the cgroup");
	if (climbs(path))
		return mpol_fail(err, &rule_name, path, "the path leads upwards");
	while (n > 1 && g.path[n - 1] == '/')
		g.path[--n] = '\0';
	g.fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "%s", g.path);
	if (g.fd < 0)
		return cgroup_fail(err, g.fd, g.path, "opening the cgroup");
	cgroup_look(&g);
	*ret = g;
	return 0;
}

int cgroup_check_name(const char *name, struct mpol_error *err)
{
	static const char *const prefixes[] = { "cgroup.", "cpuset.", "cpu.",	  "memory.",
						"pids.",   "io.",     "hugetlb.", "rdma.",
						"misc.",   "dmem.",   "irq." };

	if (!*name)
		return mpol_fail(err, &rule_name, "", "the name is empty");
	if (strlen(name) >= CGROUP_NAME)
		return mpol_fail(err, &rule_name, "", "the name has more than %d bytes",
				 CGROUP_NAME - 1);
	if (STREQ(name, ".") || STREQ(name, ".."))
		return mpol_fail(err, &rule_name, "", "\"%s\" is not a name", name);
	for (const char *c = name; *c; c++)
		if (*c == '/' || (unsigned char)*c < ' ' || *c == 0x7f)
			return mpol_fail(err, &rule_name, "",
					 "\"%.80s\" has a '/' or a control character", name);
	for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
		if (STARTS(name, prefixes[i]))
			return mpol_fail(err, &rule_name, "",
					 "\"%.80s\" begins like a control file, \"%s\"", name,
					 prefixes[i]);
	return 0;
}

int cgroup_open_child(const struct cgroup *parent, const char *name, struct cgroup *ret,
		      struct mpol_error *err)
{
	struct cgroup g = { .fd = -1, .version = parent->version, .no_prefix = parent->no_prefix };
	int r = cgroup_check_name(name, err);

	if (r < 0)
		return r;
	if (strlen(parent->path) + strlen(name) + 2 > CGROUP_PATH)
		return cgroup_fail(err, -ENAMETOOLONG, name, "opening the cgroup");
	strcpy(g.path, parent->path);
	strcat(g.path, "/");
	strcat(g.path, name);
	g.fd = file_open_at(parent->fd, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, "%s", name);
	if (g.fd < 0)
		return cgroup_fail(err, g.fd, g.path, "opening the cgroup");
	*ret = g;
	return 0;
}

/* v1: a fresh cpuset is empty, and an empty one can neither be joined nor have children. */
static int inherit(const struct cgroup *parent, const struct cgroup *g, struct mpol_error *err)
{
	static const char *const names[] = { "cpus", "mems" };

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		_cleanup_free_ char *theirs = NULL, *ours = NULL;
		char file[64];
		int r = cgroup_read(g, cgroup_file(g, names[i], file), &ours, err);

		if (r == 0)
			r = cgroup_read(parent, file, &theirs, err);
		if (r == 0 && !*theirs)
			r = mpol_fail(err, &rule_cpuset, parent->path,
				      "the cpuset above is itself without %s",
				      i ? "memory nodes" : "CPUs");
		if (r == 0 && !*ours)
			r = cgroup_write(g, file, theirs, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* v2 moves pages when mems change; v1 does the same where it is told to. */
static int migrate_with_mems(const struct cgroup *g, struct mpol_error *err)
{
	char file[64];

	return cgroup_write(g, cgroup_file(g, "memory_migrate", file), "1", err);
}

int cgroup_create(const struct cgroup *parent, const char *name, struct cgroup *ret,
		  struct mpol_error *err)
{
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	int r = cgroup_check_name(name, err);

	if (r < 0)
		return r;
	if (mkdirat(parent->fd, name, 0755) < 0) {
		r = -errno;
		if (r == -EEXIST)
			return mpol_fail(err, &rule_exists, parent->path,
					 "there is a group \"%s\" already", name);
		return cgroup_fail(err, r, parent->path, "creating a group");
	}
	r = cgroup_open_child(parent, name, &g, err);
	if (r == 0 && g.version == CGROUP_V2 && !cgroup_has(&g, "cpuset.mems"))
		r = mpol_fail(
			err, &cgroup_rule_not_delegated, parent->path,
			"its groups have no cpuset (cgroup.subtree_control has no \"cpuset\")");
	if (r == 0 && g.version == CGROUP_V1)
		r = inherit(parent, &g, err);
	if (r == 0 && g.version == CGROUP_V1)
		r = migrate_with_mems(&g, err);
	if (r < 0) {
		(void)unlinkat(parent->fd, name, AT_REMOVEDIR); /* just made, and empty */
		return r;
	}
	*ret = g;
	ret->fd = TAKE_FD(g.fd);
	return 0;
}

/* What the group above may use: the reason, when CPUs or mems were refused or cut. */
static void describe_above(const struct cgroup *g, const char *effective, char *buf, size_t size)
{
	_cleanup_(cgroup_done) struct cgroup above = CGROUP_NONE;
	_cleanup_free_ char *text = NULL;
	char file[64];

	(void)snprintf(buf, size, "not known");
	if (cgroup_open_above(g, &above) < 0)
		return;
	if (cgroup_read(&above, cgroup_file(&above, effective, file), &text, NULL) == 0)
		(void)snprintf(buf, size, "%s", text); /* cut is fine */
}

/* The names of a resource's files. */
struct resource {
	const char *file, *effective[2], *noun;
};
static const struct resource cpus_files = { "cpus",
					    { "cpus.effective", "effective_cpus" },
					    "CPUs" };
static const struct resource mems_files = { "mems",
					    { "mems.effective", "effective_mems" },
					    "memory nodes" };

/* The text of what is effective; v1 kernels before 3.17 have no such file, and no difference to
 * what was set. */
static int read_effective(const struct cgroup *g, const struct resource *res, char **ret,
			  struct mpol_error *err)
{
	char file[64];

	cgroup_file(g, res->effective[g->version == CGROUP_V1], file);
	if (g->version == CGROUP_V1 && !cgroup_has(g, file))
		cgroup_file(g, res->file, file);
	return cgroup_read(g, file, ret, err);
}

static int fail_refused(const struct cgroup *g, const struct resource *res, const char *list, int r,
			struct mpol_error *err)
{
	char above[64];

	if (g->is_root)
		return mpol_fail(err, &rule_root, g->path, "its %s cannot be set", res->noun);
	if (r == -EROFS || r == -EPERM || r == -ENOENT || r == -ENODEV ||
	    (r == -EACCES && faccessat(g->fd, "cgroup.procs", W_OK, 0) < 0))
		return cgroup_fail(err, r, g->path, "setting the cpuset");
	describe_above(g, res->effective[g->version == CGROUP_V1], above, sizeof(above));
	return mpol_fail(err, &rule_cpuset, g->path,
			 "the kernel refuses the %s %.48s: %s (the group above has %s)", res->noun,
			 list, strerror(-r), above);
}

static int set(const struct cgroup *g, const struct resource *res, const char *list,
	       struct mpol_error *err)
{
	_cleanup_free_ char *now = NULL;
	char file[64], above[64];
	/* A newline clears; nothing at all might not reach the handler. */
	int r = file_write_at(g->fd, *list ? list : "\n", "%s", cgroup_file(g, res->file, file));

	if (r < 0)
		return fail_refused(g, res, list, r, err);
	if (!*list)
		return 0;
	r = read_effective(g, res, &now, err);
	if (r < 0 || STREQ(now, list))
		return r;
	describe_above(g, res->effective[g->version == CGROUP_V1], above, sizeof(above));
	return mpol_fail(err, &rule_cpuset, g->path,
			 "of the %s %.48s the group gets %.48s (the group above has %s)", res->noun,
			 list, *now ? now : "none", above);
}

int cgroup_set_cpus(const struct cgroup *g, const struct mpol_cpus *cpus, struct mpol_error *err)
{
	_cleanup_free_ char *list = malloc(MPOL_CPUS_TEXT);

	if (!list)
		return cgroup_fail(err, -ENOMEM, g->path, "setting the cpuset");
	(void)mpol_cpus_print(cpus, list, MPOL_CPUS_TEXT); /* fits by definition */
	return set(g, &cpus_files, list, err);
}

int cgroup_set_mems(const struct cgroup *g, const struct mpol_nodeset *mems, struct mpol_error *err)
{
	char list[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(mems, list, sizeof(list)); /* fits by definition */
	return set(g, &mems_files, list, err);
}

int cgroup_effective_cpus(const struct cgroup *g, struct mpol_cpus *ret, struct mpol_error *err)
{
	_cleanup_free_ char *list = NULL;
	int r = read_effective(g, &cpus_files, &list, err);

	return r < 0 ? r : mpol_cpus_parse(list, ret, err);
}

int cgroup_effective_mems(const struct cgroup *g, struct mpol_nodeset *ret, struct mpol_error *err)
{
	_cleanup_free_ char *list = NULL;
	int r = read_effective(g, &mems_files, &list, err);

	return r < 0 ? r : mpol_nodes_parse(list, ret, err);
}
