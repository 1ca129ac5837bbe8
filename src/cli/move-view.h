/* SPDX-License-Identifier: MIT */
/* How `mpol move` shows what it does: a line of progress on a terminal, then text or JSON. */
#ifndef CLI_MOVE_VIEW_H
#define CLI_MOVE_VIEW_H

#include <mpol/live.h>

#include "json/write.h"
#include "view/style.h"

struct move_view {
	bool json, plan;
	struct view_style out_style, err_style;
	struct strbuf out;
	struct json_writer writer;
	uint64_t last_line_ns; /* when the line of progress was written; 0: there is none */
};

void move_view_begin(struct move_view *v, bool json, bool plan);
/* On a terminal, at most ten times a second. */
void move_view_progress(struct move_view *v, const struct mpol_move_result *so_far, bool stopping);
/* Takes the line away. */
void move_view_progress_end(struct move_view *v);
/* One process; err->errnum is 0 when all went well. */
void move_view_result(struct move_view *v, const struct mpol_move_result *r,
		      const struct mpol_error *err);
/* Prints what is still to be printed; false when memory ran out. */
bool move_view_end(struct move_view *v);

#endif
