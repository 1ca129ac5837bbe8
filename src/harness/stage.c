/* SPDX-License-Identifier: MIT */
/* One test from set-up to verdict; see stage.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/collect.h"
#include "harness/needs.h"
#include "harness/stage.h"
#include "harness/step-kinds.h"

#define DEFAULT_SECONDS 0.2
#define WATCHING_NICE	(-20)
#define PARK_MS		10000
#define PARK_WORKER_MS	50 /* more for each of them: each must get a CPU once */

/* Between the nodes that the result has, which are those online. */
static void describe_distances(const struct mpol_machine *m, struct mpol_result *ret)
{
	size_t n = 0;

	ret->distance = m->distance
				? calloc(ret->n_nodes * ret->n_nodes + 1, sizeof(*ret->distance))
				: NULL;
	for (size_t i = 0; ret->distance && i < m->n_nodes; i++)
		for (size_t k = 0; k < m->n_nodes; k++)
			if (m->nodes[i].online && m->nodes[k].online &&
			    n < ret->n_nodes * ret->n_nodes)
				ret->distance[n++] = m->distance[i * m->n_nodes + k];
}

static void describe_machine(const struct mpol_run *run, struct mpol_result *ret)
{
	const struct mpol_machine *m = &run->machine;
	char list[MPOL_CPUS_TEXT];
	struct utsname uts;

	ret->release = uname(&uts) == 0 ? strdup(uts.release) : NULL;
	ret->llcs = (unsigned)m->n_llcs;
	ret->caches = calloc(m->n_llcs + 1, sizeof(*ret->caches));
	for (size_t i = 0; ret->caches && i < m->n_llcs; i++) {
		(void)mpol_cpus_print(&m->llcs[i].cpus, list, sizeof(list));
		ret->caches[i] = strdup(list);
	}
	ret->nodes = calloc(m->n_nodes + 1, sizeof(*ret->nodes));
	for (size_t i = 0; ret->nodes && i < m->n_nodes; i++) {
		if (!m->nodes[i].online)
			continue;
		(void)mpol_cpus_print(&m->nodes[i].cpus, list, sizeof(list));
		ret->nodes[ret->n_nodes++] = (struct result_node){ m->nodes[i].id, strdup(list),
								   m->nodes[i].memory_total };
	}
	describe_distances(m, ret);
}

static void keep_notes(const struct setup *s, struct mpol_result *ret)
{
	ret->notes = calloc(s->n_notes + 1, sizeof(*ret->notes));
	for (size_t i = 0; ret->notes && i < s->n_notes; i++)
		result_error_set(&ret->notes[ret->n_notes++], &s->notes[i]);
}

int stage_follow(struct mpol_run *run, size_t cgroup, struct mpol_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->setup.n_cgroups; i++)
		if ((cgroup == i || cgroup == run->setup.n_cgroups) &&
		    collect_bounds(run, i).bound[MIGRATED_SHARE].kind != MPOL_INHERIT)
			r = watch_follow(run, i, err);
	return r;
}

static int plan_workers(struct mpol_run *run, struct mpol_error *err)
{
	run->plans = calloc(run->setup.n_groups + 1, sizeof(*run->plans));
	run->stopped = calloc(run->setup.n_groups + 1, sizeof(*run->stopped));
	if (!run->plans || !run->stopped)
		return no_memory(err, "plans");
	for (size_t i = 0; i < run->setup.n_groups; i++) {
		const struct setup_group *g = &run->setup.groups[i];
		const struct setup_cgroup *c = &run->setup.cgroups[g->cgroup];

		run->stopped[i] = g->work.held;
		run->plans[i] = (struct worker_plan){
			.where = g->where,
			.work = &g->work,
			.policy = &g->work.policy,
			.cgroup = run->arena.groups ? &run->arena.groups[g->cgroup] : NULL,
			.workers = g->work.workers,
			.group = g->cgroup,
			.allowed = c->cpus,
			.bounded = c->has_cpus,
		};
	}
	return 0;
}

/* Lets them work for so long, and looks at them now and then. */
static int work_watched(struct mpol_run *run, double seconds, struct mpol_error *err)
{
	int64_t begin = crew_now();
	int r = stage_follow(run, run->setup.n_cgroups, err);

	for (int i = 0; r == 0 && i < WATCH_POINTS - 1; i++) {
		int64_t until = begin + (int64_t)(seconds * 1000 * i / (WATCH_POINTS - 2));

		r = i > 0 ? crew_work_until(&run->crew, until, err) : 0;
		if (r == 0)
			r = watch_take(run, seconds, false, err);
	}
	return r;
}

static int take_steps(struct mpol_run *run, struct mpol_error *err)
{
	bool any = run->test->steps || steps_declared(run->test) > 0;
	int r = any ? watch_moment(run, true, err) : 0;

	if (r == 0 && run->test->steps)
		r = run->test->steps(run, err);
	for (size_t i = 0; r == 0 && i < steps_declared(run->test); i++) {
		const struct mpol_step *step = &run->test->then[i];
		char where[64];

		r = step_kinds[step->kind].run(run, step, err);
		(void)snprintf(where, sizeof(where), "step %zu, %s", i + 1,
			       step_kinds[step->kind].name);
		if (r < 0)
			mpol_error_within(err, where);
	}
	return r;
}

/* All that run. */
static int wait_touched(struct mpol_run *run, struct mpol_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->setup.n_groups; i++)
		if (!run->stopped[i])
			r = crew_wait(&run->crew, CREW_TOUCHED, (struct crew_part){ i, i + 1 },
				      run->deadline, err);
	return r;
}

/* Forked, in their cgroups, under their policies, started, and all memory touched once; then the
 * test's own steps. */
static int work(struct mpol_run *run, struct mpol_error *err)
{
	double seconds = run->test->seconds > 0 ? run->test->seconds : DEFAULT_SECONDS;
	int r = crew_spawn(&run->crew, run->options->root_fd, run->plans, run->setup.n_groups, err);

	/* From here on, so that no worker inherits it. Only root may: then who looks does not queue
	 * behind those that it looks at. */
	(void)setpriority(PRIO_PROCESS, 0, WATCHING_NICE);
	if (r == 0)
		r = crew_start(&run->crew, run->deadline, err);
	if (r == 0)
		r = take_steps(run, err);
	if (r == 0)
		r = wait_touched(run, err);
	if (r == 0)
		r = work_watched(run, seconds, err);
	if (r < 0)
		return r;
	crew_command(&run->crew, CREW_ALL, WORKER_PARK);
	r = crew_wait(&run->crew, CREW_PARKED, CREW_ALL,
		      crew_now() + PARK_MS + (int64_t)run->crew.telemetry.n * PARK_WORKER_MS, err);
	return r < 0 ? r : watch_take(run, seconds, true, err);
}

/* Whom the OOM killer ended, and why it had to. */
static void note_killed(const struct mpol_run *run, struct mpol_result *ret)
{
	static const struct mpol_rule oom = {
		.id = "worker-oom-killed",
		.errnum = ENOMEM,
		.why = "Where a policy allows no other node, a fault that finds none of its nodes "
		       "with "
		       "room calls the OOM killer.",
		.hint = "if that is what the test is about, declare KILLED_WORKERS; else declare "
			"fewer "
			"bytes, or a policy that may fall back (preferred).",
		.source = "mm/oom_kill.c constrained_alloc()",
	};

	for (size_t i = 0; i < run->crew.telemetry.n && ret->notes; i++) {
		const struct worker_slot *slot = &run->crew.telemetry.slots[i];
		struct result_error *more;
		struct mpol_error err = { 0 };

		if (!slot->oom)
			continue;
		more = realloc(ret->notes, (ret->n_notes + 1) * sizeof(*more));
		if (!more)
			return;
		ret->notes = more;
		more[ret->n_notes] = (struct result_error){ 0 };
		(void)mpol_fail(&err, &oom, run->plans[slot->plan].where,
				"the OOM killer ended worker %zu%s%s", i,
				*slot->oom_how ? ": " : "", slot->oom_how);
		result_error_set(&more[ret->n_notes++], &err);
	}
}

static int collect(struct mpol_run *run, struct mpol_result *ret, struct mpol_error *err)
{
	bool holds = true;

	ret->cgroups = calloc(run->setup.n_cgroups, sizeof(*ret->cgroups));
	if (!ret->cgroups)
		return no_memory(err, "results");
	for (size_t i = 0; i < run->setup.n_cgroups; i++) {
		struct result_cgroup *c = &ret->cgroups[ret->n_cgroups++];
		int r = collect_cgroup(run, i, c, err);

		if (r < 0)
			return r;
		for (size_t k = 0; k < c->n_checks; k++)
			holds = holds && c->checks[k].holds;
	}
	note_killed(run, ret);
	ret->ended = holds ? VERDICT_PASS : VERDICT_FAIL;
	return 0;
}

/* 0: ret->ended is the verdict. Otherwise it is broken: err says why. */
static int perform(struct mpol_run *run, struct mpol_result *ret, struct mpol_error *err)
{
	int r = setup_make(run->test, &run->machine, &run->setup, err);

	if (r < 0)
		return r;
	keep_notes(&run->setup, ret);
	r = arena_make(run->options->root_fd, &run->setup, &run->arena, err);
	if (r == 0)
		r = plan_workers(run, err);
	if (r == 0)
		r = work(run, err);
	if (r == 0)
		r = collect(run, ret, err);
	return r;
}

/* What was taken up is put down in any case; that this failed is told unless something else has. */
static int leave(struct mpol_run *run, struct mpol_error *err)
{
	fill_done(&run->fills);
	watch_done(&run->watch, run->crew.telemetry.n);
	crew_done(&run->crew);
	return arena_finish(&run->arena, err);
}

static void run_on_machine(struct mpol_run *run, struct mpol_result *ret)
{
	struct mpol_error err = { 0 }, leaving = { 0 };

	describe_machine(run, ret);
	if (needs_missing(run->test, &run->machine, run->options->root_fd, &err)) {
		result_set_error(ret, VERDICT_SKIP, &err);
		return;
	}
	if (perform(run, ret, &err) < 0)
		result_set_error(ret, VERDICT_BROKEN, &err);
	if (leave(run, &leaving) < 0 && ret->ended != VERDICT_BROKEN)
		result_set_error(ret, VERDICT_BROKEN, &leaving);
}

void stage_run(const struct mpol_test_entry *entry, const struct stage_options *options,
	       struct mpol_result *ret)
{
	struct mpol_run run = {
		.options = options,
		.test = entry->test,
		.arena = ARENA_NONE,
		.crew = CREW_NONE,
		.deadline = crew_now() + (int64_t)(options->limit * 1000),
	};
	int64_t begin = crew_now();
	struct mpol_error err = { 0 };

	*ret = (struct mpol_result){ .test = strdup(entry->name), .place = strdup(options->place) };
	ret->why = entry->test->why ? strdup(entry->test->why) : NULL;
	ret->must_end = entry->test->must_end && *entry->test->must_end
				? strdup(entry->test->must_end)
				: NULL;
	if (mpol_machine_read(options->root_fd, 0, &run.machine, &err) < 0)
		result_set_error(ret, VERDICT_BROKEN, &err);
	else
		run_on_machine(&run, ret);
	ret->seconds = (double)(crew_now() - begin) / 1000;
	free(run.plans);
	free(run.stopped);
	setup_done(&run.setup);
	mpol_machine_done(&run.machine);
	result_decide(ret);
}
