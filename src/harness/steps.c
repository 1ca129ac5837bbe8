/* SPDX-License-Identifier: MIT */
/* What a test's steps may do to its running workers; see "In steps" in mpol/test.h. */
#include <errno.h>

#include "base/macros.h"
#include "harness/stage.h"

static const struct mpol_rule unknown_cgroup = {
	.id = "step-unknown-cgroup",
	.errnum = ENOENT,
	.why = "Steps name cgroups of their own test, or \"all\".",
	.hint = "use the .name of one of the test's cgroups.",
};

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

int mpol_run_set_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_cpuset_spec cpuset,
			struct mpol_error *err)
{
	int r = check_named(run, cgroup, err);

	for (size_t i = next_named(run, cgroup, 0); r == 0 && i < run->setup.n_cgroups;
	     i = next_named(run, cgroup, i + 1)) {
		struct mpol_cpus cpus;

		r = setup_cpus(&cpuset, &run->machine, run->setup.cgroups[i].where, &cpus, err);
		if (r == 0)
			allow_cpus(run, i, &cpus);
		if (r == 0)
			r = cgroup_set_cpus(&run->arena.groups[i], &cpus, err);
	}
	return r;
}

int mpol_run_set_mems(struct mpol_run *run, const char *cgroup, struct mpol_nodeset mems,
		      struct mpol_error *err)
{
	int r = check_named(run, cgroup, err);

	for (size_t i = next_named(run, cgroup, 0); r == 0 && i < run->setup.n_cgroups;
	     i = next_named(run, cgroup, i + 1))
		r = cgroup_set_mems(&run->arena.groups[i], &mems, err);
	return r;
}
