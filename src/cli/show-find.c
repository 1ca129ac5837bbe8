/* SPDX-License-Identifier: MIT */
/* Which processes `mpol show` is asked about: a tree of them, or those of a cgroup. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cli/show.h"

static const struct mpol_rule no_cgroup = {
	"show-no-cgroup",
	ENOENT,
	"A cgroup is a folder in one of the cgroup hierarchies, with a file cgroup.procs.",
	"write its path below the hierarchy, /system.slice/x.service, or the whole path, "
	"/sys/fs/cgroup/…",
	"cgroups(7)",
	NULL,
};

static const struct mpol_rule no_list = {
	"process-list",
	EIO,
	"Processes are found by the folders in /proc.",
	"look whether /proc is mounted",
	"proc(5)",
	NULL,
};

void show_pids_done(struct show_pids *p)
{
	free(p->pids);
	*p = (struct show_pids){ 0 };
}

int show_pids_add(struct show_pids *p, pid_t pid)
{
	size_t at = p->n;
	pid_t *more;

	for (size_t i = 0; i < p->n; i++)
		if (p->pids[i] == pid)
			return 0;
	more = reallocarray(p->pids, p->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	p->pids = more;
	for (; at > 0 && more[at - 1] > pid; at--)
		more[at] = more[at - 1];
	more[at] = pid;
	p->n++;
	return 0;
}

/* --- Trees --- */

struct parent {
	pid_t pid, parent;
};

struct parents {
	size_t n;
	struct parent *list;
};

static void parents_done(struct parents *p)
{
	free(p->list);
}

static bool parent_of(int proc_fd, const char *pid, pid_t *ret)
{
	_cleanup_free_ char *stat = NULL;
	const char *after;
	int parent;

	if (file_read_at(proc_fd, 4096, &stat, NULL, "%s/stat", pid) < 0)
		return false;	    /* it ended */
	after = strrchr(stat, ')'); /* the name before it may hold anything */
	if (!after || sscanf(after + 1, " %*c %d", &parent) != 1)
		return false;
	*ret = parent;
	return true;
}

static int read_parents(int root_fd, struct parents *ret, struct mpol_error *err)
{
	int fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc");
	_cleanup_closedir_ DIR *proc = fd < 0 ? NULL : fdopendir(fd);

	if (!proc)
		return mpol_fail(err, &no_list, "/proc", "%s", strerror(fd < 0 ? -fd : errno));
	for (struct dirent *e = readdir(proc); e; e = readdir(proc)) {
		struct parent p = { .pid = atoi(e->d_name) };
		struct parent *more;

		if (p.pid <= 0 || !parent_of(fd, e->d_name, &p.parent))
			continue;
		more = reallocarray(ret->list, ret->n + 1, sizeof(*more));
		if (!more)
			return mpol_fail_errno(err, &no_list, ENOMEM, "/proc", "%s",
					       strerror(ENOMEM));
		ret->list = more;
		more[ret->n++] = p;
	}
	return 0;
}

static bool has_pid(const struct show_pids *p, pid_t pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->pids[i] == pid)
			return true;
	return false;
}

int show_find_tree(int root_fd, pid_t pid, struct show_pids *ret, struct mpol_error *err)
{
	_cleanup_(parents_done) struct parents parents = { 0 };
	size_t before;
	int r = read_parents(root_fd, &parents, err);

	if (r == 0)
		r = show_pids_add(ret, pid);
	/* Children may have lower numbers than their parents: again until nothing is new. */
	do {
		before = ret->n;
		for (size_t i = 0; i < parents.n && r == 0; i++)
			if (has_pid(ret, parents.list[i].parent))
				r = show_pids_add(ret, parents.list[i].pid);
	} while (r == 0 && ret->n > before);
	return r;
}

/* --- Cgroups --- */

static int add_procs(int root_fd, const char *dir, struct show_pids *ret)
{
	_cleanup_free_ char *text = NULL;
	char *save = NULL;
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "%s/cgroup.procs", dir);

	/* A threaded group of v2 has no list of its own (EOPNOTSUPP): its processes stand in the
	 * group above. */
	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	for (char *l = strtok_r(text, "\n", &save); l && r == 0; l = strtok_r(NULL, "\n", &save))
		if (atoi(l) > 0) /* 0: a process outside of our namespace */
			r = show_pids_add(ret, atoi(l));
	return r;
}

/* The group and those below it. */
static int add_group(int root_fd, const char *dir, unsigned depth, struct show_pids *ret)
{
	int r = add_procs(root_fd, dir, ret);
	int fd = r < 0 ? r : file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "%s", dir);
	_cleanup_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return r;
	for (struct dirent *e = readdir(d); e && r >= 0; e = readdir(d)) {
		char below[4096];

		if (e->d_type != DT_DIR || e->d_name[0] == '.' || depth == 0)
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", dir, e->d_name) >= (int)sizeof(below))
			continue;
		r = add_group(root_fd, below, depth - 1, ret);
		if (r == -ENOENT || r == -ENODEV) /* removed meanwhile */
			r = 0;
	}
	return r;
}

/* The mount point of the next cgroup hierarchy in mountinfo, which is taken apart. */
static char *next_hierarchy(char **save, char *text)
{
	for (char *l = strtok_r(text, "\n", save); l; l = strtok_r(NULL, "\n", save)) {
		char *type = strstr(l, " - cgroup"), *field = l;

		if (!type)
			continue;
		for (int i = 0; i < 4 && field; i++)
			field = strchr(field, ' ') ? strchr(field, ' ') + 1 : NULL;
		if (!field)
			continue;
		field[strcspn(field, " ")] = '\0';
		return field;
	}
	return NULL;
}

/* path below the mount point, whether it was given from the root or from the hierarchy. */
static const char *within(const char *path, const char *mount)
{
	size_t len = strlen(mount);

	if (strncmp(path, mount, len) == 0 && (path[len] == '/' || path[len] == '\0'))
		return path + len;
	return path;
}

struct folders {
	char procs[4096], memory[4096]; /* "": none */
};

/* The first folder with processes, and the first with memory, of all hierarchies. */
static void find_folders(int root_fd, const char *path, char *mounts, struct folders *f)
{
	const char *relative = path;
	_cleanup_free_ char *again = strdup(mounts);
	char *save = NULL;

	for (char *m = next_hierarchy(&save, again); m; m = next_hierarchy(&save, NULL))
		if (within(path, m) != path)
			relative = within(path, m);
	save = NULL;
	for (char *m = next_hierarchy(&save, mounts); m; m = next_hierarchy(&save, NULL)) {
		char dir[4096];

		if (snprintf(dir, sizeof(dir), "%s%s%s", m,
			     *relative == '/' || !*relative ? "" : "/",
			     relative) >= (int)sizeof(dir))
			continue;
		if (!*f->procs && file_exists_at(root_fd, "%s/cgroup.procs", dir))
			memcpy(f->procs, dir, sizeof(dir));
		if (!*f->memory && file_exists_at(root_fd, "%s/memory.numa_stat", dir))
			memcpy(f->memory, dir, sizeof(dir));
	}
}

#define MAX_DEPTH 64

int show_find_cgroup(int root_fd, const char *path, struct show_pids *ret,
		     struct show_cgroup *ret_cgroup, struct mpol_error *err)
{
	_cleanup_free_ char *mounts = NULL;
	struct folders f = { "", "" };
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &mounts, NULL, "proc/self/mountinfo");

	if (r < 0)
		return mpol_fail_errno(err, &no_list, -r, "/proc/self/mountinfo", "%s",
				       strerror(-r));
	if (file_exists_at(root_fd, "%s/cgroup.procs", path))
		(void)snprintf(f.procs, sizeof(f.procs), "%s", path); /* it exists, so it fits */
	find_folders(root_fd, path, mounts, &f);
	if (!*f.procs)
		return mpol_fail(err, &no_cgroup, "--cgroup", "there is no cgroup %s", path);
	*ret_cgroup = (struct show_cgroup){ .path = path };
	ret_cgroup->memory_known =
		*f.memory &&
		mpol_cgroup_memory_read(root_fd, f.memory, &ret_cgroup->memory, NULL) == 0;
	r = add_group(root_fd, f.procs, MAX_DEPTH, ret);
	if (r < 0)
		return mpol_fail_errno(err, &no_list, -r, f.procs, "%s", strerror(-r));
	return 0;
}
