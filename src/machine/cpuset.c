/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs and nodes may a task use? From its /proc/PID/status; in recordings that have none,
 * from the files of its cgroup.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "machine/files.h"
#include "machine/read.h"

static const struct mpol_rule rule_no_process = {
	"machine-no-process",
	ESRCH,
	"What a process may use stands below proc/, in a directory named by its PID.",
	"name a process that runs, and that this /proc shows",
	"proc(5)",
	NULL,
};

/* The value of "key:\tvalue" in status, cut off in place; NULL when it has none. */
static char *status_value(char *text, const char *key)
{
	size_t len = strlen(key);

	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " \t");
		return strndup(line, strcspn(line, "\n"));
	}
	return NULL;
}

/* The nodes of "00000000,0000000f", which has the form of a map of CPUs. */
static int parse_nodemap(const char *text, struct mpol_nodeset *ret, const char *where,
			 struct mpol_error *err)
{
	struct mpol_cpus bits;
	int r = files_parse_cpumap(text, &bits, where, err);

	for (int n = r < 0 ? -1 : mpol_cpus_next(&bits, 0); n >= 0;
	     n = mpol_cpus_next(&bits, (unsigned)n + 1))
		mpol_nodes_add(ret, (unsigned)n);
	return r;
}

/* 1: filled in; 0: there is no status. */
static int from_status(int root_fd, const char *dir, struct mpol_machine *m, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL, *cpus = NULL, *cpumap = NULL, *mems = NULL,
			    *memmap = NULL;
	struct mpol_error why = { 0 };
	char where[96];
	int r = files_text(root_fd, &text, err, "%s/status", dir);

	if (r <= 0)
		return r;
	(void)snprintf(where, sizeof(where), "%s/status", dir); /* short */
	cpus = status_value(text, "Cpus_allowed_list");
	cpumap = status_value(text, "Cpus_allowed");
	mems = status_value(text, "Mems_allowed_list");
	memmap = status_value(text, "Mems_allowed");
	r = cpus     ? mpol_cpus_parse(cpus, &m->cpus_allowed, &why)
	    : cpumap ? files_parse_cpumap(cpumap, &m->cpus_allowed, where, &why)
		     : -ENOENT;
	if (r == -ENOENT)
		return 0;
	if (r == 0 && (mems || memmap)) /* a kernel without cpusets has no such lines */
		r = mems ? mpol_nodes_parse(mems, &m->mems_allowed, &why)
			 : parse_nodemap(memmap, &m->mems_allowed, where, &why);
	else
		m->mems_allowed = m->online;
	return r < 0 ? files_malformed(err, where, why.what) : 1;
}

static void read_cpuset_name(int root_fd, const char *dir, struct mpol_machine *m)
{
	_cleanup_free_ char *text = NULL;

	if (files_text(root_fd, &text, NULL, "%s/cpuset", dir) == 1)
		(void)snprintf(m->cpuset, sizeof(m->cpuset), "%s", text); /* cut is fine */
}

/* 1: filled in; 0: the recording has no such group, or no cgroups at all. */
static int from_cgroup(int root_fd, pid_t pid, struct mpol_machine *m)
{
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	struct cgroup_tree tree;
	char path[CGROUP_PATH];

	if (cgroup_find(root_fd, &tree, NULL) < 0)
		return 0;
	if (cgroup_path_of(root_fd, &tree, pid, path, sizeof(path), NULL) < 0)
		(void)snprintf(path, sizeof(path), "%s", m->cpuset); /* shorter */
	return *path && cgroup_open(root_fd, &tree, path, &g, NULL) == 0 &&
	       cgroup_effective_cpus(&g, &m->cpus_allowed, NULL) == 0 &&
	       cgroup_effective_mems(&g, &m->mems_allowed, NULL) == 0;
}

/* What nothing restricts: everything. */
static void allow_all(struct mpol_machine *m)
{
	m->cpus_allowed = m->cpus_online;
	m->mems_allowed = m->online;
}

int machine_read_task(int root_fd, pid_t pid, struct mpol_machine *m, struct mpol_error *err)
{
	char dir[64] = "proc/self";
	int r;

	if (pid)
		(void)snprintf(dir, sizeof(dir), "proc/%d", (int)pid); /* fits */
	else if (machine_is_running(root_fd) && file_exists_at(root_fd, "proc/thread-self") == 1)
		strcpy(dir, "proc/thread-self"); /* affinity is the thread's own */
	if (pid && file_exists_at(root_fd, "%s", dir) != 1)
		return mpol_fail(err, &rule_no_process, dir, "there is no process %d", (int)pid);
	read_cpuset_name(root_fd, dir, m);
	r = from_status(root_fd, dir, m, err);
	if (r == 0)
		r = from_cgroup(root_fd, pid, m);
	if (r < 0)
		return r;
	m->allowed_known = r == 1;
	if (!m->allowed_known)
		allow_all(m);
	/* Masks may name CPUs and nodes that could come one day; only those there can be used. */
	if (!mpol_cpus_empty(&m->cpus_online))
		m->cpus_allowed = mpol_cpus_and(&m->cpus_allowed, &m->cpus_online);
	if (m->numa)
		m->mems_allowed = mpol_nodes_and(&m->mems_allowed, &m->online);
	return 0;
}
