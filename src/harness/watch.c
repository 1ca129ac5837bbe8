/* SPDX-License-Identifier: MIT */
/* Watching workers while they work; see watch.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/stage.h"
#include "kernel/sys.h"

#define MOST_PAGES     16384 /* followed of one worker, evenly spread */
#define MOST_OF_LENGTH 0.5   /* of the working time that all readings may take together */
#define FIRST_INTERVAL 0.05  /* seconds between two readings while a step waits */
#define MOST_OF_STEP   1.0   /* seconds that a reading may take while steps run */
#define MOST_OF_STEPS  0.25  /* of the time that steps take, that all readings may take together */
#define REST_PER_COST  8     /* after a reading, while a step waits */

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_of(const struct mpol_run *run, size_t worker, size_t cgroup)
{
	return run->plans[crew_plan_of(&run->crew, worker)].group == cgroup;
}

/* --- Page by page. --- */

static uint64_t count_pages(const struct worker_slot *slot, uint64_t page)
{
	uint64_t n = 0;

	for (size_t i = 0; i < slot->n_ranges; i++)
		n += (slot->ranges[i].end - slot->ranges[i].start) / page;
	return n;
}

/* Every stride-th page of the ranges. */
static size_t list_pages(const struct worker_slot *slot, uint64_t page, uint64_t stride,
			 void **addresses)
{
	uint64_t number = 0;
	size_t n = 0;

	for (size_t i = 0; i < slot->n_ranges; i++)
		for (uint64_t at = slot->ranges[i].start; at < slot->ranges[i].end;
		     at += page, number++)
			if (number % stride == 0)
				addresses[n++] = (void *)(uintptr_t)at;
	return n;
}

static int follow_worker(const struct worker_slot *slot, struct watch_pages *p,
			 struct mpol_error *err)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), all = count_pages(slot, page);
	uint64_t stride = all / MOST_PAGES + 1;

	if (p->addresses || all == 0 || slot->pid <= 0)
		return 0;
	p->addresses = calloc(all / stride + 1, sizeof(*p->addresses));
	p->nodes = calloc(all / stride + 1, sizeof(*p->nodes));
	if (!p->addresses || !p->nodes)
		return no_memory(err, "the pages");
	p->n = list_pages(slot, page, stride, p->addresses);
	if (sys_move_pages(slot->pid, p->n, p->addresses, NULL, p->nodes, 0) < 0)
		p->n = 0; /* then nobody follows them, and the share is unknown */
	return 0;
}

int watch_follow(struct mpol_run *run, size_t cgroup, struct mpol_error *err)
{
	size_t n = run->crew.telemetry.n;
	int r = 0;

	if (!run->watch.pages)
		run->watch.pages = calloc(n + 1, sizeof(*run->watch.pages));
	if (!run->watch.pages)
		return no_memory(err, "the workers");
	for (size_t i = 0; r == 0 && i < n; i++)
		if (is_of(run, i, cgroup))
			r = follow_worker(&run->crew.telemetry.slots[i], &run->watch.pages[i], err);
	return r;
}

static void compare(pid_t pid, const struct watch_pages *p, uint64_t *stayed, uint64_t *moved)
{
	_cleanup_free_ int *now = calloc(p->n + 1, sizeof(*now));

	if (!now || sys_move_pages(pid, p->n, p->addresses, NULL, now, 0) < 0)
		return;
	for (size_t i = 0; i < p->n; i++) {
		bool resident = now[i] >= 0 && p->nodes[i] >= 0;

		*stayed += resident && now[i] == p->nodes[i];
		*moved += resident && now[i] != p->nodes[i];
	}
}

bool watch_moved(const struct mpol_run *run, size_t cgroup, uint64_t *ret_stayed,
		 uint64_t *ret_moved)
{
	*ret_stayed = *ret_moved = 0;
	if (!run->watch.pages)
		return false;
	for (size_t i = 0; i < run->crew.telemetry.n; i++)
		if (is_of(run, i, cgroup) && run->crew.telemetry.slots[i].pid > 0)
			compare(run->crew.telemetry.slots[i].pid, &run->watch.pages[i], ret_stayed,
				ret_moved);
	return *ret_stayed + *ret_moved > 0;
}

/* --- Over time. --- */

static size_t place_of(const struct mpol_run *run, size_t cgroup, size_t node, size_t kind)
{
	return (cgroup * run->machine.n_nodes + node) * MPOL_N_PAGE_KINDS + kind;
}

static void add_worker(const struct mpol_run *run, size_t worker, struct mpol_placement *scratch,
		       struct watch_point *p)
{
	const struct worker_slot *slot = &run->crew.telemetry.slots[worker];
	size_t n_nodes = run->machine.n_nodes;
	size_t cgroup = run->plans[crew_plan_of(&run->crew, worker)].group;

	/* Before that it may be publishing its ranges just now. */
	if (!atomic_load(&slot->touched) || slot->n_ranges == 0 || slot->pid <= 0)
		return;
	/* One that has just died is somebody else's news. */
	if (mpol_placement_of_ranges(run->options->root_fd, slot->pid, slot->ranges, slot->n_ranges,
				     scratch, NULL) < 0) {
		p->placed = false;
		return;
	}
	for (size_t i = 0; i < n_nodes; i++) {
		unsigned node = run->machine.nodes[i].id;

		for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS && node < MPOL_MAX_NODES; kind++)
			p->bytes[place_of(run, cgroup, i, kind)] += scratch->bytes[kind][node];
	}
}

/* What takes longer than until then is given up: the test goes before its picture. */
static void read_placements(struct mpol_run *run, int64_t until, struct watch_point *p)
{
	_cleanup_free_ struct mpol_placement *scratch = malloc(sizeof(*scratch));

	p->placed = scratch != NULL;
	for (size_t i = 0; p->placed && i < run->crew.telemetry.n; i++) {
		add_worker(run, i, scratch, p);
		p->placed = p->placed && now_ns() < until;
	}
}

bool watch_elsewhere(const struct mpol_run *run, size_t cgroup, const struct mpol_nodeset *nodes,
		     uint64_t *ret)
{
	_cleanup_free_ struct mpol_placement *p = malloc(sizeof(*p));

	*ret = 0;
	for (size_t i = 0; p && i < run->crew.telemetry.n; i++) {
		const struct worker_slot *slot = &run->crew.telemetry.slots[i];

		if (!is_of(run, i, cgroup) || slot->n_ranges == 0 || slot->pid <= 0)
			continue;
		if (mpol_placement_of_ranges(run->options->root_fd, slot->pid, slot->ranges,
					     slot->n_ranges, p, NULL) < 0)
			return false;
		*ret += mpol_placement_on(p, NULL) - mpol_placement_on(p, nodes);
	}
	return p != NULL;
}

/* The next one, with what it costs nothing to know; there is room. */
static struct watch_point *begin_point(struct mpol_run *run, int64_t now, struct mpol_error *err)
{
	struct watch *w = &run->watch;
	struct watch_point *p = &w->points[w->n_points];

	p->bytes = calloc(place_of(run, run->setup.n_cgroups, 0, 0) + 1, sizeof(*p->bytes));
	p->units = calloc(run->setup.n_groups + 1, sizeof(*p->units));
	w->n_points++;
	if (!p->bytes || !p->units) {
		(void)no_memory(err, "a moment");
		return NULL;
	}
	if (w->n_points == 1)
		w->begun_ns = now;
	p->seconds = (double)(now - w->begun_ns) / 1e9;
	for (size_t i = 0; i < run->crew.telemetry.n; i++)
		p->units[crew_plan_of(&run->crew, i)] +=
			atomic_load(&run->crew.telemetry.slots[i].units);
	return p;
}

static void point_done(struct watch_point *p)
{
	free(p->bytes);
	free(p->units);
	*p = (struct watch_point){ 0 };
}

/* Of an even number of points every second one. */
void watch_thin(struct watch *w)
{
	for (size_t i = 0; i < w->n_points; i += 2) {
		point_done(&w->points[i + 1]);
		if (i > 0) {
			w->points[i / 2] = w->points[i];
			w->points[i] = (struct watch_point){ 0 };
		}
	}
	w->n_points /= 2;
	w->interval *= 2;
}

static bool is_time(const struct watch *w, int64_t now)
{
	double last = w->n_points ? w->points[w->n_points - 1].seconds : 0;
	double since = (double)(now - w->begun_ns) / 1e9 - last;

	return w->n_points == 0 ||
	       since >= MAX(w->interval, (double)w->cost_ns / 1e9 * REST_PER_COST);
}

/* A test is about its steps, not about its picture. */
static bool is_too_much(const struct watch *w, int64_t now)
{
	double passed = w->n_points ? (double)(now - w->begun_ns) / 1e9 : 0;

	return (double)w->spent_ns / 1e9 > MOST_OF_STEP + passed * MOST_OF_STEPS;
}

int watch_moment(struct mpol_run *run, bool changed, struct mpol_error *err)
{
	struct watch *w = &run->watch;
	int64_t now = now_ns();
	struct watch_point *p;

	if (w->interval <= 0)
		w->interval = FIRST_INTERVAL;
	if (is_too_much(w, now) || (!changed && !is_time(w, now)))
		return 0;
	if (w->n_points == WATCH_STEP_POINTS)
		watch_thin(w);
	p = begin_point(run, now, err);
	if (!p)
		return -ENOMEM;
	read_placements(run, now + (int64_t)(MOST_OF_STEP * 1e9), p);
	w->cost_ns = now_ns() - now;
	w->spent_ns += w->cost_ns;
	w->n_steps = w->n_points;
	return 0;
}

int watch_until(struct mpol_run *run, int64_t until, struct mpol_error *err)
{
	int r;

	do {
		int64_t piece = crew_now() + (int64_t)(run->watch.interval * 1000) + 1;

		r = crew_work_until(&run->crew, MIN(until, piece), err);
		if (r == 0)
			r = watch_moment(run, false, err);
	} while (r == 0 && crew_now() < until);
	return r;
}

int watch_take(struct mpol_run *run, double length, bool last, struct mpol_error *err)
{
	struct watch *w = &run->watch;
	int64_t begin = now_ns();
	bool cheap = (double)w->cost_ns * WATCH_POINTS / 1e9 <= length * MOST_OF_LENGTH;
	struct watch_point *p;

	if (w->n_points == w->n_steps + WATCH_POINTS)
		return 0;
	p = begin_point(run, begin, err);
	if (!p)
		return -ENOMEM;
	if (!cheap && !last)
		return 0;
	read_placements(run, last ? INT64_MAX : begin + (int64_t)(length * MOST_OF_LENGTH * 1e9),
			p);
	w->cost_ns = now_ns() - begin;
	return 0;
}

/* Newton's; libm would be one more library for every test. */
static double root(double square)
{
	double x = MAX(square, 1.0);

	for (int i = 0; i < 100 && square > 0; i++)
		x = (x + square / x) / 2;
	return square > 0 ? x : 0;
}

bool watch_variation(const struct watch *w, size_t group, double *ret)
{
	double sum = 0, squares = 0, mean;
	size_t n = 0;

	/* The last interval ends when all are parked, not when they stopped. */
	for (size_t i = w->n_steps + 1; i + 1 < w->n_points; i++) {
		double seconds = w->points[i].seconds - w->points[i - 1].seconds;
		double rate = seconds > 0 ? (double)(w->points[i].units[group] -
						     w->points[i - 1].units[group]) /
						    seconds
					  : 0;

		sum += rate;
		squares += rate * rate;
		n++;
	}
	if (n < 3 || sum <= 0)
		return false;
	mean = sum / (double)n;
	*ret = root(MAX(squares / (double)n - mean * mean, 0.0)) / mean;
	return true;
}

/* Adds a node's bytes where there are any; the list has room. */
static void add_amount(struct result_amounts *to, unsigned node, uint64_t bytes)
{
	if (bytes > 0)
		to->of[to->n++] = (struct result_amount){ node, bytes };
}

static int describe_point(const struct mpol_run *run, const struct watch_point *p, size_t cgroup,
			  struct result_point *ret)
{
	size_t n_nodes = run->machine.n_nodes;
	bool room;

	ret->seconds = p->seconds;
	ret->all.of = calloc(n_nodes + 1, sizeof(*ret->all.of));
	room = ret->all.of != NULL;
	for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++) {
		ret->kinds[kind].of = calloc(n_nodes + 1, sizeof(*ret->kinds[kind].of));
		room = room && ret->kinds[kind].of;
	}
	for (size_t i = 0; room && i < n_nodes; i++) {
		unsigned node = run->machine.nodes[i].id;
		uint64_t all = 0;

		for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++) {
			uint64_t bytes = p->bytes[place_of(run, cgroup, i, kind)];

			add_amount(&ret->kinds[kind], node, bytes);
			all += bytes;
		}
		add_amount(&ret->all, node, all);
	}
	return room ? 0 : -ENOMEM;
}

int watch_describe(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		   struct mpol_error *err)
{
	ret->points = calloc(run->watch.n_points + 1, sizeof(*ret->points));
	if (!ret->points)
		return no_memory(err, "points");
	for (size_t i = 0; i < run->watch.n_points; i++) {
		const struct watch_point *p = &run->watch.points[i];

		if (p->placed && describe_point(run, p, cgroup, &ret->points[ret->n_points++]) < 0)
			return no_memory(err, "points");
	}
	return 0;
}

void watch_done(struct watch *w, size_t n_workers)
{
	for (size_t i = 0; i < w->n_points; i++)
		point_done(&w->points[i]);
	for (size_t i = 0; w->pages && i < n_workers; i++) {
		free(w->pages[i].addresses);
		free(w->pages[i].nodes);
	}
	free(w->pages);
	*w = (struct watch){ 0 };
}
