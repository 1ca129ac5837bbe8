/* SPDX-License-Identifier: MIT */
/* The table of work types: a kind is a row. */
#ifndef WORK_KINDS_H
#define WORK_KINDS_H

#include "work/worker.h"

/* What a kind's rate is called. */
enum work_measure { WORK_RATE_ONLY, WORK_BANDWIDTH, WORK_LATENCY };

struct work_kind {
	const char *name;    /* "touch": in scenario files and reports */
	const char *unit;    /* what slot->units counts: "pages" */
	const char *summary; /* a sentence, for mpol-test(7) and `list --kinds` */
	/* Works until worker_goes_on() says no; 0, or a negative errno with err described. */
	int (*run)(struct mpol_worker *w, struct mpol_error *err);
	enum work_measure measure;
	bool shares; /* the group has one mapping of all workers' bytes, w->shared */
};

extern const struct work_kind work_kinds[MPOL_N_WORK_KINDS];

/* The kind of that name; MPOL_N_WORK_KINDS: there is none. */
enum mpol_work_kind work_kind_find(const char *name);

#define WORK_DEFAULT_BYTES (UINT64_C(64) << 20)

/* Bytes of a page. */
uint64_t work_page(void);
/* Bytes that one worker maps; and in whole pages. */
uint64_t work_bytes(const struct mpol_work_spec *spec);
uint64_t work_page_bytes(const struct mpol_work_spec *spec);

/* Writes to every page of the memory once; false when it was told to end. */
bool work_write_pages(struct mpol_worker *w, volatile char *memory, size_t pages, char value);

/* kinds-memory.c */
int work_touch(struct mpol_worker *w, struct mpol_error *err);
int work_random_places(struct mpol_worker *w, struct mpol_error *err);
int work_faults(struct mpol_worker *w, struct mpol_error *err);
int work_grow(struct mpol_worker *w, struct mpol_error *err);
int work_hugetlb(struct mpol_worker *w, struct mpol_error *err);
/* kinds-measured.c */
int work_stream(struct mpol_worker *w, struct mpol_error *err);
int work_chase(struct mpol_worker *w, struct mpol_error *err);
/* kinds-common.c: memory that is not the worker's alone */
int work_shared(struct mpol_worker *w, struct mpol_error *err);
int work_file(struct mpol_worker *w, struct mpol_error *err);
/* kinds-process.c */
int work_spin(struct mpol_worker *w, struct mpol_error *err);
int work_sleep(struct mpol_worker *w, struct mpol_error *err);
int work_fork(struct mpol_worker *w, struct mpol_error *err);
int work_exec(struct mpol_worker *w, struct mpol_error *err);
int work_function(struct mpol_worker *w, struct mpol_error *err);

#endif
