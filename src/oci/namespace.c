/* SPDX-License-Identifier: MIT */
/*
 * A file with another content, for this process only; see namespace.h.
 *
 * The mount that the file lies on is made private in the new namespace, so that what is mounted on
 * the file does not spread to the machine; a tmpfs holds the text, is mounted over the file's
 * directory just long enough to bind its file, and goes; then the mount joins its old peers again
 * (MOVE_MOUNT_SET_GROUP, since Linux commit 9ffb14ef61ba ("move_mount: allow to add a mount into an
 * existing group") (in v5.15)), so that mounts made later spread as they did. Nothing of it has a
 * name that could be left behind: when the last process in the namespace ends, it is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl has statx(2) since 1.2.4. */
#ifndef STATX_BASIC_STATS
#include <linux/stat.h>
#endif

#include "oci/namespace.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

/* Since Linux v5.2 and v5.15; Debian 12's headers have them, older ones do not. */
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
enum { EMPTY_FROM = 0x4, EMPTY_TO = 0x40, SET_GROUP = 0x100 };
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

#define FD_PATH 40

static const char *fd_path(int fd, char buf[FD_PATH])
{
	(void)snprintf(buf, FD_PATH, "/proc/self/fd/%d", fd);
	return buf;
}

/* 1 or 0, or -errno; -ENOSYS on kernels that do not tell. */
static int is_mount_root(int fd)
{
	struct statx st;

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return -errno;
	if (!(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return -ENOSYS;
	return (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* The root of the mount that the file lies on: the file itself, or a directory above it. */
static int open_mount_root(int dir_fd, int file_fd)
{
	_cleanup_close_ int fd = -1;
	int r = is_mount_root(file_fd);

	if (r != 0)
		return r < 0 ? r : fcntl(file_fd, F_DUPFD_CLOEXEC, 3);
	fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	while ((r = is_mount_root(fd)) == 0) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (up < 0)
			return -errno;
		(void)close(fd);
		fd = up;
	}
	return r < 0 ? r : TAKE_FD(fd);
}

/* The same file or directory in the new namespace; -ESTALE when it is another one by now. */
static int reopen(int old_fd, const char *path, int flags)
{
	_cleanup_close_ int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	struct stat old, new;

	if (fd < 0 || fstat(fd, &new) < 0 || fstat(old_fd, &old) < 0)
		return -errno;
	if (old.st_dev != new.st_dev || old.st_ino != new.st_ino)
		return -ESTALE;
	return TAKE_FD(fd);
}

static int path_of(int fd, char path[PATH_MAX])
{
	char link[FD_PATH];
	ssize_t n = readlink(fd_path(fd, link), path, PATH_MAX - 1);

	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

/* With the mount private and the three descriptors of the new namespace: the cover itself. */
static int cover(const char *dir_path, int dir_fd, int file_fd, const char *name, const char *text,
		 size_t len)
{
	_cleanup_close_ int tmpfs = -1, fd = -1;
	char from[FD_PATH], to[FD_PATH];
	int r;

	if (mount("mpol", fd_path(dir_fd, to), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700,size=16m,nr_inodes=8") < 0)
		return -errno;
	tmpfs = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tmpfs < 0)
		return -errno;
	fd = openat(tmpfs, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text, len);
	if (r < 0)
		return r;
	if (mount(fd_path(fd, from), fd_path(file_fd, to), NULL, MS_BIND, NULL) < 0)
		return -errno;
	return umount2(dir_path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}

int namespace_cover(int dir_fd, const char *name, const char *text, size_t len)
{
	_cleanup_close_ int old_file = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int old_mount = -1, new_mount = -1, new_dir = -1, new_file = -1;
	char dir_path[PATH_MAX], mount_path[PATH_MAX], path[FD_PATH];
	bool shared;
	int r;

	if (old_file < 0)
		return -errno;
	old_mount = open_mount_root(dir_fd, old_file);
	if (old_mount < 0)
		return old_mount;
	r = path_of(dir_fd, dir_path);
	if (r >= 0)
		r = path_of(old_mount, mount_path);
	if (r < 0)
		return r;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	new_mount = reopen(old_mount, mount_path, O_PATH);
	new_dir = reopen(dir_fd, dir_path, O_PATH | O_DIRECTORY);
	if (new_mount < 0 || new_dir < 0)
		return new_mount < 0 ? new_mount : new_dir;
	new_file = openat(new_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (new_file < 0)
		return -errno;
	if (mount(NULL, fd_path(new_mount, path), NULL, MS_PRIVATE, NULL) < 0)
		return -errno;
	r = cover(dir_path, new_dir, new_file, name, text, len);
	if (r < 0)
		return r;
	/* EINVAL: it was private before, too. */
	shared = syscall(SYS_move_mount, old_mount, "", new_mount, "",
			 EMPTY_FROM | EMPTY_TO | SET_GROUP) == 0;
	return shared || errno == EINVAL ? 0 : -errno;
}
