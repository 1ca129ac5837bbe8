/* SPDX-License-Identifier: MIT */
/* What workers do: one function and one row per kind. */
#include <errno.h>
#include <unistd.h>

#include "work/kinds.h"

#define PAGES_BETWEEN_LOOKS 256

uint64_t work_bytes(const struct mpol_work_spec *spec)
{
	return spec->bytes ? spec->bytes : WORK_DEFAULT_BYTES;
}

/* Writes to every page once; false when it was told to end. A read alone would map the zero page,
 * which is nowhere. */
static bool write_pages(struct mpol_worker *w, volatile char *memory, size_t pages, size_t page,
			char value)
{
	for (size_t i = 0; i < pages; i++) {
		if (i % PAGES_BETWEEN_LOOKS == 0 && !worker_goes_on(w))
			return false;
		memory[i * page] = value;
	}
	return true;
}

static int touch(struct mpol_worker *w, struct mpol_error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t bytes = work_bytes(w->plan->work);
	size_t pages = (bytes + page - 1) / page;
	char *memory = worker_map(w, bytes, w->plan->work->huge, err);

	if (!memory)
		return -err->errnum;
	if (!write_pages(w, memory, pages, page, 1))
		return 0;
	worker_touched(w);
	for (char value = 0;; value++) {
		worker_iteration(w, pages);
		if (!write_pages(w, memory, pages, page, value))
			return 0;
	}
}

const struct work_kind work_kinds[MPOL_N_WORK_KINDS] = {
	[MPOL_WORK_TOUCH] = { "touch", "pages",
			      "maps memory, touches each page first, then rewrites all of them "
			      "again and again.",
			      touch },
};
