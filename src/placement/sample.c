/* SPDX-License-Identifier: MIT */
/*
 * Placement from random resident pages; see mpol/sample.h. Addresses are drawn uniformly from all
 * mappings and asked about with move_pages(2), which answers an error where no page is: what is hit
 * is uniform over the resident pages. Where most of the address space is empty, as garbage
 * collectors like it, the resident ranges are searched for first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <mpol/sample.h>

#include "placement/reading.h"
#include "placement/scan.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define TRIES_PER_PAGE 256
#define MAX_RANGES     ((size_t)1 << 20)

/* Measured in nanoseconds a page, Linux 6.18: to ask about an empty place at random, and to search
 * a resident page. */
#define COST_MISS   80
#define COST_SEARCH 14

/* Where addresses are drawn from. */
struct part {
	uint64_t start;
	uint64_t before; /* pages in the parts before */
	enum mpol_page_kind kind;
};

struct frame {
	uint64_t pages; /* in all */
	size_t n;
	struct part *parts;
};

static void frame_done(struct frame *f)
{
	free(f->parts);
}

static int frame_add(struct frame *f, struct mpol_range range, enum mpol_page_kind kind,
		     uint64_t page_size)
{
	if ((f->n & (f->n - 1)) == 0) { /* a power of two, or 0: full */
		struct part *more = reallocarray(f->parts, f->n ? f->n * 2 : 64, sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->parts = more;
	}
	f->parts[f->n++] = (struct part){ range.start, f->pages, kind };
	f->pages += (range.end - range.start) / page_size;
	return 0;
}

/* The part that the index-th page lies in. */
static const struct part *frame_part(const struct frame *f, uint64_t index)
{
	size_t low = 0, high = f->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (f->parts[middle].before <= index)
			low = middle;
		else
			high = middle;
	}
	return &f->parts[low];
}

/* All mappings with any access. [vsyscall] is beyond what a process can hold. */
static int frame_of_mappings(const struct reading *d, struct frame *f)
{
	for (size_t i = 0; i < d->n_maps; i++) {
		const struct map *m = &d->maps[i];
		int r = m->accessible && m->end <= (uint64_t)INT64_MAX
				? frame_add(f, (struct mpol_range){ m->start, m->end }, m->kind,
					    d->pages.page_size)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int frame_of_resident(const struct reading *d, struct frame *f, struct mpol_error *err)
{
	_cleanup_free_ struct mpol_range *owned = NULL;
	struct resident resident = { 0 };

	for (size_t i = 0; i < d->n_maps; i++) {
		const struct map *m = &d->maps[i];
		int r = m->end <= (uint64_t)INT64_MAX
				? scan_resident(&d->pages, (struct mpol_range){ m->start, m->end },
						MAX_RANGES, &resident, err)
				: 0;

		owned = resident.ranges;
		for (size_t k = 0; r == 0 && k < resident.n; k++)
			r = frame_add(f, resident.ranges[k], m->kind, d->pages.page_size);
		if (r < 0)
			return r;
		resident.n = 0; /* and its memory is used again */
	}
	return 0;
}

/* splitmix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* 0 to below - 1. There are at most 2^52 pages, so that the remainder prefers none by more than 1
 * in 4096. */
static uint64_t random_below(uint64_t *state, uint64_t below)
{
	return next_random(state) % below;
}

struct draw {
	size_t n;
	void *addresses[PAGES_BATCH];
	enum mpol_page_kind kinds[PAGES_BATCH];
	int nodes[PAGES_BATCH];
};

static int draw_batch(const struct reading *d, const struct frame *f, uint64_t *random,
		      struct draw *b, struct mpol_error *err)
{
	for (b->n = 0; b->n < PAGES_BATCH; b->n++) {
		uint64_t index = random_below(random, f->pages);
		const struct part *p = frame_part(f, index);

		b->addresses[b->n] =
			(void *)(uintptr_t)(p->start + (index - p->before) * d->pages.page_size);
		b->kinds[b->n] = p->kind;
	}
	return pages_nodes(&d->pages, b->addresses, b->n, b->nodes, err);
}

/* A page of a file's private mapping is anonymous once it was copied on write. */
static int page_kind(const struct reading *d, void *address, enum mpol_page_kind *kind,
		     struct mpol_error *err)
{
	uint64_t entry;
	int r;

	if (*kind == MPOL_PAGE_ANON || *kind == MPOL_PAGE_HUGE || d->pages.pagemap_fd < 0)
		return 0;
	r = pages_entries(&d->pages, (uint64_t)(uintptr_t)address, 1, &entry, err);
	if (r == 0 && (entry & PAGEMAP_PRESENT) && !(entry & PAGEMAP_FILE))
		*kind = MPOL_PAGE_ANON;
	return r;
}

static int count_batch(const struct reading *d, struct draw *b, uint64_t want,
		       struct mpol_sample *s, struct mpol_error *err)
{
	for (size_t i = 0; i < b->n && s->n < want; i++) {
		int r;

		s->tried++;
		if (b->nodes[i] < 0 || b->nodes[i] >= MPOL_MAX_NODES)
			continue;
		r = page_kind(d, b->addresses[i], &b->kinds[i], err);
		if (r < 0)
			return r;
		s->pages[b->kinds[i]][b->nodes[i]]++;
		s->n++;
	}
	return 0;
}

static int sample_frame(const struct reading *d, const struct frame *f, uint64_t want,
			uint64_t random, struct mpol_sample *s, struct mpol_error *err)
{
	while (f->pages && s->n < want && s->tried / TRIES_PER_PAGE < want) {
		struct draw b;
		int r = draw_batch(d, f, &random, &b, err);

		if (r == 0)
			r = count_batch(d, &b, want, s, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Resident bytes in hugetlb mappings, which RSS leaves out. */
static uint64_t huge_bytes(const struct process *p)
{
	_cleanup_free_ char *status = NULL;
	unsigned long long kib;
	const char *line;

	if (file_read_at(p->dir_fd, FILE_MAX_SIZE, &status, NULL, "status") < 0)
		return 0;
	line = strstr(status, "\nHugetlbPages:");
	return line && sscanf(line, "\nHugetlbPages: %llu kB", &kib) == 1 ? kib * 1024 : 0;
}

static uint64_t mapped_pages(const struct reading *d)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < d->n_maps; i++)
		if (d->maps[i].accessible)
			pages += (d->maps[i].end - d->maps[i].start) / d->pages.page_size;
	return pages;
}

/* Whether it costs less to search all resident pages than to miss them at random. */
static bool search_is_cheaper(const struct reading *d, uint64_t resident_pages, uint64_t want)
{
	double mapped = (double)mapped_pages(d),
	       resident = (double)MAX(resident_pages, (uint64_t)1);
	double misses = (double)want * MAX(mapped / resident - 1, 0.0);

	return misses * COST_MISS > resident * COST_SEARCH && scan_supported(&d->pages);
}

static int make_frame(const struct reading *d, uint64_t resident_pages, uint64_t want,
		      struct frame *f, struct mpol_sample *s, struct mpol_error *err)
{
	int r;

	s->searched = search_is_cheaper(d, resident_pages, want);
	if (s->searched) {
		r = frame_of_resident(d, f, err);
		if (r != -E2BIG)
			return r;
		f->n = 0;
		f->pages = 0;
		s->searched = false;
	}
	r = frame_of_mappings(d, f);
	return r < 0 ? process_fail(&d->process, "maps", r, err) : 0;
}

/* The bytes that are resident, divided as the sample is. */
static void estimate(struct mpol_sample *s, uint64_t resident)
{
	s->placement.known = s->n > 0;
	for (size_t k = 0; k < MPOL_N_PAGE_KINDS && s->n; k++)
		for (size_t n = 0; n < MPOL_MAX_NODES; n++)
			s->placement.bytes[k][n] =
				(uint64_t)((double)s->pages[k][n] / (double)s->n *
						   (double)resident +
					   0.5);
}

static int read_sample(struct reading *d, uint64_t want, uint64_t seed, struct mpol_sample *s,
		       struct mpol_error *err)
{
	_cleanup_(frame_done) struct frame f = { 0 };
	uint64_t resident, mapped;
	int r = process_sizes(&d->process, &resident, &mapped);

	if (r < 0)
		return process_fail(&d->process, "statm", r, err);
	resident += huge_bytes(&d->process);
	r = reading_pages(d, err);
	if (r == 0)
		r = reading_maps(d, err);
	if (r == 0)
		r = make_frame(d, resident / d->pages.page_size, want, &f, s, err);
	if (r == 0)
		r = sample_frame(d, &f, want, seed, s, err);
	if (r == 0)
		estimate(s, resident);
	return r;
}

static uint64_t random_seed(void)
{
	struct timespec now;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return seed;
	/* Before the random pool is ready, a sample is random enough by the clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int mpol_placement_sample(int root_fd, pid_t pid, uint64_t pages, uint64_t seed,
			  struct mpol_sample *ret, struct mpol_error *err)
{
	int r = -EAGAIN;

	for (int i = 0; i < READING_ATTEMPTS && r == -EAGAIN; i++) {
		_cleanup_(reading_done) struct reading d;
		_cleanup_free_ struct mpol_sample *s = calloc(1, sizeof(*s));

		r = reading_init(&d, root_fd, pid, err);
		if (r < 0)
			return r;
		if (!s)
			return process_fail(&d.process, "", -ENOMEM, err);
		r = read_sample(&d, pages ? pages : MPOL_SAMPLE_PAGES, seed ? seed : random_seed(),
				s, err);
		if (r == 0)
			*ret = *s;
	}
	return r;
}

#define Z 1.959964 /* 95% of the normal distribution */

/* By Newton's method, so that libm is not loaded for it; exact for what is asked here, 0 to 2^40.
 */
static double square_root(double x)
{
	double root = MAX(x, 1.0);

	if (x <= 0)
		return 0;
	for (int i = 0; i < 64; i++)
		root = (root + x / root) / 2;
	return root;
}

bool mpol_sample_locality(const struct mpol_sample *s, const struct mpol_nodeset *nodes,
			  double *ret, double *ret_low, double *ret_high)
{
	double n = (double)s->n, hits = 0, p, middle, half;

	if (s->n == 0)
		return false;
	for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
		for (unsigned i = 0; i < MPOL_MAX_NODES; i++)
			if (!nodes || mpol_nodes_has(nodes, i))
				hits += (double)s->pages[k][i];
	p = hits / n;
	middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
	half = Z / (1 + Z * Z / n) * square_root(p * (1 - p) / n + Z * Z / (4 * n * n));
	if (ret)
		*ret = p;
	if (ret_low)
		*ret_low = hits == 0 ? 0 : middle - half;
	if (ret_high)
		*ret_high = hits == n ? 1 : middle + half;
	return true;
}

double mpol_sample_margin(uint64_t n)
{
	return n ? MIN(Z * 0.5 / square_root((double)n), 1.0) : 1.0;
}
