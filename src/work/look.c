/* SPDX-License-Identifier: MIT */
/*
 * A worker's look up from its work: whether it goes on, and what it sees of itself then: the CPU it
 * is on, how long ago it looked last. Time and CPU come from the vDSO, so that a look costs some
 * ten nanoseconds.
 */
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "base/macros.h"
#include "kernel/sys.h"
#include "work/random.h"
#include "work/worker.h"

#define NS UINT64_C(1000000000)

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static uint64_t timeval_ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * NS + (uint64_t)t->tv_usec * 1000;
}

static void see_cpu(struct mpol_worker *w, bool first)
{
	struct worker_slot *slot = w->slot;
	unsigned cpu, node;

	if (getcpu(&cpu, &node) < 0)
		return;
	mpol_cpus_add(&slot->cpus_used, cpu);
	slot->outside += slot->bounded && !mpol_cpus_has(&slot->allowed, cpu);
	if (!first) {
		slot->migrations += cpu != w->cpu;
		slot->node_crossings += node != w->node;
	}
	w->cpu = cpu;
	w->node = node;
}

static void see(struct mpol_worker *w)
{
	uint64_t now = now_ns();

	if (w->looked_ns && w->since_ns)
		w->slot->gap_ns = MAX(w->slot->gap_ns, now - w->looked_ns);
	see_cpu(w, w->slot->migrations == 0 && mpol_cpus_empty(&w->slot->cpus_used));
	w->looked_ns = now;
}

/* What the kernel counted of it so far; with the children that it waited for. */
static void take_usage(struct worker_slot *slot)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };

	slot->cpu_ns = slot->minor_faults = slot->major_faults = 0;
	for (size_t i = 0; i < ELEMENTSOF(whose); i++) {
		struct rusage u;

		if (getrusage(whose[i], &u) < 0)
			continue;
		slot->cpu_ns += timeval_ns(&u.ru_utime) + timeval_ns(&u.ru_stime);
		slot->minor_faults += (uint64_t)u.ru_minflt;
		slot->major_faults += (uint64_t)u.ru_majflt;
	}
}

static void stop_clock(struct mpol_worker *w)
{
	if (w->since_ns)
		w->slot->worked_ns += now_ns() - w->since_ns;
	take_usage(w->slot);
}

static void start_clock(struct mpol_worker *w)
{
	w->looked_ns = now_ns();
	if (atomic_load(&w->slot->touched))
		w->since_ns = w->looked_ns;
}

bool worker_goes_on_with(struct mpol_worker *w, void (*park)(void *ctx, bool parks), void *ctx)
{
	/* Looked at once a round: it may change between two looks. */
	uint32_t word = atomic_load_explicit(&w->slot->command, memory_order_acquire);

	see(w);
	while (telemetry_meant(word) == WORKER_PARK || telemetry_meant(word) == WORKER_APPLY) {
		stop_clock(w);
		if (park)
			park(ctx, true);
		if (telemetry_meant(word) == WORKER_APPLY)
			worker_change_policy(w);
		word = telemetry_park(w->telemetry, w->slot, word);
		if (park)
			park(ctx, false);
		start_clock(w);
	}
	return telemetry_meant(word) == WORKER_RUN;
}

bool worker_goes_on(struct mpol_worker *w)
{
	return worker_goes_on_with(w, NULL, NULL);
}

void worker_rested(struct mpol_worker *w)
{
	w->looked_ns = now_ns();
}

void worker_touched(struct mpol_worker *w)
{
	atomic_store(&w->slot->early, atomic_load(&w->slot->units));
	take_usage(w->slot);
	w->slot->early_cpu_ns = w->slot->cpu_ns;
	atomic_store(&w->slot->touched, 1);
	start_clock(w);
	telemetry_report(w->telemetry, w->slot, WORKER_RUNNING);
}

void worker_iteration(struct mpol_worker *w, uint64_t units)
{
	(void)atomic_fetch_add_explicit(&w->slot->iterations, 1, memory_order_relaxed);
	(void)atomic_fetch_add_explicit(&w->slot->units, units, memory_order_relaxed);
}

/* --- The same for functions of a test's own; mpol/work.h. --- */

bool mpol_worker_goes_on(struct mpol_worker *w)
{
	return worker_goes_on(w);
}

bool mpol_worker_rests(struct mpol_worker *w, double seconds)
{
	telemetry_rest(w->slot, seconds);
	worker_rested(w);
	return worker_goes_on(w);
}

void *mpol_worker_map(struct mpol_worker *w, uint64_t bytes, struct mpol_error *err)
{
	return worker_map(w, bytes, w->plan->work->huge, err);
}

void mpol_worker_touched(struct mpol_worker *w)
{
	worker_touched(w);
}

void mpol_worker_did(struct mpol_worker *w, uint64_t units)
{
	worker_iteration(w, units);
}

uint64_t mpol_worker_random(struct mpol_worker *w)
{
	return work_random(&w->random);
}

unsigned mpol_worker_index(const struct mpol_worker *w)
{
	return w->index;
}

const struct mpol_work_spec *mpol_worker_spec(const struct mpol_worker *w)
{
	return w->plan->work;
}
