/* SPDX-License-Identifier: MIT */
/* Bytes by node over time, stacked; see svg.h. */
#include <math.h>
#include <stdio.h>

#include "view/svg.h"
#include "view/bar.h"
#include "view/html.h"
#include "base/cleanup.h"
#include "base/macros.h"

#define WIDTH	720.0
#define HEIGHT	220.0
#define LEFT	80.0
#define RIGHT	120.0
#define TOP	28.0
#define BOTTOM	28.0
#define PLOT_W	(WIDTH - LEFT - RIGHT)
#define PLOT_H	(HEIGHT - TOP - BOTTOM)
#define N_TICKS 4

struct scale {
	double first, last; /* seconds */
	double most;	    /* bytes */
};

static double value_at(const struct view_series *s, size_t point)
{
	return isnan(s->values[point]) || s->values[point] < 0 ? 0 : s->values[point];
}

/* The sum of the first n series at a point. */
static double stacked(const struct view_plot *p, size_t n, size_t point)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += value_at(&p->series[i], point);
	return sum;
}

/* The next 1, 2 or 5 times a power of two of bytes: ticks are then sizes that people know. */
static double round_up(double bytes)
{
	double unit = 4096;

	while (unit * 8 < bytes)
		unit *= 2;
	return unit * (double)(unsigned)((bytes + unit - 1) / unit);
}

static struct scale make_scale(const struct view_plot *p)
{
	struct scale s = { p->seconds[0], p->seconds[p->n_points - 1], 0 };

	for (size_t i = 0; i < p->n_points; i++)
		s.most = MAX(s.most, stacked(p, p->n_series, i));
	s.most = round_up(MAX(s.most, 1.0));
	return s;
}

static double x_of(const struct scale *s, double seconds)
{
	return s->last > s->first ? LEFT + (seconds - s->first) / (s->last - s->first) * PLOT_W
				  : LEFT;
}

static double y_of(const struct scale *s, double bytes)
{
	return TOP + PLOT_H - bytes / s->most * PLOT_H;
}

/* The band of the n-th series: along its upper edge, and back along its lower one. */
static void add_band(struct strbuf *out, const struct view_plot *p, const struct scale *s, size_t n)
{
	const struct view_series *series = &p->series[n];
	bool level = s->last <= s->first; /* a single moment */

	strbuf_printf(out, "<polygon style=\"fill:var(--n%u)\" points=\"", series->colour % 8);
	for (size_t i = 0; i < p->n_points; i++)
		strbuf_printf(out, "%.1f,%.1f ", x_of(s, p->seconds[i]),
			      y_of(s, stacked(p, n + 1, i)));
	if (level)
		strbuf_printf(out, "%.1f,%.1f %.1f,%.1f ", LEFT + PLOT_W,
			      y_of(s, stacked(p, n + 1, 0)), LEFT + PLOT_W,
			      y_of(s, stacked(p, n, 0)));
	for (size_t i = p->n_points; i-- > 0;)
		strbuf_printf(out, "%.1f,%.1f ", x_of(s, p->seconds[i]), y_of(s, stacked(p, n, i)));
	strbuf_puts(out, "\"><title>");
	view_html_text(out, series->label);
	strbuf_puts(out, "</title></polygon>\n");
}

static void add_axes(struct strbuf *out, const struct scale *s)
{
	for (int i = 0; i <= N_TICKS; i++) {
		double bytes = s->most * i / N_TICKS,
		       seconds = s->first + (s->last - s->first) * i / N_TICKS;
		char text[VIEW_BYTES_TEXT];

		strbuf_printf(
			out,
			"<line class=\"line\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"dim\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT, LEFT + PLOT_W, y_of(s, bytes), y_of(s, bytes), LEFT - 6,
			y_of(s, bytes) + 4, view_bytes(text, (uint64_t)bytes));
		if (i > 0 && s->last <= s->first)
			continue;
		strbuf_printf(out,
			      "<text class=\"dim\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.3g "
			      "s</text>\n",
			      x_of(s, seconds), HEIGHT - 8,
			      i == 0	     ? "start"
			      : i == N_TICKS ? "end"
					     : "middle",
			      seconds);
	}
}

/* From top to bottom, as the bands are. */
static void add_legend(struct strbuf *out, const struct view_plot *p)
{
	for (size_t i = 0; i < p->n_series; i++) {
		const struct view_series *s = &p->series[p->n_series - 1 - i];
		double y = TOP + 18.0 * (double)i;

		strbuf_printf(out,
			      "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" "
			      "style=\"fill:var(--n%u)\"/>",
			      LEFT + PLOT_W + 14, y, s->colour % 8);
		strbuf_printf(out, "<text x=\"%.1f\" y=\"%.1f\">", LEFT + PLOT_W + 32, y + 10);
		view_html_text(out, s->label);
		strbuf_puts(out, "</text>\n");
	}
}

static void add_description(struct strbuf *out, const struct view_plot *p)
{
	char text[VIEW_BYTES_TEXT];

	strbuf_puts(out, "<desc>At the end: ");
	for (size_t i = 0; i < p->n_series; i++) {
		double last = p->series[i].values[p->n_points - 1];

		view_html_text(out, p->series[i].label);
		strbuf_printf(out, " %s%s",
			      isnan(last) ? "unknown" : view_bytes(text, (uint64_t)MAX(last, 0.0)),
			      i + 1 < p->n_series ? ", " : "");
	}
	strbuf_puts(out, ".</desc>\n");
}

void view_svg_plot(struct strbuf *out, const struct view_plot *plot)
{
	struct scale s;

	if (plot->n_points == 0 || plot->n_series == 0) {
		strbuf_puts(out, "<p class=\"warn\">");
		view_html_text(out, plot->title);
		strbuf_puts(out, ": nothing was measured</p>\n");
		return;
	}
	s = make_scale(plot);
	strbuf_printf(out,
		      "<svg role=\"img\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
		      "height=\"%.0f\">\n<title>",
		      WIDTH, HEIGHT, WIDTH, HEIGHT);
	view_html_text(out, plot->title);
	strbuf_puts(out, "</title>\n");
	add_description(out, plot);
	strbuf_printf(out, "<text class=\"bold\" x=\"%.1f\" y=\"16\">", LEFT);
	view_html_text(out, plot->title);
	strbuf_puts(out, "</text>\n");
	for (size_t i = 0; i < plot->n_series; i++)
		add_band(out, plot, &s, i);
	add_axes(out, &s);
	add_legend(out, plot);
	strbuf_puts(out, "</svg>\n");
}
