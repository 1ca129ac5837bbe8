/* SPDX-License-Identifier: MIT */
/* Own pages and inherited ones, of real processes on this machine. */
#include "base/cleanup.h"
#include "placed-child.h"

static void body_writes_a_quarter(int to, void *arg)
{
	const struct inherited *in = arg;

	memset(in->p, 2, in->len / 4);
	tell_range(to, in->p, in->len);
}

TEST(pages_inherited_by_fork_and_not_written_to_are_not_own)
{
	_cleanup_close_ int fd = root();
	struct inherited in = { touch_apart(8 * MIB, 8 * MIB), 8 * MIB };
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };
	struct child c;
	struct mpol_range r;

	need_numa_maps();
	c = start(body_writes_a_quarter, &in);
	r = told_range(&c);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 8 * MIB); /* numa_maps cannot tell them apart */
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, &r, 1, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(p.own_known);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), 2 * MIB);
	stop(&c);
	/* After the child's end the pages are this process's alone again. */
	CHECK_EQ(mpol_placement_read_own(fd, getpid(), &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), 8 * MIB);
}

TEST(own_pages_of_the_whole_process_leave_out_files_and_what_is_shared)
{
	_cleanup_close_ int fd = root();
	struct inherited in = { touch_apart(8 * MIB, 8 * MIB), 8 * MIB };
	struct mpol_placement p = { 0 };
	uint64_t own;
	struct child c;

	need_numa_maps();
	c = start(body_writes_a_quarter, &in);
	(void)told_range(&c);
	CHECK_EQ(mpol_placement_of(fd, c.pid, &p, NULL), 0);
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, NULL, 0, &p, NULL), 0);
	own = mpol_placement_own_on(&p, NULL);
	CHECK(own >= 2 * MIB);
	CHECK(own < 4 * MIB); /* its stack and a little heap besides */
	CHECK(own < mpol_placement_on(&p, NULL));
	stop(&c);
}
