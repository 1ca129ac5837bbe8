/* SPDX-License-Identifier: MIT */
/*
 * What host and guest say to each other over the second serial port: frames of a mark, a type, a
 * length and that many bytes. Both ends use this file. Bytes before the first mark (a firmware's
 * greeting) are skipped; anything else that is not a frame breaks the channel.
 */
#ifndef VM_CHANNEL_H
#define VM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_MARK   0xa5
#define CHANNEL_HEADER 4    /* mark, type, length (two bytes, low first) */
#define CHANNEL_MAX    4096 /* bytes in one frame */
#define CHANNEL_REQUEST \
	((size_t)32 << 10) /* of a request's frames together: what the guest's tty holds unread */

enum channel_type {
	/* guest to host */
	CHANNEL_READY = 'R',  /* process 1 lives; text: the kernel's release */
	CHANNEL_STDOUT = '1', /* of the command */
	CHANNEL_STDERR = '2',
	CHANNEL_RESULT = '3', /* bytes of result lines */
	CHANNEL_STARTED = 's',
	CHANNEL_END = 'x',    /* text: "STATUS SIGNAL NANOSECONDS" */
	CHANNEL_BROKEN = 'b', /* text: "RULE-ID what": the guest cannot do as asked */
	CHANNEL_TAKEN = 't',  /* text: how many bytes of input the command has been given */
	/* host to guest */
	CHANNEL_SHAPE = 'S',  /* text of the shape, to be compared */
	CHANNEL_CGROUP = 'G', /* text: "1" or "2" */
	CHANNEL_ARG = 'A',    /* one argument of the command to come */
	CHANNEL_ENV = 'E',    /* one NAME=VALUE */
	CHANNEL_DIR = 'D',
	CHANNEL_STDIN = 'I', /* text: "terminal", "input", "null" */
	CHANNEL_RUN = 'r',   /* what was said since the last one is complete */
	CHANNEL_INPUT = 'i', /* bytes; none: the end */
	CHANNEL_SIZE = 'w',  /* text: "ROWS COLUMNS" */
};

/* Takes what was read, gives frames. Zero it to start. */
struct channel_reader {
	uint8_t data[CHANNEL_HEADER + CHANNEL_MAX];
	size_t len;
	bool started; /* a mark was seen */
};

typedef int (*channel_handler)(void *ctx, enum channel_type type, const char *data, size_t len);

/*
 * Calls handle for each whole frame; data is NUL-terminated beyond its len. Stops at handle's first
 * negative result and returns it; -EBADMSG when the bytes are no frames.
 */
int channel_read(struct channel_reader *r, const void *bytes, size_t len, channel_handler handle,
		 void *ctx);
/* The header of a frame of len bytes, len <= CHANNEL_MAX. */
void channel_header(uint8_t ret[CHANNEL_HEADER], enum channel_type type, size_t len);
/* Writes data as one frame or several, to a blocking descriptor. */
int channel_write(int fd, enum channel_type type, const void *data, size_t len);

#endif
