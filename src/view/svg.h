/* SPDX-License-Identifier: MIT */
/*
 * Drawings for a page of view/html.h, whose style gives them their colours: bytes by node over
 * time, and a machine. Each has a title and a description for who cannot see it.
 */
#ifndef VIEW_SVG_H
#define VIEW_SVG_H

#include <mpol/machine.h>

#include "base/strbuf.h"

struct view_series {
	const char *label; /* "node 0" */
	unsigned colour;   /* of the nodes' colours, 0 to 7, repeating: usually the node */
	const double
		*values; /* one for each point; never negative; NaN: not known, drawn as nothing */
};

/* Series stacked over each other, in the order given. */
struct view_plot {
	const char *title;
	size_t n_points;
	const double *seconds; /* ascending */
	size_t n_series;
	const struct view_series *series;
};

/* Values are bytes. A single point is drawn as a level. Without any point: a line of text that says
 * so. */
void view_svg_plot(struct strbuf *out, const struct view_plot *plot);

/* Nodes with their memory, last-level caches and CPUs; memory-only nodes dashed; distances from
 * each to each. */
void view_svg_machine(struct strbuf *out, const struct mpol_machine *m);

#endif
