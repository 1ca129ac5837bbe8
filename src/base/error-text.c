/* SPDX-License-Identifier: MIT */
/* How an error looks; see error-text.h. */
#include "base/error-text.h"

#include "base/cleanup.h"

void error_text(struct strbuf *out, const char *label, const char *severity,
		const struct mpol_error *err)
{
	const char *hint = mpol_error_hint(err);

	strbuf_printf(out, "%s: %s", label, severity);
	strbuf_puts_visible(out, err->where);
	strbuf_puts(out, *err->where ? ": " : "");
	strbuf_puts_visible(out, err->what);
	strbuf_puts(out, "\n");
	if (err->rule)
		strbuf_printf(out, "      %s   [%s]\n", err->rule->why, err->rule->id);
	if (hint) {
		strbuf_puts(out, "      Hint: ");
		strbuf_puts_visible(out, hint);
		strbuf_puts(out, "\n");
	}
}

void error_print(FILE *out, const char *label, const char *severity, const struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };

	error_text(&text, label, severity, err);
	fputs(text.failed ? "mpol: out of memory\n" : strbuf_text(&text), out);
}
