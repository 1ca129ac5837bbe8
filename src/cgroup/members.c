/* SPDX-License-Identifier: MIT */
/* The processes of a cgroup: joined, listed, killed, and the group removed when they are gone. See
 * cgroup.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cgroup/io.h"

static const struct mpol_rule rule_join = {
	"cgroup-join",
	EINVAL,
	"A process can be moved into a group that has CPUs and memory nodes and, on v2, hands no "
	"controllers down.",
	NULL,
	"kernel/cgroup/cpuset.c cpuset_can_attach(), kernel/cgroup/cgroup.c "
	"cgroup_migrate_vet_dst()",
	NULL,
};
static const struct mpol_rule rule_busy = {
	"cgroup-busy",
	EBUSY,
	"A group can be removed when no process, not even one that is still exiting, and no child "
	"group is left in it.",
	"end the processes first",
	"Documentation/admin-guide/cgroup-v2.rst",
	NULL,
};

/* Decimal digits without the C library's formatting, which is not async-signal-safe. */
static size_t print_pid(char buf[24], pid_t pid)
{
	char digits[24];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + pid % 10);
	while ((pid /= 10));
	for (size_t i = 0; i < n; i++)
		buf[i] = digits[n - 1 - i];
	return n;
}

static int write_pid(const struct cgroup *g, pid_t pid)
{
	_cleanup_close_ int fd = openat(g->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	char text[24];

	if (fd < 0)
		return -errno;
	return write(fd, text, print_pid(text, pid)) < 0 ? -errno : 0;
}

static int fail_join(const struct cgroup *g, pid_t pid, int r, struct mpol_error *err)
{
	switch (r) {
	case -ESRCH:
		return mpol_fail_errno(err, &rule_join, ESRCH, g->path, "there is no process %d",
				       (int)pid);
	case -ENOSPC:
		return mpol_fail_errno(err, &rule_join, ENOSPC, g->path,
				       "its cpuset is without CPUs or memory nodes");
	case -EBUSY:
		return mpol_fail_errno(
			err, &rule_join, EBUSY, g->path,
			"it hands controllers down to its children (cgroup.subtree_control)");
	case -EOPNOTSUPP:
		return mpol_fail_errno(err, &rule_join, EOPNOTSUPP, g->path,
				       "it is threaded, or invalid (cgroup.type)");
	case -EINVAL:
		return mpol_fail_errno(err, &rule_join, EINVAL, g->path,
				       "process %d is one that the kernel does not move", (int)pid);
	}
	return cgroup_fail(err, r, g->path, "moving a process into it");
}

int cgroup_join(const struct cgroup *g, pid_t pid, struct mpol_error *err)
{
	int r = write_pid(g, pid);

	return r < 0 && err ? fail_join(g, pid, r, err) : r;
}

int cgroup_pids(const struct cgroup *g, pid_t **ret, size_t *ret_n, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0, lines = 1;
	int r = cgroup_read(g, "cgroup.procs", &text, err);

	if (r < 0)
		return r;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	pids = calloc(lines, sizeof(*pids));
	if (!pids)
		return cgroup_fail(err, -ENOMEM, g->path, "reading cgroup.procs");
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);

		if (pid > 0) /* 0: a process that our pid namespace cannot name */
			pids[n++] = pid;
	}
	*ret = TAKE(pids);
	*ret_n = n;
	return 0;
}

/* Calls f on each child group. */
static int each_child(const struct cgroup *g, int (*f)(struct cgroup *child, void *arg), void *arg)
{
	_cleanup_closedir_ DIR *dir = NULL;
	int fd = file_open_at(g->fd, O_RDONLY | O_DIRECTORY, ".");
	struct dirent *e;
	int r = 0;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (e = readdir(dir))) {
		_cleanup_(cgroup_done) struct cgroup child = CGROUP_NONE;

		if (e->d_type != DT_DIR || STREQ(e->d_name, ".") || STREQ(e->d_name, ".."))
			continue;
		child = (struct cgroup){ .fd = -1,
					 .version = g->version,
					 .no_prefix = g->no_prefix };
		if (snprintf(child.path, sizeof(child.path), "%s/%s", g->path, e->d_name) >=
		    CGROUP_PATH)
			return -ENAMETOOLONG;
		child.fd = file_open_at(fd, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, "%s", e->d_name);
		if (child.fd >= 0) /* removed by somebody else meanwhile is as good */
			r = f(&child, arg);
	}
	return r;
}

static void pause_1ms(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL); /* cut short is fine */
}

static int kill_members(struct cgroup *g, void *n_killed);

/* One round over the group and all below it; counts whom it met. */
static int kill_round(const struct cgroup *g, size_t *n_killed)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;
	int r = cgroup_pids(g, &pids, &n, NULL);

	if (r == -ENOENT || r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (kill(pids[i], SIGKILL) < 0 && errno != ESRCH)
			return -errno;
	*n_killed += n;
	return each_child(g, kill_members, n_killed);
}

static int kill_members(struct cgroup *g, void *n_killed)
{
	return kill_round(g, n_killed);
}

#define KILL_ROUNDS 2000 /* of a millisecond each */

int cgroup_kill(const struct cgroup *g, struct mpol_error *err)
{
	size_t n;
	int r;

	/* Since Linux commit 661ee6280931 ("cgroup: introduce cgroup.kill") (in v5.14): all at
	 * once, children included. */
	if (cgroup_has(g, "cgroup.kill"))
		return cgroup_write(g, "cgroup.kill", "1", err);
	/* A member may fork between being listed and being killed: rounds, until one meets nobody.
	 */
	for (int i = 0; i < KILL_ROUNDS; i++) {
		n = 0;
		r = kill_round(g, &n);
		if (r < 0)
			return cgroup_fail(err, r, g->path, "killing its processes");
		if (n == 0)
			return 0;
		pause_1ms();
	}
	return mpol_fail(err, &rule_busy, g->path, "%zu of its processes do not end", n);
}

struct removal {
	unsigned ms_left;
};

/* rmdir(2) by the descriptor: through the directory above, since a cgroup is never renamed. */
static int remove_dir(const struct cgroup *g)
{
	_cleanup_close_ int above = file_open_at(g->fd, O_RDONLY | O_DIRECTORY, "..");
	const char *name = strrchr(g->path, '/');

	if (above < 0)
		return above == -ENOENT
			       ? 0
			       : above; /* removed already: an unlinked directory has no ".." */
	return unlinkat(above, name + 1, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

static int remove_tree(struct cgroup *g, void *arg)
{
	struct removal *removal = arg;
	int r = each_child(g, remove_tree, removal);

	if (r < 0 && r != -ENOENT)
		return r;
	while ((r = remove_dir(g)) == -EBUSY && removal->ms_left) {
		removal->ms_left--;
		pause_1ms();
	}
	return r;
}

static int fail_remove(const struct cgroup *g, int r, struct mpol_error *err)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;

	if (r != -EBUSY)
		return cgroup_fail(err, r, g->path, "removing the group");
	if (cgroup_pids(g, &pids, &n, NULL) == 0 && n == 1)
		return mpol_fail(err, &rule_busy, g->path, "one process is still in it, number %d",
				 (int)pids[0]);
	if (n)
		return mpol_fail(err, &rule_busy, g->path,
				 "%zu processes are still in it, the first is %d", n, (int)pids[0]);
	return mpol_fail(err, &rule_busy, g->path,
			 "the kernel still holds it, or a group below it");
}

int cgroup_remove(struct cgroup *g, unsigned timeout_ms, struct mpol_error *err)
{
	struct removal removal = { .ms_left = timeout_ms };
	int r;

	if (g->fd < 0)
		return 0;
	r = remove_tree(g, &removal);
	if (r < 0)
		return fail_remove(g, r, err);
	cgroup_done(g);
	return 0;
}
