/* SPDX-License-Identifier: MIT */
/*
 * The table of steps: one row per kind, with its name in scenario files, what does it, and the
 * members of struct mpol_step that it takes.
 */
#ifndef HARNESS_STEP_KINDS_H
#define HARNESS_STEP_KINDS_H

#include "base/strbuf.h"
#include "harness/setup.h"

/* Members of struct mpol_step, as bits; but for kind, which all have. */
enum step_member {
	STEP_CGROUP = 1 << 0,
	STEP_OTHER = 1 << 1,
	STEP_CPUSET = 1 << 2,
	STEP_MEMS = 1 << 3,
	STEP_SECONDS = 1 << 4,
	STEP_WEIGHTS = 1 << 5,
	STEP_CALL = 1 << 6,
	STEP_ROUNDS = 1 << 7,
	STEP_GROUP = 1 << 8,
	STEP_POLICY = 1 << 9,
	STEP_CPUS = 1 << 10,
	STEP_NODE = 1 << 11,
	STEP_BYTES = 1 << 12,
};

/* A member's name is its key in scenario files; those of a step that a literal gives are `given`.
 */
struct step_member_row {
	enum step_member member;
	const char *name;
	bool (*given)(const struct mpol_step *step);
};
#define STEP_N_MEMBERS 13
extern const struct step_member_row step_members[STEP_N_MEMBERS];

/* What a step changes, or takes to be done. */
enum step_effect {
	STEP_IN_CGROUPS = 1 << 0, /* the cgroups must be there: root's, but for delegated ones */
	STEP_OF_MACHINE = 1 << 1, /* it is root's, and undone at the end */
	STEP_DISTURBS = 1 << 2,	  /* everybody on the machine: a virtual one is better */
};

struct step_kind {
	const char *name;      /* "set-cpuset" */
	const char *summary;   /* a sentence, for mpol-test(7) */
	unsigned takes, needs; /* members */
	unsigned effects;
	int (*run)(struct mpol_run *run, const struct mpol_step *step, struct mpol_error *err);
};
extern const struct step_kind step_kinds[MPOL_N_STEP_KINDS];

/* The kind of that name; MPOL_N_STEP_KINDS: there is none. */
enum mpol_step_kind step_kind_find(const char *name);
/* Of a test: how many steps .then declares. */
size_t steps_declared(const struct mpol_test *test);
/* What all of its steps take, and its own members; a function may do everything. */
unsigned test_effects(const struct mpol_test *test);

/* Whether a step can be done as it was declared; where: for messages. */
int setup_step(const struct setup *s, const struct mpol_step *step, const struct mpol_machine *m,
	       const char *where, struct mpol_error *err);
/*
 * Every step that .then declares, before anything is created. Rules: step-spec,
 * step-unknown-cgroup, those of setup_cpus().
 */
int setup_steps(const struct setup *s, const struct mpol_machine *m, struct mpol_error *err);

extern const struct mpol_rule step_unknown_cgroup;

#endif
