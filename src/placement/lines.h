/* SPDX-License-Identifier: MIT */
/* A file of /proc line by line, through one buffer that grows to the longest line. */
#ifndef PLACEMENT_LINES_H
#define PLACEMENT_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	int fd; /* owned; -1: none */
	char *buf;
	size_t begin, end, cap; /* unread text is buf[begin, end) */
	bool eof;
};

/* Takes the descriptor over, whatever happens. */
void lines_init(struct lines *l, int fd);
/*
 * 1: ret_line is the next line, NUL-terminated without its newline, valid until the next call. 0:
 * the end. -errno; a line above 1 MiB is -EFBIG.
 */
int lines_next(struct lines *l, char **ret_line, size_t *ret_len);
void lines_done(struct lines *l);

#endif
