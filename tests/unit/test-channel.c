/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "vm/channel.h"
#include "check.h"

/* What was heard: "1:hello s: ". */
static int note(void *ctx, enum channel_type type, const char *data, size_t len)
{
	struct strbuf *b = ctx;

	strbuf_printf(b, "%c%zu:%.8s ", (int)type, len, data);
	return (int)type == 'q' ? -ECANCELED : 0;
}

static const struct {
	const char *name, *bytes;
	size_t len;
	const char *heard;
	int r;
} cases[] = {
	{ "nothing", "", 0, "", 0 },
	{ "one frame",
	  "\xa5"
	  "1\x05\x00hello",
	  9, "15:hello ", 0 },
	{ "two frames",
	  "\xa5"
	  "1\x01\x00"
	  "a"
	  "\xa5"
	  "s\x00\x00",
	  9, "11:a s0: ", 0 },
	{ "a greeting before the first",
	  "SeaBIOS\r\n\xa5"
	  "R\x01\x00"
	  "x",
	  14, "R1:x ", 0 },
	{ "half a header",
	  "\xa5"
	  "1\x05",
	  3, "", 0 },
	{ "half a frame",
	  "\xa5"
	  "1\x05\x00hel",
	  7, "", 0 },
	{ "a mark within",
	  "\xa5"
	  "1\x02\x00"
	  "\xa5\xa5"
	  "\xa5"
	  "s\x00\x00",
	  10, "12:\xa5\xa5 s0: ", 0 },
	{ "noise between",
	  "\xa5"
	  "1\x01\x00"
	  "a"
	  "noise",
	  10, "11:a ", -EBADMSG },
	{ "too long",
	  "\xa5"
	  "1\x01\x10",
	  4, "", -EBADMSG },
	{ "the handler says no",
	  "\xa5"
	  "q\x00\x00"
	  "\xa5"
	  "s\x00\x00",
	  8, "q0: ", -ECANCELED },
};

TEST(frames_are_found_however_they_arrive)
{
	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		for (size_t step = 1; step <= cases[i].len + 1; step++) {
			_cleanup_(strbuf_done) struct strbuf heard = { 0 };
			struct channel_reader reader = { .len = 0 };
			int r = 0;

			check_row(i, cases[i].name);
			for (size_t at = 0; r == 0 && at < cases[i].len; at += step)
				r = channel_read(&reader, cases[i].bytes + at,
						 MIN(step, cases[i].len - at), note, &heard);
			CHECK_EQ(r, cases[i].r);
			CHECK_STR(strbuf_text(&heard), cases[i].heard);
		}
}

static int collect(void *ctx, enum channel_type type, const char *data, size_t len)
{
	CHECK_EQ(type, CHANNEL_RESULT);
	CHECK_EQ(data[len], 0);
	strbuf_add(ctx, data, len);
	return 0;
}

TEST(long_data_becomes_several_frames_and_comes_back_whole)
{
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC);
	_cleanup_(strbuf_done) struct strbuf back = { 0 };
	_cleanup_free_ char *data = malloc(10000), *raw = NULL;
	struct channel_reader reader = { .len = 0 };
	size_t len;

	for (size_t i = 0; i < 10000; i++)
		data[i] = (char)(i * 7);
	CHECK_EQ(channel_write(fd, CHANNEL_RESULT, data, 10000), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(fd_read_all(fd, 1 << 20, &raw, &len), 0);
	CHECK_EQ(len, 10000 + 3 * CHANNEL_HEADER);
	CHECK_EQ(channel_read(&reader, raw, len, collect, &back), 0);
	CHECK_EQ(back.len, 10000);
	CHECK_EQ(memcmp(back.data, data, 10000), 0);
}
