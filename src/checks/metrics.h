/* SPDX-License-Identifier: MIT */
/* The table of metrics: a check is a row. */
#ifndef CHECKS_METRICS_H
#define CHECKS_METRICS_H

#include <mpol/test.h>

#include "model/measure.h"

enum metric_better { METRIC_HIGHER, METRIC_LOWER };

struct metric_value {
	bool known; /* false: there was nothing to measure, or it could not be read */
	double value;
};

struct metric {
	const char *key;    /* "page-locality": in scenario files, --expect and JSON */
	const char *alias;  /* "locality": a shorter key that is read as well; may be NULL */
	const char *name;   /* "page locality": for people */
	const char *unit;   /* "share", "pages" */
	const char *symbol; /* the C name, "PAGE_LOCALITY" */
	enum metric_better better;
	struct metric_value (*read)(const struct measures *m);
};

extern const struct metric metrics[MPOL_N_METRICS];

/* The metric of a key or an alias; MPOL_N_METRICS: there is none. */
enum mpol_metric_id metric_find(const char *key);

#endif
