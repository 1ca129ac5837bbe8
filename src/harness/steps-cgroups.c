/* SPDX-License-Identifier: MIT */
/* Steps that change cpusets, and who is in which cgroup; see "In steps" in mpol/test.h. */
#include <errno.h>

#include "base/macros.h"
#include "harness/stage.h"
#include "harness/steps.h"

/* --- For each cgroup that was named, what it gets. --- */

/* Before they are: a worker that runs on one of the old CPUs has not left its cpuset. */
static void allow_cpus(struct mpol_run *run, struct crew_part part, const struct mpol_cpus *cpus)
{
	for (size_t i = 0; i < run->crew.telemetry.n; i++) {
		struct worker_slot *slot = &run->crew.telemetry.slots[i];

		if (slot->plan < part.from || slot->plan >= part.to)
			continue;
		for (size_t k = 0; k < ELEMENTSOF(cpus->word); k++)
			slot->allowed.word[k] |= cpus->word[k];
	}
}

static int give_cpus(struct mpol_run *run, size_t cgroup, const void *ctx, struct mpol_error *err)
{
	const struct mpol_cpus *cpus = ctx;

	allow_cpus(run, steps_part(run, cgroup, 0), cpus);
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
	return steps_for(run, cgroup, give_cpuset, &cpuset, err);
}

int mpol_run_set_mems(struct mpol_run *run, const char *cgroup, struct mpol_nodeset mems,
		      struct mpol_error *err)
{
	return steps_for(run, cgroup, give_mems, &mems, err);
}

/* What the cgroup above all of them has. */
int mpol_run_clear_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	struct mpol_cpus cpus;
	int r = cgroup_effective_cpus(&run->arena.top, &cpus, err);

	return r < 0 ? r : steps_for(run, cgroup, give_cpus, &cpus, err);
}

int mpol_run_clear_mems(struct mpol_run *run, const char *cgroup, struct mpol_error *err)
{
	struct mpol_nodeset mems;
	int r = cgroup_effective_mems(&run->arena.top, &mems, err);

	return r < 0 ? r : steps_for(run, cgroup, give_mems, &mems, err);
}

/* Two cgroups by name; "all" is none, unless one is called so. */
static int find_two(struct mpol_run *run, const char *const names[2], size_t ret[2],
		    struct mpol_error *err)
{
	for (size_t i = 0; i < 2; i++) {
		int r = steps_check_named(run, names[i], err);

		if (r < 0)
			return r;
		ret[i] = steps_next(run, names[i], 0);
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
	return r < 0 ? r : watch_moment(run, true, err);
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
	return r < 0 ? r : watch_moment(run, true, err);
}

/* --- From one cgroup to another. --- */

struct destination {
	unsigned group;
	size_t to;
	struct mpol_cpus cpus;
};

static int move_workers(struct mpol_run *run, size_t cgroup, const void *ctx,
			struct mpol_error *err)
{
	const struct destination *d = ctx;
	struct crew_part part = steps_part(run, cgroup, d->group);
	const struct cgroup *to = &run->arena.groups[d->to];
	int r = 0;

	allow_cpus(run, part, &d->cpus);
	for (size_t i = 0; r == 0 && i < run->crew.telemetry.n; i++) {
		const struct worker_slot *slot = &run->crew.telemetry.slots[i];

		if (slot->pid <= 0 || slot->plan < part.from || slot->plan >= part.to)
			continue;
		r = cgroup_join(to, slot->pid, err);
		if (r == 0 && slot->subject > 0)
			r = cgroup_join(to, slot->subject, err);
	}
	return r;
}

int mpol_run_move(struct mpol_run *run, const char *cgroup, unsigned group, const char *to,
		  struct mpol_error *err)
{
	struct destination d = { .group = group };
	int r = steps_check_named(run, to, err);

	if (r < 0)
		return r;
	d.to = steps_next(run, to, 0);
	r = cgroup_effective_cpus(&run->arena.groups[d.to], &d.cpus, err);
	return r < 0 ? r : steps_for(run, cgroup, move_workers, &d, err);
}
