/* SPDX-License-Identifier: MIT */
/*
 * Files below a root descriptor. Nothing opens "/sys…" or "/proc…" itself: paths are relative to a
 * root that came in as a parameter, so that a recorded machine is read like a running one. A
 * leading '/' is ignored.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdint.h>
#include <sys/types.h>

/* All return 0 or a negative errno. Paths are printf-formatted, at most 4095 bytes (-ENAMETOOLONG).
 */

/* A close-on-exec descriptor, or -errno. flags as for open(2). */
int file_open_at(int root_fd, int flags, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The whole file, NUL-terminated, freed by the caller. ret_len may be NULL. At most max bytes, then
 * -EFBIG. */
int file_read_at(int root_fd, size_t max, char **ret, size_t *ret_len, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The first line without its newline, into buf; longer ones are -EFBIG. */
int file_read_line_at(int root_fd, char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A decimal number; -EINVAL when it is none. */
int file_read_u64_at(int root_fd, uint64_t *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* One write(2) of the whole text to an existing file. */
int file_write_at(int root_fd, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int file_exists_at(int root_fd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3))); /* 1 or 0 */

/* Reads until the end of fd. */
int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len);
/* Writes all of it, through interruptions and short writes. */
int fd_write_all(int fd, const void *data, size_t len);

#define FILE_MAX_SIZE ((size_t)64 << 20)

#endif
