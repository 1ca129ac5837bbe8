/* SPDX-License-Identifier: MIT */
/*
 * Reports: how results look, as text for people, as TAP 14, as JSON lines, as JUnit XML, as a page.
 * One row per format; a run may write several, each to a place of its own.
 */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "harness/result.h"
#include "view/style.h"

struct report {
	size_t planned; /* tests that were chosen, on all their machines */
	bool gauntlet;	/* each test on several machines: its name alone does not tell results apart
			 */
	size_t n;	/* that have ended */
	struct mpol_result *results;
	size_t by_verdict[N_VERDICTS];
};

struct report_format {
	const char *name, *summary;
	/* Each adds to out, and may be NULL. show() is about the last of the results. */
	void (*begin)(const struct report *r, struct strbuf *out);
	void (*show)(const struct report *r, const struct view_style *s, struct strbuf *out);
	void (*end)(const struct report *r, const struct view_style *s, struct strbuf *out);
};

extern const struct report_format report_text, report_tap, report_json, report_junit, report_html;
/* NULL: there is none of that name, of len bytes. */
const struct report_format *report_format_find(const char *name, size_t len);
/* "text, tap, json, junit, html" */
const char *report_format_names(void);

/* --- Writing them. --- */

#define REPORTER_MAX_SINKS 8

struct report_sink {
	const struct report_format *format;
	int fd;
	struct view_style style;
};

struct reporter {
	struct report report;
	size_t n_sinks;
	struct report_sink sinks[REPORTER_MAX_SINKS];
	int lines_fd; /* for a program that collates: every result as a line of JSON, and nothing
			 else is written; -1: none */
	int failed;   /* the first errno of a write */
};
#define REPORTER_NONE          \
	{                      \
		.lines_fd = -1 \
	}

/* "FORMAT" to standard output, or "FORMAT=FILE". Rules: report-format, report-file, report-twice.
 */
int reporter_add(struct reporter *r, const char *text, struct mpol_error *err);
/* With planned set: text on standard output when nothing else goes there, and the beginnings. */
void reporter_begin(struct reporter *r);
/* Takes the result over. */
void reporter_take(struct reporter *r, struct mpol_result *result);
/* The ends; says on standard error what could not be written. Returns the exit code of the run. */
int reporter_end(struct reporter *r);
void reporter_done(struct reporter *r);

enum report_exit { REPORT_PASSED = 0, REPORT_FAILED = 1, REPORT_USAGE = 2, REPORT_BROKEN = 4 };

#endif
