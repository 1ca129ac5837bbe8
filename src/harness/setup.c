/* SPDX-License-Identifier: MIT */
/* From a declared test to CPUs and nodes, and every check that needs nothing but a machine; see
 * setup.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/no-memory.h"
#include "cgroup/cgroup.h"
#include "harness/setup.h"
#include "harness/step-kinds.h"
#include "model/cover.h"

static const struct mpol_rule unknown_node = {
	.id = "cgroup-unknown-node",
	.errnum = ENOENT,
	.why = "cpuset_node(n) means the CPUs of node n.",
	.hint = "declare .needs = { .nodes = … }, so that the test runs where there are enough "
		"nodes with CPUs.",
};

static const struct mpol_rule unknown_llc = {
	.id = "cgroup-unknown-llc",
	.errnum = ENOENT,
	.why = "cpuset_llc(n) means the CPUs that share the n-th last-level cache.",
	.hint = "count from 0, and declare .machine = { .llcs = … }.",
};

static const struct mpol_rule unknown_cpu = {
	.id = "cgroup-unknown-cpu",
	.errnum = ENOENT,
	.why = "A cpuset can only hold CPUs that are online.",
	.hint = "use cpuset_node() or cpuset_llc(), which fit every machine.",
};

static const struct mpol_rule twice = {
	.id = "cgroup-twice",
	.errnum = EEXIST,
	.why = "Cgroups are found by their names, in steps and in reports.",
	.hint = "give each cgroup a name of its own.",
};

static const struct mpol_rule none = {
	.id = "test-without-cgroups",
	.errnum = EINVAL,
	.why = "A test without workers observes nothing.",
	.hint = "declare at least one cgroup with a name and workers.",
};

static const struct mpol_rule shares_sum = {
	.id = "shares-sum",
	.errnum = EINVAL,
	.why = "Shares are of all judged bytes, so together they are 1.",
	.hint = "declare .shares = { [0] = 0.75, [1] = 0.25 }.",
};

static int cpus_of_node(unsigned id, const struct mpol_machine *m, const char *where,
			struct mpol_cpus *ret, struct mpol_error *err)
{
	const struct mpol_node *node = mpol_machine_node(m, id);
	char list[MPOL_NODES_TEXT];

	if (node && !mpol_cpus_empty(&node->cpus)) {
		*ret = node->cpus;
		return 0;
	}
	(void)mpol_nodes_print(&m->with_cpus, list, sizeof(list));
	return mpol_fail(err, &unknown_node, where, "node %u %s (nodes with CPUs: %.80s)", id,
			 node ? "has no CPUs" : "is not there", list);
}

static int cpus_of_list(const char *text, const struct mpol_machine *m, const char *where,
			struct mpol_cpus *ret, struct mpol_error *err)
{
	char online[MPOL_CPUS_TEXT];
	int r = mpol_cpus_parse(text ? text : "", ret, err);

	if (r < 0) {
		mpol_error_within(err, where);
		return r;
	}
	if (mpol_cpus_subset(ret, &m->cpus_online) && !mpol_cpus_empty(ret))
		return 0;
	(void)mpol_cpus_print(&m->cpus_online, online, sizeof(online));
	return mpol_fail(err, &unknown_cpu, where,
			 "its CPUs \"%.60s\" are not all online (online: %.60s)", text ? text : "",
			 online);
}

int setup_cpus(const struct mpol_cpuset_spec *spec, const struct mpol_machine *m, const char *where,
	       struct mpol_cpus *ret, struct mpol_error *err)
{
	switch (spec->kind) {
	case CPUSET_NODE:
		return cpus_of_node(spec->index, m, where, ret, err);
	case CPUSET_LLC:
		if (spec->index >= m->n_llcs)
			return mpol_fail(err, &unknown_llc, where,
					 "last-level cache %u is not there (there are %zu)",
					 spec->index, m->n_llcs);
		*ret = m->llcs[spec->index].cpus;
		return 0;
	case CPUSET_LIST:
		return cpus_of_list(spec->list, m, where, ret, err);
	case CPUSET_NONE:
		break;
	}
	*ret = m->cpus_allowed;
	return 0;
}

static int check_name(const struct setup *s, const struct setup_cgroup *g, struct mpol_error *err)
{
	int r = cgroup_check_name(g->def->name, err);

	if (r < 0)
		return r;
	for (const struct setup_cgroup *other = s->cgroups; other < g; other++)
		if (STREQ(other->def->name, g->def->name))
			return mpol_fail(err, &twice, g->where,
					 "there are two cgroups of this name");
	return 0;
}

static int check_shares(const struct setup_cgroup *g, struct mpol_error *err)
{
	double sum = 0;

	for (size_t i = 0; i < MPOL_MAX_SHARES; i++)
		sum += (double)g->def->shares[i];
	if (sum == 0 || fabs(sum - 1) < 0.001)
		return 0;
	return mpol_fail(err, &shares_sum, g->where, "its shares are %g together", sum);
}

/* Refusals make the test broken; warnings go to the report. */
static int check_policy(struct setup *s, const struct setup_cgroup *g,
			const struct mpol_policy *policy, const char *where,
			const struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_finding findings[SETUP_MAX_NOTES];
	struct mpol_machine here = *m; /* borrows the arrays */
	int n;

	if (policy->mode == MPOL_MODE_DEFAULT && !policy->flags)
		return 0; /* inherited: nothing is applied */
	if (!mpol_nodes_empty(&g->mems))
		here.mems_allowed = g->mems;
	if (g->has_cpus)
		here.cpus_allowed = g->cpus;
	n = mpol_check(policy, &here, findings, ELEMENTSOF(findings));
	if (n < 0)
		return mpol_fail_errno(err, &rule_out_of_memory, -n, where,
				       "the policy could not be checked");
	for (int i = 0; i < MIN(n, (int)ELEMENTSOF(findings)); i++) {
		mpol_error_within(&findings[i].error, where);
		if (findings[i].severity == MPOL_REFUSED) {
			if (err)
				*err = findings[i].error;
			return -findings[i].error.errnum;
		}
		if (findings[i].severity == MPOL_WARNING && s->n_notes < SETUP_MAX_NOTES)
			s->notes[s->n_notes++] = findings[i].error;
	}
	return 0;
}

static int make_cgroup(struct setup *s, struct setup_cgroup *g, const struct mpol_machine *m,
		       struct mpol_error *err)
{
	int r = check_name(s, g, err);

	if (r < 0)
		return r;
	r = setup_cpus(&g->def->cpuset, m, g->where, &g->cpus, err);
	if (r < 0)
		return r;
	g->has_cpus = g->def->cpuset.kind != CPUSET_NONE;
	g->mems = g->def->mems;
	return check_shares(g, err);
}

static int check_group(struct setup *s, const struct setup_group *group,
		       const struct mpol_machine *m, struct mpol_error *err)
{
	const struct setup_cgroup *g = &s->cgroups[group->cgroup];
	struct cover_cpuset cpuset = {
		.cgroup = g->def->name,
		.mems = g->def->mems,
		.cpus = g->has_cpus ? &g->cpus : NULL,
	};
	/* First whether it makes sense here: that is said of the cgroup, which is what the author
	 * wrote. */
	int r = cover_check(&group->work.policy, &cpuset, m, err);

	return r < 0 ? r : check_policy(s, g, &group->work.policy, group->where, m, err);
}

int setup_make(const struct mpol_test *test, const struct mpol_machine *m, struct setup *ret,
	       struct mpol_error *err)
{
	size_t n = 0;
	int r = 0;

	*ret = (struct setup){
		.test = test,
		.needs_cgroups = test_effects(test) & STEP_IN_CGROUPS,
		.changes_machine = test_effects(test) & STEP_OF_MACHINE,
	};
	while (n < MPOL_MAX_CGROUPS && test->cgroups[n].name)
		n++;
	if (n == 0)
		return mpol_fail(err, &none, "", "the test declares no cgroup");
	ret->cgroups = calloc(n, sizeof(*ret->cgroups));
	if (!ret->cgroups)
		return no_memory(err, "the cgroups");
	ret->n_cgroups = n;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct setup_cgroup *g = &ret->cgroups[i];

		g->def = &test->cgroups[i];
		(void)snprintf(g->where, sizeof(g->where), "cgroup %.80s", g->def->name);
		r = make_cgroup(ret, g, m, err);
		ret->needs_cgroups =
			ret->needs_cgroups || g->has_cpus || !mpol_nodes_empty(&g->mems);
	}
	if (r == 0)
		r = setup_groups(ret, err);
	for (size_t i = 0; r == 0 && i < ret->n_groups; i++)
		r = check_group(ret, &ret->groups[i], m, err);
	return r < 0 ? r : setup_steps(ret, m, err);
}

void setup_done(struct setup *s)
{
	free(s->cgroups);
	free(s->groups);
	*s = (struct setup){ 0 };
}
