/* SPDX-License-Identifier: MIT */
/* Sampled placement: what is hit is resident, shares are those of the exact reading, and confidence
 * is what it says. */
#include <mpol/sample.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "placed-child.h"
#include "placement/reading.h"
#include "placement/scan.h"

static const struct {
	uint64_t hits, n;
	double low, high; /* calculated apart, with more digits */
} intervals[] = {
	{ 50, 100, 0.4038, 0.5962 }, { 0, 100, 0, 0.0370 },	      { 100, 100, 0.9630, 1 },
	{ 1, 10, 0.0179, 0.4042 },   { 8192, 16384, 0.4923, 0.5077 },
};

TEST(the_interval_is_wilsons)
{
	struct mpol_nodeset node1 = MPOL_NODES(1);

	for (size_t i = 0; i < ELEMENTSOF(intervals); i++) {
		struct mpol_sample s = { .n = intervals[i].n };
		double p, low, high;

		check_row(i, "interval");
		s.pages[MPOL_PAGE_ANON][1] = intervals[i].hits;
		s.pages[MPOL_PAGE_ANON][0] = intervals[i].n - intervals[i].hits;
		CHECK(mpol_sample_locality(&s, &node1, &p, &low, &high));
		CHECK(p == (double)intervals[i].hits / (double)intervals[i].n);
		CHECK_EQ((long)(low * 10000 + 0.5), (long)(intervals[i].low * 10000 + 0.5));
		CHECK_EQ((long)(high * 10000 + 0.5), (long)(intervals[i].high * 10000 + 0.5));
	}
}

TEST(no_page_is_no_locality_and_no_confidence)
{
	struct mpol_sample s = { 0 };
	double p = 42;

	CHECK(!mpol_sample_locality(&s, NULL, &p, NULL, NULL));
	CHECK(p == 42);
	CHECK(mpol_sample_margin(0) == 1);
	CHECK_EQ((long)(mpol_sample_margin(16384) * 10000 + 0.5), 77);
	CHECK_EQ((long)(mpol_sample_margin(100) * 10000 + 0.5), 980);
}

static void body_sparse(int to, void *arg)
{
	size_t len = *(size_t *)arg;
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	(void)madvise(p, len, MADV_NOHUGEPAGE);
	memset(p + len / 2, 1, 16 * MIB);
	tell_range(to, p, len);
}

static const struct {
	const char *name;
	size_t len;
} sparse[] = {
	{ "dense", 16 * MIB * 2 },
	{ "a heap as garbage collectors reserve it", (size_t)1 << 38 },
};

/* The shares of a sample and of the exact reading, on node 0, differ by no more than chance allows.
 */
static void check_against_exact(const struct mpol_sample *s, const struct mpol_placement *exact)
{
	struct mpol_nodeset node0 = MPOL_NODES(0);
	double sampled, locality;

	CHECK(mpol_sample_locality(s, &node0, &sampled, NULL, NULL));
	CHECK(mpol_placement_locality(exact, &node0, &locality));
	CHECK(sampled > locality - 3 * mpol_sample_margin(s->n) &&
	      sampled < locality + 3 * mpol_sample_margin(s->n));
}

TEST(a_sample_agrees_with_the_exact_reading)
{
	_cleanup_close_ int fd = root();

	need_numa_maps();
	for (size_t i = 0; i < ELEMENTSOF(sparse); i++) {
		size_t len = sparse[i].len;
		struct child c = start(body_sparse, &len);
		struct mpol_placement exact = { 0 };
		struct mpol_sample s = { 0 };
		struct mpol_error err = { 0 };
		uint64_t anon, all;

		check_row(i, sparse[i].name);
		(void)told_range(&c);
		CHECK_EQ(mpol_placement_sample(fd, c.pid, 2000, 1 + i, &s, &err), 0);
		CHECK_STR(err.what, "");
		if (s.n < 2000 && s.tried > s.n && !s.searched) {
			stop(&c);
			continue; /* a kernel without PAGEMAP_SCAN gives up in so much emptiness,
				     and says so */
		}
		CHECK_EQ(s.n, 2000);
		CHECK(s.tried >= s.n);
		CHECK(s.placement.known);
		CHECK_EQ(mpol_placement_of(fd, c.pid, &exact, NULL), 0);
		check_against_exact(&s, &exact);
		anon = kind_bytes(&s.placement, MPOL_PAGE_ANON);
		all = mpol_placement_on(&s.placement, NULL);
		CHECK(anon > all / 2); /* 16 MiB of anonymous memory, and a few of files */
		CHECK(anon < all);     /* those were hit as well */
		stop(&c);
	}
}

TEST(the_same_seed_gives_the_same_sample_of_still_memory)
{
	_cleanup_close_ int fd = root();
	size_t len = 32 * MIB;
	struct mpol_sample a = { 0 }, b = { 0 };
	struct child c;

	need_numa_maps();
	c = start(body_sparse, &len);
	(void)told_range(&c);
	CHECK_EQ(mpol_placement_sample(fd, c.pid, 500, 7, &a, NULL), 0);
	CHECK_EQ(mpol_placement_sample(fd, c.pid, 500, 7, &b, NULL), 0);
	CHECK(memcmp(a.pages, b.pages, sizeof(a.pages)) == 0);
	CHECK_EQ(a.tried, b.tried);
	stop(&c);
}

TEST(a_search_finds_what_is_resident_and_nothing_else)
{
	_cleanup_close_ int fd = root();
	_cleanup_(reading_done) struct reading d = { .process.dir_fd = -1, .pages.pagemap_fd = -1 };
	size_t len = (size_t)1 << 32;
	struct resident found = { 0 };
	struct child c = start(body_sparse, &len);
	struct mpol_range r = told_range(&c);

	CHECK_EQ(reading_init(&d, fd, c.pid, NULL), 0);
	CHECK_EQ(reading_pages(&d, NULL), 0);
	if (!scan_supported(&d.pages)) {
		stop(&c);
		check_skip("this kernel has no PAGEMAP_SCAN");
	}
	CHECK_EQ(scan_resident(&d.pages, r, 100, &found, NULL), 0);
	CHECK_EQ(found.n, 1);
	if (found.n == 1) {
		CHECK_EQ(found.ranges[0].start, r.start + len / 2);
		CHECK_EQ(found.ranges[0].end, r.start + len / 2 + 16 * MIB);
	}
	free(found.ranges);
	stop(&c);
}

static void body_scattered(int to, void *arg)
{
	char *p = map(8 * MIB, MAP_PRIVATE | MAP_ANONYMOUS);

	(void)arg;
	for (size_t at = 0; at < 8 * MIB; at += 2 * PAGE)
		p[at] = 1;
	tell_range(to, p, 8 * MIB);
}

TEST(a_search_goes_on_behind_a_full_answer_and_gives_up_when_told)
{
	_cleanup_close_ int fd = root();
	_cleanup_(reading_done) struct reading d = { .process.dir_fd = -1, .pages.pagemap_fd = -1 };
	struct resident found = { 0 };
	struct child c = start(body_scattered, NULL);
	struct mpol_range r = told_range(&c);

	CHECK_EQ(reading_init(&d, fd, c.pid, NULL), 0);
	CHECK_EQ(reading_pages(&d, NULL), 0);
	if (!scan_supported(&d.pages)) {
		stop(&c);
		check_skip("this kernel has no PAGEMAP_SCAN");
	}
	CHECK_EQ(scan_resident(&d.pages, r, 2000, &found, NULL), 0);
	CHECK_EQ(found.n, 1024); /* twice what one answer holds */
	found.n = 0;
	CHECK_EQ(scan_resident(&d.pages, r, 1000, &found, NULL), -E2BIG);
	free(found.ranges);
	stop(&c);
}

TEST(a_recording_cannot_be_sampled)
{
	struct mpol_sample s = { .n = 42 };
	struct mpol_error err = { 0 };
	_cleanup_close_ int fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK_EQ(mpol_placement_sample(fd, getpid(), 1, 1, &s, &err),
		 -ESRCH); /* there is no proc below */
	CHECK_EQ(s.n, 42);
}
