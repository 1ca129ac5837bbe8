/* SPDX-License-Identifier: MIT */
/* The facts for `mpol doctor`, below a root; the calls are made only where that root is this
 * system's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cli/doctor.h"
#include "kernel/proc.h"
#include "machine/read.h"

static void count_nodes(int root_fd, struct doctor_facts *f)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "sys/devices/system/node");

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (STARTS(entry->d_name, "node") && entry->d_name[4] >= '0' &&
		    entry->d_name[4] <= '9')
			f->n_nodes++;
	f->has_nodes = f->n_nodes > 0;
}

static unsigned status_number(int dir_fd, const char *key)
{
	uint64_t value = 0;

	(void)proc_status_number(dir_fd, 0, key, 10, &value); /* older kernels lack some: 0 */
	return (unsigned)value;
}

static void read_status(int root_fd, struct doctor_facts *f)
{
	_cleanup_close_ int dir = file_open_at(root_fd, O_PATH | O_DIRECTORY, "proc/self");
	char uids[96];

	if (dir < 0 || proc_status(dir, 0, "Uid", uids, sizeof(uids)) < 0)
		return;
	f->status_known = true;
	f->uid = (unsigned)strtoul(uids + strcspn(uids, "\t "), NULL, 10); /* real, effective, … */
	f->seccomp = status_number(dir, "Seccomp");
	f->seccomp_filters = status_number(dir, "Seccomp_filters");
	f->no_new_privs = status_number(dir, "NoNewPrivs");
	(void)proc_status_number(dir, 0, "CapEff", 16, &f->capabilities); /* else none */
	(void)file_read_line_at(dir, f->label, sizeof(f->label),
				"attr/current"); /* else no module */
}

static void read_modules(int root_fd, struct doctor_facts *f)
{
	char deny[16];
	uint64_t scope;

	f->yama = -1;
	if (file_read_u64_at(root_fd, &scope, "proc/sys/kernel/yama/ptrace_scope") == 0)
		f->yama = (int)scope;
	if (file_read_line_at(root_fd, deny, sizeof(deny), "sys/fs/selinux/booleans/deny_ptrace") ==
	    0)
		f->selinux_deny = deny[0] == '1';
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

static enum doctor_cpuset look_at_group(int root_fd, const struct cgroup_tree *tree,
					struct doctor_facts *f)
{
	_cleanup_(cgroup_done) struct cgroup group = CGROUP_NONE;

	if (cgroup_open(root_fd, tree, f->cgroup, &group, NULL) < 0)
		return DOCTOR_CPUSET_UNKNOWN;
	if (tree->version == CGROUP_V2) {
		if (file_read_line_at(group.fd, f->controllers, sizeof(f->controllers),
				      "cgroup.controllers") < 0)
			return DOCTOR_CPUSET_UNKNOWN;
		if (!has_word(f->controllers, "cpuset"))
			return DOCTOR_CPUSET_NOT_ENABLED;
	}
	return faccessat(group.fd, "cgroup.procs", W_OK, AT_EACCESS) == 0 ? DOCTOR_CPUSET_WORKS
									  : DOCTOR_CPUSET_READ_ONLY;
}

static void look_at_cpusets(int root_fd, struct doctor_facts *f)
{
	static struct cgroup_tree tree; /* large */
	struct mpol_error err;
	int r = cgroup_find(root_fd, &tree, &err);

	if (r < 0) {
		f->cpuset = r == -ENOENT || STREQ(err.rule->id, "cgroup-no-cpuset")
				    ? DOCTOR_CPUSET_NONE
				    : DOCTOR_CPUSET_UNKNOWN;
		return;
	}
	if (cgroup_path_of(root_fd, &tree, 0, f->cgroup, sizeof(f->cgroup), NULL) == 0)
		f->cpuset = look_at_group(root_fd, &tree, f);
}

void doctor_look(int root_fd, struct doctor_facts *ret)
{
	*ret = (struct doctor_facts){ .tried = machine_is_running(root_fd) };
	(void)file_read_line_at(root_fd, ret->kernel, sizeof(ret->kernel),
				"proc/sys/kernel/osrelease"); /* else unknown */
	count_nodes(root_fd, ret);
	read_status(root_fd, ret);
	read_modules(root_fd, ret);
	look_at_cpusets(root_fd, ret);
	for (enum tried_call c = 0; ret->tried && c < N_TRIED_CALLS; c++)
		ret->calls[c] = try_call(root_fd, c);
}
