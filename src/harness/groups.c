/* SPDX-License-Identifier: MIT */
/* The groups of workers in a test's cgroups: what each takes from its cgroup, and whether it can be
 * done at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/setup.h"

static const struct mpol_rule work_spec = {
	.id = "work-spec",
	.errnum = EINVAL,
	.why = "Work is checked as it was declared, before anything is spawned.",
	.hint = "see WORK in mpol-test(7).",
};

static bool is_default(const struct mpol_policy *p)
{
	return p->mode == MPOL_MODE_DEFAULT && !p->flags && mpol_nodes_empty(&p->nodes);
}

size_t groups_declared(const struct mpol_cgroup_def *def)
{
	static const struct mpol_work_spec nothing;
	size_t n = 0;

	while (n < MPOL_MAX_WORKS && memcmp(&def->works[n], &nothing, sizeof(nothing)) != 0)
		n++;
	return n;
}

static size_t count_groups(const struct mpol_cgroup_def *def)
{
	return MAX(groups_declared(def), (size_t)1);
}

static int check_sched(const struct setup_group *g, struct mpol_error *err)
{
	const struct mpol_work_spec *w = &g->work;
	bool realtime = w->sched == MPOL_SCHED_FIFO || w->sched == MPOL_SCHED_RR;

	if (realtime && (w->priority < 1 || w->priority > 99))
		return mpol_fail(err, &work_spec, g->where,
				 "priority %d, which is 1 to 99 for fifo and rr", w->priority);
	if (!realtime && w->priority != 0)
		return mpol_fail(err, &work_spec, g->where,
				 "priority %d, which only fifo and rr have", w->priority);
	if (w->nice < -20 || w->nice > 19)
		return mpol_fail(err, &work_spec, g->where, "nice %d, which is -20 to 19", w->nice);
	return 0;
}

static int check_affinity(const struct setup_group *g, struct mpol_error *err)
{
	const struct mpol_affinity *a = &g->work.affinity;
	struct mpol_cpus cpus;
	int r = a->kind == MPOL_AFFINITY_LIST ? mpol_cpus_parse(a->list ? a->list : "", &cpus, err)
					      : 0;

	if (r < 0) {
		mpol_error_within(err, g->where);
		return r;
	}
	if (a->kind == MPOL_AFFINITY_RANDOM && a->count == 0)
		return mpol_fail(err, &work_spec, g->where, "an affinity of 0 CPUs at random");
	return 0;
}

static int check_work(const struct setup_group *g, struct mpol_error *err)
{
	const struct mpol_work_spec *w = &g->work;
	int r;

	if (w->kind < 0 || w->kind >= MPOL_N_WORK_KINDS)
		return mpol_fail(err, &work_spec, g->where, "there is no kind of work %d",
				 (int)w->kind);
	if (w->kind == MPOL_WORK_EXEC && (!w->command || !w->command[0]))
		return mpol_fail(err, &work_spec, g->where, "exec without .command");
	if (w->kind == MPOL_WORK_FUNCTION && !w->function)
		return mpol_fail(err, &work_spec, g->where,
				 "work of kind function without .function");
	if (w->busy < 0 || w->pause < 0)
		return mpol_fail(err, &work_spec, g->where, "a time below 0");
	r = check_sched(g, err);
	return r < 0 ? r : check_affinity(g, err);
}

static struct setup_group make_group(const struct setup_cgroup *c, size_t cgroup, size_t i)
{
	const struct mpol_cgroup_def *def = c->def;
	bool several = groups_declared(def) > 0;
	struct setup_group g = { .work = several ? def->works[i] : def->work, .cgroup = cgroup };

	if (!several || g.work.workers == 0)
		g.work.workers = def->workers;
	if (!several || is_default(&g.work.policy))
		g.work.policy = def->policy;
	if (several)
		(void)snprintf(g.where, sizeof(g.where), "%.90s, group %zu", c->where, i + 1);
	else
		(void)snprintf(g.where, sizeof(g.where), "%.95s", c->where);
	return g;
}

int setup_groups(struct setup *ret, struct mpol_error *err)
{
	size_t n = 0;
	int r = 0;

	for (size_t c = 0; c < ret->n_cgroups; c++)
		n += count_groups(ret->cgroups[c].def);
	ret->groups = calloc(n + 1, sizeof(*ret->groups));
	if (!ret->groups)
		return no_memory(err, "the groups");
	for (size_t c = 0; c < ret->n_cgroups; c++)
		for (size_t i = 0; r == 0 && i < count_groups(ret->cgroups[c].def); i++) {
			struct setup_group *g = &ret->groups[ret->n_groups++];

			*g = make_group(&ret->cgroups[c], c, i);
			r = check_work(g, err);
		}
	return r;
}
