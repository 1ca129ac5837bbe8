/* SPDX-License-Identifier: MIT */
/* What is resident, by PAGEMAP_SCAN; see scan.h. */
#include <errno.h>
#include <linux/ioctl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "placement/scan.h"
#include "base/macros.h"

#define WINDOW	  ((uint64_t)256 << 20)
#define N_REGIONS 512

/* The kernel's structures under our names: distributions' headers are older than their kernels. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN_IOCTL   _IOWR('f', 16, struct scan_arg)
#define SCAN_PRESENT ((uint64_t)1 << 3)
#define SCAN_PFNZERO ((uint64_t)1 << 5)

/* How many regions were filled; ret_walk_end is where to go on. */
static int scan(const struct pages *g, struct mpol_range window, struct scan_region *regions,
		uint64_t *ret_walk_end)
{
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = window.start,
		.end = window.end,
		.vec = (uint64_t)(uintptr_t)regions,
		.vec_len = N_REGIONS,
		.category_inverted = SCAN_PFNZERO,
		.category_mask = SCAN_PRESENT | SCAN_PFNZERO,
		.return_mask = SCAN_PRESENT,
	};
	int r = ioctl(g->pagemap_fd, SCAN_IOCTL, &arg);

	if (r < 0)
		return -errno;
	*ret_walk_end = arg.walk_end;
	return r;
}

int scan_supported(const struct pages *g)
{
	struct scan_region regions[N_REGIONS];
	uint64_t end;

	return g->pagemap_fd >= 0 && scan(g, (struct mpol_range){ 0, 0 }, regions, &end) >= 0;
}

static int add_range(struct resident *into, size_t max, struct mpol_range range)
{
	if (into->n && into->ranges[into->n - 1].end == range.start) {
		into->ranges[into->n - 1].end = range.end;
		return 0;
	}
	if (into->n == max)
		return -E2BIG;
	if ((into->n & (into->n - 1)) == 0) { /* a power of two, or 0: full */
		size_t cap = into->n ? into->n * 2 : 64;
		struct mpol_range *more = reallocarray(into->ranges, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		into->ranges = more;
	}
	into->ranges[into->n++] = range;
	return 0;
}

int scan_resident(const struct pages *g, struct mpol_range mapping, size_t max,
		  struct resident *into, struct mpol_error *err)
{
	while (mapping.start < mapping.end) {
		struct scan_region regions[N_REGIONS];
		struct mpol_range window = { mapping.start,
					     MIN(mapping.end, mapping.start + WINDOW) };
		int n = scan(g, window, regions, &mapping.start);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return process_fail(g->process, "pagemap", n, err);
		for (int i = 0; i < n; i++) {
			int r = add_range(into, max,
					  (struct mpol_range){ regions[i].start, regions[i].end });

			if (r == -E2BIG)
				return r;
			if (r < 0)
				return process_fail(g->process, "pagemap", r, err);
		}
		if (mapping.start <= window.start) /* it must go on */
			mapping.start = window.end;
	}
	return 0;
}
