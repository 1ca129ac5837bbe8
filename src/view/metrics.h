/* SPDX-License-Identifier: MIT */
/*
 * OpenMetrics 1.0 text, https://prometheus.io/docs/specs/om/open_metrics_spec/: families one after
 * the other, their samples, and # EOF.
 *
 *     view_metric_family(&out, "mpol_node_free_bytes", VIEW_GAUGE, "bytes", "Free memory of a
 * node."); view_metric_sample(&out, "mpol_node_free_bytes", VIEW_GAUGE, (struct view_label[]){ {
 * "node", "0" }, { NULL } }, 4096); view_metrics_end(&out);
 *
 *     # TYPE mpol_node_free_bytes gauge
 *     # UNIT mpol_node_free_bytes bytes
 *     # HELP mpol_node_free_bytes Free memory of a node.
 *     mpol_node_free_bytes{node="0"} 4096
 *     # EOF
 */
#ifndef VIEW_METRICS_H
#define VIEW_METRICS_H

#include "base/strbuf.h"

enum view_metric_type {
	VIEW_GAUGE,
	VIEW_COUNTER, /* samples are written as name_total; name itself is without */
	VIEW_INFO,    /* samples are written as name_info, with the value 1 */
	VIEW_N_METRIC_TYPES
};

/* A NULL name ends an array of labels; a NULL value leaves the label out. Values are escaped. */
struct view_label {
	const char *name, *value;
};

/* Before a family's samples. unit "" : none; otherwise the name has to end in _unit, as the
 * specification asks. */
void view_metric_family(struct strbuf *out, const char *name, enum view_metric_type type,
			const char *unit, const char *help);
/* NaN: not known, and nothing is written. Whole numbers below 2^53 are written as such. */
void view_metric_sample(struct strbuf *out, const char *name, enum view_metric_type type,
			const struct view_label *labels, double value);
void view_metrics_end(struct strbuf *out);

#endif
