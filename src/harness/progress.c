/* SPDX-License-Identifier: MIT */
/* The line that tells how far a run is; see progress.h. */
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "harness/progress.h"
#include "view/style.h"

#define REDRAW_MS 1000

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *p, int fd, size_t planned)
{
	*p = (struct progress){ .fd = -1, .planned = planned, .begun = now() };
	if (!isatty(fd))
		return;
	p->fd = fd;
	p->width = view_style_of(fd).width;
}

static void add_time(struct strbuf *out, double seconds)
{
	unsigned long long s = seconds > 0 ? (unsigned long long)seconds : 0;

	if (s < 60)
		strbuf_printf(out, "%llu s", s);
	else
		strbuf_printf(out, "%llu min %02llu s", s / 60, s % 60);
}

void progress_text(const struct progress *p, double at, const char *test, const char *machine,
		   size_t machines, struct strbuf *out)
{
	_cleanup_(strbuf_done) struct strbuf whole = { 0 };
	size_t columns = 0, cut = 0;

	strbuf_printf(&whole, "[%zu/%zu] ", p->done + (p->done < p->planned), p->planned);
	add_time(&whole, at - p->begun);
	strbuf_printf(&whole, ", %s on %s", test, machine);
	if (machines > 1)
		strbuf_printf(&whole, " and %zu more", machines - 1);
	/* One column is left free, as some terminals wrap at the last. */
	while (cut < whole.len && (!p->width || columns + 1 < p->width)) {
		do /* a character of UTF-8 is not cut in two */
			cut++;
		while (cut < whole.len && ((unsigned char)whole.data[cut] & 0xc0) == 0x80);
		columns++;
	}
	strbuf_add(out, strbuf_text(&whole), cut);
	out->failed = out->failed || whole.failed;
}

void progress_show(struct progress *p, const char *test, const char *machine, size_t machines)
{
	_cleanup_(strbuf_done) struct strbuf line = { 0 };

	if (p->fd < 0)
		return;
	strbuf_puts(&line, "\r\033[K");
	progress_text(p, now(), test, machine, machines, &line);
	if (line.failed)
		return;
	(void)fd_write_all(p->fd, line.data, line.len); /* a terminal that is gone misses nothing */
	p->shown = true;
}

void progress_hide(struct progress *p)
{
	static const char away[] = "\r\033[K";

	if (!p->shown)
		return;
	(void)fd_write_all(p->fd, away, sizeof(away) - 1); /* as above */
	p->shown = false;
}

int progress_timeout(const struct progress *p)
{
	return p->fd < 0 ? -1 : REDRAW_MS;
}
