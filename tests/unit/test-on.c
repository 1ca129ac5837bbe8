/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/host.h"
#include "harness/on.h"
#include "harness/progress.h"

static const struct {
	const char *name, *text;
	const char *shapes[4]; /* none: refused */
	const char *where;
} lists[] = {
	{ "one", "2n4l4c1t", { "2n4l4c1t" }, NULL },
	{ "two short ones", "2n4l,4n", { "2n4l", "4n" }, NULL },
	{ "one in the full form", "nodes=3,cpus=2:2:0", { "nodes=3,cpus=2:2:0" }, NULL },
	{ "keys belong to the shape before", "2n,memory=1G,4n", { "2n,memory=1G", "4n" }, NULL },
	{ "the full form twice",
	  "nodes=2,memory=1G,nodes=3,cpus=1:1:0",
	  { "nodes=2,memory=1G", "nodes=3,cpus=1:1:0" },
	  NULL },
	{ "nodes said late", "cpus=2:0,nodes=2", { "cpus=2:0,nodes=2" }, NULL },
	{ "nodes said late, then another",
	  "cpus=2:0,nodes=2,1n",
	  { "cpus=2:0,nodes=2", "1n" },
	  NULL },
	{ "digits alone begin no shape", "2n,4", { NULL }, "--on: column 5" },
	{ "a table has slashes", "2n,distance=10/20:20/10", { "2n,distance=10/20:20/10" }, NULL },
	{ "an empty item", "2n,", { NULL }, "--on: column 4" },
	{ "an unknown letter", "2n,4q", { NULL }, "--on: column 5" },
	{ "nothing", "", { NULL }, "--on: column 1" },
};

TEST(a_comma_begins_another_shape_where_nodes_are_said_again)
{
	for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
		_cleanup_(on_done) struct on_list list = { .where = "--on" };
		struct mpol_error err = { 0 };
		size_t n = 0;
		int r;

		check_row(i, lists[i].name);
		while (n < 4 && lists[i].shapes[n])
			n++;
		r = on_add(&list, lists[i].text, &err);
		CHECK_EQ(r, n ? 0 : -EINVAL);
		CHECK_STR(err.where, lists[i].where ? lists[i].where : "");
		for (size_t k = 0; r == 0 && k < n && k < list.n; k++)
			CHECK_STR(list.of[k].text, lists[i].shapes[k]);
		if (r == 0)
			CHECK_EQ(list.n, n);
	}
}

TEST(kernels_are_separated_by_commas)
{
	_cleanup_(kernel_done) struct kernel_list list = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(kernel_add(&list, "6.1,newest", &err), 0);
	CHECK_EQ(kernel_add(&list, "5.10", &err), 0);
	CHECK_EQ(list.n, 3);
	CHECK_STR(list.of[0], "6.1");
	CHECK_STR(list.of[1], "newest");
	CHECK_STR(list.of[2], "5.10");
	CHECK_EQ(kernel_add(&list, "6.1,,6.12", &err), -EINVAL);
	CHECK_STR(err.where, "--kernel");
}

#define GIB ((uint64_t)1 << 30)

static const struct {
	const char *name, *shape;
	struct host host;
	struct host_use use;
	bool kvm;
	unsigned most;
	bool fits;
} rooms[] = {
	{ "the first, whatever it takes", "8n,memory=4G", { 1, GIB }, { 0 }, false, 0, true },
	{ "a second, emulated, on two CPUs",
	  "2n4l4c1t",
	  { 2, 8 * GIB },
	  { 1, 1, GIB },
	  false,
	  0,
	  true },
	{ "a third on two CPUs", "2n", { 2, 8 * GIB }, { 2, 2, GIB }, false, 0, false },
	{ "a third that was asked for", "2n", { 2, 8 * GIB }, { 2, 2, GIB }, false, 3, true },
	{ "a fourth where three were asked for",
	  "2n",
	  { 8, 8 * GIB },
	  { 3, 3, GIB },
	  false,
	  3,
	  false },
	{ "asked for, without memory for it",
	  "2n",
	  { 8, 2 * GIB },
	  { 1, 1, GIB },
	  false,
	  3,
	  false },
	{ "all memory is used", "1n,memory=128M", { 8, GIB }, { 1, 1, 2 * GIB }, false, 0, false },
	{ "memory that is unknown", "2n", { 8, UINT64_MAX }, { 3, 3, GIB }, false, 0, true },
	{ "KVM keeps all its CPUs busy",
	  "2n4l4c1t",
	  { 16, 8 * GIB },
	  { 1, 1, GIB },
	  true,
	  0,
	  false },
	{ "KVM with CPUs left", "2n2l4c1t", { 16, 8 * GIB }, { 1, 8, GIB }, true, 0, true },
};

TEST(machines_run_at_once_within_cpus_and_memory)
{
	static struct vm_shape shape;

	for (size_t i = 0; i < ELEMENTSOF(rooms); i++) {
		check_row(i, rooms[i].name);
		CHECK_EQ(vm_shape_parse(rooms[i].shape, &shape, NULL), 0);
		CHECK_EQ(host_has_room(&rooms[i].host, &rooms[i].use, &shape, rooms[i].kvm,
				       rooms[i].most),
			 rooms[i].fits);
	}
}

static const struct {
	struct progress progress;
	double now;
	const char *test, *machine;
	size_t machines;
	const char *line;
} lines[] = {
	{ { -1, false, 0, 0, 3, 100 }, 107.9, "bind", "2n", 1, "[1/3] 7 s, bind on 2n" },
	{ { -1, false, 0, 2, 3, 0 },
	  61,
	  "bind",
	  "2n",
	  2,
	  "[3/3] 1 min 01 s, bind on 2n and 1 more" },
	{ { -1, false, 0, 3, 3, 0 }, 0, "bind", "2n", 1, "[3/3] 0 s, bind on 2n" },
	{ { -1, false, 12, 0, 3, 0 }, 0, "bind", "2n", 1, "[1/3] 0 s, " },
	{ { -1, false, 14, 0, 3, 0 }, 0, "äöü", "2n", 1, "[1/3] 0 s, äö" },
};

TEST(the_progress_line_tells_how_far_it_is_within_the_width)
{
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };

		check_row(i, lines[i].line);
		progress_text(&lines[i].progress, lines[i].now, lines[i].test, lines[i].machine,
			      lines[i].machines, &text);
		CHECK_STR(strbuf_text(&text), lines[i].line);
	}
}

TEST(no_terminal_no_line)
{
	struct progress p;

	progress_begin(&p, -1, 1);
	CHECK_EQ(p.fd, -1);
	CHECK_EQ(progress_timeout(&p), -1);
	progress_show(&p, "bind", "2n", 1);
	CHECK(!p.shown);
}
