/* SPDX-License-Identifier: MIT */
/* The policies of a process's threads; see by_policy.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "placement/by_policy.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/proc.h"

void thread_policies_done(struct thread_policies *t)
{
	free(t->policies);
	*t = (struct thread_policies){ 0 };
}

static int add_thread(struct thread_policies *t, pid_t tid, const struct numa_policy *policy)
{
	struct thread_policy *more;

	t->n_threads++;
	for (size_t i = 0; i < t->n; i++) {
		if (strncmp(t->policies[i].text, policy->text, POLICY_TEXT - 1) != 0)
			continue;
		t->policies[i].threads++;
		t->policies[i].first = MIN(t->policies[i].first, tid);
		return 0;
	}
	more = reallocarray(t->policies, t->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	t->policies = more;
	more[t->n] = (struct thread_policy){ .policy = *policy, .threads = 1, .first = tid };
	(void)snprintf(more[t->n].text, sizeof(more->text), "%s",
		       policy->text); /* the kernel's are below 64 */
	more[t->n++].policy.text = NULL;
	return 0;
}

#define LINE_SIZE                                                                       \
	256 /* an address, a policy of 63 characters, and the beginning of what follows \
	     */

/*
 * The beginning of the first line, as far as the third space, which is behind the policy. Byte by
 * byte: asked for more than it has at hand, the kernel goes on to the next mapping and walks all
 * its pages.
 */
static void read_beginning(int fd, char line[LINE_SIZE])
{
	size_t len = 0;

	for (unsigned spaces = 0; spaces < 3 && len < LINE_SIZE - 1; len++) {
		if (read(fd, line + len, 1) != 1 || line[len] == '\n')
			break;
		spaces += line[len] == ' ';
	}
	line[len] = '\0';
}

/* 0: the thread ended, or has no mapping. */
static int first_policy(const struct process *p, const char *file, char text[LINE_SIZE],
			struct numa_policy *ret)
{
	_cleanup_close_ int fd = file_open_at(p->dir_fd, O_RDONLY, "%s", file);
	char line[LINE_SIZE], *policy;
	size_t len;

	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	read_beginning(fd, line);
	policy = strchr(line, ' ');
	if (!policy++)
		return 0;
	len = numa_policy_length(policy);
	memcpy(text, policy, len);
	text[len] = '\0';
	*ret = numa_policy_parse(text, len);
	return 1;
}

/*
 * Whether the thread has ended. One that does gives its policy back before its memory
 * (kernel/exit.c do_exit(), mpol_put_task_policy() with exit_state set), and numa_maps, opened
 * before, then says "default". A recording has no such moment, and may have numa_maps alone.
 */
static bool has_ended(const struct process *p, pid_t tid, const char *file)
{
	struct proc_stat stat;

	if (proc_stat(p->dir_fd, tid, &stat) == 0)
		return stat.state == 'Z' || stat.state == 'X';
	return file_exists_at(p->dir_fd, "%s", file) != 1;
}

/* 1; 0: the thread ended, or has no mapping; -errno. */
static int policy_of(const struct process *p, pid_t tid, char text[LINE_SIZE],
		     struct numa_policy *policy)
{
	char file[64];
	int r;

	(void)snprintf(file, sizeof(file), tid == p->pid ? "numa_maps" : "task/%d/numa_maps",
		       (int)tid);
	r = first_policy(p, file, text, policy);
	return r > 0 && STREQ(text, "default") && has_ended(p, tid, file) ? 0 : r;
}

static int read_thread(const struct process *p, pid_t tid, struct thread_policies *t)
{
	char text[LINE_SIZE];
	struct numa_policy policy;
	int r = policy_of(p, tid, text, &policy);

	return r > 0 ? add_thread(t, tid, &policy) : r;
}

int placement_thread_policy(int dir_fd, pid_t tid, char text[POLICY_TEXT])
{
	const struct process p = { .dir_fd = dir_fd };
	char whole[LINE_SIZE];
	struct numa_policy policy;
	int r = policy_of(&p, tid, whole, &policy);

	if (r > 0)
		(void)snprintf(text, POLICY_TEXT, "%.*s", POLICY_TEXT - 1,
			       whole); /* the kernel's are below 64 */
	return r;
}

static int read_threads(const struct process *p, struct thread_policies *t)
{
	int fd = file_open_at(p->dir_fd, O_RDONLY | O_DIRECTORY, "task");
	_cleanup_closedir_ DIR *tasks = fd < 0 ? NULL : fdopendir(fd);
	int r = read_thread(p, p->pid, t);

	if (!tasks) { /* none in this recording */
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	for (struct dirent *e = readdir(tasks); e && r >= 0; e = readdir(tasks)) {
		int tid = atoi(e->d_name);

		if (tid > 0 && tid != p->pid)
			r = read_thread(p, tid, t);
	}
	return r;
}

int placement_thread_policies(int root_fd, pid_t pid, struct thread_policies *ret,
			      struct mpol_error *err)
{
	_cleanup_(process_done) struct process p = { .dir_fd = -1 };
	_cleanup_(thread_policies_done) struct thread_policies t = { 0 };
	int r = process_open(root_fd, pid, &p, err);

	if (r < 0)
		return r;
	r = read_threads(&p, &t);
	if (r < 0)
		return process_fail(&p, "numa_maps", r, err);
	*ret = t;
	t = (struct thread_policies){ 0 };
	return 0;
}
