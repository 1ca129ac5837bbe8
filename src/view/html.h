/* SPDX-License-Identifier: MIT */
/* A page that stands alone: no network, no scripts, readable in the dark and on paper. */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include "view/table.h"

/* Text with &, <, > and quotes written so that it is only text, in an element as in an attribute.
 */
void view_html_text(struct strbuf *out, const char *text);

/* The page up to its body, with the style of everything this room writes; and its end. */
void view_html_begin(struct strbuf *out, const char *title);
void view_html_end(struct strbuf *out);

/* <h1> to <h6> and <p>, with plain text. */
void view_html_heading(struct strbuf *out, unsigned level, const char *text);
void view_html_paragraph(struct strbuf *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same table that view_table_write() writes; tones become classes. */
void view_html_table(struct strbuf *out, const struct view_table *t);

#endif
