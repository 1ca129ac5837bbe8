/* SPDX-License-Identifier: MIT */
/* What a table is made of, for those who write it in another form. */
#ifndef VIEW_TABLE_PARTS_H
#define VIEW_TABLE_PARTS_H

#include "view/table.h"

struct view_column {
	enum view_align align;
	char *title;
};

struct view_cell {
	enum view_tone tone;
	char *text;
};

#endif
