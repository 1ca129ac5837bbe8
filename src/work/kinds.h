/* SPDX-License-Identifier: MIT */
/* The table of work types: a kind is a row. */
#ifndef WORK_KINDS_H
#define WORK_KINDS_H

#include "work/worker.h"

struct work_kind {
	const char *name;    /* "touch": in scenario files and reports */
	const char *unit;    /* what slot->units counts: "pages" */
	const char *summary; /* a sentence, for mpol-test(7) and `list --kinds` */
	/* Works until worker_goes_on() says no; 0, or a negative errno with err described. */
	int (*run)(struct mpol_worker *w, struct mpol_error *err);
};

extern const struct work_kind work_kinds[MPOL_N_WORK_KINDS];

#define WORK_DEFAULT_BYTES (UINT64_C(64) << 20)

/* Bytes that one worker maps. */
uint64_t work_bytes(const struct mpol_work_spec *spec);

#endif
