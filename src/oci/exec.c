/* SPDX-License-Identifier: MIT */
/* A container's policy for another process in it; see exec.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpol/apply.h>

#include "oci/exec.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"

static const struct mpol_rule rule_status = {
	"container-mems",
	EIO,
	"Which nodes the container may use stands in its init's status.",
	NULL,
	"proc(5) /proc/PID/status",
	NULL,
};
static const struct mpol_rule rule_paused = {
	"container-paused",
	EBUSY,
	"The policy must be set inside the container's cpuset; a process that joins a frozen "
	"cgroup "
	"stands still with it.",
	"resume the container first",
	"Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze",
	NULL,
};

bool exec_survives_leaving(const struct mpol_policy *p, const struct mpol_nodeset *inside,
			   const struct mpol_nodeset *outside)
{
	bool user_mask = p->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES);
	bool no_fewer = mpol_nodes_count(outside) >= mpol_nodes_count(inside);

	if (mpol_nodes_empty(&p->nodes)) /* DEFAULT, LOCAL, PREFERRED without nodes */
		return true;
	/* Kernels before 7.2 take the user's nodes for the old cpuset. */
	if ((p->flags & MPOL_FLAG_NUMA_BALANCING) && !user_mask)
		return false;
	switch (p->mode) {
	case MPOL_MODE_PREFERRED:
	case MPOL_MODE_PREFERRED_MANY:
		/* The move overwrites the nodes that get_mempolicy(2) would answer. */
		return !user_mask && no_fewer;
	case MPOL_MODE_BIND:
	case MPOL_MODE_INTERLEAVE:
	case MPOL_MODE_WEIGHTED_INTERLEAVE:
		/* The i-th node of the old cpuset becomes the i-th of the new one, and back, as
		 * long as there is an i-th. */
		return user_mask || no_fewer;
	case MPOL_MODE_DEFAULT:
	case MPOL_MODE_LOCAL:
	case MPOL_N_MODES:
		break;
	}
	return true;
}

static int mems_of(int root_fd, pid_t pid, struct mpol_nodeset *ret, struct mpol_error *err)
{
	static const char key[] = "\nMems_allowed_list:";
	_cleanup_free_ char *text = NULL;
	char *list;
	int r = file_read_at(root_fd, 1 << 20, &text, NULL, "proc/%d/status", (int)pid);

	if (r < 0)
		return mpol_fail_errno(err, &rule_status, -r, "", "/proc/%d/status: %s", (int)pid,
				       strerror(-r));
	list = strstr(text, key);
	if (!list)
		return mpol_fail(err, &rule_status, "",
				 "/proc/%d/status has no Mems_allowed_list: a kernel without NUMA",
				 (int)pid);
	list += strlen(key);
	list += strspn(list, " \t");
	list[strcspn(list, "\n")] = '\0';
	return mpol_nodes_parse(list, ret, err);
}

/* v2 only: v1 freezes in a hierarchy of its own. */
static bool is_frozen(const struct cgroup *g)
{
	_cleanup_free_ char *text = NULL;

	return g->version == CGROUP_V2 &&
	       file_read_at(g->fd, 4096, &text, NULL, "cgroup.events") == 0 &&
	       strstr(text, "frozen 1");
}

struct places {
	struct cgroup own, container;
};

static void places_done(struct places *p)
{
	cgroup_done(&p->own);
	cgroup_done(&p->container);
}

static int open_place(int root_fd, const struct cgroup_tree *tree, pid_t pid, struct cgroup *ret,
		      struct mpol_error *err)
{
	char path[CGROUP_PATH];
	int r = cgroup_path_of(root_fd, tree, pid, path, sizeof(path), err);

	return r < 0 ? r : cgroup_open(root_fd, tree, path, ret, err);
}

static int find_places(int root_fd, pid_t init, struct places *ret, struct mpol_error *err)
{
	struct cgroup_tree tree;
	int r = cgroup_find(root_fd, &tree, err);

	if (r >= 0)
		r = open_place(root_fd, &tree, 0, &ret->own, err);
	if (r >= 0)
		r = open_place(root_fd, &tree, init, &ret->container, err);
	return r;
}

/* Joins, sets and, unless `stay`, leaves. */
static int take_inside(int root_fd, pid_t init, const struct mpol_policy *p, bool stay,
		       struct mpol_error *err)
{
	_cleanup_(places_done) struct places at = { CGROUP_NONE, CGROUP_NONE };
	int r = find_places(root_fd, init, &at, err);

	if (r < 0)
		return r;
	if (is_frozen(&at.container))
		return mpol_fail(err, &rule_paused, "", "the container is paused");
	r = cgroup_join(&at.container, 0, err);
	if (r < 0)
		return r;
	r = mpol_apply(p, err);
	if (r < 0 || !stay)
		(void)cgroup_join(&at.own, 0, NULL); /* where we may not go back, we stay */
	return r;
}

int exec_take_policy(pid_t init, const struct mpol_policy *p, struct mpol_error *err)
{
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mpol_nodeset inside, outside;
	bool survives;
	int r;

	if (root_fd < 0)
		return mpol_fail_errno(err, &rule_status, errno, "/", "%s", strerror(errno));
	r = mems_of(root_fd, init, &inside, err);
	if (r >= 0)
		r = mpol_current_mems(&outside, err);
	if (r < 0)
		return r;
	survives = exec_survives_leaving(p, &inside, &outside);
	if (survives && mpol_nodes_equal(&inside, &outside))
		return mpol_apply(p, err);
	return take_inside(root_fd, init, p, !survives, err);
}
