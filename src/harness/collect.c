/* SPDX-License-Identifier: MIT */
/* Reading where the workers' pages are, and judging it; see collect.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/collect.h"
#include "harness/expected.h"
#include "harness/works.h"

/* What is gathered worker by worker. */
struct gathering {
	struct measures measures;
	struct mpol_nodeset expected;
	struct mpol_placement *placement, *whole; /* scratch */
};

static void gathering_done(struct gathering *g)
{
	free(g->placement);
	free(g->whole);
}

/* What the kind of work put where: ranges that the worker published, or all that its command has of
 * its own. */
static int place(const struct mpol_run *run, const struct worker_slot *slot, struct gathering *g,
		 uint64_t *ret_rest, struct mpol_error *err)
{
	int root_fd = run->options->root_fd;
	pid_t pid = slot->subject ? slot->subject : slot->pid;
	int r = mpol_placement_of(root_fd, pid, g->whole, err);

	if (r < 0)
		return r;
	if (!slot->subject) {
		*g->placement = (struct mpol_placement){ .known = true };
		if (slot->n_ranges > 0)
			r = mpol_placement_of_ranges(root_fd, pid, slot->ranges, slot->n_ranges,
						     g->placement, err);
		*ret_rest = mpol_placement_on(g->whole, NULL);
		return r;
	}
	r = mpol_placement_read_own(root_fd, pid, NULL, 0, g->whole, err);
	if (r < 0)
		return r;
	*g->placement = (struct mpol_placement){ .known = g->whole->known && g->whole->own_known };
	memcpy(g->placement->bytes[MPOL_PAGE_ANON], g->whole->own, sizeof(g->whole->own));
	*ret_rest = mpol_placement_on(g->whole, NULL);
	return 0;
}

static int gather_worker(const struct mpol_run *run, const struct worker_plan *plan,
			 const struct worker_slot *slot, struct gathering *g,
			 struct result_cgroup *ret, struct mpol_error *err)
{
	struct measures *m = &g->measures;
	struct mpol_nodeset expected;
	uint64_t judged, all = 0;
	int r;

	m->n_workers++;
	m->killed += slot->oom;
	if (slot->pid <= 0)
		return 0; /* its pages are gone */
	r = expected_nodes(run, plan, slot, &expected, err);

	if (r == 0)
		r = place(run, slot, g, &all, err);
	if (r < 0)
		return r;
	judged = mpol_placement_on(g->placement, NULL);
	m->judged += judged;
	m->local += mpol_placement_on(g->placement, &expected);
	for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++)
		for (size_t node = 0; node < MPOL_MAX_NODES; node++)
			m->on[node] += g->placement->bytes[kind][node];
	m->placed = m->placed && g->placement->known && g->placement->unattributed == 0;
	m->starved += atomic_load(&slot->iterations) == 0;
	g->expected = mpol_nodes_or(&g->expected, &expected);
	ret->rest += all - MIN(judged, all);
	return 0;
}

static char *nodes_text(const struct mpol_nodeset *s)
{
	char list[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(s, list, sizeof(list));
	return strdup(list);
}

static char *cpus_text(const struct mpol_cpus *s)
{
	char list[MPOL_CPUS_TEXT];

	(void)mpol_cpus_print(s, list, sizeof(list));
	return strdup(list);
}

static char *policy_text(const struct mpol_policy *p)
{
	char text[MPOL_POLICY_TEXT];

	(void)mpol_policy_print(p, text, sizeof(text));
	return strdup(text);
}

/* What its workers have by now, where that is one policy. */
static const struct mpol_policy *policy_of(const struct mpol_run *run, size_t cgroup)
{
	const struct setup_group *only = NULL;

	for (size_t i = 0; i < run->setup.n_groups; i++) {
		if (run->setup.groups[i].cgroup != cgroup)
			continue;
		if (only)
			return &run->setup.cgroups[cgroup].def->policy;
		only = &run->setup.groups[i];
	}
	return only ? &only->work.policy : &run->setup.cgroups[cgroup].def->policy;
}

static int describe(const struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		    struct mpol_error *err)
{
	const struct setup_cgroup *g = &run->setup.cgroups[cgroup];
	struct mpol_cpus cpus = run->machine.cpus_allowed;
	struct mpol_nodeset mems = run->machine.mems_allowed;
	int r = 0;

	if (run->arena.groups) {
		r = cgroup_effective_cpus(&run->arena.groups[cgroup], &cpus, err);
		if (r == 0)
			r = cgroup_effective_mems(&run->arena.groups[cgroup], &mems, err);
	}
	ret->name = strdup(g->def->name);
	ret->cpus = cpus_text(&cpus);
	ret->mems = nodes_text(&mems);
	ret->policy = policy_text(policy_of(run, cgroup));
	return r;
}

static int list_amounts(const struct measures *m, struct result_cgroup *ret, struct mpol_error *err)
{
	size_t n = 0;

	for (size_t node = 0; node < MPOL_MAX_NODES; node++)
		n += m->on[node] > 0;
	ret->amounts = calloc(n + 1, sizeof(*ret->amounts));
	if (!ret->amounts)
		return no_memory(err, "the nodes");
	for (size_t node = 0; node < MPOL_MAX_NODES; node++)
		if (m->on[node] > 0)
			ret->amounts[ret->n_amounts++] =
				(struct result_amount){ (unsigned)node, m->on[node] };
	ret->placed = m->placed;
	return 0;
}

static bool declares_shares(const struct mpol_cgroup_def *def)
{
	for (size_t i = 0; i < MPOL_MAX_SHARES; i++)
		if (def->shares[i] > 0)
			return true;
	return false;
}

struct bounds collect_bounds(const struct mpol_run *run, size_t cgroup)
{
	static const struct mpol_bound with_shares[MPOL_N_METRICS] = { [SHARE_DEVIATION] =
									       AT_MOST(0.01) };
	const struct mpol_cgroup_def *def = run->setup.cgroups[cgroup].def;
	struct bounds b = { 0 };

	bounds_merge(&b, library_expect, LAYER_LIBRARY);
	if (declares_shares(def))
		bounds_merge(&b, with_shares,
			     LAYER_LIBRARY); /* shares that nobody checks would mean nothing */
	bounds_merge(&b, run->options->suite, LAYER_SUITE);
	bounds_merge(&b, run->test->expect, LAYER_TEST);
	bounds_merge(&b, def->expect, LAYER_CGROUP);
	return b;
}

static void judge(const struct mpol_run *run, size_t cgroup, const struct measures *m,
		  struct result_cgroup *ret)
{
	struct bounds b = collect_bounds(run, cgroup);

	for (size_t id = 0; id < MPOL_N_METRICS; id++) {
		struct bound_verdict v = bound_judge(&b.bound[id], &metrics[id], m);

		if (v.checked)
			ret->checks[ret->n_checks++] =
				(struct result_check){ (enum mpol_metric_id)id, b.bound[id],
						       b.layer[id], v.value, v.holds };
	}
}

int collect_cgroup(struct mpol_run *run, size_t cgroup, struct result_cgroup *ret,
		   struct mpol_error *err)
{
	const struct mpol_cgroup_def *def = run->setup.cgroups[cgroup].def;
	_cleanup_(gathering_done) struct gathering g = {
		.placement = malloc(sizeof(*g.placement)),
		.whole = malloc(sizeof(*g.whole)),
		.measures = {
			.placed = true,
			.worked = true,
			.page_size = (uint64_t)sysconf(_SC_PAGESIZE),
			.shares = declares_shares(def) ? def->shares : NULL,
			.n_shares = MPOL_MAX_SHARES,
			.tiers_known = run->machine.numa,
			.slow = mpol_machine_memory_only(&run->machine),
		},
	};
	int r;

	if (!g.placement || !g.whole)
		return no_memory(err, "a placement");
	r = describe(run, cgroup, ret, err);
	if (r == 0)
		r = collect_works(run, cgroup, ret, err);
	for (size_t i = 0; r == 0 && i < run->crew.telemetry.n; i++) {
		const struct worker_plan *plan = &run->plans[crew_plan_of(&run->crew, i)];

		if (plan->group == cgroup)
			r = gather_worker(run, plan, &run->crew.telemetry.slots[i], &g, ret, err);
	}
	if (r < 0)
		return r;
	ret->expected = nodes_text(&g.expected);
	works_measure(run, cgroup, &g.measures);
	g.measures.followed = watch_moved(run, cgroup, &g.measures.stayed, &g.measures.moved);
	judge(run, cgroup, &g.measures, ret);
	r = watch_describe(run, cgroup, ret, err);
	if (r < 0)
		return r;
	return list_amounts(&g.measures, ret, err);
}
