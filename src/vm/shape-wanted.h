/* SPDX-License-Identifier: MIT */
/* What a shape's text or a test's fields asked for, before it is known whether it fits together. */
#ifndef VM_SHAPE_WANTED_H
#define VM_SHAPE_WANTED_H

#include "vm/shape.h"

enum shape_key {
	SHAPE_NODES,
	SHAPE_LLCS,
	SHAPE_CORES,
	SHAPE_THREADS,
	SHAPE_CPUS,
	SHAPE_MEMORY,
	SHAPE_HOTPLUG,
	SHAPE_DISTANCE,
	SHAPE_LATENCY,
	SHAPE_BANDWIDTH,
	SHAPE_N_KEYS
};

/* A number (1 x 1), a list (rows x 1) or a table (rows x columns). */
struct wanted_value {
	bool given;
	unsigned rows, columns;
	uint64_t *value;   /* [row * columns + column] */
	const char *field; /* "machine.memory": where it was declared; NULL: in a text */
	size_t column;	   /* where it stands in that text, from 1 */
};

struct wanted {
	struct wanted_value of[SHAPE_N_KEYS];
};

#define WANTED_WHERE 96
/* "column 7", "machine.memory". */
const char *wanted_where(const struct wanted *w, enum shape_key key, char buf[WANTED_WHERE]);
void wanted_done(struct wanted *w);
/* Adds what text says about one key; the columns of errors are counted from text + offset's start.
 */
int wanted_parse_value(struct wanted *w, enum shape_key key, const char *text, size_t len,
		       size_t offset, const char *field, struct mpol_error *err);
int wanted_number(struct wanted *w, enum shape_key key, uint64_t value, const char *field,
		  size_t column, struct mpol_error *err);

int wanted_resolve(const struct wanted *w, struct vm_shape *ret, struct mpol_error *err);

#endif
