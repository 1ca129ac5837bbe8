/* SPDX-License-Identifier: MIT */
/*
 * How do a running process's pages get to other nodes? Mapping by mapping, window by window
 * (window.h), with a pause after each, so that the process does not wait for us all the time; then
 * all of it is looked at once more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpol/live.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "kernel/trace.h"
#include "live/permissions.h"
#include "live/window.h"
#include "placement/maps.h"
#include "placement/numa_maps.h"
#include "placement/scan.h"

#define MOVE_EXCLUSIVE	 (1 << 1)	      /* MPOL_MF_MOVE */
#define MOVE_SHARED	 (1 << 2)	      /* MPOL_MF_MOVE_ALL */
#define LARGEST_WINDOW	 ((uint64_t)64 << 20) /* of hugetlb pages, which are moved by the dozen */
#define LONGEST_PAUSE_NS 5000000u
#define MAX_RANGES	 ((size_t)1 << 20)

static const struct mpol_rule rule_no_target = {
	"move-needs-nodes",
	EINVAL,
	"Pages are moved to somewhere.",
	"name nodes with memory: --to 1",
	NULL,
	NULL,
};
static const struct mpol_rule rule_memoryless = {
	"move-node-without-memory",
	EINVAL,
	"Pages can only be moved to nodes that are online and have memory.",
	"mpol machine tells which have",
	"mm/migrate.c do_pages_move(), N_MEMORY",
	NULL,
};
static const struct mpol_rule rule_cpuset = {
	"move-outside-cpuset",
	EINVAL,
	"The kernel moves pages only to nodes that the process's own cpuset allows.",
	"allow the node in its cpuset.mems first, or name one of those allowed",
	"mm/migrate.c do_pages_move(), cpuset_mems_allowed()",
	NULL,
};
static const struct mpol_rule rule_shared = {
	"move-shared-needs-sys-nice",
	EPERM,
	"Moving pages that other processes map as well changes their memory, too.",
	"run it as root, or with CAP_SYS_NICE; or leave shared pages where they are",
	"mm/migrate.c kernel_move_pages()",
	NULL,
};
static const struct mpol_rule rule_stopped = {
	"move-stopped",
	ECANCELED,
	"It was asked to stop.",
	"call it again: what has arrived is not moved twice",
	NULL,
	NULL,
};
static const struct mpol_rule rule_failed = {
	"move-failed",	 EIO,  "The kernel refused to move pages of the process.", NULL,
	"move_pages(2)", NULL,
};

struct job {
	int root_fd;
	pid_t pid;
	struct mpol_move_options options;
	struct mpol_move_result *result;
	struct mpol_error *err;
	struct window_targets targets;
	struct process process;
	struct pages pages;
	uint64_t start_ns;
};

const char *mpol_left_name(enum mpol_left why)
{
	static const char *const names[MPOL_N_LEFT] = {
		[MPOL_LEFT_SHARED] = "shared",
		[MPOL_LEFT_FULL] = "full",
		[MPOL_LEFT_BUSY] = "busy",
	};

	return why < MPOL_N_LEFT ? names[why] : NULL;
}

static void job_done(struct job *j)
{
	pages_done(&j->pages);
	process_done(&j->process);
}

static long call(struct job *j, const uint64_t *pages, size_t n, const int *nodes, int *status)
{
	void *addresses[WINDOW_PAGES];

	for (size_t i = 0; i < n; i++)
		addresses[i] = (void *)(uintptr_t)pages[i];
	return sys_move_pages(j->pid, n, addresses, nodes, status,
			      nodes ? j->options.shared ? MOVE_SHARED : MOVE_EXCLUSIVE : 0);
}

static long where(void *context, const uint64_t *pages, size_t n, int *nodes)
{
	return call(context, pages, n, NULL, nodes);
}

static long move(void *context, const uint64_t *pages, size_t n, int node, int *status)
{
	int nodes[WINDOW_PAGES];

	for (size_t i = 0; i < n; i++)
		nodes[i] = node;
	return call(context, pages, n, nodes, status);
}

static int fail(struct job *j, int r, const char *what)
{
	if (r == -EPERM && j->options.shared)
		(void)mpol_fail(j->err, &rule_shared, "", "moving shared pages of process %d",
				j->pid);
	else if (r == -EPERM)
		(void)permission_explain(j->root_fd, j->pid, r, j->err);
	else if (r == -ESRCH)
		return process_fail(&j->process, what, r, j->err);
	else
		(void)mpol_fail_errno(j->err, &rule_failed, -r, "", "process %d: %s: %s", j->pid,
				      what, strerror(-r));
	return r;
}

static int check_nodes(const struct job *j, const struct mpol_nodeset *to, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	char rest[MPOL_NODES_TEXT], allowed[MPOL_NODES_TEXT];
	struct mpol_nodeset outside;
	int r;

	if (mpol_nodes_empty(to))
		return mpol_fail(err, &rule_no_target, "to", "no node is named");
	r = mpol_machine_read(j->root_fd, j->pid, &m, err);
	if (r < 0)
		return r;
	outside = mpol_nodes_minus(to, &m.with_memory);
	(void)mpol_nodes_print(&outside, rest, sizeof(rest)); /* these fit by definition */
	(void)mpol_nodes_print(&m.with_memory, allowed, sizeof(allowed));
	if (!mpol_nodes_empty(&outside))
		return mpol_fail(err, &rule_memoryless, "to",
				 "there is no memory on %s (there is on %s)", rest, allowed);
	outside = mpol_nodes_minus(to, &m.mems_allowed);
	(void)mpol_nodes_print(&outside, rest, sizeof(rest));
	(void)mpol_nodes_print(&m.mems_allowed, allowed, sizeof(allowed));
	if (!mpol_nodes_empty(&outside))
		return mpol_fail(err, &rule_cpuset, "to",
				 "process %d may not use %s (it may use %s)", j->pid, rest,
				 allowed);
	return 0;
}

static void set_targets(struct job *j, const struct mpol_nodeset *to)
{
	struct window_targets *t = &j->targets;

	for (int n = mpol_nodes_next(to, 0); n >= 0; n = mpol_nodes_next(to, (unsigned)n + 1))
		t->to[t->n_to++] = (unsigned)n;
	t->from = j->options.from;
	if (mpol_nodes_empty(&t->from)) {
		memset(&t->from, 0xFF, sizeof(t->from));
		t->from = mpol_nodes_minus(&t->from, to);
	}
	t->page_size = j->pages.page_size;
}

/* Leaves the process time for itself: half of it, or as the rate says. */
static void pause_after(const struct job *j, uint64_t batch_ns)
{
	uint64_t elapsed = trace_now() - j->start_ns, due, wait;
	struct timespec t;

	if (j->options.rate) {
		due = (uint64_t)((double)j->result->moved / (double)j->options.rate * 1e9);
		wait = due > elapsed ? due - elapsed : 0;
	} else {
		wait = MIN(batch_ns, LONGEST_PAUSE_NS);
	}
	t = (struct timespec){ .tv_sec = (time_t)(wait / 1000000000),
			       .tv_nsec = (long)(wait % 1000000000) };
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t,
			      NULL); /* a signal may end it: so much the better */
}

static int move_window(struct job *j, const uint64_t *pages, size_t n, uint64_t page_size)
{
	const struct mover mover = { where, move, j };
	struct window_result w = { 0 };
	struct mpol_move_result *ret = j->result;
	uint64_t start = trace_now(), took;
	int r;

	j->targets.page_size = page_size;
	r = window_move(&mover, &j->targets, pages, n, &w);
	took = trace_now() - start;
	ret->seen += w.resident * page_size;
	ret->moved += w.moved * page_size;
	for (size_t i = 0; i < MPOL_N_LEFT; i++)
		ret->left[i] += w.left[i] * page_size;
	if (w.moved)
		ret->longest_batch_ns = MAX(ret->longest_batch_ns, took);
	ret->elapsed_ns = trace_now() - j->start_ns;
	if (r < 0)
		return fail(j, r, "move_pages");
	if (j->options.progress && j->options.progress(j->options.context, ret) != 0)
		return mpol_fail(j->err, &rule_stopped, "", "process %d: stopped after %llu bytes",
				 j->pid, (unsigned long long)ret->moved);
	if (w.moved)
		pause_after(j, took);
	return 0;
}

/* The addresses of a window's pages that are there, as far as pagemap tells. */
static int pages_of_window(struct job *j, struct mpol_range window, uint64_t page_size,
			   uint64_t ret[WINDOW_PAGES], size_t *ret_n)
{
	uint64_t entries[WINDOW_PAGES];
	size_t small = (size_t)((window.end - window.start) / j->pages.page_size), n = 0;
	bool known = j->pages.pagemap_fd >= 0 && page_size == j->pages.page_size;
	int r = known ? pages_entries(&j->pages, window.start, small, entries, j->err) : 0;

	if (r < 0)
		return r;
	for (uint64_t address = window.start; address < window.end; address += page_size)
		if (!known || (entries[(address - window.start) / page_size] & PAGEMAP_PRESENT))
			ret[n++] = address;
	*ret_n = n;
	return 0;
}

/* Windows are aligned, so that a huge page lies in one. */
static int move_range(struct job *j, struct mpol_range range, uint64_t page_size)
{
	uint64_t size = MIN(page_size * WINDOW_PAGES, MAX(page_size, LARGEST_WINDOW));

	while (range.start < range.end) {
		struct mpol_range window = { range.start,
					     MIN(range.end, (range.start / size + 1) * size) };
		uint64_t pages[WINDOW_PAGES];
		size_t n = 0;
		int r = pages_of_window(j, window, page_size, pages, &n);

		if (r == 0 && n)
			r = move_window(j, pages, n, page_size);
		if (r < 0)
			return r;
		range.start = window.end;
	}
	return 0;
}

/* Sparse mappings of terabytes are common; where the kernel can say what is there, only that is
 * walked. */
static int move_mapping(struct job *j, struct mpol_range mapping, uint64_t page_size, bool scan)
{
	struct resident resident = { 0 };
	int r = scan && page_size == j->pages.page_size
			? scan_resident(&j->pages, mapping, MAX_RANGES, &resident, j->err)
			: -E2BIG;

	if (r == -E2BIG)
		r = move_range(j, mapping, page_size);
	else
		for (size_t i = 0; i < resident.n && r == 0; i++)
			r = move_range(j, resident.ranges[i], page_size);
	free(resident.ranges);
	return r;
}

/* The page size of a hugetlb mapping, 0: none of its pages is resident. */
static int huge_page_size(struct job *j, uint64_t start, uint64_t *ret)
{
	struct numa_mapping mapping;
	struct numa_maps maps;
	int r = numa_maps_open(&maps, &j->process, "numa_maps", j->err);

	*ret = 0;
	while (r >= 0 && !*ret && (r = numa_maps_next(&maps, &mapping, j->err)) > 0)
		if (mapping.start == start)
			*ret = mapping.page_size;
	numa_maps_done(&maps);
	return MIN(r, 0);
}

static int move_mappings(struct job *j, const struct map *maps, size_t n)
{
	bool scan = scan_supported(&j->pages) > 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t page_size = j->pages.page_size;
		int r = 0;

		if (maps[i].special)
			continue;
		if (maps[i].kind == MPOL_PAGE_HUGE)
			r = huge_page_size(j, maps[i].start, &page_size);
		if (r == 0 && page_size)
			r = move_mapping(j, (struct mpol_range){ maps[i].start, maps[i].end },
					 page_size, scan);
		if (r < 0)
			return r;
	}
	return 0;
}

static int move_process(struct job *j)
{
	_cleanup_(kinds_done) struct kinds kinds = { 0 };
	_cleanup_free_ struct map *maps = NULL;
	size_t n = 0;
	int r;

	kinds_init(&kinds, &j->process);
	r = maps_read(&j->process, &kinds, &maps, &n, j->err);
	return r < 0 ? r : move_mappings(j, maps, n);
}

static int open_job(struct job *j, const struct mpol_nodeset *to)
{
	struct proc_stat stat = { 0 };
	int r = process_open(j->root_fd, j->pid, &j->process, j->err);

	if (r == 0 && proc_stat(j->process.dir_fd, 0, &stat) == 0 && stat.kernel_thread)
		return proc_fail_kernel_thread(j->pid, &stat, j->err);
	if (r == 0)
		r = pages_open(&j->pages, &j->process, j->err);
	if (r == 0)
		r = check_nodes(j, to, j->err);
	if (r == 0)
		r = mpol_placement_of(j->root_fd, j->pid, &j->result->before, j->err);
	if (r == -EACCES || r == -EPERM)
		return permission_explain(j->root_fd, j->pid, r, j->err);
	if (r < 0)
		return r;
	(void)snprintf(j->result->name, sizeof(j->result->name), "%s", stat.comm);
	j->result->total = mpol_placement_on(&j->result->before, NULL);
	set_targets(j, to);
	return 0;
}

static struct job job_of(int root_fd, pid_t pid, const struct mpol_move_options *options,
			 struct mpol_move_result *ret, struct mpol_error *err)
{
	memset(ret, 0, sizeof(*ret));
	ret->pid = pid;
	return (struct job){ .root_fd = root_fd,
			     .pid = pid,
			     .options =
				     options ? *options : (struct mpol_move_options){ .rate = 0 },
			     .result = ret,
			     .err = err,
			     .process = { .dir_fd = -1 },
			     .pages = { .pagemap_fd = -1 } };
}

int mpol_move(int root_fd, pid_t pid, const struct mpol_nodeset *to,
	      const struct mpol_move_options *options, struct mpol_move_result *ret,
	      struct mpol_error *err)
{
	_cleanup_(job_done) struct job j = job_of(root_fd, pid, options, ret, err);
	int r = open_job(&j, to);

	if (r < 0)
		return r;
	j.start_ns = trace_now();
	r = move_process(&j);
	ret->elapsed_ns = trace_now() - j.start_ns;
	ret->finished = r == 0;
	if (r == 0 || r == -ECANCELED) {
		int seen = mpol_placement_of(root_fd, pid, &ret->after, r == 0 ? err : NULL);

		return r == 0 ? seen : r;
	}
	return r;
}

int mpol_move_plan(int root_fd, pid_t pid, const struct mpol_nodeset *to,
		   const struct mpol_move_options *options, struct mpol_move_result *ret,
		   struct mpol_error *err)
{
	_cleanup_(job_done) struct job j = job_of(root_fd, pid, options, ret, err);

	return open_job(&j, to);
}
