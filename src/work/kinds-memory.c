/* SPDX-License-Identifier: MIT */
/* Kinds of work in memory of the worker's own; see the table in kinds.c. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/macros.h"
#include "work/kinds.h"
#include "work/random.h"

#define ACCESSES_BETWEEN_LOOKS 4096
#define GROWTH_STEPS	       8

static const struct mpol_rule no_huge_pages = {
	.id = "worker-hugetlb",
	.errnum = ENOMEM,
	.why = "Huge pages are reserved before they are mapped, on the nodes where they shall be.",
	.hint = "write their number to "
		"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages.",
	.source = "Documentation/admin-guide/mm/hugetlbpage.rst",
};

static const struct mpol_rule no_room = {
	.id = "worker-mapping",
	.errnum = ENOMEM,
	.why = "A worker maps memory while it works.",
	.hint = "declare fewer bytes, fewer workers, or a machine with more memory.",
};

static size_t page_count(const struct mpol_worker *w)
{
	return work_page_bytes(w->plan->work) / work_page();
}

/* Touched once, in order; false when it was told to end. */
static bool touch_first(struct mpol_worker *w, char *memory)
{
	size_t pages = page_count(w);

	if (!work_write_pages(w, memory, pages, 1))
		return false;
	worker_iteration(w, pages);
	worker_touched(w);
	return true;
}

static void rewrite(struct mpol_worker *w, char *memory, size_t pages)
{
	for (char value = 0; work_write_pages(w, memory, pages, value); value++)
		worker_iteration(w, pages);
}

int work_touch(struct mpol_worker *w, struct mpol_error *err)
{
	char *memory = worker_map(w, work_bytes(w->plan->work), w->plan->work->huge, err);

	if (!memory)
		return -err->errnum;
	if (touch_first(w, memory))
		rewrite(w, memory, page_count(w));
	return 0;
}

int work_random_places(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t words = work_page_bytes(w->plan->work) / sizeof(uint64_t);
	char *memory = worker_map(w, work_bytes(w->plan->work), w->plan->work->huge, err);
	volatile uint64_t *word = (volatile uint64_t *)(void *)memory;

	if (!memory)
		return -err->errnum;
	if (!touch_first(w, memory))
		return 0;
	while (worker_goes_on(w)) {
		for (int i = 0; i < ACCESSES_BETWEEN_LOOKS; i++)
			word[work_random_below(&w->random, words)] += 1;
		worker_iteration(w, ACCESSES_BETWEEN_LOOKS);
	}
	return 0;
}

int work_faults(struct mpol_worker *w, struct mpol_error *err)
{
	size_t pages = page_count(w);
	char *memory = worker_map(w, work_bytes(w->plan->work), w->plan->work->huge, err);

	if (!memory)
		return -err->errnum;
	if (!touch_first(w, memory))
		return 0;
	/* Nothing looks between the two, so that whoever looks finds most pages there. */
	while (worker_goes_on(w)) {
		if (madvise(memory, work_page_bytes(w->plan->work), MADV_DONTNEED) < 0)
			return mpol_fail_errno(err, &no_room, errno, "", "MADV_DONTNEED: %m");
		for (size_t i = 0; i < pages; i++)
			((volatile char *)memory)[i * work_page()] = 1;
		worker_iteration(w, pages);
	}
	return 0;
}

/* The i-th part of the memory, in whole pages. */
static uint64_t step_at(uint64_t bytes, uint64_t page, uint64_t i)
{
	return bytes / page * i / GROWTH_STEPS * page;
}

static int shrink(char *memory, uint64_t bytes, uint64_t page, struct mpol_error *err)
{
	uint64_t kept = step_at(bytes, page, 1);

	/* In its place stays what nobody may touch, so that nothing else comes to lie there. */
	if (bytes > kept &&
	    mmap(memory + kept, bytes - kept, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED)
		return mpol_fail_errno(err, &no_room, errno, "", "unmapping: %m");
	return 0;
}

/* Each of the steps from the second on; 0: it was told to end. */
static int grow_again(struct mpol_worker *w, char *memory, uint64_t bytes, uint64_t page,
		      struct mpol_error *err)
{
	for (uint64_t i = 1; i < GROWTH_STEPS; i++) {
		uint64_t from = step_at(bytes, page, i), to = step_at(bytes, page, i + 1);

		if (to == from)
			continue;
		if (mprotect(memory + from, to - from, PROT_READ | PROT_WRITE) < 0 ||
		    (madvise(memory + from, to - from,
			     w->plan->work->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 &&
		     errno != EINVAL))
			return mpol_fail_errno(err, &no_room, errno, "",
					       "growing to %llu bytes: %m", (unsigned long long)to);
		if (!work_write_pages(w, memory + from, (to - from) / page, 1))
			return 0;
		worker_iteration(w, (to - from) / page);
	}
	return 1;
}

int work_grow(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t page = work_page(), bytes = work_page_bytes(w->plan->work);
	char *memory = worker_map(w, bytes, w->plan->work->huge, err);
	int r = 1;

	if (!memory)
		return -err->errnum;
	if (!touch_first(w, memory))
		return 0;
	while (r > 0 && worker_goes_on(w)) {
		r = shrink(memory, bytes, page, err);
		if (r == 0)
			r = grow_again(w, memory, bytes, page, err);
	}
	return MIN(r, 0);
}

int work_hugetlb(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t huge = UINT64_C(2) << 20,
		 bytes = (work_bytes(w->plan->work) + huge - 1) / huge * huge;
	size_t pages = bytes / work_page();
	char *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), -1, 0);

	if (memory == MAP_FAILED)
		return mpol_fail_errno(err, &no_huge_pages, errno, "",
				       "%llu bytes in huge pages: %m", (unsigned long long)bytes);
	if (!worker_publish(w, memory, bytes, err))
		return -err->errnum;
	if (!work_write_pages(w, memory, pages, 1))
		return 0;
	worker_iteration(w, pages);
	worker_touched(w);
	rewrite(w, memory, pages);
	return 0;
}
