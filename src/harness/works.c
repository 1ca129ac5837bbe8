/* SPDX-License-Identifier: MIT */
/* What the groups of workers of a cgroup did; see works.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/works.h"
#include "work/kinds.h"

bool works_rate(const struct worker_slot *slot, double *ret)
{
	uint64_t units = atomic_load(&slot->units) - atomic_load(&slot->early);

	if (!atomic_load(&slot->touched) || slot->worked_ns == 0)
		return false;
	*ret = (double)units / ((double)slot->worked_ns / 1e9);
	return true;
}

static void add_worker(const struct worker_slot *slot, struct result_work *k)
{
	double rate = 0;

	k->iterations += atomic_load(&slot->iterations);
	k->units += atomic_load(&slot->units);
	k->cpu_seconds += (double)slot->cpu_ns / 1e9;
	k->has_rate = works_rate(slot, &rate) && k->has_rate;
	k->rate += rate;
	k->gap = MAX(k->gap, (double)slot->gap_ns / 1e9);
	k->migrations += slot->migrations;
	k->crossings += slot->node_crossings;
	k->minor_faults += slot->minor_faults;
	k->major_faults += slot->major_faults;
}

static void derive(const struct work_kind *kind, struct result_work *k)
{
	if (!k->has_rate || k->rate <= 0)
		return;
	switch (kind->measure) {
	case WORK_BANDWIDTH:
		k->bandwidth = k->rate;
		break;
	case WORK_LATENCY:
		k->latency = 1e9 / (k->rate / k->workers);
		break;
	case WORK_RATE_ONLY:
		break;
	}
}

static void collect_group(const struct mpol_run *run, size_t plan_number, struct result_work *k)
{
	const struct worker_plan *plan = &run->plans[plan_number];
	const struct work_kind *kind = &work_kinds[plan->work->kind];
	char policy[MPOL_POLICY_TEXT];

	(void)mpol_policy_print(plan->policy, policy, sizeof(policy));
	*k = (struct result_work){
		.kind = strdup(kind->name),
		.unit = strdup(kind->unit),
		.policy = strdup(policy),
		.workers = plan->workers,
		.has_rate = plan->workers > 0,
	};
	for (size_t i = 0; i < run->crew.telemetry.n; i++)
		if (crew_plan_of(&run->crew, i) == plan_number)
			add_worker(&run->crew.telemetry.slots[i], k);
	derive(kind, k);
}

int collect_works(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		  struct mpol_error *err)
{
	ret->works = calloc(run->setup.n_groups + 1, sizeof(*ret->works));
	if (!ret->works)
		return no_memory(err, "results");
	for (size_t p = 0; p < run->setup.n_groups; p++) {
		struct result_work *k = &ret->works[ret->n_works];

		if (run->plans[p].group != cgroup)
			continue;
		collect_group(run, p, k);
		ret->n_works++;
		ret->workers += k->workers;
		ret->iterations += k->iterations;
		ret->units += k->units;
	}
	ret->unit = ret->n_works && ret->works[0].unit ? strdup(ret->works[0].unit) : NULL;
	for (size_t i = 1; i < ret->n_works && ret->unit && ret->works[i].unit; i++)
		if (!STREQ(ret->works[i].unit, ret->unit)) {
			free(ret->unit);
			ret->unit = strdup("units of several kinds");
		}
	return 0;
}

/* --- Measures for checks. --- */

static struct measured least(struct measured a, double b)
{
	return (struct measured){ true, a.known ? MIN(a.value, b) : b };
}

static struct measured most(struct measured a, double b)
{
	return (struct measured){ true, a.known ? MAX(a.value, b) : b };
}

struct cpu_shares {
	struct measured least, most;
};

static void measure_worker(const struct worker_slot *slot, enum work_measure measure,
			   struct measures *m, struct cpu_shares *cpu)
{
	double rate, share;

	if (slot->bounded)
		m->escapes = (struct measured){ true, m->escapes.value + (double)slot->outside };
	if (!works_rate(slot, &rate))
		return;
	share = (double)(slot->cpu_ns - slot->early_cpu_ns) / (double)slot->worked_ns;
	cpu->least = least(cpu->least, share);
	cpu->most = most(cpu->most, share);
	m->gap = most(m->gap, (double)slot->gap_ns / 1e9);
	m->rate = least(m->rate, rate);
	if (measure == WORK_BANDWIDTH)
		m->bandwidth = least(m->bandwidth, rate);
	if (measure == WORK_LATENCY && rate > 0)
		m->latency = most(m->latency, 1e9 / rate);
}

void works_measure(const struct mpol_run *run, size_t cgroup, struct measures *m)
{
	for (size_t p = 0; p < run->setup.n_groups; p++) {
		enum work_measure measure = work_kinds[run->plans[p].work->kind].measure;
		struct cpu_shares cpu = { 0 };
		double variation;

		if (run->plans[p].group != cgroup)
			continue;
		for (size_t i = 0; i < run->crew.telemetry.n; i++)
			if (crew_plan_of(&run->crew, i) == p)
				measure_worker(&run->crew.telemetry.slots[i], measure, m, &cpu);
		if (cpu.most.known)
			m->spread = most(m->spread, cpu.most.value - cpu.least.value);
		if (watch_variation(&run->watch, p, &variation))
			m->variation = most(m->variation, variation);
	}
}
