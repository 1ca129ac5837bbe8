/* SPDX-License-Identifier: MIT */
/* A file of /proc line by line; see lines.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "placement/lines.h"

#define FIRST_SIZE ((size_t)64 << 10)
#define MAX_LINE   ((size_t)1 << 20) /* a path of 4 KiB, escaped, and 1024 nodes are far below */

void lines_init(struct lines *l, int fd)
{
	*l = (struct lines){ .fd = fd };
}

/* Room for more text and a NUL behind what is unread, moved to the front. */
static int make_room(struct lines *l)
{
	char *buf;
	size_t cap;

	if (l->begin > 0) {
		memmove(l->buf, l->buf + l->begin, l->end - l->begin);
		l->end -= l->begin;
		l->begin = 0;
	}
	if (l->end + 1 < l->cap)
		return 0;
	if (l->cap > MAX_LINE)
		return -EFBIG;
	cap = l->cap ? l->cap * 2 : FIRST_SIZE;
	buf = realloc(l->buf, cap);
	if (!buf)
		return -ENOMEM;
	l->buf = buf;
	l->cap = cap;
	return 0;
}

static int fill(struct lines *l)
{
	ssize_t n;
	int r = make_room(l);

	if (r < 0)
		return r;
	do
		n = read(l->fd, l->buf + l->end, l->cap - l->end - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	l->eof = n == 0;
	l->end += (size_t)n;
	return 0;
}

int lines_next(struct lines *l, char **ret_line, size_t *ret_len)
{
	size_t seen = 0; /* of the unread text, without a newline */

	for (;;) {
		char *line = l->buf ? l->buf + l->begin : NULL;
		size_t unread = l->end - l->begin;
		char *newline = unread > seen ? memchr(line + seen, '\n', unread - seen) : NULL;
		int r;

		if (newline || (l->eof && unread)) {
			*ret_len = newline ? (size_t)(newline - line) : unread;
			line[*ret_len] = '\0'; /* make_room() left room for it */
			l->begin += *ret_len + (newline ? 1 : 0);
			*ret_line = line;
			return 1;
		}
		if (l->eof)
			return 0;
		seen = unread;
		r = fill(l);
		if (r < 0)
			return r;
	}
}

void lines_done(struct lines *l)
{
	if (l->fd >= 0)
		(void)close(l->fd); /* read only */
	free(l->buf);
	*l = (struct lines){ .fd = -1 };
}
