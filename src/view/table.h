/* SPDX-License-Identifier: MIT */
/*
 * Tables: columns aligned by the width that their text takes on a terminal.
 *
 *     _cleanup_(view_table_done) struct view_table t = { .indent = 2 };
 *     view_table_column(&t, VIEW_LEFT, "cgroup");
 *     view_table_column(&t, VIEW_RIGHT, "node %u", 0);
 *     view_table_cell(&t, VIEW_PLAIN, "node0");
 *     view_table_cell(&t, VIEW_GOOD, "%s", view_bytes(buf, bytes));
 *     view_table_write(&t, &style, &out);
 *
 * Columns first, then cells, row by row. Running out of memory is remembered, and the written text
 * then fails as a strbuf does.
 */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include "view/style.h"

enum view_align { VIEW_LEFT, VIEW_RIGHT };

struct view_table {
	unsigned indent; /* spaces before each row */
	size_t n_columns, n_cells;
	struct view_column *columns;
	struct view_cell *cells;
	bool failed;
};

void view_table_column(struct view_table *t, enum view_align align, const char *title, ...)
	__attribute__((format(printf, 3, 4)));
void view_table_cell(struct view_table *t, enum view_tone tone, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Leaves the rest of the row empty; nothing when the row is complete. */
void view_table_end_row(struct view_table *t);
/*
 * The heading (none when all titles are empty) and all rows, each ended by a newline, without
 * trailing spaces. Nothing is cut: a table wider than the terminal wraps.
 */
void view_table_write(const struct view_table *t, const struct view_style *s, struct strbuf *out);
void view_table_done(struct view_table *t);

#endif
