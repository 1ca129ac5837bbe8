/* SPDX-License-Identifier: MIT */
/*
 * Kinds of work that measure memory: bandwidth by streaming over three arrays, latency by following
 * a random cycle, where no load can begin before the one before has ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "work/kinds.h"
#include "work/random.h"

#define BLOCK_DOUBLES	    8192 /* between two looks: 192 KiB */
#define LOADS_BETWEEN_LOOKS 4096
#define LINE		    64 /* bytes of a cache line */

static const struct mpol_rule no_room = {
	.id = "worker-cycle",
	.errnum = ENOMEM,
	.why = "A worker prepares its accesses before it starts.",
	.hint = "declare fewer bytes: chase takes up to 256 GiB, and 4 bytes for each 64 while it "
		"prepares.",
};

/* The function is kept whole, so that the compiler sees arrays and nothing else. */
__attribute__((noinline)) static void triad(double *restrict to, const double *restrict a,
					    const double *restrict b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = a[i] + 3.0 * b[i];
}

int work_stream(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t bytes = work_page_bytes(w->plan->work);
	size_t n = MAX(bytes / sizeof(double) / 3, (size_t)1);
	char *memory = worker_map(w, bytes, w->plan->work->huge, err);
	double *array = (double *)(void *)memory;

	if (!memory)
		return -err->errnum;
	if (!work_write_pages(w, memory, bytes / work_page(), 0))
		return 0;
	worker_iteration(w, 0);
	worker_touched(w);
	for (size_t at = 0; worker_goes_on(w);
	     at = at + BLOCK_DOUBLES < n ? at + BLOCK_DOUBLES : 0) {
		size_t len = MIN(n - at, (size_t)BLOCK_DOUBLES);

		triad(array + at, array + n + at, array + 2 * n + at, len);
		worker_iteration(w, len * 3 * sizeof(double));
	}
	return 0;
}

/* Lines of memory, each with the number of the next one. */
static int lay_cycle(struct mpol_worker *w, char *memory, size_t lines, struct mpol_error *err)
{
	_cleanup_free_ uint32_t *next = malloc(lines * sizeof(*next));

	if (!next || lines > UINT32_MAX)
		return mpol_fail(err, &no_room, "", "a cycle of %zu lines", lines);
	work_cycle(next, lines, w->random);
	for (size_t i = 0; i < lines; i++) {
		if (i % LOADS_BETWEEN_LOOKS == 0 && !worker_goes_on(w))
			return 0;
		*(uint64_t *)(void *)(memory + i * LINE) = (uint64_t)next[i] * LINE;
	}
	return 1;
}

int work_chase(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t bytes = work_page_bytes(w->plan->work), at = 0;
	char *memory = worker_map(w, bytes, w->plan->work->huge, err);
	int r;

	if (!memory)
		return -err->errnum;
	/* In order first, so that policies which count pages take their turns in order. */
	if (!work_write_pages(w, memory, bytes / work_page(), 0))
		return 0;
	r = lay_cycle(w, memory, bytes / LINE, err);
	if (r <= 0)
		return r;
	worker_iteration(w, 0);
	worker_touched(w);
	while (worker_goes_on(w)) {
		for (int i = 0; i < LOADS_BETWEEN_LOOKS; i++)
			at = *(volatile uint64_t *)(void *)(memory + at);
		worker_iteration(w, LOADS_BETWEEN_LOOKS);
	}
	return 0;
}
