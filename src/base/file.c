/* SPDX-License-Identifier: MIT */
/* Files below a root descriptor; see file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define PATH_SIZE 4096

/* The formatted path, relative to the root. */
static int format_path(char path[PATH_SIZE], const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static int format_path(char path[PATH_SIZE], const char *fmt, va_list ap)
{
	int n = vsnprintf(path, PATH_SIZE, fmt, ap);
	size_t lead;

	if (n < 0 || n >= PATH_SIZE)
		return -ENAMETOOLONG;
	lead = strspn(path, "/");
	memmove(path, path + lead, (size_t)n - lead + 1);
	if (!*path)
		memcpy(path, ".", 2);
	return 0;
}

static int open_at(int root_fd, int flags, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
static int open_at(int root_fd, int flags, const char *fmt, va_list ap)
{
	char path[PATH_SIZE];
	int r = format_path(path, fmt, ap);
	int fd;

	if (r < 0)
		return r;
	fd = openat(root_fd, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int file_open_at(int root_fd, int flags, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = open_at(root_fd, flags, fmt, ap);
	va_end(ap);
	return r;
}

int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *data = NULL;
	size_t len = 0, cap = 0;

	for (;;) {
		ssize_t n;

		if (cap - len < 2) {
			char *more = realloc(data, cap ? cap * 2 : 4096);

			if (!more)
				return -ENOMEM;
			data = more;
			cap = cap ? cap * 2 : 4096;
		}
		n = read(fd, data + len, cap - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	}
	data[len] = '\0';
	*ret = TAKE(data);
	if (ret_len)
		*ret_len = len;
	return 0;
}

int file_read_at(int root_fd, size_t max, char **ret, size_t *ret_len, const char *fmt, ...)
{
	_cleanup_close_ int fd = -1;
	va_list ap;

	va_start(ap, fmt);
	fd = open_at(root_fd, O_RDONLY, fmt, ap);
	va_end(ap);
	if (fd < 0)
		return fd;
	return fd_read_all(fd, max, ret, ret_len);
}

static int read_line(int fd, char *buf, size_t size)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = fd_read_all(fd, FILE_MAX_SIZE, &text, NULL);

	if (r < 0)
		return r;
	len = strcspn(text, "\n");
	if (len >= size)
		return -EFBIG;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return 0;
}

int file_read_line_at(int root_fd, char *buf, size_t size, const char *fmt, ...)
{
	_cleanup_close_ int fd = -1;
	va_list ap;

	va_start(ap, fmt);
	fd = open_at(root_fd, O_RDONLY, fmt, ap);
	va_end(ap);
	if (fd < 0)
		return fd;
	return read_line(fd, buf, size);
}

int file_read_u64_at(int root_fd, uint64_t *ret, const char *fmt, ...)
{
	_cleanup_close_ int fd = -1;
	unsigned long long value;
	char line[64], *end;
	va_list ap;
	int r;

	va_start(ap, fmt);
	fd = open_at(root_fd, O_RDONLY, fmt, ap);
	va_end(ap);
	if (fd < 0)
		return fd;
	r = read_line(fd, line, sizeof(line));
	if (r < 0)
		return r;
	if (line[0] < '0' || line[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(line, &end, 10);
	if (errno || *end)
		return -EINVAL;
	*ret = value;
	return 0;
}

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_write_at(int root_fd, const char *text, const char *fmt, ...)
{
	_cleanup_close_ int fd = -1;
	size_t len = strlen(text);
	va_list ap;
	ssize_t n;

	va_start(ap, fmt);
	fd = open_at(root_fd, O_WRONLY, fmt, ap);
	va_end(ap);
	if (fd < 0)
		return fd;
	/* Control files take one write as one command; an empty one has to reach them, too. */
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int file_exists_at(int root_fd, const char *fmt, ...)
{
	char path[PATH_SIZE];
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = format_path(path, fmt, ap);
	va_end(ap);
	return r == 0 && faccessat(root_fd, path, F_OK, 0) == 0;
}
