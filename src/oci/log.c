/* SPDX-License-Identifier: MIT */
/* The engine's log; see log.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "oci/log.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "json/write.h"

/* Since Linux v5.3 and v5.6. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

#define TIME_TEXT 64

static void time_now(char buf[TIME_TEXT])
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';
}

static void line_json(struct strbuf *b, const char *level, const char *text, const char *when)
{
	struct json_writer w = json_writer(b, JSON_LINE);

	json_begin_object(&w);
	json_member_string(&w, "level", level);
	json_member_string(&w, "msg", text);
	json_member_string(&w, "time", when);
	json_end_object(&w);
	json_newline(&w);
}

/* logrus' text format: time="…" level=error msg="…", quoted as in JSON. */
static void line_text(struct strbuf *b, const char *level, const char *text, const char *when)
{
	struct json_writer w = json_writer(b, JSON_LINE);

	strbuf_printf(b, "time=\"%s\" level=%s msg=", when, level);
	json_write_string(&w, text);
	strbuf_putc(b, '\n');
}

static void write_line(const struct oci_log *log, const char *level, const char *text)
{
	_cleanup_close_ int fd = -1;
	struct strbuf b = { 0 };
	const char *path = log->path;
	char when[TIME_TEXT];

	if (!path || STARTS(path, "journald:") || STARTS(path, "syslog:"))
		return;
	if (STARTS(path, "file:"))
		path += strlen("file:");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (fd < 0)
		return; /* stderr still says it */
	time_now(when);
	if (log->format && STREQ(log->format, "json"))
		line_json(&b, level, text, when);
	else
		line_text(&b, level, text, when);
	(void)fd_write_all(fd, strbuf_text(&b), b.len); /* nobody is left to tell */
	strbuf_done(&b);
}

/* "WHERE: WHAT" */
static void add_what(struct strbuf *b, const struct mpol_error *err)
{
	strbuf_puts_visible(b, err->where);
	strbuf_puts(b, *err->where ? ": " : "");
	strbuf_puts_visible(b, err->what);
}

/* Whether whoever started us threw our stderr away, as crun does with its hooks'. */
static bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/* The stderr of the process that started us: that very descriptor, with its place in a file. */
static int parents_stderr(void)
{
	_cleanup_close_ int parent = (int)syscall(SYS_pidfd_open, getppid(), 0);

	return parent < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, parent, STDERR_FILENO, 0);
}

static char *one_line(const char *headline, const struct mpol_error *err)
{
	const char *hint = mpol_error_hint(err);
	struct strbuf b = { 0 };

	strbuf_printf(&b, "mpol-runtime: %s%s", headline, *headline ? ": " : "");
	add_what(&b, err);
	if (err->rule)
		strbuf_printf(&b, " [%s]", err->rule->id);
	if (hint)
		strbuf_printf(&b, ". Hint: %s", hint);
	return strbuf_take(&b);
}

void oci_log_hook_error(const struct oci_log *log, const char *headline,
			const struct mpol_error *err)
{
	_cleanup_free_ char *line = one_line(headline, err);
	_cleanup_close_ int fd = -1;

	if (!line)
		return;
	write_line(log, "error", line);
	if (!log->path && is_null(STDERR_FILENO))
		fd = parents_stderr();
	dprintf(fd >= 0 ? fd : STDERR_FILENO, "%s\n", line);
}

void oci_log_error(const struct oci_log *log, const char *headline, const struct mpol_error *err)
{
	_cleanup_free_ char *line = one_line(headline, err);
	const char *hint = mpol_error_hint(err);
	struct strbuf b = { 0 };

	add_what(&b, err);
	fprintf(stderr, "mpol-runtime: %s%s%s\n", headline, *headline ? ": " : "", strbuf_text(&b));
	if (err->rule)
		fprintf(stderr, "      %s   [%s]\n", err->rule->why, err->rule->id);
	if (hint)
		fprintf(stderr, "      Hint: %s%s\n", hint,
			strchr(".?!", hint[strlen(hint) - 1]) ? "" : ".");
	strbuf_done(&b);
	if (line)
		write_line(log, "error", line);
}

void oci_log_warning(const struct oci_log *log, const char *text)
{
	write_line(log, "warning", text);
}
