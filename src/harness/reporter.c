/* SPDX-License-Identifier: MIT */
/* Where reports go, and the exit code that sums them up; see report.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/report.h"

static const struct report_format *const formats[] = { &report_text, &report_tap, &report_json,
						       &report_junit, &report_html };

static const struct mpol_rule unknown_format = {
	.id = "report-format",
	.errnum = EINVAL,
	.why = "A report has one of the known forms.",
	.hint = "use --format text, tap, json, junit or html; --format junit=FILE writes it to a "
		"file.",
};

static const struct mpol_rule no_file = {
	.id = "report-file",
	.errnum = EIO,
	.why = "A report with =FILE is written there.",
	.hint = "name a file in a directory that can be written.",
};

static const struct mpol_rule twice = {
	.id = "report-twice",
	.errnum = EINVAL,
	.why = "Two reports on standard output would mix.",
	.hint = "write one of them to a file: --format junit=FILE.",
};

const struct report_format *report_format_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ELEMENTSOF(formats); i++)
		if (strlen(formats[i]->name) == len && strncmp(formats[i]->name, name, len) == 0)
			return formats[i];
	return NULL;
}

const char *report_format_names(void)
{
	return "text, tap, json, junit, html";
}

static bool has_stdout(const struct reporter *r)
{
	for (size_t i = 0; i < r->n_sinks; i++)
		if (r->sinks[i].fd == STDOUT_FILENO)
			return true;
	return false;
}

static void add(struct reporter *r, const struct report_format *format, int fd)
{
	r->sinks[r->n_sinks++] = (struct report_sink){ format, fd, view_style_of(fd) };
}

int reporter_add(struct reporter *r, const char *text, struct mpol_error *err)
{
	size_t len = strcspn(text, "=");
	const char *file = text[len] ? text + len + 1 : NULL;
	const struct report_format *format = report_format_find(text, len);
	int fd;

	if (!format)
		return mpol_fail(err, &unknown_format, "--format",
				 "there is no format \"%.*s\" (%s)", (int)MIN(len, 40), text,
				 report_format_names());
	if (r->n_sinks == REPORTER_MAX_SINKS || (!file && has_stdout(r)))
		return mpol_fail(err, &twice, "--format",
				 "there is a report on standard output already");
	if (!file) {
		add(r, format, STDOUT_FILENO);
		return 0;
	}
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return mpol_fail_errno(err, &no_file, errno, "--format", "%.150s: %m", file);
	add(r, format, fd);
	return 0;
}

static void put(struct reporter *r, int fd, const struct strbuf *text)
{
	int n = text->failed ? -ENOMEM : fd_write_all(fd, strbuf_text(text), text->len);

	if (n < 0 && !r->failed)
		r->failed = -n;
}

static void put_line(struct reporter *r, const struct mpol_result *result)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };

	result_write(result, &text);
	strbuf_putc(&text, '\n');
	put(r, r->lines_fd, &text);
}

void reporter_begin(struct reporter *r)
{
	if (!has_stdout(r) && r->lines_fd < 0)
		add(r, &report_text, STDOUT_FILENO);
	for (size_t i = 0; i < r->n_sinks; i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };

		if (r->sinks[i].format->begin)
			r->sinks[i].format->begin(&r->report, &text);
		put(r, r->sinks[i].fd, &text);
	}
}

void reporter_take(struct reporter *r, struct mpol_result *result)
{
	struct report *report = &r->report;
	struct mpol_result *more = realloc(report->results, (report->n + 1) * sizeof(*more));

	if (!more) {
		r->failed = ENOMEM;
		result_done(result);
		return;
	}
	report->results = more;
	report->results[report->n++] = *result;
	report->by_verdict[result->verdict]++;
	if (r->lines_fd >= 0)
		put_line(r, result);
	*result = (struct mpol_result){ 0 };
	for (size_t i = 0; i < r->n_sinks; i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };

		if (r->sinks[i].format->show)
			r->sinks[i].format->show(report, &r->sinks[i].style, &text);
		put(r, r->sinks[i].fd, &text);
	}
}

static int exit_code(const struct report *report)
{
	if (report->by_verdict[VERDICT_FAIL])
		return REPORT_FAILED;
	return report->by_verdict[VERDICT_BROKEN] || report->n < report->planned ? REPORT_BROKEN
										 : REPORT_PASSED;
}

int reporter_end(struct reporter *r)
{
	int code = exit_code(&r->report);

	for (size_t i = 0; i < r->n_sinks; i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };

		if (r->sinks[i].format->end)
			r->sinks[i].format->end(&r->report, &r->sinks[i].style, &text);
		put(r, r->sinks[i].fd, &text);
	}
	if (!r->failed)
		return code;
	fprintf(stderr, "mpol: a report could not be written: %s\n", strerror(r->failed));
	return code ? code : REPORT_BROKEN;
}

void reporter_done(struct reporter *r)
{
	for (size_t i = 0; i < r->report.n; i++)
		result_done(&r->report.results[i]);
	free(r->report.results);
	for (size_t i = 0; i < r->n_sinks; i++)
		if (r->sinks[i].fd != STDOUT_FILENO)
			cleanup_close(&r->sinks[i].fd);
	*r = (struct reporter)REPORTER_NONE;
}
