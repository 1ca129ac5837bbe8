/* SPDX-License-Identifier: MIT */
/* What workers do: one row per kind; the functions are in kinds-*.c. */
#include <unistd.h>

#include "base/macros.h"
#include "work/kinds.h"

#define PAGES_BETWEEN_LOOKS 256

uint64_t work_page(void)
{
	static uint64_t bytes; /* found out by the parent: a thousand workers need not ask */

	if (!bytes)
		bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	return bytes;
}

uint64_t work_bytes(const struct mpol_work_spec *spec)
{
	return spec->bytes ? spec->bytes : WORK_DEFAULT_BYTES;
}

uint64_t work_page_bytes(const struct mpol_work_spec *spec)
{
	uint64_t page = work_page();

	return (work_bytes(spec) + page - 1) / page * page;
}

/* A read alone would map the zero page, which is nowhere. */
bool work_write_pages(struct mpol_worker *w, volatile char *memory, size_t pages, char value)
{
	size_t page = work_page();

	for (size_t i = 0; i < pages; i++) {
		if (i % PAGES_BETWEEN_LOOKS == 0 && !worker_goes_on(w))
			return false;
		memory[i * page] = value;
	}
	return true;
}

enum mpol_work_kind work_kind_find(const char *name)
{
	for (int kind = 0; kind < MPOL_N_WORK_KINDS; kind++)
		if (STREQ(work_kinds[kind].name, name))
			return (enum mpol_work_kind)kind;
	return MPOL_N_WORK_KINDS;
}

/* clang-format off */
const struct work_kind work_kinds[MPOL_N_WORK_KINDS] = {
	[MPOL_WORK_TOUCH] = { "touch", "pages",
		"maps memory, touches each page first, then rewrites all of them again and again.", work_touch },
	[MPOL_WORK_STREAM] = { "stream", "bytes",
		"reads two arrays and writes a third, from front to back: bandwidth.", work_stream, WORK_BANDWIDTH },
	[MPOL_WORK_CHASE] = { "chase", "loads",
		"follows one random cycle through all cache lines of its memory: latency.", work_chase, WORK_LATENCY },
	[MPOL_WORK_RANDOM] = { "random", "accesses",
		"changes words at random places of its memory.", work_random_places },
	[MPOL_WORK_FAULTS] = { "faults", "pages",
		"gives its pages back (MADV_DONTNEED) and touches them again.", work_faults },
	[MPOL_WORK_GROW] = { "grow", "pages",
		"maps and touches one eighth of its memory after the other, then unmaps them.", work_grow },
	[MPOL_WORK_SHARED] = { "shared", "pages",
		"shares one mapping among all workers of the group: each writes its part and reads the others'.",
		work_shared, .shares = true },
	[MPOL_WORK_FILE] = { "file", "pages", "reads a file through the page cache.", work_file },
	[MPOL_WORK_HUGETLB] = { "hugetlb", "pages", "works as touch does, in reserved huge pages.", work_hugetlb },
	[MPOL_WORK_SPIN] = { "spin", "rounds", "computes, without memory.", work_spin },
	[MPOL_WORK_SLEEP] = { "sleep", "bursts", "computes for a while, then sleeps for a while.", work_sleep },
	[MPOL_WORK_FORK] = { "fork", "children",
		"forks a child that writes to all of its memory, copying it, and exits.", work_fork },
	[MPOL_WORK_EXEC] = { "exec", "runs", "runs a command, again when it has ended.", work_exec },
	[MPOL_WORK_FUNCTION] = { "function", "units", "calls a function of the test's own.", work_function },
};
/* clang-format on */
