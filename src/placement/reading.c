/* SPDX-License-Identifier: MIT */
/* The common steps of reading a process's memory; see reading.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "placement/reading.h"
#include "base/macros.h"

static const struct mpol_rule bad_range = {
	"placement-range",
	EINVAL,
	"Memory is placed page by page, so a range begins and ends at a page.",
	"round the start down and the end up to the page size, sysconf(_SC_PAGESIZE)",
	NULL,
	NULL,
};

int reading_check_ranges(const struct mpol_range *ranges, size_t n, struct mpol_error *err)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < n; i++)
		if (ranges[i].start > ranges[i].end || ranges[i].start % page ||
		    ranges[i].end % page)
			return mpol_fail(err, &bad_range, "",
					 "%" PRIx64 "-%" PRIx64 " is no range of pages of %" PRIu64
					 " bytes",
					 ranges[i].start, ranges[i].end, page);
	return 0;
}

int reading_init(struct reading *d, int root_fd, pid_t pid, struct mpol_error *err)
{
	*d = (struct reading){ .process.dir_fd = -1, .pages.pagemap_fd = -1 };
	kinds_init(&d->kinds, &d->process);
	return process_open(root_fd, pid, &d->process, err);
}

void reading_done(struct reading *d)
{
	kinds_done(&d->kinds);
	free(d->maps);
	pages_done(&d->pages);
	process_done(&d->process);
	*d = (struct reading){ .process.dir_fd = -1, .pages.pagemap_fd = -1 };
}

int reading_maps(struct reading *d, struct mpol_error *err)
{
	struct map *maps;
	size_t n;
	int r = maps_read(&d->process, &d->kinds, &maps, &n, err);

	if (r < 0)
		return r;
	free(d->maps);
	d->maps = maps;
	d->n_maps = n;
	return 0;
}

int reading_pages(struct reading *d, struct mpol_error *err)
{
	int r = d->pages_open ? 0 : pages_open(&d->pages, &d->process, err);

	d->pages_open |= r == 0;
	return r;
}

bool reading_pages_refused(int r)
{
	return r == -EPERM || r == -EACCES || r == -ENOSYS || r == -EOPNOTSUPP;
}

bool reading_range(const struct reading *d, uint64_t start, struct mpol_range *ret)
{
	size_t i = maps_find(d->maps, d->n_maps, start);

	if (i == d->n_maps || d->maps[i].start != start)
		return false;
	*ret = (struct mpol_range){ start, d->maps[i].end };
	return true;
}

enum mpol_page_kind reading_kind(struct reading *d, const struct numa_mapping *m)
{
	char path[4096];
	size_t len;

	if (m->huge)
		return MPOL_PAGE_HUGE;
	if (!m->path || m->anon >= m->pages)
		return MPOL_PAGE_ANON;
	len = MIN(strlen(m->path), sizeof(path) - 1);
	memcpy(path, m->path, len);
	path[len] = '\0';
	numa_path_decode(path);
	return kinds_of_path(&d->kinds, path);
}

static void add_counts(const struct numa_mapping *m, uint64_t bytes[MPOL_MAX_NODES])
{
	for (size_t i = 0; i < m->n_counts; i++)
		bytes[m->counts[i].node] += m->counts[i].pages * m->page_size;
}

/*
 * A private mapping of a file with pages of both kinds, of which the kernel tells the two sums
 * only. On one node that is enough; on several, and where pages cannot be asked one by one, each
 * node has its share of the anonymous ones. The nodes are exact in any case.
 */
static void add_mixed_by_share(const struct numa_mapping *m, enum mpol_page_kind kind,
			       struct mpol_placement *ret)
{
	uint64_t left_anon = m->anon, left = m->pages;

	for (size_t i = 0; i < m->n_counts; i++) {
		uint64_t pages = m->counts[i].pages;
		double share = left ? (double)left_anon / (double)left : 0;
		uint64_t anon = MIN(MIN((uint64_t)((double)pages * share + 0.5), pages), left_anon);

		ret->bytes[MPOL_PAGE_ANON][m->counts[i].node] += anon * m->page_size;
		ret->bytes[kind][m->counts[i].node] += (pages - anon) * m->page_size;
		left_anon -= anon;
		left -= pages;
	}
}

static int add_mixed_by_pages(struct reading *d, const struct numa_mapping *m,
			      enum mpol_page_kind kind, struct mpol_placement *ret,
			      struct mpol_error *err)
{
	struct mpol_placement part = { 0 };
	struct mpol_range range;
	int r = reading_pages(d, err);

	if (r == 0 && !d->maps)
		r = reading_maps(d, err);
	if (r < 0)
		return r;
	if (d->pages.pagemap_fd < 0 || !reading_range(d, m->start, &range))
		return -EACCES; /* what is anonymous cannot be told */
	r = pages_add(&d->pages, range, kind, PAGES_ALL, &part, err);
	for (size_t k = 0; r == 0 && k < MPOL_N_PAGE_KINDS; k++)
		for (size_t n = 0; n < MPOL_MAX_NODES; n++)
			ret->bytes[k][n] += part.bytes[k][n];
	return r;
}

static int add_mixed(struct reading *d, const struct numa_mapping *m, enum mpol_page_kind kind,
		     struct mpol_placement *ret, struct mpol_error *err)
{
	struct mpol_error why;
	int r = add_mixed_by_pages(d, m, kind, ret, &why);

	if (reading_pages_refused(r))
		add_mixed_by_share(m, kind, ret);
	else if (r < 0 && err)
		*err = why;
	return reading_pages_refused(r) ? 0 : r;
}

int reading_add(struct reading *d, const struct numa_mapping *m, struct mpol_placement *ret,
		struct mpol_error *err)
{
	enum mpol_page_kind kind = reading_kind(d, m);

	if (kind == MPOL_PAGE_ANON || kind == MPOL_PAGE_HUGE || m->anon == 0) {
		add_counts(m, ret->bytes[kind]);
		return 0;
	}
	if (m->n_counts > 1)
		return add_mixed(d, m, kind, ret, err);
	add_mixed_by_share(m, kind, ret);
	return 0;
}
