/* SPDX-License-Identifier: MIT */
/* Where pages are: sums, ranges and kinds, of real processes on this machine. */
#include "base/cleanup.h"
#include "base/macros.h"
#include "placed-child.h"

TEST(no_pages_and_nothing_known_are_never_a_locality)
{
	struct mpol_placement p = { 0 };
	struct mpol_nodeset node0 = MPOL_NODES(0);
	double locality = 42;

	CHECK(!mpol_placement_locality(&p, &node0, &locality)); /* nothing was read */
	p.known = true;
	CHECK(!mpol_placement_locality(&p, &node0, &locality)); /* no page is resident */
	CHECK(!mpol_placement_own_locality(&p, &node0, &locality));
	CHECK(locality == 42);
	p.bytes[MPOL_PAGE_ANON][0] = 3 * PAGE;
	p.bytes[MPOL_PAGE_HUGE][1] = 1 * PAGE;
	CHECK(mpol_placement_locality(&p, &node0, &locality));
	CHECK(locality == 0.75);
	p.own[1] = PAGE;
	CHECK(!mpol_placement_own_locality(&p, &node0, &locality)); /* own was not read */
	p.own_known = true;
	CHECK(mpol_placement_own_locality(&p, &node0, &locality));
	CHECK(locality == 0);
}

TEST(a_sum_with_an_unknown_part_is_unknown_in_any_order)
{
	struct mpol_placement known = { .known = true, .bytes[MPOL_PAGE_ANON][0] = PAGE },
			      unknown = { 0 };
	struct mpol_placement a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	double locality;

	mpol_placement_add(&a, &known);
	mpol_placement_add(&a, &known);
	CHECK(a.known);
	CHECK_EQ(mpol_placement_on(&a, NULL), 2 * PAGE);
	CHECK(!a.own_known);
	mpol_placement_add(&b, &known);
	mpol_placement_add(&b, &unknown);
	CHECK(!b.known);
	CHECK_EQ(b.unknown_parts, 1);
	mpol_placement_add(&c, &unknown);
	mpol_placement_add(&c, &known);
	CHECK(!c.known);
	CHECK(!mpol_placement_locality(&c, NULL, &locality));
	mpol_placement_add(&d, &c); /* a sum of sums */
	mpol_placement_add(&d, &b);
	CHECK_EQ(d.unknown_parts, 2);
}

static void body_half(int to, void *arg)
{
	(void)arg;
	tell_range(to, touch_apart(8 * MIB, 4 * MIB), 8 * MIB);
}

TEST(a_range_that_is_a_mapping_is_read_exactly)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };
	struct child c;
	struct mpol_range r;

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(p.known);
	CHECK_EQ(mpol_placement_on(&p, NULL), 4 * MIB);
	CHECK(!p.own_known);
	stop(&c);
}

TEST(parts_of_a_mapping_are_read_page_by_page)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	struct child c;
	struct mpol_range r, parts[3];

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	parts[0] = (struct mpol_range){ r.start + PAGE, r.start + 3 * PAGE }; /* touched */
	parts[1] = (struct mpol_range){ r.start + 4 * MIB - PAGE,
					r.start + 4 * MIB + PAGE }; /* half */
	parts[2] = (struct mpol_range){ r.end - PAGE, r.end };	    /* never touched */
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, parts, 3, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 3 * PAGE);
	CHECK_EQ(p.unattributed, 0);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &parts[2], 1, &p, NULL), 0);
	CHECK(p.known);
	CHECK_EQ(mpol_placement_on(&p, NULL), 0); /* known, and nothing: not a locality */
	stop(&c);
}

TEST(both_ways_of_reading_a_range_agree)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement whole = { 0 }, halves = { 0 };
	struct child c;
	struct mpol_range r, parts[2];

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	parts[0] = (struct mpol_range){ r.start, r.start + MIB };
	parts[1] = (struct mpol_range){ r.start + MIB, r.end };
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &whole, NULL), 0);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, parts, 2, &halves, NULL), 0);
	CHECK(memcmp(whole.bytes, halves.bytes, sizeof(whole.bytes)) == 0);
	stop(&c);
}

TEST(what_is_no_range_of_pages_is_refused)
{
	_cleanup_close_ int fd = root();
	struct mpol_range bad[] = { { 1, PAGE }, { 0, PAGE + 1 }, { 2 * PAGE, PAGE } };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct mpol_error err = { 0 };
		struct mpol_placement p = { .unattributed = 42 };

		check_row(i, "range");
		CHECK_EQ(mpol_placement_of_ranges(fd, getpid(), &bad[i], 1, &p, &err), -EINVAL);
		CHECK_STR(err.rule ? err.rule->id : NULL, "placement-range");
		CHECK_EQ(p.unattributed, 42); /* untouched on failure */
	}
}

static void body_shared(int to, void *arg)
{
	char *p = map(2 * MIB, MAP_SHARED | MAP_ANONYMOUS);

	(void)arg;
	memset(p, 1, MIB);
	tell_range(to, p, 2 * MIB);
}

static void body_memfd(int to, void *arg)
{
	int fd = memfd_create("a b=c\n", MFD_CLOEXEC);
	char *p;

	(void)arg;
	if (fd < 0 || ftruncate(fd, (off_t)(2 * MIB)) < 0)
		_exit(1);
	p = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, MIB);
	tell_range(to, p, 2 * MIB);
}

static void body_private_file(int to, void *arg)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	volatile char *p;
	char sum = 0;

	(void)arg;
	if (fd < 0 || ftruncate(fd, (off_t)(2 * MIB)) < 0)
		_exit(1);
	for (size_t at = 0; at < MIB; at += PAGE)
		if (pwrite(fd, "x", 1, (off_t)at) != 1)
			_exit(1);
	p = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (size_t at = 0; at < MIB; at += PAGE)
		sum = (char)(sum + p[at]); /* of the file */
	for (size_t at = 0; at < MIB / 4; at += PAGE)
		p[at] = sum; /* copied on write */
	tell_range(to, (const void *)(uintptr_t)p, 2 * MIB);
}

static const struct {
	const char *name;
	void (*body)(int, void *);
	uint64_t anon, shared;
} kinds_of_bodies[] = {
	{ "shared anonymous memory", body_shared, 0, MIB },
	{ "memfd", body_memfd, 0, MIB },
	{ "private mapping of shared memory, a quarter copied on write", body_private_file, MIB / 4,
	  MIB * 3 / 4 },
};

TEST(kinds_are_told_by_mapping_and_page_by_page)
{
	_cleanup_close_ int fd = root();

	need_numa_maps();
	for (size_t i = 0; i < ELEMENTSOF(kinds_of_bodies); i++) {
		struct child c = start(kinds_of_bodies[i].body, NULL);
		struct mpol_range r = told_range(&c), halves[] = { { r.start, r.start + MIB },
								   { r.start + MIB, r.end } };
		struct mpol_placement by_mapping = { 0 }, by_page = { 0 };

		check_row(i, kinds_of_bodies[i].name);
		CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &by_mapping, NULL), 0);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_ANON), kinds_of_bodies[i].anon);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_SHARED), kinds_of_bodies[i].shared);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_FILE), 0);
		CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, halves, 2, &by_page, NULL), 0);
		CHECK(memcmp(by_mapping.bytes, by_page.bytes, sizeof(by_page.bytes)) == 0);
		stop(&c);
	}
}

static void body_huge(int to, void *arg)
{
	size_t size = *(size_t *)arg;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		_exit(77);
	memset(p, 1, size);
	tell_range(to, p, size);
}

TEST(huge_pages_count_with_their_own_size)
{
	_cleanup_close_ int fd = root();
	size_t size = 2 * MIB;
	struct mpol_placement p = { 0 };
	struct mpol_range r;
	struct child c;

	need_numa_maps();
	c = start(body_huge, &size);
	if (read(c.from, &r, sizeof(r)) != sizeof(r)) {
		stop(&c);
		check_skip("no huge page of 2 MiB is free (vm.nr_hugepages)");
	}
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(kind_bytes(&p, MPOL_PAGE_HUGE), size);
	CHECK_EQ(mpol_placement_on(&p, NULL), size);
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), size);
	stop(&c);
}
