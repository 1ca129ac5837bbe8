/* SPDX-License-Identifier: MIT */
/*
 * PAGEMAP_SCAN: what is resident, as ranges, without a look at every page of sparse memory. Since
 * Linux 6.7. Source: PAGEMAP_SCAN(2const), include/uapi/linux/fs.h.
 */
#ifndef PLACEMENT_SCAN_H
#define PLACEMENT_SCAN_H

#include "placement/pages.h"

struct resident {
	size_t n;
	struct mpol_range *ranges; /* ascending; freed by the caller */
};

/* 1 or 0: whether this kernel has it. */
int scan_supported(const struct pages *g);
/*
 * Adds the resident ranges of a mapping. Asks in windows of 256 MiB of address space, so that the
 * process is not held up. -E2BIG: more than max ranges, so scattered that trying at random is
 * better.
 */
int scan_resident(const struct pages *g, struct mpol_range mapping, size_t max,
		  struct resident *into, struct mpol_error *err);

#endif
