/* SPDX-License-Identifier: MIT */
/* What steps there are, what each takes, and whether a declared one can be done; see step-kinds.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "harness/hugepages.h"
#include "harness/step-kinds.h"
#include "harness/weights.h"

static const struct mpol_rule step_spec = {
	.id = "step-spec",
	.errnum = EINVAL,
	.why = "Steps are checked as they were declared, before anything is spawned.",
	.hint = "see STEPS in mpol-test(7).",
};

const struct mpol_rule step_unknown_cgroup = {
	.id = "step-unknown-cgroup",
	.errnum = ENOENT,
	.why = "Steps name cgroups of their own test, or \"all\".",
	.hint = "use the .name of one of the test's cgroups.",
};

/* --- Members. --- */

static bool gives_cgroup(const struct mpol_step *s)
{
	return s->cgroup != NULL;
}

static bool gives_other(const struct mpol_step *s)
{
	return s->other != NULL;
}

static bool gives_cpuset(const struct mpol_step *s)
{
	return s->cpuset.kind != CPUSET_NONE;
}

static bool gives_mems(const struct mpol_step *s)
{
	return !mpol_nodes_empty(&s->mems);
}

static bool gives_seconds(const struct mpol_step *s)
{
	return s->seconds != 0;
}

static bool gives_rounds(const struct mpol_step *s)
{
	return s->rounds != 0;
}

static bool gives_group(const struct mpol_step *s)
{
	return s->group != 0;
}

static bool gives_policy(const struct mpol_step *s)
{
	return s->policy.mode != MPOL_MODE_DEFAULT || s->policy.flags ||
	       !mpol_nodes_empty(&s->policy.nodes);
}

static bool gives_cpus(const struct mpol_step *s)
{
	return s->cpus != NULL;
}

/* Node 0 is one, too. */
static bool gives_node(const struct mpol_step *s)
{
	return s->node != 0 || (step_kinds[s->kind].takes & STEP_NODE);
}

static bool gives_bytes(const struct mpol_step *s)
{
	return s->bytes != 0;
}

static bool gives_weights(const struct mpol_step *s)
{
	return weights_wanted(s->weights);
}

static bool gives_call(const struct mpol_step *s)
{
	return s->call != NULL;
}

const struct step_member_row step_members[STEP_N_MEMBERS] = {
	{ STEP_CGROUP, "cgroup", gives_cgroup },    { STEP_OTHER, "other", gives_other },
	{ STEP_CPUSET, "cpuset", gives_cpuset },    { STEP_MEMS, "mems", gives_mems },
	{ STEP_SECONDS, "seconds", gives_seconds }, { STEP_WEIGHTS, "weights", gives_weights },
	{ STEP_CALL, "call", gives_call },	    { STEP_ROUNDS, "rounds", gives_rounds },
	{ STEP_GROUP, "group", gives_group },	    { STEP_POLICY, "policy", gives_policy },
	{ STEP_CPUS, "cpus", gives_cpus },	    { STEP_NODE, "node", gives_node },
	{ STEP_BYTES, "bytes", gives_bytes },
};

/* --- Kinds: from data to the functions of mpol/test.h. --- */

static const char *whose(const struct mpol_step *s)
{
	return s->cgroup ? s->cgroup : "all";
}

static int do_call(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return s->call(run, err);
}

static int do_until_touched(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_until_touched(run, whose(s), err);
}

static int do_until_rounds(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_until_rounds(run, whose(s), s->rounds, err);
}

static int do_until_on(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_until_on(run, whose(s), s->mems, err);
}

static int do_wait(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_wait(run, s->seconds, err);
}

static int do_set_cpuset(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_set_cpuset(run, whose(s), s->cpuset, err);
}

static int do_clear_cpuset(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_clear_cpuset(run, whose(s), err);
}

static int do_swap_cpusets(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_swap_cpusets(run, s->cgroup, s->other, err);
}

static int do_set_mems(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_set_mems(run, whose(s), s->mems, err);
}

static int do_clear_mems(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_clear_mems(run, whose(s), err);
}

static int do_swap_mems(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_swap_mems(run, s->cgroup, s->other, err);
}

static int do_move(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_move(run, whose(s), s->group, s->other, err);
}

static int do_set_policy(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_set_policy(run, whose(s), s->group, &s->policy, err);
}

static int do_stop(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_stop(run, whose(s), s->group, err);
}

static int do_start(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_start(run, whose(s), s->group, err);
}

static int do_offline_cpus(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_offline_cpus(run, s->cpus, err);
}

static int do_online_cpus(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_online_cpus(run, s->cpus, err);
}

static int do_offline_memory(struct mpol_run *run, const struct mpol_step *s,
			     struct mpol_error *err)
{
	return mpol_run_offline_memory(run, s->node, err);
}

static int do_online_memory(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_online_memory(run, s->node, err);
}

static int do_fill_node(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_fill_node(run, s->node, s->bytes, err);
}

static int do_release_node(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_release_node(run, s->node, err);
}

static int do_set_weights(struct mpol_run *run, const struct mpol_step *s, struct mpol_error *err)
{
	return mpol_run_set_weights(run, s->weights, err);
}

/* clang-format off */
#define BOTH (STEP_CGROUP | STEP_OTHER)
const struct step_kind step_kinds[MPOL_N_STEP_KINDS] = {
	[MPOL_STEP_NONE] = { "", "", 0, 0, 0, NULL },
	[MPOL_STEP_CALL] = { "call", "calls a function.", STEP_CALL, STEP_CALL, STEP_IN_CGROUPS, do_call },
	[MPOL_STEP_UNTIL_TOUCHED] = { "until-touched", "waits until all have touched their memory once.",
		STEP_CGROUP, 0, 0, do_until_touched },
	[MPOL_STEP_UNTIL_ROUNDS] = { "until-rounds", "waits until each has completed so many iterations more.",
		STEP_CGROUP | STEP_ROUNDS, STEP_ROUNDS, 0, do_until_rounds },
	[MPOL_STEP_UNTIL_ON] = { "until-on", "waits until all judged pages are on these nodes.",
		STEP_CGROUP | STEP_MEMS, STEP_MEMS, 0, do_until_on },
	[MPOL_STEP_WAIT] = { "wait", "lets them work for so many seconds.", STEP_SECONDS, STEP_SECONDS, 0, do_wait },
	[MPOL_STEP_SET_CPUSET] = { "set-cpuset", "gives a cgroup other CPUs.",
		STEP_CGROUP | STEP_CPUSET, STEP_CPUSET, STEP_IN_CGROUPS, do_set_cpuset },
	[MPOL_STEP_CLEAR_CPUSET] = { "clear-cpuset", "gives a cgroup all CPUs that it can have.",
		STEP_CGROUP, 0, STEP_IN_CGROUPS, do_clear_cpuset },
	[MPOL_STEP_SWAP_CPUSETS] = { "swap-cpusets", "gives each of two cgroups the CPUs of the other.",
		BOTH, BOTH, STEP_IN_CGROUPS, do_swap_cpusets },
	[MPOL_STEP_SET_MEMS] = { "set-mems", "gives a cgroup other nodes.",
		STEP_CGROUP | STEP_MEMS, STEP_MEMS, STEP_IN_CGROUPS, do_set_mems },
	[MPOL_STEP_CLEAR_MEMS] = { "clear-mems", "gives a cgroup all nodes that it can have.",
		STEP_CGROUP, 0, STEP_IN_CGROUPS, do_clear_mems },
	[MPOL_STEP_SWAP_MEMS] = { "swap-mems", "gives each of two cgroups the nodes of the other.",
		BOTH, BOTH, STEP_IN_CGROUPS, do_swap_mems },
	[MPOL_STEP_SET_WEIGHTS] = { "set-weights", "sets weights of weighted interleaving.",
		STEP_WEIGHTS, STEP_WEIGHTS, STEP_OF_MACHINE, do_set_weights },
	[MPOL_STEP_MOVE] = { "move", "moves workers to another cgroup.",
		BOTH | STEP_GROUP, STEP_OTHER, STEP_IN_CGROUPS, do_move },
	[MPOL_STEP_SET_POLICY] = { "set-policy", "gives workers another policy, which they apply themselves.",
		STEP_CGROUP | STEP_GROUP | STEP_POLICY, 0, 0, do_set_policy },
	[MPOL_STEP_STOP] = { "stop", "lets workers stand still.", STEP_CGROUP | STEP_GROUP, 0, 0, do_stop },
	[MPOL_STEP_START] = { "start", "starts workers that were stopped, or held.", STEP_CGROUP | STEP_GROUP, 0, 0, do_start },
	[MPOL_STEP_OFFLINE_CPUS] = { "offline-cpus", "takes CPUs off the machine.",
		STEP_CPUS, STEP_CPUS, STEP_OF_MACHINE | STEP_DISTURBS, do_offline_cpus },
	[MPOL_STEP_ONLINE_CPUS] = { "online-cpus", "brings CPUs back that a step took off.",
		STEP_CPUS, STEP_CPUS, STEP_OF_MACHINE | STEP_DISTURBS, do_online_cpus },
	[MPOL_STEP_OFFLINE_MEMORY] = { "offline-memory", "takes the plugged memory of a node off the machine.",
		STEP_NODE, STEP_NODE, STEP_OF_MACHINE | STEP_DISTURBS, do_offline_memory },
	[MPOL_STEP_ONLINE_MEMORY] = { "online-memory", "brings memory back that a step took off.",
		STEP_NODE, STEP_NODE, STEP_OF_MACHINE | STEP_DISTURBS, do_online_memory },
	[MPOL_STEP_FILL_NODE] = { "fill-node", "takes the memory of a node, but for so many bytes.",
		STEP_NODE | STEP_BYTES, STEP_NODE, STEP_OF_MACHINE | STEP_DISTURBS, do_fill_node },
	[MPOL_STEP_RELEASE_NODE] = { "release-node", "gives the memory back that a step took.",
		STEP_NODE, STEP_NODE, STEP_OF_MACHINE | STEP_DISTURBS, do_release_node },
};
/* clang-format on */

enum mpol_step_kind step_kind_find(const char *name)
{
	for (int kind = MPOL_STEP_NONE + 1; kind < MPOL_N_STEP_KINDS; kind++)
		if (STREQ(step_kinds[kind].name, name))
			return (enum mpol_step_kind)kind;
	return MPOL_N_STEP_KINDS;
}

size_t steps_declared(const struct mpol_test *test)
{
	size_t n = 0;

	while (n < MPOL_MAX_STEPS && test->then[n].kind != MPOL_STEP_NONE)
		n++;
	return n;
}

unsigned test_effects(const struct mpol_test *test)
{
	unsigned effects = test->steps ? step_kinds[MPOL_STEP_CALL].effects : 0;

	if (weights_wanted(test->weights))
		effects |= STEP_OF_MACHINE;
	if (hugepages_wanted(test->hugepages) || test->numa_balancing)
		effects |= STEP_OF_MACHINE | STEP_DISTURBS;
	for (size_t i = 0; i < steps_declared(test); i++)
		if ((unsigned)test->then[i].kind < MPOL_N_STEP_KINDS)
			effects |= step_kinds[test->then[i].kind].effects;
	return effects;
}

/* --- Checks. --- */

static int check_members(const struct step_kind *kind, const struct mpol_step *step,
			 const char *where, struct mpol_error *err)
{
	for (size_t i = 0; i < STEP_N_MEMBERS; i++) {
		const struct step_member_row *m = &step_members[i];

		if (m->given(step) && !(kind->takes & m->member))
			return mpol_fail(err, &step_spec, where, "a step %s has no %s", kind->name,
					 m->name);
		if (!m->given(step) && kind->needs & m->member)
			return mpol_fail(err, &step_spec, where, "a step %s needs %s", kind->name,
					 m->name);
	}
	if (step->seconds < 0)
		return mpol_fail(err, &step_spec, where, "a time below 0");
	return 0;
}

/* Whether the step is for that group of workers. */
static bool is_for(const struct mpol_step *step, const char *cgroup, size_t number)
{
	return (STREQ(whose(step), "all") || STREQ(whose(step), cgroup)) &&
	       (step->group == 0 || step->group == number);
}

/* Whether a step starts the group, or may. */
static bool is_started(const struct setup *s, size_t group)
{
	const struct setup_group *g = &s->groups[group];
	size_t number = 1;

	for (size_t i = group; i > 0 && s->groups[i - 1].cgroup == g->cgroup; i--)
		number++;
	for (size_t i = 0; i < steps_declared(s->test); i++) {
		const struct mpol_step *step = &s->test->then[i];

		if (step->kind == MPOL_STEP_CALL ||
		    (step->kind == MPOL_STEP_START &&
		     is_for(step, s->cgroups[g->cgroup].def->name, number)))
			return true;
	}
	return s->test->steps != NULL;
}

static int check_held(const struct setup *s, struct mpol_error *err)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (s->groups[i].work.held && !is_started(s, i))
			return mpol_fail(err, &step_spec, s->groups[i].where,
					 "its workers are held, and no step starts them");
	return 0;
}

static int check_group(const struct setup *s, const struct mpol_step *step, const char *where,
		       struct mpol_error *err)
{
	size_t most = 0;

	for (size_t i = 0; i < s->n_cgroups; i++)
		if (is_for(step, s->cgroups[i].def->name, step->group))
			most = MAX(most, MAX(groups_declared(s->cgroups[i].def), (size_t)1));
	if (step->group <= most)
		return 0;
	return mpol_fail(err, &step_spec, where, "there is no group %u, of %zu", step->group, most);
}

/* all: that word may stand for every cgroup. */
static int check_cgroup(const struct setup *s, const char *name, bool all, const char *where,
			struct mpol_error *err)
{
	if (!name || (all && STREQ(name, "all")))
		return 0;
	for (size_t i = 0; i < s->n_cgroups; i++)
		if (STREQ(s->cgroups[i].def->name, name))
			return 0;
	return mpol_fail(err, &step_unknown_cgroup, where, "the test has no cgroup \"%.80s\"",
			 name);
}

int setup_step(const struct setup *s, const struct mpol_step *step, const struct mpol_machine *m,
	       const char *where, struct mpol_error *err)
{
	const struct step_kind *kind;
	struct mpol_cpus cpus;
	int r;

	if (step->kind <= MPOL_STEP_NONE || step->kind >= MPOL_N_STEP_KINDS)
		return mpol_fail(err, &step_spec, where, "there is no kind of step %d",
				 (int)step->kind);
	kind = &step_kinds[step->kind];
	r = check_members(kind, step, where, err);
	if (r == 0)
		r = check_cgroup(s, step->cgroup, !(kind->needs & STEP_CGROUP), where, err);
	if (r == 0)
		r = check_cgroup(s, step->other, false, where, err);
	if (r == 0 && kind->takes & STEP_GROUP)
		r = check_group(s, step, where, err);
	if (r == 0 && kind->takes & STEP_CPUS)
		r = setup_cpus(&(struct mpol_cpuset_spec){ CPUSET_LIST, 0, step->cpus }, m, where,
			       &cpus, err);
	if (r == 0 && kind->takes & STEP_CPUSET)
		r = setup_cpus(&step->cpuset, m, where, &cpus, err);
	return r;
}

int setup_steps(const struct setup *s, const struct mpol_machine *m, struct mpol_error *err)
{
	int r = check_held(s, err);

	for (size_t i = 0; r == 0 && i < steps_declared(s->test); i++) {
		const struct mpol_step *step = &s->test->then[i];
		char where[48];

		(void)snprintf(where, sizeof(where), "step %zu", i + 1);
		r = setup_step(s, step, m, where, err);
	}
	return r;
}
