/* SPDX-License-Identifier: MIT */
/* A file exchanged and changed back; see exchange.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "oci/exchange.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Two names beside the file: for the original, and for the new one until it is in place. */
struct names {
	char original[NAME_MAX + 1], next[NAME_MAX + 1];
};

static int beside(const char *name, struct names *n)
{
	if (snprintf(n->original, sizeof(n->original), ".%s.mpol", name) > NAME_MAX ||
	    snprintf(n->next, sizeof(n->next), ".%s.mpol-new", name) > NAME_MAX)
		return -ENAMETOOLONG;
	return 0;
}

/* The new file has no name until it is whole. */
static int write_next(int dir_fd, const char *next, mode_t mode, const char *text, size_t len)
{
	_cleanup_close_ int fd = openat(dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char path[40];
	int r;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text, len);
	if (r < 0)
		return r;
	if (fchmod(fd, mode & 07777) < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, dir_fd, next, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int exchange_lock(int dir_fd)
{
	_cleanup_close_ int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static const struct timespec pause = { .tv_nsec = 10000000 };

	if (fd < 0)
		return -errno;
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (i >= 6000)
			return -EBUSY; /* a minute */
		(void)nanosleep(&pause, NULL);
	}
	return TAKE_FD(fd);
}

/* The engine's descriptors must not stay open in the keeper: engines wait for their ends. */
static void close_all_but(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (syscall(SYS_close_range, high + 1, ~0U, 0) < 0) {
		for (int fd = high + 1; fd < 4096; fd++)
			(void)close(fd);
	}
	for (int fd = 0; fd < high; fd++)
		if (fd != low)
			(void)close(fd);
}

static bool has(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What happens in the directory; -1 where it cannot be told. */
static int watch(int dir_fd)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir_fd);
	if (fd >= 0 && inotify_add_watch(fd, path, IN_MOVE | IN_DELETE) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/*
 * Waits until the hook has changed the file back, or else until the parent has ended, and changes
 * it back. It holds the lock, by the very descriptor, for that long and no longer: the directory
 * may then be another container's. Only system calls: after fork.
 */
static _Noreturn void keeper(int dir_fd, const char *name, const struct names *n, int parent)
{
	struct pollfd p[] = { { .fd = parent, .events = POLLIN }, { .events = POLLIN } };
	char events[4096];
	sigset_t all;

	/* What ends the runtime, as ^C on its terminal, must not end its keeper before it. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)setsid();
	close_all_but(dir_fd, parent);
	p[1].fd = watch(dir_fd);
	while (has(dir_fd, n->original)) {
		if (poll(p, 2, p[1].fd < 0 ? 1000 : -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		while (p[1].fd >= 0 && read(p[1].fd, events, sizeof(events)) > 0)
			;
	}
	(void)exchange_restore(dir_fd, name);
	_exit(0);
}

static int start_keeper(int dir_fd, const char *name, const struct names *n)
{
	_cleanup_close_ int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t pid;

	if (self < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		keeper(dir_fd, name, n, self);
	return 0;
}

/* The original keeps its name, gets a second one, and loses the first to the new file at once. */
static int put_in_place(int dir_fd, const char *name, const struct names *n, const char *text,
			size_t len)
{
	struct stat st;
	int r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (linkat(dir_fd, name, dir_fd, n->original, 0) < 0)
		return -errno;
	r = start_keeper(dir_fd, name, n);
	if (r >= 0)
		r = write_next(dir_fd, n->next, st.st_mode, text, len);
	if (r >= 0 && renameat(dir_fd, n->next, dir_fd, name) < 0)
		r = -errno;
	return r;
}

int exchange(int lock, const char *name, const char *text, size_t len)
{
	struct names n;
	int r = beside(name, &n);

	if (r >= 0)
		r = exchange_restore(lock, name); /* of a front killed together with its keeper */
	if (r < 0)
		return r;
	r = put_in_place(lock, name, &n, text, len);
	if (r < 0)
		(void)exchange_restore(lock, name); /* the first failure is the one to tell */
	return r;
}

int exchange_restore(int dir_fd, const char *name)
{
	struct stat original, now;
	struct names n;
	int r = beside(name, &n);

	if (r < 0)
		return r;
	(void)unlinkat(dir_fd, n.next, 0); /* mostly not there */
	if (fstatat(dir_fd, n.original, &original, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	/* rename(2) does nothing when both names are of one file. */
	if (fstatat(dir_fd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_ino == original.st_ino && now.st_dev == original.st_dev)
		return unlinkat(dir_fd, n.original, 0) < 0 && errno != ENOENT ? -errno : 0;
	return renameat(dir_fd, n.original, dir_fd, name) < 0 && errno != ENOENT ? -errno : 0;
}
