/* SPDX-License-Identifier: MIT */
/* A machine drawn: nodes, caches, CPUs, distances; see svg.h. */
#include <stdio.h>

#include "view/svg.h"
#include "view/bar.h"
#include "view/html.h"
#include "base/macros.h"

#define BOX_W	    170.0
#define LLC_H	    22.0
#define HEAD_H	    44.0
#define GAP	    16.0
#define PER_ROW	    4
#define MATRIX_MOST 16 /* nodes; above, a matrix is not read by people any more */
#define CELL	    34.0

/* At most so many caches are drawn in a node; of more their number is told. */
#define LLC_MOST 8

static bool in_node(const struct mpol_llc *llc, const struct mpol_node *node)
{
	return mpol_cpus_intersect(&llc->cpus, &node->cpus);
}

static size_t count_llcs(const struct mpol_machine *m, const struct mpol_node *node)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_llcs; i++)
		n += in_node(&m->llcs[i], node);
	return n;
}

static size_t most_rows(const struct mpol_machine *m)
{
	size_t most = 1;

	for (size_t i = 0; i < m->n_nodes; i++)
		most = MAX(most, MIN(count_llcs(m, &m->nodes[i]), (size_t)LLC_MOST) + 1);
	return most;
}

static void add_text(struct strbuf *out, double x, double y, const char *class, const char *text)
{
	strbuf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	view_html_text(out, text);
	strbuf_puts(out, "</text>\n");
}

/* A list of CPUs that fits into a box. */
static void cpus_text(const struct mpol_cpus *cpus, char buf[24])
{
	char all[MPOL_CPUS_TEXT];

	if (mpol_cpus_print(cpus, all, sizeof(all)) < 18)
		(void)snprintf(buf, 24, "CPU %.17s", all);
	else
		(void)snprintf(buf, 24, "%u CPUs", mpol_cpus_count(cpus));
}

static void add_llcs(struct strbuf *out, const struct mpol_machine *m, const struct mpol_node *node,
		     double x, double y)
{
	size_t drawn = 0, all = count_llcs(m, node);
	char text[64], size[VIEW_BYTES_TEXT], cpus[24];

	for (size_t i = 0; i < m->n_llcs && drawn < LLC_MOST; i++) {
		const struct mpol_llc *llc = &m->llcs[i];
		double top = y + (double)drawn * LLC_H;

		if (!in_node(llc, node))
			continue;
		cpus_text(&llc->cpus, cpus);
		(void)snprintf(text, sizeof(text), "%s%s%s", cpus, llc->size ? ", " : "",
			       llc->size ? view_bytes(size, llc->size) : "");
		strbuf_printf(out,
			      "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			      "height=\"%.1f\" rx=\"3\"/>\n",
			      x + 8, top, BOX_W - 16, LLC_H - 4);
		add_text(out, x + 14, top + 13, "", text);
		drawn++;
	}
	if (all > drawn) {
		(void)snprintf(text, sizeof(text), "and %zu more caches", all - drawn);
		add_text(out, x + 14, y + (double)drawn * LLC_H + 13, "dim", text);
	}
}

static void add_node(struct strbuf *out, const struct mpol_machine *m, const struct mpol_node *node,
		     double x, double y, double height)
{
	bool memory_only = !mpol_nodes_has(&m->with_cpus, node->id);
	char text[64], size[VIEW_BYTES_TEXT];

	strbuf_printf(out,
		      "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		      "rx=\"6\"%s "
		      "style=\"stroke:var(--n%u);stroke-width:2\"/>\n",
		      x, y, BOX_W, height, memory_only ? " stroke-dasharray=\"6 4\"" : "",
		      node->id % 8);
	(void)snprintf(text, sizeof(text), "node %u%s", node->id, node->online ? "" : ", offline");
	add_text(out, x + 10, y + 18, "bold", text);
	(void)snprintf(text, sizeof(text), "%s%s",
		       !node->memory_known  ? "memory unknown"
		       : node->memory_total ? view_bytes(size, node->memory_total)
					    : "no memory",
		       memory_only ? ", no CPUs" : "");
	add_text(out, x + 10, y + 34, "dim", text);
	if (count_llcs(m, node))
		add_llcs(out, m, node, x, y + HEAD_H);
	else if (!memory_only) {
		char cpus[24];

		cpus_text(&node->cpus, cpus);
		add_text(out, x + 10, y + HEAD_H + 13, "", cpus);
	}
}

static void add_distances(struct strbuf *out, const struct mpol_machine *m, double y)
{
	char text[16];

	add_text(out, 0, y + 14, "bold", "distances");
	for (size_t i = 0; i < m->n_nodes; i++) {
		(void)snprintf(text, sizeof(text), "%u", m->nodes[i].id);
		add_text(out, 80 + CELL * (double)i, y + 14, "dim", text);
		add_text(out, 50, y + 34 + 18 * (double)i, "dim", text);
		for (size_t k = 0; k < m->n_nodes; k++) {
			unsigned d = m->distance[i * m->n_nodes + k];

			(void)snprintf(text, sizeof(text), d ? "%u" : "?", d);
			add_text(out, 80 + CELL * (double)k, y + 34 + 18 * (double)i,
				 i == k ? "dim" : "", text);
		}
	}
}

void view_svg_machine(struct strbuf *out, const struct mpol_machine *m)
{
	double box_h = HEAD_H + LLC_H * (double)most_rows(m);
	size_t rows = (m->n_nodes + PER_ROW - 1) / PER_ROW;
	bool matrix = m->distance && m->n_nodes > 1 && m->n_nodes <= MATRIX_MOST;
	double boxes_h = (box_h + GAP) * (double)rows;
	double height = boxes_h + (matrix ? 44 + 18 * (double)m->n_nodes : 0);
	double boxes_w = (BOX_W + GAP) * (double)MIN(MAX(m->n_nodes, (size_t)1), (size_t)PER_ROW);
	double width = matrix ? MAX(boxes_w, 90 + CELL * (double)m->n_nodes) : boxes_w;

	if (m->n_nodes == 0) {
		strbuf_puts(out, "<p class=\"warn\">The machine's nodes are not known.</p>\n");
		return;
	}
	strbuf_printf(
		out,
		"<svg role=\"img\" viewBox=\"-2 -2 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\">\n"
		"<title>The machine: %zu node%s, %u CPUs, %zu last-level caches</title>\n",
		width + 4, height + 4, width + 4, height + 4, m->n_nodes,
		m->n_nodes == 1 ? "" : "s", mpol_cpus_count(&m->cpus_online), m->n_llcs);
	for (size_t i = 0; i < m->n_nodes; i++)
		add_node(out, m, &m->nodes[i], (BOX_W + GAP) * (double)(i % PER_ROW),
			 (box_h + GAP) * (double)(i / PER_ROW), box_h);
	if (matrix)
		add_distances(out, m, boxes_h + 4);
	strbuf_puts(out, "</svg>\n");
}
