/* SPDX-License-Identifier: MIT */
/*
 * Which pages are a process's own: those that it alone maps, by pagemap's bit 56, and that are not
 * a file's. What a child inherited and has not written to since is its parent's as well, and was
 * placed by the parent's policy.
 */
#include <errno.h>
#include <string.h>

#include "placement/reading.h"
#include "base/cleanup.h"
#include "base/macros.h"

static const struct mpol_rule no_pagemap = {
	"pagemap-unreadable",
	EACCES,
	"Which pages a process shares with others is told by /proc/PID/pagemap only.",
	"ask as the user of that process, or as root",
	"Documentation/admin-guide/mm/pagemap.rst",
	NULL,
};

static void add_all(const struct numa_mapping *m, struct mpol_placement *ret)
{
	for (size_t i = 0; i < m->n_counts; i++)
		ret->own[m->counts[i].node] += m->counts[i].pages * m->page_size;
}

/* The mapping's pages are on one node, so that their sum is enough. */
static int add_own_on_one_node(struct reading *d, const struct numa_mapping *m,
			       enum mpol_page_kind kind, struct mpol_range range,
			       struct mpol_placement *ret, struct mpol_error *err)
{
	uint64_t resident = m->pages * m->page_size, own;
	int r = pages_count_own(&d->pages, range, kind, resident, &own, err);

	if (r == 0)
		ret->own[m->counts[0].node] += MIN(own, resident);
	return r;
}

int reading_add_own(struct reading *d, const struct numa_mapping *m, struct mpol_placement *ret,
		    struct mpol_error *err)
{
	enum mpol_page_kind kind = reading_kind(d, m);
	struct mpol_range range;

	if (m->pages == 0 || (kind == MPOL_PAGE_FILE && m->anon == 0))
		return 0;
	/* No page is mapped more than once (mapmax stands there otherwise): all are own, and
	 * pagemap need not be read. */
	if (m->mapmax <= 1 && kind != MPOL_PAGE_FILE) {
		add_all(m, ret);
		return 0;
	}
	if (!reading_range(d, m->start, &range))
		return 0; /* it is gone by now */
	if (m->n_counts == 1)
		return add_own_on_one_node(d, m, kind, range, ret, err);
	return pages_add(&d->pages, range, kind, PAGES_OWN_ONLY, ret, err);
}

static int whole_own(struct reading *d, struct mpol_placement *ret, struct mpol_error *err)
{
	_cleanup_(numa_maps_done) struct numa_maps maps;
	int r = numa_maps_open(&maps, &d->process, "numa_maps", err);

	while (r == 0) {
		struct numa_mapping m;
		int more = numa_maps_next(&maps, &m, err);

		if (more <= 0)
			return more;
		r = reading_add_own(d, &m, ret, err);
	}
	return r;
}

int reading_prepare_own(struct reading *d, struct mpol_error *err)
{
	int r = reading_pages(d, err);

	if (r < 0)
		return r;
	if (d->pages.pagemap_fd < 0)
		return mpol_fail(err, &no_pagemap, "", "/proc/%d/pagemap cannot be opened",
				 (int)d->process.pid);
	return reading_maps(d, err);
}

static int read_own(struct reading *d, const struct mpol_range *ranges, size_t n_ranges,
		    struct mpol_placement *ret, struct mpol_error *err)
{
	int r = reading_prepare_own(d, err);

	if (r == 0 && !ranges)
		return whole_own(d, ret, err);
	for (size_t i = 0; r == 0 && i < n_ranges; i++)
		r = reading_add_range(d, &ranges[i], PAGES_OWN_ONLY, ret, err);
	return r;
}

int mpol_placement_read_own(int root_fd, pid_t pid, const struct mpol_range *ranges,
			    size_t n_ranges, struct mpol_placement *p, struct mpol_error *err)
{
	int r = reading_check_ranges(ranges, ranges ? n_ranges : 0, err);

	if (r < 0)
		return r;
	r = -EAGAIN;
	for (int i = 0; i < READING_ATTEMPTS && r == -EAGAIN; i++) {
		_cleanup_(reading_done) struct reading d;
		struct mpol_placement own = { 0 };

		r = reading_init(&d, root_fd, pid, err);
		if (r == 0)
			r = read_own(&d, ranges, n_ranges, &own, err);
		if (r == 0) {
			memcpy(p->own, own.own, sizeof(p->own));
			p->own_known = true;
		}
	}
	return r;
}
