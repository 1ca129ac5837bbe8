/* SPDX-License-Identifier: MIT */
/* Cleaning up after a test, whatever happened to it; see janitor.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/janitor.h"
#include "kernel/spawn.h"

#define REMOVE_MS 10000

static const struct mpol_rule no_janitor = {
	.id = "janitor",
	.errnum = EAGAIN,
	.why = "Nothing is created before somebody is there who will remove it.",
	.hint = "raise the limits on processes and open files (ulimit -u, ulimit -n).",
};

static int remove_cgroups(const struct chores *chores, struct mpol_error *err)
{
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	int r;

	if (chores->base.fd < 0 || cgroup_open_child(&chores->base, chores->name, &g, NULL) < 0)
		return 0; /* it was never created, or is gone already */
	r = cgroup_kill(&g, err);
	if (r < 0)
		return r;
	return cgroup_remove(&g, REMOVE_MS, err);
}

/* All that can be done; the first failure is the answer. */
static int sweep(const struct chores *chores, struct mpol_error *err)
{
	int r = remove_cgroups(chores, err);
	int w = undo_all(chores->root_fd, chores->undo, r < 0 ? NULL : err);

	return r < 0 ? r : w;
}

/* Only what it needs: an open pipe of somebody else would keep that one waiting. */
static void close_others(int fd, const struct chores *chores)
{
	for (int i = 3, max = (int)sysconf(_SC_OPEN_MAX); i < MIN(max, 4096); i++)
		if (i != fd && i != chores->base.fd && i != chores->root_fd)
			(void)close(i);
}

_Noreturn static void be_janitor(int fd, const struct chores *chores, struct mpol_error *answer)
{
	char byte;
	ssize_t n;

	(void)setsid(); /* away from the terminal's signals; a new process is no group leader yet */
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_IGN); /* two of them refuse */
	close_others(fd, chores);
	do
		n = read(fd, &byte, 1); /* until the owner closes it, by intention or by death */
	while (n < 0 && errno == EINTR);
	_exit(sweep(chores, answer) < 0);
}

static int start(struct janitor *j, const struct chores *chores, struct mpol_error *err)
{
	int fds[2];
	void *answer = mmap(NULL, sizeof(*j->answer), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (answer == MAP_FAILED)
		return mpol_fail_errno(err, &no_janitor, errno, "", "memory for its answer: %m");
	j->answer = answer;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &no_janitor, errno, "", "a pipe to it: %m");
	j->fd = fds[1];
	j->pid = spawn_unseen();
	if (j->pid == 0)
		be_janitor(fds[0], chores, answer);
	(void)close(fds[0]);
	if (j->pid > 0)
		return 0;
	errno = -j->pid;
	j->pid = 0;
	return mpol_fail_errno(err, &no_janitor, errno, "", "it could not be started: %m");
}

int janitor_start(struct janitor *j, const struct chores *chores, struct mpol_error *err)
{
	int r;

	*j = (struct janitor)JANITOR_NONE;
	r = start(j, chores, err);
	if (r < 0)
		(void)janitor_finish(j, NULL); /* releases what there is */
	return r;
}

int janitor_finish(struct janitor *j, struct mpol_error *err)
{
	int status, r = 0;

	cleanup_close(&j->fd);
	status = j->pid > 0 ? spawn_wait(j->pid) : 0;
	if (j->answer) {
		if (j->answer->errnum && err)
			*err = *j->answer;
		r = -j->answer->errnum;
		(void)munmap(j->answer, sizeof(*j->answer));
	}
	if (r == 0 && status != 0)
		r = mpol_fail(err, &no_janitor, "", "it ended with wait status %d", status);
	*j = (struct janitor)JANITOR_NONE;
	return r;
}
