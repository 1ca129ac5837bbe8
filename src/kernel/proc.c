/* SPDX-License-Identifier: MIT */
/* Lines of /proc/PID; see proc.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/proc.h"

static const struct mpol_rule rule_kernel_thread = {
	"kernel-thread",
	EOPNOTSUPP,
	"Kernel threads have no user memory and run no user code; their policy is the kernel's "
	"own.",
	"name a process of a user",
	NULL,
	NULL,
};

#define PROC_TEXT_MAX ((size_t)1 << 20)
#define PF_KTHREAD    0x00200000u /* include/linux/sched.h */

/* A file of the process or of one of its threads. A directory of a process that ended answers ESRCH
 * or ENOENT. */
static int read_text(int dir_fd, pid_t tid, const char *name, char **ret)
{
	int r = tid ? file_read_at(dir_fd, PROC_TEXT_MAX, ret, NULL, "task/%d/%s", tid, name)
		    : file_read_at(dir_fd, PROC_TEXT_MAX, ret, NULL, "%s", name);

	return r == -ENOENT ? -ESRCH : r;
}

/* pid (comm) state ppid pgrp session tty tpgid flags … starttime is the 22nd field; comm may hold
 * anything. */
static int parse_stat(const char *text, struct proc_stat *ret)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	struct proc_stat s = { 0 };
	unsigned long long start;
	unsigned flags;

	if (!open || !close || close < open)
		return -EBADMSG;
	if (sscanf(close + 1,
		   " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &s.state, &flags, &start) != 3)
		return -EBADMSG;
	(void)snprintf(s.comm, sizeof(s.comm), "%.*s", (int)(close - open - 1), open + 1);
	s.kernel_thread = flags & PF_KTHREAD;
	s.start = start;
	*ret = s;
	return 0;
}

int proc_stat(int dir_fd, pid_t tid, struct proc_stat *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = read_text(dir_fd, tid, "stat", &text);

	return r < 0 ? r : parse_stat(text, ret);
}

int proc_status(int dir_fd, pid_t tid, const char *key, char *buf, size_t size)
{
	_cleanup_free_ char *text = NULL;
	size_t key_len = strlen(key);
	int r = read_text(dir_fd, tid, "status", &text);

	if (r < 0)
		return r;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t len;

		line += *line == '\n';
		if (!STARTS(line, key) || line[key_len] != ':')
			continue;
		line += key_len + 1;
		line += strspn(line, " \t");
		len = strcspn(line, "\n");
		if (len >= size)
			return -EFBIG;
		memcpy(buf, line, len);
		buf[len] = '\0';
		return 0;
	}
	return -ENOENT;
}

int proc_status_number(int dir_fd, pid_t tid, const char *key, int base, uint64_t *ret)
{
	char text[64], *end;
	unsigned long long value;
	int r = proc_status(dir_fd, tid, key, text, sizeof(text));

	if (r < 0)
		return r;
	value = strtoull(text, &end, base);
	if (end == text)
		return -EBADMSG;
	*ret = value;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

int proc_threads(int dir_fd, pid_t **ret, size_t *ret_n)
{
	_cleanup_free_ pid_t *tids = NULL;
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_close_ int fd = file_open_at(dir_fd, O_RDONLY | O_DIRECTORY, "task");
	size_t n = 0, cap = 0;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)TAKE_FD(fd); /* closedir closes it */
	for (;;) {
		struct dirent *entry;
		pid_t *more;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			more = realloc(tids, cap * sizeof(*tids));
			if (!more)
				return -ENOMEM;
			tids = more;
		}
		tids[n++] = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	if (errno)
		return errno == ENOENT ? -ESRCH : -errno;
	qsort(tids, n, sizeof(*tids), ascending);
	*ret_n = n;
	*ret = TAKE(tids);
	return 0;
}

int proc_fail_kernel_thread(pid_t pid, const struct proc_stat *stat, struct mpol_error *err)
{
	return mpol_fail(err, &rule_kernel_thread, "", "%d (%s) is a kernel thread", pid,
			 stat->comm);
}
