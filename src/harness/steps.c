/* SPDX-License-Identifier: MIT */
/* What a test's steps may do to its running workers; see "In steps" in mpol/test.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/stage.h"
#include "harness/step-kinds.h"

static const struct mpol_rule unknown_cgroup = {
	.id = "step-unknown-cgroup",
	.errnum = ENOENT,
	.why = "Steps name cgroups of their own test, or \"all\".",
	.hint = "use the .name of one of the test's cgroups.",
};

static const struct mpol_rule late = {
	.id = "step-late",
	.errnum = ETIMEDOUT,
	.why = "A test ends within its time limit, whatever its workers do.",
	.hint = "declare fewer rounds, or raise the limit with --timeout.",
};

static const struct mpol_rule no_memory = {
	.id = "setup-memory",
	.errnum = ENOMEM,
	.why = "Setting a test up takes a little memory.",
};

#define ROUNDS_POLL_MS 5

static bool is_all(const char *cgroup)
{
	return STREQ(cgroup, "all");
}

/* The next cgroup of that name, at or after `from`: all of them are meant when none has the name
 * "all". */
static size_t next_named(const struct mpol_run *run, const char *name, size_t from)
{
	bool all = is_all(name);

	for (size_t i = 0; all && i < run->setup.n_cgroups; i++)
		all = !is_all(run->setup.cgroups[i].def->name);
	while (from < run->setup.n_cgroups && !all &&
	       !STREQ(run->setup.cgroups[from].def->name, name))
		from++;
	return from;
}

static int check_named(const struct mpol_run *run, const char *name, struct mpol_error *err)
{
	if (next_named(run, name, 0) < run->setup.n_cgroups)
		return 0;
	return mpol_fail(err, &unknown_cgroup, "", "the test has no cgroup \"%.80s\"", name);
}

int mpol_run_until_touched(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	int r = check_named(run, cgroup, err);

	for (size_t i = next_named(run, cgroup, 0); r == 0 && i < run->setup.n_cgroups;
	     i = next_named(run, cgroup, i + 1)) {
		r = crew_wait(&run->crew, CREW_TOUCHED, (int)i, run->deadline, err);
		if (r == 0)
			r = stage_follow(run, i, err);
	}
	return r;
}

int mpol_run_step(struct mpol_run *run, const struct mpol_step *step, struct mpol_error *err)
{
	static const struct mpol_rule no_kind = {
		.id = "step-spec",
		.errnum = EINVAL,
		.why = "A step is one of the kinds that there are.",
		.hint = "see STEPS in mpol-test(7).",
	};

	if (step->kind <= MPOL_STEP_NONE || step->kind >= MPOL_N_STEP_KINDS)
		return mpol_fail(err, &no_kind, "", "there is no kind of step %d", (int)step->kind);
	return step_kinds[step->kind].run(run, step, err);
}

int mpol_run_wait(struct mpol_run *run, double seconds, struct mpol_error *err)
{
	int64_t until = crew_now() + (int64_t)(seconds * 1000);

	return crew_work_until(&run->crew, until, err);
}

/* Of each worker of the cgroup, whatever its group. */
static bool all_have_done(const struct mpol_run *run, const char *cgroup, const uint64_t *until)
{
	for (size_t i = 0; i < run->crew.telemetry.n; i++) {
		size_t of = run->plans[crew_plan_of(&run->crew, i)].group;

		if (next_named(run, cgroup, of) == of &&
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
	int r = until ? check_named(run, cgroup, err)
		      : mpol_fail(err, &no_memory, "", "no memory for %zu workers", n);

	/* One more: it was in the middle of one. */
	for (size_t i = 0; r == 0 && i < n; i++)
		until[i] = atomic_load(&run->crew.telemetry.slots[i].iterations) + rounds + 1;
	while (r == 0 && !all_have_done(run, cgroup, until)) {
		if (crew_now() > run->deadline)
			return mpol_fail(err, &late, "",
					 "workers have not completed %u iterations in time",
					 rounds);
		r = crew_work_until(&run->crew, crew_now() + ROUNDS_POLL_MS, err);
	}
	return r;
}

int mpol_run_set_weights(struct mpol_run *run, const uint8_t weights[MPOL_MAX_SHARES],
			 struct mpol_error *err)
{
	return arena_set_weights(&run->arena, weights, err);
}

/* --- Cpusets: for each cgroup that was named, what it gets. --- */

/* What a cgroup of the test gets; ctx is the caller's. */
typedef int (*cgroup_change)(struct mpol_run *run, size_t cgroup, const void *ctx,
			     struct mpol_error *err);

static int for_named(struct mpol_run *run, const char *name, cgroup_change change, const void *ctx,
		     struct mpol_error *err)
{
	int r = check_named(run, name, err);

	for (size_t i = next_named(run, name, 0); r == 0 && i < run->setup.n_cgroups;
	     i = next_named(run, name, i + 1))
		r = change(run, i, ctx, err);
	return r;
}

/* Before they are: a worker that runs on one of the old CPUs has not left its cpuset. */
static void allow_cpus(struct mpol_run *run, size_t cgroup, const struct mpol_cpus *cpus)
{
	for (size_t i = 0; i < run->crew.telemetry.n; i++) {
		struct worker_slot *slot = &run->crew.telemetry.slots[i];

		if (run->plans[crew_plan_of(&run->crew, i)].group != cgroup)
			continue;
		for (size_t k = 0; k < ELEMENTSOF(cpus->word); k++)
			slot->allowed.word[k] |= cpus->word[k];
	}
}

static int give_cpus(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	const struct mpol_cpus *cpus = ctx;

	allow_cpus(run, cgroup, cpus);
	return cgroup_set_cpus(&run->arena.groups[cgroup], cpus, err);
}

static int give_cpuset(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	struct mpol_cpus cpus;
	int r = setup_cpus(ctx, &run->machine, run->setup.cgroups[cgroup].where, &cpus, err);

	return r < 0 ? r : give_cpus(run, cgroup, &cpus, err);
}

static int give_mems(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	return cgroup_set_mems(&run->arena.groups[cgroup], ctx, err);
}

int mpol_run_set_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_cpuset_spec cpuset,
			struct mpol_error *err)
{
	return for_named(run, cgroup, give_cpuset, &cpuset, err);
}

int mpol_run_set_mems(struct mpol_run *run, const char *cgroup, struct mpol_nodeset mems,
		      struct mpol_error *err)
{
	return for_named(run, cgroup, give_mems, &mems, err);
}

/* What the cgroup above all of them has. */
int mpol_run_clear_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	struct mpol_cpus cpus;
	int r = cgroup_effective_cpus(&run->arena.top, &cpus, err);

	return r < 0 ? r : for_named(run, cgroup, give_cpus, &cpus, err);
}

int mpol_run_clear_mems(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	struct mpol_nodeset mems;
	int r = cgroup_effective_mems(&run->arena.top, &mems, err);

	return r < 0 ? r : for_named(run, cgroup, give_mems, &mems, err);
}

/* Two cgroups by name; "all" is none, unless one is called so. */
static int find_two(struct mpol_run *run, const char *const names[2], size_t ret[2],
		    struct mpol_error *err)
{
	for (size_t i = 0; i < 2; i++) {
		int r = check_named(run, names[i], err);

		if (r < 0)
			return r;
		ret[i] = next_named(run, names[i], 0);
	}
	return 0;
}

int mpol_run_swap_cpusets(struct mpol_run *run, const char *one, const char *two,
			  struct mpol_error *err)
{
	struct mpol_cpus cpus[2];
	size_t which[2];
	int r = find_two(run, (const char *const[]){ one, two }, which, err);

	for (size_t i = 0; r == 0 && i < 2; i++)
		r = cgroup_effective_cpus(&run->arena.groups[which[i]], &cpus[i], err);
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = give_cpus(run, which[i], &cpus[!i], err);
	return r;
}

int mpol_run_swap_mems(struct mpol_run *run, const char *one, const char *two,
		       struct mpol_error *err)
{
	struct mpol_nodeset mems[2];
	size_t which[2];
	int r = find_two(run, (const char *const[]){ one, two }, which, err);

	for (size_t i = 0; r == 0 && i < 2; i++)
		r = cgroup_effective_mems(&run->arena.groups[which[i]], &mems[i], err);
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = give_mems(run, which[i], &mems[!i], err);
	return r;
}
