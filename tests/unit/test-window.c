/* SPDX-License-Identifier: MIT */
/* Moving pages against a kernel of our own, as difficult as the real one (mm/migrate.c
 * do_pages_move()). */
#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"
#include "check.h"
#include "live/window.h"

#define PAGE  4096u
#define FIRST ((uint64_t)0x200000)

struct fake {
	size_t n;
	int node[WINDOW_PAGES];
	size_t folio; /* pages that move together */
	bool pinned[WINDOW_PAGES], shared[WINDOW_PAGES];
	size_t room[8]; /* free pages of each node */
	int refuse;	/* what move_pages answers to everything; 0: nothing */
	unsigned calls;
};

static size_t index_of(uint64_t page)
{
	return (size_t)((page - FIRST) / PAGE);
}

static long fake_where(void *context, const uint64_t *pages, size_t n, int *nodes)
{
	const struct fake *f = context;

	for (size_t i = 0; i < n; i++)
		nodes[i] = f->node[index_of(pages[i])];
	return 0;
}

/* The folio of a page; 0: moved. */
static int migrate(struct fake *f, size_t page, int node)
{
	size_t first = page / f->folio * f->folio, end = MIN(first + f->folio, f->n);

	for (size_t i = first; i < end; i++)
		if (f->pinned[i])
			return -EAGAIN;
	if (f->room[node] < end - first)
		return -ENOMEM;
	f->room[node] -= end - first;
	f->room[f->node[page]] += end - first;
	for (size_t i = first; i < end; i++)
		f->node[i] = node;
	return 0;
}

/* Isolates all, migrates what it isolated, and tells the statuses only when all of that went well.
 */
static long fake_move(void *context, const uint64_t *pages, size_t n, int node, int *status)
{
	struct fake *f = context;
	long failed = 0;
	bool full = false;

	f->calls++;
	if (f->refuse)
		return f->refuse;
	for (size_t i = 0; i < n; i++) {
		size_t page = index_of(pages[i]);

		if (f->node[page] < 0)
			status[i] = -ENOENT;
		else if (f->shared[page])
			status[i] = -EACCES;
	}
	for (size_t i = 0; i < n; i++) {
		size_t page = index_of(pages[i]);
		int r = f->node[page] < 0 || f->shared[page] || f->node[page] == node
				? 0
				: migrate(f, page, node);

		failed += r == -EAGAIN;
		full = full || r == -ENOMEM;
	}
	if (full)
		return -ENOMEM;
	if (failed)
		return failed;
	for (size_t i = 0; i < n; i++)
		if (f->node[index_of(pages[i])] == node && status[i] != -EACCES)
			status[i] = node;
	return 0;
}

static struct fake make(size_t n, int node)
{
	struct fake f = { .n = n, .folio = 1 };

	for (size_t i = 0; i < n; i++)
		f.node[i] = node;
	for (size_t k = 0; k < ELEMENTSOF(f.room); k++)
		f.room[k] = 100000;
	return f;
}

static int run(struct fake *f, const char *from, const char *to, struct window_result *ret)
{
	const struct mover mover = { fake_where, fake_move, f };
	struct window_targets t = { .page_size = PAGE };
	uint64_t pages[WINDOW_PAGES];
	struct mpol_nodeset set;

	(void)mpol_nodes_parse(from, &t.from, NULL);
	(void)mpol_nodes_parse(to, &set, NULL);
	for (int n = mpol_nodes_next(&set, 0); n >= 0; n = mpol_nodes_next(&set, (unsigned)n + 1))
		t.to[t.n_to++] = (unsigned)n;
	for (size_t i = 0; i < f->n; i++)
		pages[i] = FIRST + i * PAGE;
	*ret = (struct window_result){ 0 };
	return window_move(&mover, &t, pages, f->n, ret);
}

static size_t on(const struct fake *f, int node)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->node[i] == node;
	return n;
}

TEST(all_pages_go_to_one_node_in_one_call)
{
	struct fake f = make(512, 0);
	struct window_result r;

	CHECK_EQ(run(&f, "0", "1", &r), 0);
	CHECK_EQ(on(&f, 1), 512);
	CHECK_EQ(r.moved, 512);
	CHECK_EQ(r.resident, 512);
	CHECK_EQ(f.calls, 1);
}

TEST(pages_on_other_nodes_and_absent_ones_are_left_alone)
{
	struct fake f = make(100, 0);
	struct window_result r;

	for (size_t i = 0; i < 50; i++)
		f.node[i] = i % 2 ? 2 : -ENOENT;
	CHECK_EQ(run(&f, "0", "1", &r), 0);
	CHECK_EQ(on(&f, 1), 50);
	CHECK_EQ(on(&f, 2), 25);
	CHECK_EQ(r.resident, 75);
	CHECK_EQ(r.moved, 50);
}

/* Spread over the target nodes, whatever the kernel's folios are. */
static const struct {
	const char *name;
	size_t folio;
	const char *from, *to;
	size_t expected_on_0;
} spreads[] = {
	{ "small pages from elsewhere", 1, "3", "0-1", 256 },
	{ "small pages, half of them there already", 1, "0-3", "0,3", 256 },
	{ "folios of 16 pages", 16, "3", "0-1", 256 },
	{ "folios of 16 pages, from all", 16, "0-3", "0,3", 256 },
	{ "folios of 16 pages over three nodes", 16, "0-3", "0-2", 176 },
};

TEST(pages_are_spread_evenly)
{
	for (size_t i = 0; i < ELEMENTSOF(spreads); i++) {
		struct fake f = make(512, 3);
		struct window_result r;

		check_row(i, spreads[i].name);
		f.folio = spreads[i].folio;
		CHECK_EQ(run(&f, spreads[i].from, spreads[i].to, &r), 0);
		CHECK_EQ(on(&f, 0), spreads[i].expected_on_0);
		for (size_t why = 0; why < MPOL_N_LEFT; why++)
			CHECK_EQ(r.left[why], 0);
	}
}

/* A huge page goes to the node of its turn, also when it is there already. */
TEST(huge_pages_take_turns_as_wholes)
{
	struct fake f = make(512, 0);
	struct window_result r;

	f.folio = 512; /* at 2 MiB: an odd turn */
	CHECK_EQ(run(&f, "0-1", "0-1", &r), 0);
	CHECK_EQ(on(&f, 1), 512);
	CHECK_EQ(run(&f, "0-1", "0-1", &r), 0);
	CHECK_EQ(on(&f, 1), 512);
	CHECK_EQ(r.moved, 0);
}

TEST(one_pinned_page_does_not_keep_the_others)
{
	struct fake f = make(512, 0);
	struct window_result r;

	f.pinned[0] = f.pinned[200] = f.pinned[511] = true;
	CHECK_EQ(run(&f, "0", "1", &r), 0);
	CHECK_EQ(on(&f, 1), 509);
	CHECK_EQ(r.moved, 509);
	CHECK_EQ(r.left[MPOL_LEFT_BUSY], 3);
}

TEST(shared_pages_are_told_from_pinned_ones_and_not_asked_again)
{
	struct fake f = make(64, 0);
	struct window_result r;

	for (size_t i = 0; i < 32; i++)
		f.shared[i] = true;
	f.pinned[40] = true;
	CHECK_EQ(run(&f, "0", "1", &r), 0);
	CHECK_EQ(r.moved, 31);
	CHECK_EQ(r.left[MPOL_LEFT_SHARED] + r.left[MPOL_LEFT_BUSY], 33);
	CHECK_EQ(r.left[MPOL_LEFT_SHARED], 32);
}

TEST(a_full_node_takes_what_it_can_and_is_not_asked_for_each_page)
{
	struct fake f = make(512, 0);
	struct window_result r;

	f.room[1] = 100;
	CHECK_EQ(run(&f, "0", "1", &r), 0);
	CHECK_EQ(r.moved, 100);
	CHECK_EQ(r.left[MPOL_LEFT_FULL], 412);
	CHECK(f.calls < 10);
}

TEST(what_is_no_pages_fault_is_returned)
{
	struct fake f = make(8, 0);
	struct window_result r;

	f.refuse = -EPERM;
	CHECK_EQ(run(&f, "0", "1", &r), -EPERM);
	f.refuse = -ESRCH;
	CHECK_EQ(run(&f, "0", "1", &r), -ESRCH);
	CHECK_EQ(r.moved, 0);
}
