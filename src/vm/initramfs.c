/* SPDX-License-Identifier: MIT */
/* A cpio archive; see initramfs.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/initramfs.h"

#include "base/file.h"

#define HEADER	    110
#define MAX_CONTENT UINT32_MAX /* eight hexadecimal digits */

static int put(struct initramfs *a, const void *data, size_t len)
{
	int r = fd_write_all(a->fd, data, len);

	if (r == 0)
		a->written += len;
	return r;
}

/* Headers and contents start at multiples of four. */
static int pad(struct initramfs *a)
{
	static const char zeros[4];

	return put(a, zeros, (4 - a->written % 4) % 4);
}

static int put_header(struct initramfs *a, const char *path, mode_t mode, uint32_t inode,
		      uint64_t len)
{
	char header[HEADER + 1];
	unsigned links = S_ISDIR(mode) ? 2 : 1;
	int r;

	if (len > MAX_CONTENT)
		return -EFBIG;
	/* magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor
	 * namesize check */
	(void)snprintf(header, sizeof(header),
		       "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inode,
		       (unsigned)mode, 0, 0, links, 0, (unsigned)len, 0, 0, 0, 0,
		       (unsigned)strlen(path) + 1, 0);
	r = put(a, header, HEADER);
	if (r < 0)
		return r;
	r = put(a, path, strlen(path) + 1);
	if (r < 0)
		return r;
	return pad(a);
}

int initramfs_add(struct initramfs *a, const char *path, mode_t mode, const void *data, size_t len)
{
	int r = put_header(a, path, mode, ++a->next_inode, len);

	if (r < 0)
		return r;
	r = put(a, data, len);
	if (r < 0)
		return r;
	return pad(a);
}

int initramfs_add_fd(struct initramfs *a, const char *path, mode_t mode, int from_fd)
{
	char buf[65536];
	struct stat st;
	uint64_t left;
	int r;

	if (fstat(from_fd, &st) < 0)
		return -errno;
	left = (uint64_t)st.st_size;
	r = put_header(a, path, S_IFREG | (mode & 07777), ++a->next_inode, left);
	while (r == 0 && left) {
		ssize_t n = read(from_fd, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it became shorter while being read */
		r = put(a, buf, (size_t)n);
		left -= (uint64_t)n;
	}
	if (r < 0)
		return r;
	return pad(a);
}

int initramfs_end(struct initramfs *a)
{
	return put_header(a, "TRAILER!!!", 0, 0, 0);
}
