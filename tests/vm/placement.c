/* SPDX-License-Identifier: MIT */
/*
 * Placement on a machine with two nodes, as a guest's program: what needs pages on different nodes
 * to be seen at all. Run as root by tests/vm/run, in virtual machines with several kernels.
 */
#include <mpol/counters.h>
#include <mpol/sample.h>

#include "../unit/placed-child.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/sys.h"
#include "placement/by_policy.h"

static void need_two_nodes(void)
{
	if (access("/sys/devices/system/node/node1", F_OK) < 0)
		check_skip("this machine has one node");
	if (geteuid() != 0)
		check_skip("not root");
}

static void set_policy(enum mpol_mode mode, unsigned long nodes)
{
	if (sys_set_mempolicy((int)mode, &nodes, 4) < 0)
		_exit(1);
}

static void bind_range(const void *p, size_t len, enum mpol_mode mode, unsigned long nodes)
{
	if (sys_mbind(p, len, (int)mode, &nodes, 4, 0) < 0)
		_exit(1);
}

static uint64_t on(const struct mpol_placement *p, enum mpol_page_kind kind, unsigned node)
{
	return p->bytes[kind][node];
}

/* The same ranges by mapping and cut in two, which is page by page; both must say the same. */
static struct mpol_placement read_both_ways(const struct child *c, struct mpol_range r)
{
	_cleanup_close_ int fd = root();
	uint64_t middle = r.start + (r.end - r.start) / (2 * PAGE) * PAGE;
	struct mpol_range halves[] = { { r.start, middle }, { middle, r.end } };
	struct mpol_placement whole = { 0 }, cut = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_placement_of_ranges(fd, c->pid, &r, 1, &whole, &err), 0);
	CHECK_EQ(mpol_placement_of_ranges(fd, c->pid, halves, 2, &cut, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(memcmp(whole.bytes, cut.bytes, sizeof(whole.bytes)) == 0);
	CHECK_EQ(whole.unattributed, 0);
	return whole;
}

/* --- By node --- */

static const struct {
	const char *name;
	enum mpol_mode mode;
	unsigned long nodes;
	uint64_t node0, node1; /* of 16 MiB */
} spreads[] = {
	{ "bind to node 0", MPOL_MODE_BIND, 1, 16 * MIB, 0 },
	{ "bind to node 1", MPOL_MODE_BIND, 2, 0, 16 * MIB },
	{ "interleave", MPOL_MODE_INTERLEAVE, 3, 8 * MIB, 8 * MIB },
	{ "prefer node 1", MPOL_MODE_PREFERRED, 2, 0, 16 * MIB },
};

static void body_spread(int to, void *arg)
{
	size_t row = *(size_t *)arg;
	char *p = touch_apart(16 * MIB, 0);

	bind_range(p, 16 * MIB, spreads[row].mode, spreads[row].nodes);
	memset(p, 1, 16 * MIB);
	tell_range(to, p, 16 * MIB);
}

TEST(pages_are_where_the_policy_put_them_by_mapping_and_page_by_page)
{
	need_two_nodes();
	for (size_t i = 0; i < ELEMENTSOF(spreads); i++) {
		struct child c = start(body_spread, &i);
		struct mpol_placement p = read_both_ways(&c, told_range(&c));

		check_row(i, spreads[i].name);
		CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), spreads[i].node0);
		CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), spreads[i].node1);
		stop(&c);
	}
}

/* --- Own and inherited, on different nodes --- */

static void body_writes_a_quarter_on_node1(int to, void *arg)
{
	const struct inherited *in = arg;

	set_policy(MPOL_MODE_BIND, 2);
	memset(in->p, 2, in->len / 4);
	tell_range(to, in->p, in->len);
}

TEST(inherited_pages_stay_where_the_parent_put_them_and_are_not_judged)
{
	_cleanup_close_ int fd = root();
	struct mpol_nodeset node1 = MPOL_NODES(1);
	struct inherited in;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;
	double all, own;

	need_two_nodes();
	in = (struct inherited){ touch_apart(8 * MIB, 0), 8 * MIB };
	bind_range(in.p, in.len, MPOL_MODE_DEFAULT, 0);
	set_policy(MPOL_MODE_BIND, 1);
	memset(in.p, 1, in.len);
	c = start(body_writes_a_quarter_on_node1, &in);
	r = told_range(&c);
	p = read_both_ways(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), 6 * MIB);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), 2 * MIB);
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(p.own[0], 0);
	CHECK_EQ(p.own[1], 2 * MIB);
	CHECK(mpol_placement_locality(&p, &node1, &all));
	CHECK(all == 0.25); /* what numa_maps alone would say */
	CHECK(mpol_placement_own_locality(&p, &node1, &own));
	CHECK(own == 1);
	stop(&c);
}

/* --- Kinds, on different nodes --- */

/* Pages of a file on node 0, a quarter of them copied on write to node 1, in one mapping. */
static void body_mixed(int to, void *arg)
{
	int fd = memfd_create("mixed", MFD_CLOEXEC);
	volatile char *p;
	char sum = 0;

	(void)arg;
	set_policy(MPOL_MODE_BIND, 1);
	if (fd < 0 || ftruncate(fd, (off_t)(2 * MIB)) < 0)
		_exit(1);
	for (size_t at = 0; at < 2 * MIB; at += PAGE)
		if (pwrite(fd, "x", 1, (off_t)at) != 1)
			_exit(1);
	p = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (size_t at = 0; at < 2 * MIB; at += PAGE)
		sum = (char)(sum + p[at]);
	set_policy(MPOL_MODE_BIND, 2);
	for (size_t at = 0; at < MIB / 2; at += PAGE)
		p[at] = sum;
	tell_range(to, (const void *)(uintptr_t)p, 2 * MIB);
}

TEST(kinds_within_one_mapping_on_two_nodes_are_told_apart)
{
	struct mpol_placement p;
	struct child c;

	need_two_nodes();
	c = start(body_mixed, NULL);
	p = read_both_ways(&c, told_range(&c));
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), MIB / 2);
	CHECK_EQ(on(&p, MPOL_PAGE_SHARED, 0), 2 * MIB - MIB / 2);
	CHECK_EQ(on(&p, MPOL_PAGE_SHARED, 1), 0);
	stop(&c);
}

#define HUGE_SIZE (2 * MIB)

static void body_huge_on_node1(int to, void *arg)
{
	char *p = mmap(NULL, 3 * HUGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	(void)arg;
	if (p == MAP_FAILED)
		_exit(1);
	bind_range(p, 3 * HUGE_SIZE, MPOL_MODE_BIND, 2);
	memset(p, 1, 2 * HUGE_SIZE);
	tell_range(to, p, 3 * HUGE_SIZE);
}

TEST(huge_pages_count_with_their_size_on_their_node)
{
	static const char pool[] =
		"sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages";
	_cleanup_close_ int fd = root();
	struct mpol_placement p;
	uint64_t pages = 0;
	struct child c;

	need_two_nodes();
	if (file_write_at(fd, "4", pool) < 0 || file_read_u64_at(fd, &pages, pool) < 0 || pages < 3)
		check_skip("node 1 has no room for huge pages");
	c = start(body_huge_on_node1, NULL);
	p = read_both_ways(&c, told_range(&c));
	CHECK_EQ(on(&p, MPOL_PAGE_HUGE, 1), 2 * HUGE_SIZE);
	CHECK_EQ(mpol_placement_on(&p, NULL), 2 * HUGE_SIZE);
	stop(&c);
	(void)file_write_at(fd, "0", pool); /* the machine goes away */
}

static void body_transparent(int to, void *arg)
{
	char *p = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	if (p == MAP_FAILED)
		_exit(1);
	(void)madvise(p, 16 * MIB, MADV_HUGEPAGE); /* not there on all kernels */
	bind_range(p, 16 * MIB, MPOL_MODE_BIND, 2);
	memset(p, 1, 8 * MIB);
	tell_range(to, p, 16 * MIB);
}

TEST(transparent_huge_pages_count_as_the_memory_they_hold)
{
	struct mpol_placement p;
	struct child c;

	need_two_nodes();
	c = start(body_transparent, NULL);
	p = read_both_ways(&c, told_range(&c));
	CHECK(on(&p, MPOL_PAGE_ANON, 1) >= 8 * MIB);
	CHECK(on(&p, MPOL_PAGE_ANON, 1) <=
	      16 * MIB); /* a huge page may reach further than what was touched */
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_HUGE, 1), 0);
	stop(&c);
}

/* --- Migration --- */

TEST(migrated_pages_are_seen_where_they_went_and_are_counted)
{
	_cleanup_close_ int fd = root();
	struct mpol_migration before = { 0 }, after = { 0 }, between;
	unsigned long from = 1, to = 2;
	struct mpol_placement p;
	size_t row = 0;
	struct child c;
	struct mpol_range r;

	need_two_nodes();
	c = start(body_spread, &row);
	r = told_range(&c);
	CHECK_EQ(mpol_migration_read(fd, &before, NULL), 0);
	CHECK_EQ(sys_migrate_pages(c.pid, 4, &from, &to), 0);
	CHECK_EQ(mpol_migration_read(fd, &after, NULL), 0);
	p = read_both_ways(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), 16 * MIB);
	between = mpol_migration_between(&before, &after);
	CHECK(between.known[MPOL_MIGRATION_SUCCESS]);
	CHECK(between.count[MPOL_MIGRATION_SUCCESS] >= 16 * MIB / PAGE);
	stop(&c);
}

/* --- Samples --- */

/* 24 MiB on node 0 and 8 MiB on node 1. */
static void body_three_to_one(int to, void *arg)
{
	char *p = touch_apart(32 * MIB, 0);

	(void)arg;
	bind_range(p, 24 * MIB, MPOL_MODE_BIND, 1);
	bind_range(p + 24 * MIB, 8 * MIB, MPOL_MODE_BIND, 2);
	memset(p, 1, 32 * MIB);
	tell_range(to, p, 32 * MIB);
}

TEST(the_interval_of_a_sample_holds_the_exact_share)
{
	_cleanup_close_ int fd = root();
	struct mpol_nodeset node1 = MPOL_NODES(1);
	struct mpol_placement exact = { 0 };
	unsigned held = 0;
	double truth;
	struct child c;

	need_two_nodes();
	c = start(body_three_to_one, NULL);
	(void)told_range(&c);
	CHECK_EQ(mpol_placement_of(fd, c.pid, &exact, NULL), 0);
	CHECK(mpol_placement_locality(&exact, &node1, &truth));
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct mpol_sample s = { 0 };
		double p, low, high;

		CHECK_EQ(mpol_placement_sample(fd, c.pid, 1000, seed, &s, NULL), 0);
		CHECK(mpol_sample_locality(&s, &node1, &p, &low, &high));
		CHECK(high - low < 0.06);
		held += low <= truth && truth <= high;
	}
	/* 38 of 40 are expected; fewer than 32 would happen once in ten thousand runs, if the
	 * interval is right. */
	CHECK(held >= 32);
	stop(&c);
}

/* --- By policy --- */

TEST(parts_of_a_mapping_with_other_policies_are_judged_apart)
{
	_cleanup_close_ int fd = root();
	_cleanup_(policy_groups_done) struct policy_groups g = { 0 };
	struct child c;
	bool seen[2] = { false, false };

	need_two_nodes();
	c = start(body_three_to_one, NULL);
	(void)told_range(&c);
	CHECK_EQ(placement_by_policy(fd, c.pid, true, &g, NULL), 0);
	for (size_t i = 0; i < g.n; i++) {
		const struct mpol_placement *p = &g.groups[i].placement;

		if (STREQ(g.groups[i].text, "bind:0")) {
			seen[0] = true;
			CHECK_EQ(on(p, MPOL_PAGE_ANON, 0), 24 * MIB);
			CHECK_EQ(p->own[0], 24 * MIB);
		}
		if (STREQ(g.groups[i].text, "bind:1")) {
			seen[1] = true;
			CHECK_EQ(on(p, MPOL_PAGE_ANON, 1), 8 * MIB);
			CHECK_EQ(p->own[1], 8 * MIB);
		}
	}
	CHECK(seen[0] && seen[1]);
	stop(&c);
}
