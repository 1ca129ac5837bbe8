/* SPDX-License-Identifier: MIT */
/* Bounds in layers, and the verdict over what was measured. */
#ifndef CHECKS_BOUNDS_H
#define CHECKS_BOUNDS_H

#include "checks/metrics.h"

/* Later layers win, metric by metric; the report says which layer a bound came from. */
enum bound_layer { LAYER_NONE, LAYER_LIBRARY, LAYER_SUITE, LAYER_TEST, LAYER_CGROUP, N_LAYERS };

extern const char *const bound_layer_names[N_LAYERS]; /* "library", "suite", …; LAYER_NONE is "" */

struct bounds {
	struct mpol_bound bound[MPOL_N_METRICS];
	enum bound_layer layer[MPOL_N_METRICS]; /* where it came from */
};

/* What holds when nobody says otherwise: no worker may starve. */
extern const struct mpol_bound library_expect[MPOL_N_METRICS];

/* over may be NULL; what it inherits stays as it is. */
void bounds_merge(struct bounds *into, const struct mpol_bound *over, enum bound_layer layer);

struct bound_verdict {
	bool checked; /* there is a bound that is not switched off */
	bool holds;   /* an unknown value never holds */
	struct metric_value value;
};
struct bound_verdict bound_judge(const struct mpol_bound *bound, const struct metric *metric,
				 const struct measures *m);

#endif
