/* SPDX-License-Identifier: MIT */
/* /proc/PID/maps: where mappings begin and end, and what kind of memory they hold. Walks no pages,
 * costs next to nothing. */
#ifndef PLACEMENT_MAPS_H
#define PLACEMENT_MAPS_H

#include <mpol/placement.h>

#include "placement/kinds.h"
#include "placement/process.h"

struct map {
	uint64_t start, end;
	enum mpol_page_kind
		kind;	 /* of its pages that are not anonymous, ANON where there is no file */
	bool accessible; /* readable, writable or executable */
	bool writable;
	bool shared;  /* "s": what is written is seen by all who map it */
	bool special; /* the kernel's own: [vdso], [vvar] */
};

/* Ascending by address; freed by the caller. ret_n may be 0 (a thread of the kernel), and ret is
 * then NULL or not. */
int maps_read(const struct process *p, struct kinds *kinds, struct map **ret, size_t *ret_n,
	      struct mpol_error *err);

/* The first mapping that ends above address; n when there is none. */
size_t maps_find(const struct map *maps, size_t n, uint64_t address);

#endif
