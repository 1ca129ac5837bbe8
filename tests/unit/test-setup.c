/* SPDX-License-Identifier: MIT */
/* Set-up of tests on a literal machine of two nodes with four CPUs and two last-level caches each.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/setup.h"

static struct mpol_node nodes[] = {
	{ .id = 0,
	  .online = true,
	  .has_memory = true,
	  .memory_total = UINT64_C(1) << 30,
	  .cpus = { { 0x0f } } },
	{ .id = 1,
	  .online = true,
	  .has_memory = true,
	  .memory_total = UINT64_C(1) << 30,
	  .cpus = { { 0xf0 } } },
};
static struct mpol_llc llcs[] = {
	{ .cpus = { { 0x03 } } },
	{ .cpus = { { 0x0c } } },
	{ .cpus = { { 0x30 } } },
	{ .cpus = { { 0xc0 } } },
};
static const struct mpol_machine machine = {
	.numa = true,
	.n_nodes = ELEMENTSOF(nodes),
	.nodes = nodes,
	.n_llcs = ELEMENTSOF(llcs),
	.llcs = llcs,
	.possible = MPOL_NODES(0, 1),
	.online = MPOL_NODES(0, 1),
	.with_memory = MPOL_NODES(0, 1),
	.with_cpus = MPOL_NODES(0, 1),
	.cpus_online = { { 0xff } },
	.mems_allowed = MPOL_NODES(0, 1),
	.cpus_allowed = { { 0xff } },
};

#define SPEC(kind_, ...)                            \
	{                                           \
		.kind = CPUSET_##kind_, __VA_ARGS__ \
	}
#define BIND(...)                                                        \
	{                                                                \
		.mode = MPOL_MODE_BIND, .nodes = MPOL_NODES(__VA_ARGS__) \
	}

static const struct {
	const char *name;
	struct mpol_cgroup_def defs[3];
	const char *rule, *what; /* rule NULL: it is fine */
	const char *cpus;	 /* of the first cgroup, where it is fine */
} rows[] = {
	{ "no cgroups", { { NULL } }, "test-without-cgroups", "no cgroup", NULL },
	{ "the CPUs of a node", { { "a", SPEC(NODE, .index = 1) } }, NULL, NULL, "4-7" },
	{ "the CPUs of a cache", { { "a", SPEC(LLC, .index = 2) } }, NULL, NULL, "4-5" },
	{ "a list", { { "a", SPEC(LIST, .list = "1,6") } }, NULL, NULL, "1,6" },
	{ "no cpuset", { { "a", SPEC(NONE) } }, NULL, NULL, "0-7" },
	{ "a node that is not there",
	  { { "a", SPEC(NODE, .index = 2) } },
	  "cgroup-unknown-node",
	  "node 2 is not there (nodes with CPUs: 0-1)",
	  NULL },
	{ "a cache that is not there",
	  { { "a", SPEC(LLC, .index = 4) } },
	  "cgroup-unknown-llc",
	  "(there are 4)",
	  NULL },
	{ "a CPU that is not online",
	  { { "a", SPEC(LIST, .list = "7-8") } },
	  "cgroup-unknown-cpu",
	  "(online: 0-7)",
	  NULL },
	{ "a list that is none",
	  { { "a", SPEC(LIST, .list = "3-1") } },
	  "list-reversed",
	  "reversed",
	  NULL },
	{ "an empty list",
	  { { "a", SPEC(LIST, .list = "") } },
	  "cgroup-unknown-cpu",
	  "\"\"",
	  NULL },
	{ "a name with a slash", { { "a/b" } }, "cgroup-name", "", NULL },
	{ "an empty name", { { "" } }, "cgroup-name", "", NULL },
	{ "two of one name", { { "a" }, { "b" }, { "a" } }, "cgroup-twice", "two cgroups", NULL },
	{ "shares that are too many",
	  { { "a", .shares = { 0.75F, 0.5F } } },
	  "shares-sum",
	  "1.25",
	  NULL },
	{ "shares of thirds", { { "a", .shares = { 1 / 3.0F, 2 / 3.0F } } }, NULL, NULL, "0-7" },
	{ "a policy that its CPUs do not cover",
	  { { "a", SPEC(NODE, .index = 0), .policy = BIND(1) } },
	  "policy-not-covered",
	  "node 1",
	  NULL },
	{ "in the second cgroup, too",
	  { { "a", .policy = BIND(1) }, { "b", SPEC(NODE, .index = 1), .policy = BIND(0) } },
	  "policy-not-covered",
	  "node 0",
	  NULL },
	{ "a command that is missing",
	  { { "a", .work = { .kind = MPOL_WORK_EXEC } } },
	  "work-spec",
	  "exec without .command",
	  NULL },
	{ "a function that is missing",
	  { { "a", .work = { .kind = MPOL_WORK_FUNCTION } } },
	  "work-spec",
	  ".function",
	  NULL },
	{ "a kind that is not there",
	  { { "a", .work = { .kind = MPOL_N_WORK_KINDS } } },
	  "work-spec",
	  "no kind of work",
	  NULL },
	{ "fifo without a priority, in the second group",
	  { { "a", .works = { { .bytes = 4096 },
			      { .kind = MPOL_WORK_SPIN, .sched = MPOL_SCHED_FIFO } } } },
	  "work-spec",
	  "priority 0",
	  NULL },
	{ "a priority without fifo",
	  { { "a", .work = { .priority = 1 } } },
	  "work-spec",
	  "only fifo and rr",
	  NULL },
	{ "nicer than there is",
	  { { "a", .work = { .nice = 20 } } },
	  "work-spec",
	  "nice 20",
	  NULL },
	{ "no CPUs at random",
	  { { "a", .work = { .affinity = { MPOL_AFFINITY_RANDOM, .count = 0 } } } },
	  "work-spec",
	  "0 CPUs",
	  NULL },
	{ "an affinity that is no list",
	  { { "a", .work = { .affinity = { MPOL_AFFINITY_LIST, .list = "3-1" } } } },
	  "list-reversed",
	  "reversed",
	  NULL },
	{ "a group's policy that its CPUs do not cover",
	  { { "a", SPEC(NODE, .index = 0),
	      .works = { { .bytes = 4096 }, { .bytes = 8192, .policy = BIND(1) } } } },
	  "policy-not-covered",
	  "node 1",
	  NULL },
	{ "an impossible policy",
	  { { "a", .policy = { .mode = MPOL_MODE_BIND } } },
	  "bind-needs-nodes",
	  "",
	  NULL },
};

TEST(a_test_becomes_cpus_and_nodes_or_is_refused_by_a_rule)
{
	static struct mpol_test test;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(setup_done) struct setup s = { 0 };
		struct mpol_error err = { 0 };
		char cpus[MPOL_CPUS_TEXT];
		int r;

		memcpy(test.cgroups, rows[i].defs, sizeof(rows[i].defs));
		r = setup_make(&test, &machine, &s, &err);
		check_row(i, rows[i].name);
		CHECK_EQ(r == 0, rows[i].rule == NULL);
		CHECK_STR(r == 0 ? NULL : err.rule->id, rows[i].rule);
		if (r < 0 && rows[i].what)
			CHECK_HAS(err.what, rows[i].what);
		if (r < 0 || !rows[i].cpus)
			continue;
		(void)mpol_cpus_print(&s.cgroups[0].cpus, cpus, sizeof(cpus));
		CHECK_STR(cpus, rows[i].cpus);
		CHECK_EQ(s.cgroups[0].has_cpus, rows[i].defs[0].cpuset.kind != CPUSET_NONE);
	}
}

TEST(cgroups_are_needed_only_where_there_is_a_cpuset_or_steps)
{
	static struct mpol_test without = { .cgroups = { { "a", .workers = 1 } } };
	static struct mpol_test with_mems = { .cgroups = { { "a", .workers = 1,
							     .mems = MPOL_NODES(0) } } };
	_cleanup_(setup_done) struct setup a = { 0 }, b = { 0 };

	CHECK_EQ(setup_make(&without, &machine, &a, NULL), 0);
	CHECK(!a.needs_cgroups);
	CHECK_EQ(setup_make(&with_mems, &machine, &b, NULL), 0);
	CHECK(b.needs_cgroups);
}

static int does_nothing(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	return 0;
}

static const struct {
	const char *name;
	struct mpol_step then[3];
	const char *rule, *what; /* rule NULL: it is fine */
	bool cgroups, machine;	 /* where it is fine: what setup says that it needs and changes */
} step_rows[] = {
	{ "none", { { 0 } }, NULL, NULL, false, false },
	{ "waiting needs nothing",
	  { step_wait(1), step_until_touched("all") },
	  NULL,
	  NULL,
	  false,
	  false },
	{ "a cgroup that nobody has",
	  { step_until_touched("c") },
	  "step-unknown-cgroup",
	  "\"c\"",
	  false,
	  false },
	{ "CPUs of a node",
	  { step_set_cpuset("a", SPEC(NODE, .index = 1)) },
	  NULL,
	  NULL,
	  true,
	  false },
	{ "a later one is checked as well",
	  { step_wait(1), step_set_cpuset("a", SPEC(NODE, .index = 7)) },
	  "cgroup-unknown-node",
	  "node 7",
	  false,
	  false },
	{ "all cannot be swapped",
	  { step_swap_mems("all", "b") },
	  "step-unknown-cgroup",
	  "\"all\"",
	  false,
	  false },
	{ "with nobody",
	  { { .kind = MPOL_STEP_SWAP_MEMS, .cgroup = "a" } },
	  "step-spec",
	  "needs other",
	  false,
	  false },
	{ "mems without nodes",
	  { { .kind = MPOL_STEP_SET_MEMS } },
	  "step-spec",
	  "needs mems",
	  false,
	  false },
	{ "a wait with mems",
	  { { .kind = MPOL_STEP_WAIT, .seconds = 1, .mems = MPOL_NODES(0) } },
	  "step-spec",
	  "has no mems",
	  false,
	  false },
	{ "a wait backwards", { step_wait(-1) }, "step-spec", "below 0", false, false },
	{ "CPUs that are not online",
	  { step_offline_cpus("9") },
	  "cgroup-unknown-cpu",
	  "\"9\"",
	  false,
	  false },
	{ "CPUs that are taken off are put back",
	  { step_offline_cpus("2") },
	  NULL,
	  NULL,
	  false,
	  true },
	{ "a group that is not there",
	  { step_stop("a", 2) },
	  "step-spec",
	  "no group 2, of 1",
	  false,
	  false },
	{ "of all cgroups",
	  { step_stop("all", 1), step_start(NULL, 0) },
	  NULL,
	  NULL,
	  false,
	  false },
	{ "to all cgroups", { step_move("a", "all") }, "step-unknown-cgroup", "", false, false },
	{ "a kind that is not there",
	  { { .kind = MPOL_N_STEP_KINDS } },
	  "step-spec",
	  "kind of step",
	  false,
	  false },
	{ "weights are the machine's", { step_set_weights([0] = 1) }, NULL, NULL, false, true },
	{ "a function may do everything", { step_call(does_nothing) }, NULL, NULL, true, false },
};

TEST(steps_are_checked_before_anything_is_made)
{
	for (size_t i = 0; i < ELEMENTSOF(step_rows); i++) {
		struct mpol_test test = { .cgroups = { { "a", .workers = 1 },
						       { "b", .workers = 1 } } };
		_cleanup_(setup_done) struct setup s = { 0 };
		struct mpol_error err = { 0 };
		int r;

		check_row(i, step_rows[i].name);
		memcpy(test.then, step_rows[i].then, sizeof(step_rows[i].then));
		r = setup_make(&test, &machine, &s, &err);
		if (step_rows[i].rule) {
			CHECK(r < 0);
			CHECK_STR(err.rule ? err.rule->id : "", step_rows[i].rule);
			CHECK_HAS(err.what, step_rows[i].what);
			continue;
		}
		CHECK_EQ(r, 0);
		CHECK_EQ(s.needs_cgroups, step_rows[i].cgroups);
		CHECK_EQ(s.changes_machine, step_rows[i].machine);
	}
}

TEST(held_groups_are_started_by_a_step)
{
	static const struct {
		const char *name;
		struct mpol_step then[2];
		mpol_step_function steps;
		bool fine;
	} rows_held[] = {
		{ "no step", { { 0 } }, NULL, false },
		{ "another group's", { step_start("a", 1) }, NULL, false },
		{ "another cgroup's", { step_start("b", 0) }, NULL, false },
		{ "the group's", { step_start("a", 2) }, NULL, true },
		{ "the cgroup's", { step_start("a", 0) }, NULL, true },
		{ "everybody's", { step_start("all", 0) }, NULL, true },
		{ "a function's, perhaps", { step_call(does_nothing) }, NULL, true },
		{ "the first function's, perhaps", { { 0 } }, does_nothing, true },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows_held); i++) {
		struct mpol_test test = {
			.cgroups = { { "a", .workers = 1,
				       .works = { { .bytes = 4096 },
						  { .bytes = 4096, .held = true } } },
				     { "b", .workers = 1 } },
			.steps = rows_held[i].steps,
		};
		_cleanup_(setup_done) struct setup s = { 0 };
		struct mpol_error err = { 0 };

		memcpy(test.then, rows_held[i].then, sizeof(rows_held[i].then));
		check_row(i, rows_held[i].name);
		CHECK_EQ(setup_make(&test, &machine, &s, &err) == 0, rows_held[i].fine);
		CHECK_STR(err.rule ? err.rule->id : "", rows_held[i].fine ? "" : "step-spec");
	}
}

TEST(groups_take_from_their_cgroup_what_they_do_not_say)
{
	static const struct mpol_test test = {
		.cgroups = { { "a", .workers = 3, .policy = BIND(0), .work = { .bytes = 4096 } },
			     { "b", .workers = 2, .policy = BIND(0),
			       .works = { { .bytes = 4096 },
					  { .kind = MPOL_WORK_SPIN,
					    .workers = 5,
					    .policy = BIND(1) } } } },
	};
	_cleanup_(setup_done) struct setup s = { 0 };

	CHECK_EQ(setup_make(&test, &machine, &s, NULL), 0);
	CHECK_EQ(s.n_groups, 3);
	CHECK_STR(s.groups[0].where, "cgroup a");
	CHECK_EQ(s.groups[0].work.workers, 3);
	CHECK(mpol_nodes_has(&s.groups[0].work.policy.nodes, 0));
	CHECK_STR(s.groups[1].where, "cgroup b, group 1");
	CHECK_EQ(s.groups[1].work.workers, 2);
	CHECK_EQ(s.groups[1].cgroup, 1);
	CHECK_EQ(s.groups[2].work.workers, 5);
	CHECK_EQ(s.groups[2].work.kind, MPOL_WORK_SPIN);
	CHECK(mpol_nodes_has(&s.groups[2].work.policy.nodes, 1));
	CHECK(!mpol_nodes_has(&s.groups[2].work.policy.nodes, 0));
}
