/* SPDX-License-Identifier: MIT */
/* The table of needs: each is a question to a machine; see needs.h. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/arena.h"
#include "harness/hugepages.h"
#include "harness/needs.h"
#include "harness/result.h"
#include "harness/step-kinds.h"

static const struct mpol_rule need_missing = {
	.id = "need-missing",
	.errnum = ENOTSUP,
	.why = "A test declares what a machine must have for it to make sense.",
	.hint = "run it on a virtual machine: without --here, or with --on.",
};

struct question {
	const struct mpol_test *test;
	const struct mpol_needs *needs; /* the test's */
	const struct mpol_machine *m;
	int root_fd;
	enum cgroup_version cgroups; /* 0: there are no cpusets */
};

/* The first release that a need is in, from the kernel's history. */
static const struct since {
	size_t flag; /* in struct mpol_needs */
	unsigned major, minor;
} since[] = {
	/* Since Linux commit fa3bea4e1f82 ("mm/mempolicy: introduce MPOL_WEIGHTED_INTERLEAVE…") */
	{ offsetof(struct mpol_needs, weighted_interleave), 6, 9 },
	/* Since Linux commit b27abaccf8e8 ("mm/mempolicy: add MPOL_PREFERRED_MANY…") */
	{ offsetof(struct mpol_needs, preferred_many), 5, 15 },
	/* Since Linux commit ee9707e8593d ("cgroup/cpuset: Enable memory migration for cpuset v2")
	 */
	{ offsetof(struct mpol_needs, cpuset_migrates), 5, 15 },
};

bool needs_newer_than(const struct mpol_needs *needs, const char *release)
{
	unsigned major = 0, minor = 0;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return false;
	for (size_t i = 0; i < ELEMENTSOF(since); i++) {
		const bool *wanted = (const bool *)((const char *)needs + since[i].flag);

		if (*wanted &&
		    (major < since[i].major || (major == since[i].major && minor < since[i].minor)))
			return true;
	}
	return false;
}

/* Each is true when the need is missing, and then says what it has instead. */

static bool nodes(const struct question *q, char *said, size_t size)
{
	unsigned have = mpol_nodes_count(&q->m->with_memory);

	(void)snprintf(said, size, "%u nodes with memory; this machine has %u", q->needs->nodes,
		       have);
	return have < q->needs->nodes;
}

static bool cpus(const struct question *q, char *said, size_t size)
{
	unsigned have = mpol_cpus_count(&q->m->cpus_online);

	(void)snprintf(said, size, "%u CPUs; this machine has %u", q->needs->cpus, have);
	return have < q->needs->cpus;
}

static bool lacks_mode(const struct question *q, enum mpol_mode mode)
{
	return q->m->kernel.known && !(q->m->kernel.modes >> mode & 1);
}

static bool weighted_interleave(const struct question *q, char *said, size_t size)
{
	(void)snprintf(said, size, "a kernel with MPOL_WEIGHTED_INTERLEAVE (6.9); this is %s",
		       q->m->kernel.release);
	return q->needs->weighted_interleave &&
	       (lacks_mode(q, MPOL_MODE_WEIGHTED_INTERLEAVE) ||
		!file_exists_at(q->root_fd, "sys/kernel/mm/mempolicy/weighted_interleave"));
}

static bool preferred_many(const struct question *q, char *said, size_t size)
{
	(void)snprintf(said, size, "a kernel with MPOL_PREFERRED_MANY (5.15); this is %s",
		       q->m->kernel.release);
	return q->needs->preferred_many && lacks_mode(q, MPOL_MODE_PREFERRED_MANY);
}

/* Zero wants nothing of it. */
static bool cgroup_version(const struct question *q, char *said, size_t size)
{
	bool missing = (q->needs->cgroup_v2 && q->cgroups != CGROUP_V2) ||
		       (q->needs->cgroup_v1 && q->cgroups != CGROUP_V1);

	(void)snprintf(said, size, "cpusets on cgroup v%d; this machine has %s",
		       q->needs->cgroup_v2 ? 2 : 1,
		       q->cgroups == CGROUP_V1	 ? "them on v1"
		       : q->cgroups == CGROUP_V2 ? "them on v2"
						 : "none");
	return missing;
}

/* Nothing but doing it would tell, so the release does. */
static bool cpuset_migrates(const struct question *q, char *said, size_t size)
{
	const struct mpol_needs needs = { .cpuset_migrates = q->needs->cpuset_migrates };

	(void)snprintf(said, size,
		       "cpusets that migrate pages (cgroup v2, Linux 5.15); this is %s, %s",
		       q->m->kernel.release, q->cgroups == CGROUP_V2 ? "v2" : "not v2");
	return needs.cpuset_migrates &&
	       (q->cgroups != CGROUP_V2 || needs_newer_than(&needs, q->m->kernel.release));
}

static bool memory_only_node(const struct question *q, char *said, size_t size)
{
	struct mpol_nodeset have = mpol_machine_memory_only(q->m);

	(void)snprintf(said, size, "a node with memory and without CPUs");
	return q->needs->memory_only_node && mpol_nodes_empty(&have);
}

static struct mpol_nodeset nodes_named(const struct mpol_test *test)
{
	struct mpol_nodeset named = { { 0 } };

	for (size_t i = 0; i < MPOL_MAX_CGROUPS && test->cgroups[i].name; i++) {
		const struct mpol_cgroup_def *def = &test->cgroups[i];
		struct mpol_nodeset by_policy = mpol_policy_nodes(&def->policy);

		if (def->cpuset.kind == CPUSET_NODE)
			mpol_nodes_add(&named, def->cpuset.index);
		if (!(def->policy.flags & MPOL_FLAG_RELATIVE_NODES))
			named = mpol_nodes_or(&named, &by_policy);
		named = mpol_nodes_or(&named, &def->mems);
	}
	return named;
}

/* A test that must break may name what is nowhere. */
static bool named_nodes(const struct question *q, char *said, size_t size)
{
	bool must_break =
		q->test->must_end && STARTS(q->test->must_end, verdict_names[VERDICT_BROKEN]);
	struct mpol_nodeset named = nodes_named(q->test),
			    absent = mpol_nodes_minus(&named, &q->m->online);
	char lacks[MPOL_NODES_TEXT], has[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(&absent, lacks, sizeof(lacks));
	(void)mpol_nodes_print(&q->m->online, has, sizeof(has));
	(void)snprintf(said, size, "nodes %.60s, which it names; this machine has %.60s", lacks,
		       has);
	return !must_break && !mpol_nodes_empty(&absent);
}

static bool numa_balancing(const struct question *q, char *said, size_t size)
{
	bool can = balancing_possible(q->root_fd) &&
		   (!q->m->kernel.known || q->m->kernel.flags & MPOL_FLAG_NUMA_BALANCING);

	(void)snprintf(
		said, size,
		"a kernel that balances under a policy (5.12, CONFIG_NUMA_BALANCING); this is %s",
		q->m->kernel.release);
	return q->test->numa_balancing && !can;
}

/* Cgroups with a cpuset are root's, but for delegated groups; the weights are always. */
static bool rights(const struct question *q, char *said, size_t size)
{
	const struct mpol_test *t = q->test;
	unsigned effects = test_effects(t);
	bool cgroups = t->needs.root || effects & STEP_IN_CGROUPS;
	struct mpol_error err = { 0 };

	(void)snprintf(said, size, "root, to change what is the machine's");
	if (effects & STEP_OF_MACHINE && geteuid() != 0)
		return true;
	for (size_t i = 0; i < MPOL_MAX_CGROUPS && t->cgroups[i].name; i++)
		cgroups = cgroups || t->cgroups[i].cpuset.kind != CPUSET_NONE ||
			  !mpol_nodes_empty(&t->cgroups[i].mems);
	if (!cgroups || arena_possible(q->root_fd, &err) == 0)
		return false;
	(void)snprintf(said, size, "root, to create cgroups: %s", err.what);
	return true;
}

typedef bool (*need_question)(const struct question *q, char *said, size_t size);

static const need_question questions[] = {
	nodes,
	named_nodes,
	cpus,
	weighted_interleave,
	preferred_many,
	cgroup_version,
	cpuset_migrates,
	memory_only_node,
	numa_balancing,
	rights,
};

/* Those that a shape answers. */
static const need_question of_shape[] = {
	nodes,
	named_nodes,
	cpus,
	memory_only_node,
};

static bool ask(const need_question *asked, size_t n, const struct question *q,
		struct mpol_error *err)
{
	char said[256];

	for (size_t i = 0; i < n; i++)
		if (asked[i](q, said, sizeof(said))) {
			(void)mpol_fail(err, &need_missing, "", "needs %s", said);
			return true;
		}
	return false;
}

bool needs_missing(const struct mpol_test *test, const struct mpol_machine *m, int root_fd,
		   struct mpol_error *err)
{
	_cleanup_free_ struct cgroup_tree *tree = malloc(sizeof(*tree));
	struct question q = { .test = test, .needs = &test->needs, .m = m, .root_fd = root_fd };

	if (tree && cgroup_find(root_fd, tree, NULL) == 0)
		q.cgroups = tree->version;
	return ask(questions, ELEMENTSOF(questions), &q, err);
}

bool needs_missing_on(const struct mpol_test *test, const struct vm_shape *shape,
		      struct mpol_error *err)
{
	_cleanup_free_ struct mpol_machine *m = calloc(1, sizeof(*m));
	struct question q = { .test = test, .needs = &test->needs, .m = m, .root_fd = -1 };

	for (unsigned n = 0; m && n < shape->n_nodes; n++) {
		mpol_nodes_add(&m->online, n);
		if (shape->memory[n] || shape->hotplug[n])
			mpol_nodes_add(&m->with_memory, n);
		if (shape->cpus[n])
			mpol_nodes_add(&m->with_cpus, n);
	}
	for (unsigned cpu = 0; m && cpu < shape->n_cpus; cpu++)
		mpol_cpus_add(&m->cpus_online, cpu);
	return m && ask(of_shape, ELEMENTSOF(of_shape), &q, err);
}
