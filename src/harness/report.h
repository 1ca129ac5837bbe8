/* SPDX-License-Identifier: MIT */
/* Reports: how results look, as text for people, as TAP 14, as JSON lines. One row per format. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "harness/result.h"
#include "view/style.h"

struct report_totals {
	size_t planned; /* tests that were chosen */
	size_t shown;
	size_t by_verdict[N_VERDICTS];
};

struct report_format {
	const char *name;
	/* Each adds to out; begin and end may be NULL. totals->shown counts the result that is
	 * shown. */
	void (*begin)(const struct report_totals *totals, struct strbuf *out);
	void (*show)(const struct mpol_result *r, const struct report_totals *totals,
		     const struct view_style *s, struct strbuf *out);
	void (*end)(const struct report_totals *totals, const struct view_style *s,
		    struct strbuf *out);
};

extern const struct report_format report_text, report_tap, report_json;
/* NULL: there is none of that name. */
const struct report_format *report_format_find(const char *name);
/* "text, tap, json" */
const char *report_format_names(void);

#endif
