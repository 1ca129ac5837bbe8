/* SPDX-License-Identifier: MIT */
/* Making and removing a test's cgroups; see arena.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/arena.h"

static const struct mpol_rule needs_root = {
	.id = "cgroup-needs-root",
	.errnum = EPERM,
	.why = "Cgroups with a cpuset are created by root, or in a subtree that root has "
	       "delegated.",
	.hint = "run it as root, in a virtual machine (--on 2n), or below systemd-run --user "
		"--scope -p Delegate=yes.",
};

/* The runner and this process: nobody else is moved because of us. */
static bool only_ours(const struct cgroup *g)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;

	if (cgroup_pids(g, &pids, &n, NULL) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pids[i] != getpid() && pids[i] != getppid())
			return false;
	return n > 0;
}

/*
 * Where we are, when cpusets can be handed down from there. A v2 group with processes cannot: then
 * root takes the top of the hierarchy, and in a group that holds nobody but us we step aside into a
 * child.
 */
static int find_base(int root_fd, struct cgroup *ret, struct mpol_error *err)
{
	_cleanup_free_ struct cgroup_tree *tree = malloc(sizeof(*tree));
	_cleanup_free_ char *path = malloc(CGROUP_PATH);
	int r;

	if (!tree || !path)
		return no_memory(err, "paths");
	r = cgroup_find(root_fd, tree, err);
	if (r < 0)
		return r;
	r = cgroup_path_of(root_fd, tree, 0, path, CGROUP_PATH, err);
	if (r < 0)
		return r;
	r = cgroup_open(root_fd, tree, path, ret, err);
	if (r < 0)
		return r;
	r = cgroup_enable_cpuset(ret, err);
	if (r == -EBUSY && only_ours(ret)) {
		r = cgroup_vacate(ret, "mpol-runner", err);
		return r < 0 ? r : cgroup_enable_cpuset(ret, err);
	}
	if (r != -EBUSY || geteuid() != 0)
		return r;
	cgroup_done(ret);
	r = cgroup_open(root_fd, tree, "/", ret, err);
	return r < 0 ? r : cgroup_enable_cpuset(ret, err);
}

int arena_possible(int root_fd, struct mpol_error *err)
{
	_cleanup_free_ struct cgroup_tree *tree = malloc(sizeof(*tree));
	_cleanup_free_ char *path = malloc(CGROUP_PATH);
	_cleanup_(cgroup_done) struct cgroup here = CGROUP_NONE;
	int r;

	if (!tree || !path)
		return no_memory(err, "paths");
	r = cgroup_find(root_fd, tree, err);
	if (r < 0)
		return r;
	r = cgroup_path_of(root_fd, tree, 0, path, CGROUP_PATH, err);
	if (r < 0)
		return r;
	r = cgroup_open(root_fd, tree, path, &here, err);
	if (r < 0)
		return r;
	if (faccessat(here.fd, ".", W_OK, AT_EACCESS) == 0)
		return 0;
	return mpol_fail(err, &needs_root, "", "user %u may not create cgroups in %.100s",
			 (unsigned)geteuid(), here.path);
}

static int make_group(struct arena *a, const struct setup_cgroup *g, struct cgroup *group,
		      struct mpol_error *err)
{
	int r = cgroup_create(&a->top, g->def->name, group, err);

	if (r == 0 && g->has_cpus)
		r = cgroup_set_cpus(group, &g->cpus, err);
	if (r == 0 && !mpol_nodes_empty(&g->mems))
		r = cgroup_set_mems(group, &g->mems, err);
	return r;
}

static int make_groups(struct arena *a, const struct setup *s, struct mpol_error *err)
{
	int r;

	a->groups = calloc(s->n_cgroups, sizeof(*a->groups));
	if (!a->groups)
		return no_memory(err, "the cgroups");
	for (size_t i = 0; i < s->n_cgroups; i++)
		a->groups[i] = (struct cgroup)CGROUP_NONE;
	a->n_groups = s->n_cgroups;
	r = cgroup_create(&a->chores.base, a->chores.name, &a->top, err);
	if (r == 0)
		r = cgroup_enable_cpuset(&a->top, err);
	for (size_t i = 0; r == 0 && i < s->n_cgroups; i++)
		r = make_group(a, &s->cgroups[i], &a->groups[i], err);
	return r;
}

int arena_make(int root_fd, const struct setup *s, struct arena *ret, struct mpol_error *err)
{
	const struct mpol_test *test = s->test;
	int r = 0;

	*ret = (struct arena)ARENA_NONE;
	ret->chores.root_fd = root_fd;
	if (!s->needs_cgroups && !s->changes_machine)
		return 0;
	ret->chores.undo = undo_new();
	if (!ret->chores.undo)
		return no_memory(err, "what is to be undone");
	(void)snprintf(ret->chores.name, sizeof(ret->chores.name), "mpol-%d", (int)getpid());
	if (s->needs_cgroups)
		r = find_base(root_fd, &ret->chores.base, err);
	if (r == 0)
		r = janitor_start(&ret->janitor, &ret->chores, err);
	if (r == 0)
		r = arena_set_weights(ret, test->weights, err);
	if (r == 0)
		r = hugepages_set(root_fd, test->hugepages, ret->chores.undo->hugepages, err);
	if (r == 0 && test->numa_balancing)
		r = balancing_on(root_fd, &ret->chores.undo->balancing, err);
	if (r == 0 && s->needs_cgroups)
		r = make_groups(ret, s, err);
	return r;
}

int arena_set_weights(struct arena *a, const uint8_t weights[MPOL_MAX_SHARES],
		      struct mpol_error *err)
{
	int root_fd = a->chores.root_fd;
	int r = weights_remember(root_fd, weights, &a->chores.undo->weights, err);

	return r < 0 ? r : weights_set(root_fd, weights, err);
}

int arena_offline_cpus(struct arena *a, const struct mpol_cpus *cpus, struct mpol_error *err)
{
	int root_fd = a->chores.root_fd;
	int r = cpus_remember(root_fd, cpus, &a->chores.undo->offline, err);

	return r < 0 ? r : cpus_switch(root_fd, cpus, false, err);
}

int arena_finish(struct arena *a, struct mpol_error *err)
{
	int r;

	for (size_t i = 0; i < a->n_groups; i++)
		cgroup_done(&a->groups[i]);
	free(a->groups);
	cgroup_done(&a->top);
	r = janitor_finish(&a->janitor, err);
	cgroup_done(&a->chores.base);
	undo_free(a->chores.undo);
	*a = (struct arena)ARENA_NONE;
	return r;
}
