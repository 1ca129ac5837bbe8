/* SPDX-License-Identifier: MIT */
/* Tables with aligned columns; see table.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/table.h"
#include "view/table-parts.h"
#include "base/macros.h"

#define GAP 2 /* spaces between columns */

static char *format_text(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
static char *format_text(const char *fmt, va_list ap)
{
	char *text;

	return vasprintf(&text, fmt, ap) < 0 ? NULL : text;
}

/* Room for one more element, doubling; NULL when memory ran out. */
static void *grown(void *array, size_t n, size_t size)
{
	if (n & (n - 1)) /* not a power of two: there is room */
		return array;
	return reallocarray(array, n ? n * 2 : 1, size);
}

void view_table_column(struct view_table *t, enum view_align align, const char *title, ...)
{
	struct view_column *columns = grown(t->columns, t->n_columns, sizeof(*columns));
	va_list ap;
	char *text;

	va_start(ap, title);
	text = format_text(title, ap);
	va_end(ap);
	if (columns)
		t->columns = columns;
	if (!columns || !text) {
		t->failed = true;
		free(text);
		return;
	}
	t->columns[t->n_columns++] = (struct view_column){ align, text };
}

static void add_cell(struct view_table *t, enum view_tone tone, char *text)
{
	struct view_cell *cells = grown(t->cells, t->n_cells, sizeof(*cells));

	if (cells)
		t->cells = cells;
	if (!cells || !text) {
		t->failed = true;
		free(text);
		return;
	}
	t->cells[t->n_cells++] = (struct view_cell){ tone, text };
}

void view_table_cell(struct view_table *t, enum view_tone tone, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_text(fmt, ap);
	va_end(ap);
	add_cell(t, tone, text);
}

void view_table_end_row(struct view_table *t)
{
	while (!t->failed && t->n_columns && t->n_cells % t->n_columns)
		view_table_cell(t, VIEW_PLAIN, "%s", "");
}

static size_t column_width(const struct view_table *t, size_t column)
{
	size_t width = view_width(t->columns[column].title);

	for (size_t i = column; i < t->n_cells; i += t->n_columns)
		width = MAX(width, view_width(t->cells[i].text));
	return width;
}

static void add_spaces(struct strbuf *out, size_t n)
{
	while (n--)
		strbuf_putc(out, ' ');
}

struct line {
	const struct view_style *style;
	struct strbuf *out;
	size_t pending; /* spaces that are owed if more text follows */
};

static void add_text(struct line *l, enum view_align align, size_t width, enum view_tone tone,
		     const char *text)
{
	size_t rest = width - view_width(text);

	if (align == VIEW_RIGHT)
		l->pending += rest;
	if (*text) {
		add_spaces(l->out, l->pending);
		l->pending = 0;
		view_tone(l->out, l->style, tone, text);
	}
	l->pending += (align == VIEW_LEFT ? rest : 0) + GAP;
}

static bool has_titles(const struct view_table *t)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (*t->columns[c].title)
			return true;
	return false;
}

/* row -1 is the heading */
static void write_row(const struct view_table *t, const size_t *widths, long row,
		      const struct view_style *s, struct strbuf *out)
{
	struct line l = { s, out, t->indent };

	for (size_t c = 0; c < t->n_columns; c++) {
		size_t i = (size_t)row * t->n_columns + c;

		if (row < 0)
			add_text(&l, t->columns[c].align, widths[c], VIEW_BOLD,
				 t->columns[c].title);
		else if (i < t->n_cells)
			add_text(&l, t->columns[c].align, widths[c], t->cells[i].tone,
				 t->cells[i].text);
	}
	strbuf_putc(out, '\n');
}

void view_table_write(const struct view_table *t, const struct view_style *s, struct strbuf *out)
{
	size_t *widths = t->n_columns ? calloc(t->n_columns, sizeof(*widths)) : NULL;
	size_t rows;

	if (t->failed || !widths) {
		out->failed |= t->failed || t->n_columns;
		free(widths);
		return;
	}
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = column_width(t, c);
	rows = (t->n_cells + t->n_columns - 1) / t->n_columns;
	for (long row = has_titles(t) ? -1 : 0; row < (long)rows; row++)
		write_row(t, widths, row, s, out);
	free(widths);
}

void view_table_done(struct view_table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		free(t->columns[i].title);
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	free(t->columns);
	free(t->cells);
	*t = (struct view_table){ 0 };
}
