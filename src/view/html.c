/* SPDX-License-Identifier: MIT */
/* A page that stands alone; see html.h. */
#include <stdarg.h>
#include <string.h>

#include "view/html.h"
#include "view/table-parts.h"
#include "base/cleanup.h"
#include "base/macros.h"
#include "base/utf8.h"

void view_html_text(struct strbuf *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};

	for (size_t left = strlen(text), len; left; text += len, left -= len) {
		size_t i = 0;

		len = utf8_length(text, left);
		while (i < ELEMENTSOF(entities) && entities[i].c != *text)
			i++;
		if (i < ELEMENTSOF(entities))
			strbuf_puts(out, entities[i].entity);
		else if (len == 0 || ((unsigned char)*text < ' ' && *text != '\n' && *text != '\t'))
			strbuf_puts(
				out,
				"\xef\xbf\xbd"); /* U+FFFD: neither bytes nor control characters */
		else
			strbuf_add(out, text, len);
		len = MAX(len, (size_t)1);
	}
}

/* Colours after Okabe and Ito, which people who see few colours can tell apart; --n0 to --n7 are
 * the nodes'. */
static const char style[] =
	":root{color-scheme:light "
	"dark;--fg:#1b1b1b;--bg:#fff;--dim:#6b6b6b;--line:#d0d0d0;--good:#00734f;--bad:#b33a00;"
	"--warn:#8a6100;"
	"--n0:#0072b2;--n1:#e69f00;--n2:#009e73;--n3:#cc79a7;--n4:#56b4e9;--n5:#d55e00;--n6:#"
	"f0e442;--n7:#7a7a7a}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6e6e6;--bg:#141414;--dim:#9a9a9a;--line:#"
	"3c3c3c;--good:#2fc48d;"
	"--bad:#ff8a4d;--warn:#e0b040}}\n"
	"body{font:15px/1.5 "
	"system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:60rem;margin:2rem "
	"auto;"
	"padding:0 1rem}\n"
	"table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.2rem .8rem .2rem 0;border-bottom:1px solid "
	"var(--line);text-align:left;vertical-align:top}\n"
	".r{text-align:right}.dim{color:var(--dim)}.bold{font-weight:600}.good{color:var(--good)}."
	"bad{color:var(--bad)}"
	".warn{color:var(--warn)}\n"
	"svg{max-width:100%;height:auto;display:block;margin:.5rem 0 1.5rem}\n"
	"svg text{font:12px system-ui,sans-serif;fill:var(--fg)}svg .dim{fill:var(--dim)}"
	"svg .line{stroke:var(--line);fill:none}svg .box{stroke:var(--fg);fill:none}\n"
	"pre{overflow:auto;padding:.6rem;border:1px solid var(--line)}\n"
	"@media print{body{margin:0;max-width:none}}\n";

void view_html_begin(struct strbuf *out, const char *title)
{
	strbuf_puts(
		out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
	view_html_text(out, title);
	strbuf_puts(out, "</title>\n<style>\n");
	strbuf_puts(out, style);
	strbuf_puts(out, "</style>\n</head>\n<body>\n");
}

void view_html_end(struct strbuf *out)
{
	strbuf_puts(out, "</body>\n</html>\n");
}

void view_html_heading(struct strbuf *out, unsigned level, const char *text)
{
	level = MIN(MAX(level, 1u), 6u);
	strbuf_printf(out, "<h%u>", level);
	view_html_text(out, text);
	strbuf_printf(out, "</h%u>\n", level);
}

void view_html_paragraph(struct strbuf *out, const char *fmt, ...)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	strbuf_puts(out, "<p>");
	view_html_text(out, strbuf_text(&text));
	strbuf_puts(out, "</p>\n");
	out->failed |= text.failed;
}

static const char *const tone_classes[VIEW_N_TONES] = {
	[VIEW_PLAIN] = NULL,  [VIEW_DIM] = "dim", [VIEW_BOLD] = "bold",
	[VIEW_GOOD] = "good", [VIEW_BAD] = "bad", [VIEW_WARN] = "warn",
};

static void add_cell(struct strbuf *out, const char *element, enum view_align align,
		     enum view_tone tone, const char *text)
{
	const char *right = align == VIEW_RIGHT ? "r" : NULL, *class = tone_classes[tone];

	strbuf_printf(out, "<%s", element);
	if (right || class)
		strbuf_printf(out, " class=\"%s%s%s\"", right ? right : "",
			      right && class ? " " : "", class ? class : "");
	strbuf_putc(out, '>');
	view_html_text(out, text);
	strbuf_printf(out, "</%s>", element);
}

void view_html_table(struct strbuf *out, const struct view_table *t)
{
	strbuf_puts(out, "<table>\n<tr>");
	for (size_t c = 0; c < t->n_columns; c++)
		add_cell(out, "th", t->columns[c].align, VIEW_PLAIN, t->columns[c].title);
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t c = i % t->n_columns;

		if (c == 0)
			strbuf_puts(out, "</tr>\n<tr>");
		add_cell(out, "td", t->columns[c].align, t->cells[i].tone, t->cells[i].text);
	}
	strbuf_puts(out, "</tr>\n</table>\n");
	out->failed |= t->failed;
}
