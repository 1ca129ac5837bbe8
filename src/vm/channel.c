/* SPDX-License-Identifier: MIT */
/* Frames on a serial line; see channel.h. */
#include <errno.h>
#include <string.h>

#include "vm/channel.h"

#include "base/file.h"
#include "base/macros.h"

void channel_header(uint8_t ret[CHANNEL_HEADER], enum channel_type type, size_t len)
{
	ret[0] = CHANNEL_MARK;
	ret[1] = (uint8_t)type;
	ret[2] = (uint8_t)(len & 0xff);
	ret[3] = (uint8_t)(len >> 8);
}

int channel_write(int fd, enum channel_type type, const void *data, size_t len)
{
	uint8_t frame[CHANNEL_HEADER + CHANNEL_MAX];

	do {
		size_t part = MIN(len, CHANNEL_MAX);
		int r;

		channel_header(frame, type, part);
		if (part)
			memcpy(frame + CHANNEL_HEADER, data, part);
		r = fd_write_all(fd, frame, CHANNEL_HEADER + part);
		if (r < 0)
			return r;
		data = (const uint8_t *)data + part;
		len -= part;
	} while (len);
	return 0;
}

/* Hands the frame at the start of r->data over, when it is whole. 1: it was. */
static int take_frame(struct channel_reader *r, channel_handler handle, void *ctx)
{
	char payload[CHANNEL_MAX + 1];
	enum channel_type type;
	size_t len;
	int result;

	if (r->len < CHANNEL_HEADER)
		return 0;
	len = r->data[2] | (size_t)r->data[3] << 8;
	if (r->data[0] != CHANNEL_MARK || len > CHANNEL_MAX)
		return -EBADMSG;
	if (r->len < CHANNEL_HEADER + len)
		return 0;
	type = r->data[1];
	memcpy(payload, r->data + CHANNEL_HEADER, len);
	payload[len] = '\0';
	r->len -= CHANNEL_HEADER + len;
	memmove(r->data, r->data + CHANNEL_HEADER + len, r->len);
	result = handle(ctx, type, payload, len);
	return result < 0 ? result : 1;
}

int channel_read(struct channel_reader *r, const void *bytes, size_t len, channel_handler handle,
		 void *ctx)
{
	const uint8_t *p = bytes;

	while (len) {
		size_t part;
		int result;

		for (; !r->started && len && *p != CHANNEL_MARK; len--)
			p++;
		if (!len)
			return 0;
		r->started = true;
		part = MIN(len, sizeof(r->data) - r->len);
		memcpy(r->data + r->len, p, part);
		r->len += part;
		p += part;
		len -= part;
		do {
			result = take_frame(r, handle, ctx);
		} while (result > 0);
		if (result < 0)
			return result;
	}
	return 0;
}
