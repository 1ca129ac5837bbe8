/* SPDX-License-Identifier: MIT */
/* The CPUs that `mpol run` puts a command on; see run-cpus.h. */
#include <errno.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cli/run-cpus.h"
#include "kernel/affinity.h"
#include "kernel/explain.h"
#include "machine/files.h"
#include "machine/read.h"

static const struct mpol_rule rule_no_cpus = {
	"node-without-cpus",
	EINVAL,
	"A command runs on the CPUs of its nodes; nodes with memory only have none.",
	"name the CPUs with --cpus, and the memory with --policy",
	NULL,
	NULL,
};
static const struct mpol_rule rule_unusable = {
	"cpus-unusable",
	EINVAL,
	"The kernel keeps of the CPUs only those that are online and in the task's cpuset, and "
	"refuses when none is left.",
	NULL,
	"kernel/sched/syscalls.c sched_setaffinity()",
	NULL,
};
static const struct mpol_rule rule_dropped = {
	"cpus-dropped",
	EINVAL,
	"CPUs that are offline or outside the cpuset are dropped without a word as long as one CPU "
	"is left.",
	NULL,
	"kernel/sched/syscalls.c sched_setaffinity()",
	NULL,
};

/* A list that is cut with an ellipsis: for messages. */
#define SHORT_LIST 48
static const char *short_list(char buf[SHORT_LIST], const struct mpol_cpus *cpus)
{
	if (mpol_cpus_print(cpus, buf, SHORT_LIST) >= SHORT_LIST)
		memcpy(buf + SHORT_LIST - 4, "...", 4);
	return *buf ? buf : "none";
}

static void add_cpus(struct mpol_cpus *to, const struct mpol_cpus *cpus)
{
	for (int c = mpol_cpus_next(cpus, 0); c >= 0; c = mpol_cpus_next(cpus, (unsigned)c + 1))
		mpol_cpus_add(to, (unsigned)c);
}

/* Of each node one file. */
static int read_node_cpus(int root_fd, unsigned node, struct mpol_cpus *to, struct mpol_error *err)
{
	struct mpol_cpus cpus = { { 0 } };
	int r = files_cpus(root_fd, &cpus, err, "sys/devices/system/node/node%u/cpulist", node);

	if (r == 0) {
		(void)mpol_fail(err, &rule_no_cpus, "", "there is no node %u", node);
		return mpol_hint(err, "`mpol machine` shows the nodes");
	}
	if (r > 0)
		add_cpus(to, &cpus);
	return r < 0 ? r : 0;
}

static int resolve(int root_fd, const struct mpol_nodes_expr *e, struct mpol_nodeset *ret,
		   struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	int r;

	if (mpol_nodes_expr_is_literal(e)) {
		*ret = e->nodes;
		return 0;
	}
	r = machine_read_topology(root_fd, &m, err);
	if (r == 0)
		r = machine_read_task(root_fd, 0, &m, err);
	return r < 0 ? r : mpol_nodes_resolve(root_fd, &m, NULL, e, ret, err);
}

int run_cpus_of_nodes(int root_fd, const char *text, struct mpol_cpus *ret, struct mpol_error *err)
{
	struct mpol_cpus cpus = { { 0 } };
	struct mpol_nodes_expr e;
	struct mpol_nodeset nodes;
	int r = mpol_nodes_expr_parse(text, &e, err);

	if (r == 0)
		r = resolve(root_fd, &e, &nodes, err);
	for (int n = r < 0 ? -1 : mpol_nodes_next(&nodes, 0); r == 0 && n >= 0;
	     n = mpol_nodes_next(&nodes, (unsigned)n + 1))
		r = read_node_cpus(root_fd, (unsigned)n, &cpus, err);
	if (r < 0)
		return r;
	if (mpol_cpus_empty(&cpus))
		return mpol_fail(err, &rule_no_cpus, "", "%s has no CPUs", text);
	*ret = cpus;
	return 0;
}

/* What the cpuset has; what is online where there is no cpuset, or it cannot be read. */
static void usable_cpus(int root_fd, struct mpol_cpus *ret, const char **ret_whose)
{
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	struct cgroup_tree tree;
	char path[CGROUP_PATH];

	*ret = (struct mpol_cpus){ { 0 } };
	*ret_whose = "online";
	if (cgroup_find(root_fd, &tree, NULL) == 0 &&
	    cgroup_path_of(root_fd, &tree, 0, path, sizeof(path), NULL) == 0 &&
	    cgroup_open(root_fd, &tree, path, &g, NULL) == 0 &&
	    cgroup_effective_cpus(&g, ret, NULL) == 0)
		*ret_whose = "in the cpuset";
	else
		(void)files_cpus(root_fd, ret, NULL, "sys/devices/system/cpu/online"); /* or none */
}

static int explain(int root_fd, int r, const struct mpol_cpus *cpus, struct mpol_error *err)
{
	char given[SHORT_LIST], usable[SHORT_LIST];
	struct mpol_cpus there;
	const char *whose;

	if (r != -EINVAL)
		return explain_call(r, "sched_setaffinity", err);
	if (mpol_cpus_empty(cpus))
		return mpol_fail(err, &rule_unusable, "", "no CPU is named");
	usable_cpus(root_fd, &there, &whose);
	return mpol_fail(err, &rule_unusable, "", "none of the CPUs %s can be used (%s: %s)",
			 short_list(given, cpus), whose, short_list(usable, &there));
}

static struct mpol_cpus minus(const struct mpol_cpus *a, const struct mpol_cpus *b)
{
	struct mpol_cpus rest;

	for (size_t w = 0; w < ELEMENTSOF(rest.word); w++)
		rest.word[w] = a->word[w] & ~b->word[w];
	return rest;
}

int run_cpus_apply(int root_fd, const struct mpol_cpus *cpus, struct mpol_error *err)
{
	char dropped[SHORT_LIST], usable[SHORT_LIST];
	struct mpol_cpus now, lost;
	int r = affinity_set(0, cpus);

	if (r < 0)
		return explain(root_fd, r, cpus, err);
	if (affinity_get(0, &now) < 0 || mpol_cpus_subset(cpus, &now))
		return 0;
	lost = minus(cpus, &now);
	(void)mpol_fail(err, &rule_dropped, "",
			"of the CPUs, %s cannot be used; the command runs on %s",
			short_list(dropped, &lost), short_list(usable, &now));
	return 1;
}
