/* SPDX-License-Identifier: MIT */
/* How do a group's children get a cpuset? On v2 each level hands controllers down; see
 * cgroup_enable_cpuset(). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "cgroup/io.h"

static const struct mpol_rule rule_inner_process = {
	"cgroup-inner-process",
	EBUSY,
	"On cgroup v2 a group either has processes or hands controllers down to its children; only "
	"the root does both.",
	"move its processes into a child group first, or create the groups elsewhere",
	"Documentation/admin-guide/cgroup-v2.rst, No Internal Process Constraint",
	NULL,
};

static bool has_members(const struct cgroup *g)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;

	return cgroup_pids(g, &pids, &n, NULL) == 0 && n > 0;
}

/*
 * Writes +cpuset here, where the controller is known to be available. cpuset is a threaded
 * controller, which the kernel hands down from a group with processes as well; but the children are
 * then invalid domains that no process can join (kernel/cgroup/cgroup.c
 * cgroup_vet_subtree_control_enable(), cgroup_is_valid_domain()). So it is refused here.
 */
static int hand_down(const struct cgroup *g, struct mpol_error *err)
{
	int r = !g->is_root && has_members(g)
			? -EBUSY
			: file_write_at(g->fd, "+cpuset", "cgroup.subtree_control");

	if (r == -EBUSY)
		return mpol_fail(err, &rule_inner_process, g->path,
				 "it has processes, so it cannot give its children a cpuset");
	if (r == -EOPNOTSUPP)
		return mpol_fail_errno(err, &cgroup_rule_not_delegated, EOPNOTSUPP, g->path,
				       "it is in a threaded subtree, or invalid (cgroup.type)");
	return r < 0 ? cgroup_fail(err, r, g->path, "writing +cpuset to cgroup.subtree_control")
		     : 0;
}

/*
 * From g upwards to the first group that has been given the controller, then down again: a
 * delegated subtree needs no rights above itself. At most as deep as the path is long.
 */
static int enable(const struct cgroup *g, struct mpol_error *err)
{
	if (cgroup_file_has_word(g, "cgroup.subtree_control", "cpuset"))
		return 0;
	if (!cgroup_file_has_word(g, "cgroup.controllers", "cpuset")) {
		_cleanup_(cgroup_done) struct cgroup above = CGROUP_NONE;
		int r = cgroup_open_above(g, &above);

		if (r < 0)
			return mpol_fail(err, &cgroup_rule_not_delegated, g->path,
					 "it was not given the cpuset controller");
		r = enable(&above, err);
		if (r < 0)
			return r;
	}
	return hand_down(g, err);
}

int cgroup_enable_cpuset(const struct cgroup *g, struct mpol_error *err)
{
	return g->version == CGROUP_V2 ? enable(g, err) : 0;
}

/* Opens the child, made when missing. On v2 it need not have a cpuset yet, so cgroup_create() is
 * not for it. */
static int open_or_make(const struct cgroup *g, const char *name, struct cgroup *ret,
			struct mpol_error *err)
{
	int r = cgroup_check_name(name, err);

	if (r < 0)
		return r;
	if (g->version == CGROUP_V1) {
		r = cgroup_create(g, name, ret, NULL);
		return r == -EEXIST ? cgroup_open_child(g, name, ret, err) : r;
	}
	if (mkdirat(g->fd, name, 0755) < 0 && errno != EEXIST)
		return cgroup_fail(err, -errno, g->path, "creating a group");
	return cgroup_open_child(g, name, ret, err);
}

int cgroup_vacate(const struct cgroup *g, const char *name, struct mpol_error *err)
{
	_cleanup_(cgroup_done) struct cgroup child = CGROUP_NONE;
	int r = open_or_make(g, name, &child, err);

	/* Processes fork while they are moved: look again until nobody is left. */
	while (r == 0) {
		_cleanup_free_ pid_t *pids = NULL;
		size_t n = 0;

		r = cgroup_pids(g, &pids, &n, err);
		if (r < 0 || n == 0)
			return r;
		for (size_t i = 0; i < n && r == 0; i++) {
			r = cgroup_join(&child, pids[i], err);
			if (r == -ESRCH)
				r = 0; /* it ended meanwhile */
		}
	}
	return r;
}
