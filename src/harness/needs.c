/* SPDX-License-Identifier: MIT */
/* The table of needs: each is a question to a machine; see needs.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/arena.h"
#include "harness/needs.h"

static const struct mpol_rule need_missing = {
	.id = "need-missing",
	.errnum = ENOTSUP,
	.why = "A test declares what a machine must have for it to make sense.",
	.hint = "run it on a virtual machine: without --here, or with --on.",
};

struct question {
	const struct mpol_needs *needs;
	const struct mpol_machine *m;
	int root_fd;
	enum cgroup_version cgroups; /* 0: there are no cpusets */
};

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

static bool memory_only_node(const struct question *q, char *said, size_t size)
{
	struct mpol_nodeset have = mpol_machine_memory_only(q->m);

	(void)snprintf(said, size, "a node with memory and without CPUs");
	return q->needs->memory_only_node && mpol_nodes_empty(&have);
}

static bool root(const struct question *q, char *said, size_t size)
{
	struct mpol_error err = { 0 };

	if (!q->needs->root || arena_possible(q->root_fd, &err) == 0)
		return false;
	(void)snprintf(said, size, "root: %s", err.what);
	return true;
}

static bool (*const questions[])(const struct question *q, char *said, size_t size) = {
	nodes, cpus, weighted_interleave, preferred_many, cgroup_version, memory_only_node, root,
};

bool needs_missing(const struct mpol_needs *needs, const struct mpol_machine *m, int root_fd,
		   struct mpol_error *err)
{
	_cleanup_free_ struct cgroup_tree *tree = malloc(sizeof(*tree));
	struct question q = { .needs = needs, .m = m, .root_fd = root_fd };
	char said[200];

	if (tree && cgroup_find(root_fd, tree, NULL) == 0)
		q.cgroups = tree->version;
	for (size_t i = 0; i < ELEMENTSOF(questions); i++)
		if (questions[i](&q, said, sizeof(said))) {
			(void)mpol_fail(err, &need_missing, "", "needs %s", said);
			return true;
		}
	return false;
}

struct mpol_needs needs_declared(const struct mpol_test *test)
{
	struct mpol_needs needs = test->needs;

	needs.root = needs.root || test->steps;
	for (size_t i = 0; i < MPOL_MAX_CGROUPS && test->cgroups[i].name; i++)
		needs.root = needs.root || test->cgroups[i].cpuset.kind != CPUSET_NONE ||
			     !mpol_nodes_empty(&test->cgroups[i].mems);
	for (size_t i = 0; i < MPOL_MAX_SHARES; i++)
		needs.root = needs.root || test->weights[i];
	return needs;
}

struct mpol_needs needs_to_be_here(const struct mpol_test *test)
{
	struct mpol_needs needs = needs_declared(test);

	for (size_t i = 0; i < MPOL_MAX_CGROUPS && test->cgroups[i].name; i++)
		if (test->cgroups[i].cpuset.kind == CPUSET_NODE)
			needs.nodes = MAX(needs.nodes, test->cgroups[i].cpuset.index + 1);
	return needs;
}
