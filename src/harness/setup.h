/* SPDX-License-Identifier: MIT */
/*
 * What a test means on this machine: its cgroups with CPUs and nodes instead of "the CPUs of node
 * 0", checked completely before anything is created or spawned. Pure: a test and a machine that is
 * already known.
 */
#ifndef HARNESS_SETUP_H
#define HARNESS_SETUP_H

#include <mpol/test.h>

struct setup_cgroup {
	const struct mpol_cgroup_def *def;
	char where[96]; /* "cgroup node0" */
	bool has_cpus;
	struct mpol_cpus cpus;	  /* of its cpuset; valid when has_cpus */
	struct mpol_nodeset mems; /* of its cpuset; empty: all */
};

/* A group of equal workers: what was declared, with what it takes from its cgroup filled in. */
struct setup_group {
	struct mpol_work_spec work; /* workers and policy resolved */
	size_t cgroup;		    /* its number */
	char where[128];	    /* "cgroup node0", "cgroup node0, group 2" */
};

#define SETUP_MAX_NOTES 8

struct setup {
	const struct mpol_test *test;
	size_t n_cgroups;
	struct setup_cgroup *cgroups;
	size_t n_groups;
	struct setup_group *groups; /* in the order of their cgroups */
	bool needs_cgroups;	    /* some have a cpuset, or steps may give them one */
	bool changes_machine;	    /* it, or a step, sets what must be put back */
	size_t n_notes;
	struct mpol_error notes[SETUP_MAX_NOTES]; /* what the checks found worth knowing */
};

/*
 * Rules: cgroup-unknown-node, cgroup-unknown-llc, cgroup-unknown-cpu, cgroup-name, cgroup-twice,
 * test-without-cgroups, shares-sum, work-spec, those of setup_steps(), those of cover_check() and
 * of mpol_check(). Release with setup_done(), after a failure as well.
 */
int setup_make(const struct mpol_test *test, const struct mpol_machine *m, struct setup *ret,
	       struct mpol_error *err);
void setup_done(struct setup *s);

/* How many groups .works declares; 0: .work is the only one. */
size_t groups_declared(const struct mpol_cgroup_def *def);
/* Fills ret->groups from ret->cgroups; setup_make() calls it. Rule: work-spec. */
int setup_groups(struct setup *ret, struct mpol_error *err);

/* The CPUs that a spec means; CPUSET_NONE gives the allowed ones. */
int setup_cpus(const struct mpol_cpuset_spec *spec, const struct mpol_machine *m, const char *where,
	       struct mpol_cpus *ret, struct mpol_error *err);

#endif
