/* SPDX-License-Identifier: MIT */
/* What a test's steps may do to its running workers; see "In steps" in mpol/test.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/cpus.h"
#include "harness/step-kinds.h"
#include "harness/steps.h"

static const struct mpol_rule late = {
	.id = "step-late",
	.errnum = ETIMEDOUT,
	.why = "A test ends within its time limit, whatever its workers do.",
	.hint = "wait for less, or raise the limit with --timeout.",
};

#define ROUNDS_POLL_MS 5
#define PAGES_POLL_MS  50

static bool is_all(const char *cgroup)
{
	return STREQ(cgroup, "all");
}

size_t steps_next(const struct mpol_run *run, const char *name, size_t from)
{
	bool all = is_all(name);

	for (size_t i = 0; all && i < run->setup.n_cgroups; i++)
		all = !is_all(run->setup.cgroups[i].def->name);
	while (from < run->setup.n_cgroups && !all &&
	       !STREQ(run->setup.cgroups[from].def->name, name))
		from++;
	return from;
}

int steps_check_named(const struct mpol_run *run, const char *name, struct mpol_error *err)
{
	if (steps_next(run, name, 0) < run->setup.n_cgroups)
		return 0;
	return mpol_fail(err, &step_unknown_cgroup, "", "the test has no cgroup \"%.80s\"", name);
}

struct crew_part steps_part(const struct mpol_run *run, size_t cgroup, unsigned group)
{
	struct crew_part part = { 0, 0 };

	while (part.from < run->setup.n_groups && run->plans[part.from].group != cgroup)
		part.from++;
	part.to = part.from;
	while (part.to < run->setup.n_groups && run->plans[part.to].group == cgroup)
		part.to++;
	if (group == 0)
		return part;
	part.from = MIN(part.from + group - 1, part.to);
	return (struct crew_part){ part.from, MIN(part.from + 1, part.to) };
}

int mpol_run_until_touched(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	int r = steps_check_named(run, cgroup, err);

	for (size_t i = steps_next(run, cgroup, 0); r == 0 && i < run->setup.n_cgroups;
	     i = steps_next(run, cgroup, i + 1)) {
		r = crew_wait(&run->crew, CREW_TOUCHED, steps_part(run, i, 0), run->deadline, err);
		if (r == 0)
			r = stage_follow(run, i, err);
	}
	return r < 0 ? r : watch_moment(run, true, err);
}

int mpol_run_step(struct mpol_run *run, const struct mpol_step *step, struct mpol_error *err)
{
	int r = setup_step(&run->setup, step, &run->machine, "", err);

	return r < 0 ? r : step_kinds[step->kind].run(run, step, err);
}

int mpol_run_wait(struct mpol_run *run, double seconds, struct mpol_error *err)
{
	int64_t until = crew_now() + (int64_t)(seconds * 1000);

	return watch_until(run, until, err);
}

/* Of each worker of the cgroup, whatever its group. */
static bool all_have_done(const struct mpol_run *run, const char *cgroup, const uint64_t *until)
{
	for (size_t i = 0; i < run->crew.telemetry.n; i++) {
		size_t of = run->plans[crew_plan_of(&run->crew, i)].group;

		if (steps_next(run, cgroup, of) == of &&
		    atomic_load(&run->crew.telemetry.slots[i].iterations) < until[i])
			return false;
	}
	return true;
}

int mpol_run_until_rounds(struct mpol_run *run, const char *cgroup, unsigned rounds,
			  struct mpol_error *err)
{
	size_t n = run->crew.telemetry.n;
	_cleanup_free_ uint64_t *until = calloc(n + 1, sizeof(*until));
	int r = until ? steps_check_named(run, cgroup, err) : no_memory(err, "the workers");

	/* One more: it was in the middle of one. */
	for (size_t i = 0; r == 0 && i < n; i++)
		until[i] = atomic_load(&run->crew.telemetry.slots[i].iterations) + rounds + 1;
	while (r == 0 && !all_have_done(run, cgroup, until)) {
		if (crew_now() > run->deadline)
			return mpol_fail(err, &late, "",
					 "workers have not completed %u iterations in time",
					 rounds);
		r = watch_until(run, crew_now() + ROUNDS_POLL_MS, err);
	}
	return r;
}

static int until_on(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	uint64_t left = 0;
	int r = 0;

	while (r == 0 && (!watch_elsewhere(run, cgroup, ctx, &left) || left > 0)) {
		if (crew_now() > run->deadline)
			return mpol_fail(err, &late, run->setup.cgroups[cgroup].where,
					 "%llu bytes are still elsewhere",
					 (unsigned long long)left);
		r = watch_until(run, crew_now() + PAGES_POLL_MS, err);
	}
	return r;
}

int mpol_run_until_on(struct mpol_run *run, const char *cgroup, struct mpol_nodeset nodes,
		      struct mpol_error *err)
{
	return steps_for(run, cgroup, until_on, &nodes, err);
}

int mpol_run_set_weights(struct mpol_run *run, const uint8_t weights[MPOL_MAX_SHARES],
			 struct mpol_error *err)
{
	return arena_set_weights(&run->arena, weights, err);
}

int steps_for(struct mpol_run *run, const char *name, step_change change, const void *ctx,
	      struct mpol_error *err)
{
	int r = steps_check_named(run, name, err);

	for (size_t i = steps_next(run, name, 0); r == 0 && i < run->setup.n_cgroups;
	     i = steps_next(run, name, i + 1))
		r = change(run, i, ctx, err);
	return r < 0 ? r : watch_moment(run, true, err);
}

/* --- Groups of workers. --- */

static int stop_group(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	struct crew_part part = steps_part(run, cgroup, *(const unsigned *)ctx);

	for (size_t p = part.from; p < part.to; p++)
		run->stopped[p] = true;
	crew_command(&run->crew, part, WORKER_PARK);
	return crew_wait(&run->crew, CREW_PARKED, part, run->deadline, err);
}

static int start_group(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	struct crew_part part = steps_part(run, cgroup, *(const unsigned *)ctx);

	(void)err;
	for (size_t p = part.from; p < part.to; p++)
		run->stopped[p] = false;
	crew_command(&run->crew, part, WORKER_RUN);
	return 0;
}

int mpol_run_stop(struct mpol_run *run, const char *cgroup, unsigned group, struct mpol_error *err)
{
	return steps_for(run, cgroup, stop_group, &group, err);
}

int mpol_run_start(struct mpol_run *run, const char *cgroup, unsigned group, struct mpol_error *err)
{
	return steps_for(run, cgroup, start_group, &group, err);
}

struct new_policy {
	unsigned group;
	const struct mpol_policy *policy;
};

static int give_policy(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	const struct new_policy *new = ctx;
	struct crew_part part = steps_part(run, cgroup, new->group);
	int r = 0;

	for (size_t p = part.from; r == 0 && p < part.to; p++) {
		r = crew_apply(&run->crew, (struct crew_part){ p, p + 1 }, new->policy,
			       run->stopped[p], run->deadline, err);
		/* From now on its pages are judged by this one. */
		run->setup.groups[p].work.policy = *new->policy;
	}
	return r;
}

int mpol_run_set_policy(struct mpol_run *run, const char *cgroup, unsigned group,
			const struct mpol_policy *policy, struct mpol_error *err)
{
	struct new_policy new = { group, policy };

	return steps_for(run, cgroup, give_policy, &new, err);
}

/* --- The machine. --- */

/* Noted before, so that what was taken off comes back in any case. */
int mpol_run_offline_cpus(struct mpol_run *run, const char *cpus, struct mpol_error *err)
{
	struct mpol_cpus off;
	int r = mpol_cpus_parse(cpus, &off, err);

	return r < 0 ? r : arena_offline_cpus(&run->arena, &off, err);
}

int mpol_run_offline_memory(struct mpol_run *run, unsigned node, struct mpol_error *err)
{
	return memory_offline(run->options->root_fd, node, &run->arena.chores.undo->memory, err);
}

int mpol_run_online_memory(struct mpol_run *run, unsigned node, struct mpol_error *err)
{
	return memory_online(run->options->root_fd, node, &run->arena.chores.undo->memory, err);
}

/* They are what dies, and not a bystander. */
static void prefer_workers(const struct mpol_run *run)
{
	for (size_t i = 0; i < run->crew.telemetry.n; i++) {
		pid_t pid = run->crew.telemetry.slots[i].pid;

		if (pid > 0)
			(void)file_write_at(run->options->root_fd, "500", "proc/%d/oom_score_adj",
					    (int)pid); /* one that has just died is no victim */
	}
}

int mpol_run_fill_node(struct mpol_run *run, unsigned node, uint64_t bytes, struct mpol_error *err)
{
	prefer_workers(run);
	return fill_node(&run->fills, run->options->root_fd, node, bytes, run->deadline, err);
}

int mpol_run_release_node(struct mpol_run *run, unsigned node, struct mpol_error *err)
{
	return fill_release(&run->fills, node, err);
}

int mpol_run_online_cpus(struct mpol_run *run, const char *cpus, struct mpol_error *err)
{
	struct mpol_cpus on;
	int r = mpol_cpus_parse(cpus, &on, err);

	return r < 0 ? r : cpus_switch(run->options->root_fd, &on, true, err);
}
