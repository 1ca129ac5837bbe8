/* SPDX-License-Identifier: MIT */
/*
 * How does every process of a cgroup get a policy? Each as by mpol_set(), and the list again until
 * all of it has the policy: the reasoning of set.c about threads holds for processes, which inherit
 * at fork(2). A process that was seen without the policy and ended before it had it may have left a
 * child without it: the list is asked again, for as long as ten seconds.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpol/live.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "cgroup/cgroup.h"
#include "kernel/proc.h"
#include "live/set.h"

#define MAX_DEPTH   32
#define PATIENCE_NS 10000000000 /* while processes end before they have the policy */

static const struct mpol_rule rule_not_a_cgroup = {
	"set-no-cgroup",
	ENOENT,
	"A cgroup is a folder with a file cgroup.procs.",
	"name it as /proc/PID/cgroup does (/system.slice/x.service), or the folder itself "
	"(/sys/fs/cgroup/…)",
	"cgroups(7)",
	NULL,
};
static const struct mpol_rule rule_empty = {
	"set-empty-cgroup",
	ESRCH,
	"There is no process that could get the policy.",
	"start it first; or name another cgroup",
	NULL,
	NULL,
};
static const struct mpol_rule rule_restless = {
	"set-cgroup-restless",
	EAGAIN,
	"A process that ends before it could be stopped may have left a child with the old policy; "
	"all of a cgroup have the new one only when none of them did.",
	"run the same command again; or change who starts them (the first process of the cgroup, "
	"the unit: mpol convert --to systemd)",
	"fork(2): a child inherits its parent's policy",
	NULL,
};

struct pids {
	size_t n;
	pid_t *pid;
};

struct group_job {
	int root_fd, dir_fd; /* of the cgroup */
	const char *path;
	const struct mpol_policy *policy;
	const struct mpol_set_options *options;
	struct mpol_error *err;
	struct mpol_machine machine; /* read once; what each may use of it is read for each */
	size_t n;
	struct mpol_set_result *results;
	uint64_t *starts; /* of each process */
};

static int add_pids(struct pids *all, char *text)
{
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);
		pid_t *more;

		if (pid <= 0) /* 0: one that our pid namespace cannot name */
			continue;
		more = reallocarray(all->pid, all->n + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		all->pid = more;
		all->pid[all->n++] = pid;
	}
	return 0;
}

/* The processes of the folder and of those below it. */
static int collect(int dir_fd, unsigned depth, struct pids *all)
{
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_free_ char *text = NULL;
	int fd, r = file_read_at(dir_fd, FILE_MAX_SIZE, &text, NULL, "cgroup.procs");

	if (r == -ENOENT || r == -ENODEV) /* removed meanwhile */
		return depth ? 0 : r;
	if (r == 0)
		r = add_pids(all, text);
	if (r < 0 &&
	    r != -EOPNOTSUPP) /* a threaded cgroup: its processes are those of its domain */
		return r;
	fd = file_open_at(dir_fd, O_RDONLY | O_DIRECTORY, ".");
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir || depth == MAX_DEPTH)
		return 0;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		_cleanup_close_ int child = -1;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		child = file_open_at(dir_fd, O_RDONLY | O_DIRECTORY, "%s", e->d_name);
		r = child < 0 ? 0 : collect(child, depth + 1, all);
		if (r < 0)
			return r;
	}
	return 0;
}

static int collect_all(const struct group_job *j, struct pids *all)
{
	int r = collect(j->dir_fd, 0, all);

	return r < 0 ? mpol_fail_errno(j->err, &rule_not_a_cgroup, -r, j->path,
				       "its processes cannot be listed: %s", strerror(-r))
		     : 0;
}

static int fail_empty(const struct group_job *j)
{
	return mpol_fail(j->err, &rule_empty, j->path, "the cgroup has no processes");
}

/* A folder as it is, or a cgroup below the mount of the hierarchy with the cpuset. */
static int open_group(struct group_job *j)
{
	struct cgroup_tree tree;
	int r;

	if (!*j->path)
		return mpol_fail(j->err, &rule_not_a_cgroup, "", "the cgroup's path is empty");
	j->dir_fd = file_open_at(j->root_fd, O_RDONLY | O_DIRECTORY, "%s", j->path);
	if (j->dir_fd >= 0 && file_exists_at(j->dir_fd, "cgroup.procs"))
		return 0;
	cleanup_close(&j->dir_fd);
	r = cgroup_find(j->root_fd, &tree, j->err);
	if (r < 0)
		return r;
	j->dir_fd = file_open_at(j->root_fd, O_RDONLY | O_DIRECTORY, "%s/%s", tree.mount, j->path);
	if (j->dir_fd >= 0 && file_exists_at(j->dir_fd, "cgroup.procs"))
		return 0;
	return mpol_fail(j->err, &rule_not_a_cgroup, j->path,
			 "there is no such cgroup, neither as a folder nor below /%s", tree.mount);
}

static int start_of(const struct group_job *j, pid_t pid, uint64_t *ret)
{
	_cleanup_close_ int dir = file_open_at(j->root_fd, O_RDONLY | O_DIRECTORY, "proc/%d", pid);
	struct proc_stat stat;
	int r = dir < 0 ? -ESRCH : proc_stat(dir, 0, &stat);

	if (r < 0)
		return r;
	if (stat.state == 'Z' || stat.state == 'X')
		return -ESRCH;
	*ret = stat.start;
	return 0;
}

static bool is_known(const struct group_job *j, pid_t pid, uint64_t start)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->results[i].pid == pid && j->starts[i] == start)
			return true;
	return false;
}

static int add_result(struct group_job *j, uint64_t start)
{
	struct mpol_set_result *results = reallocarray(j->results, j->n + 1, sizeof(*results));
	uint64_t *starts;

	if (!results)
		return no_memory(j->err, "the list of processes");
	j->results = results;
	starts = reallocarray(j->starts, j->n + 1, sizeof(*starts));
	if (!starts)
		return no_memory(j->err, "the list of processes");
	j->starts = starts;
	j->starts[j->n++] = start;
	return 0;
}

/*
 * Whether a process that could not be changed is one that ends just now. Until it is gone it may
 * not be traced (EPERM, kernel/ptrace.c ptrace_attach(), exit_state), looks like a kernel thread as
 * it has no program any more, or shows no policy; no state tells. It has a tenth of a second.
 */
static bool is_ending(pid_t pid)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd gone = { .fd = fd, .events = POLLIN };

	return fd < 0 ? errno == ESRCH : poll(&gone, 1, 100) == 1;
}

/* What the process turned out to be (enum set_visit), or -errno. */
static int give(struct group_job *j, pid_t pid, uint64_t start, bool lacks_it)
{
	int r = add_result(j, start);

	if (r < 0)
		return r;
	r = set_process(j->root_fd, pid, j->policy, j->options, &j->machine, &j->results[j->n - 1],
			j->err);
	if (r >= 0)
		return SET_WAS_NEW;
	if (r != -ESRCH && !is_ending(pid))
		return r;
	if (j->err)
		*j->err = (struct mpol_error){ 0 }; /* it ended: no failure */
	j->n--;
	return lacks_it ? SET_LOST : SET_VANISHED;
}

static int visit(struct group_job *j, pid_t pid, bool first_round)
{
	uint64_t start;
	int r = start_of(j, pid, &start);

	if (r < 0)
		return SET_VANISHED;
	if (pid == getpid()) /* we cannot stop ourselves, and end soon */
		return SET_HAD_IT;
	if (is_known(j, pid, start))
		return SET_HAD_IT;
	r = set_is_in_force(j->root_fd, pid, j->policy, &j->machine);
	if (r == -ESRCH)
		return SET_VANISHED;
	if (r == 1 && !first_round)
		return SET_HAD_IT; /* inherited; not one of those that we changed */
	return give(j, pid, start, r == 0);
}

static int one_round(struct group_job *j, bool first_round)
{
	_cleanup_(cleanup_free) pid_t *pids = NULL;
	struct pids all = { 0 };
	int worst = SET_HAD_IT, r = collect_all(j, &all);

	pids = all.pid;
	if (r < 0)
		return r;
	for (size_t i = 0; i < all.n; i++) {
		r = visit(j, pids[i], first_round);
		if (r < 0)
			return r;
		worst = MAX(worst, r);
	}
	return worst;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int all_processes(struct group_job *j)
{
	uint64_t start = now_ns();
	unsigned sure = 0;
	bool first = true;
	int r;

	do {
		r = one_round(j, first);
		if (r < 0)
			return r;
		if (r == SET_LOST && now_ns() - start > PATIENCE_NS)
			return mpol_fail(
				j->err, &rule_restless, j->path,
				"for ten seconds, processes without the policy have ended before "
				"they could be stopped");
		first = false;
	} while (!set_is_sure(&sure, (enum set_visit)r));
	return j->n ? 0 : fail_empty(j);
}

int set_cgroup_member(int root_fd, const char *path, pid_t *ret, struct mpol_error *err)
{
	struct group_job j = { .root_fd = root_fd, .dir_fd = -1, .path = path, .err = err };
	_cleanup_(cleanup_free) pid_t *pids = NULL;
	struct pids all = { 0 };
	int r = open_group(&j);

	if (r == 0)
		r = collect_all(&j, &all);
	pids = all.pid;
	cleanup_close(&j.dir_fd);
	if (r < 0)
		return r;
	if (!all.n)
		return fail_empty(&j);
	*ret = pids[0];
	return 0;
}

int mpol_set_cgroup(int root_fd, const char *path, const struct mpol_policy *p,
		    const struct mpol_set_options *options, struct mpol_set_result **ret,
		    size_t *ret_n, struct mpol_error *err)
{
	struct group_job j = { .root_fd = root_fd,
			       .dir_fd = -1,
			       .path = path,
			       .policy = p,
			       .options = options,
			       .err = err };
	int r = open_group(&j);

	if (r == 0)
		r = mpol_machine_read(root_fd, 0, &j.machine, err);
	if (r == 0)
		r = all_processes(&j);
	mpol_machine_done(&j.machine);
	cleanup_close(&j.dir_fd);
	free(j.starts);
	*ret = j.results;
	*ret_n = j.n;
	return r;
}
