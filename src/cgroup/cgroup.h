/* SPDX-License-Identifier: MIT */
/*
 * Cgroups with a cpuset: found, created, filled, joined, read, emptied and removed, on cgroup v1,
 * v2 and hybrids.
 *
 *     _cleanup_(cgroup_done) struct cgroup parent = CGROUP_NONE, group = CGROUP_NONE;
 *     r = cgroup_find(root_fd, &tree, err);                     which hierarchy has the cpuset
 * controller r = cgroup_open(root_fd, &tree, "/", &parent, err);       or cgroup_path_of(…,
 * getpid(), …): where we are r = cgroup_enable_cpuset(&parent, err);                   v2: hands
 * the controller down to parent's children r = cgroup_create(&parent, "node0", &group, err); r =
 * cgroup_set_cpus(&group, &cpus, err); r = cgroup_join(&group, pid, err); r = cgroup_kill(&group,
 * err); r = cgroup_remove(&group, 2000, err);
 *
 * The differences between v1 and v2 end here: on v1 a new group starts with its parent's CPUs and
 * mems (an empty v1 cpuset cannot be joined); on v2 it inherits them anyway. Sources:
 * Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/cpusets.rst, cpuset(7).
 */
#ifndef CGROUP_CGROUP_H
#define CGROUP_CGROUP_H

#include <mpol/machine.h>

#define CGROUP_PATH 4096
#define CGROUP_NAME 256

enum cgroup_version { CGROUP_V1 = 1, CGROUP_V2 = 2 };

/* The hierarchy that carries the cpuset controller. */
struct cgroup_tree {
	enum cgroup_version version;
	char mount[CGROUP_PATH]; /* where it is mounted, relative to the root:
				    "sys/fs/cgroup/cpuset" */
	char top[CGROUP_PATH]; /* the cgroup that is mounted there, "/" unless a container sees only
				  a part */
};

struct cgroup {
	int fd; /* its directory; -1: none */
	enum cgroup_version version;
	bool no_prefix; /* the oldest mounts (-t cpuset): files are "cpus", "mems", "tasks" */
	bool is_root;	/* of the hierarchy, as mounted */
	char path[CGROUP_PATH]; /* where it is, for messages: "/sys/fs/cgroup/cpuset/node0" */
};
#define CGROUP_NONE      \
	{                \
		.fd = -1 \
	}

/* Closes the descriptor; the cgroup stays. Accepts CGROUP_NONE. */
void cgroup_done(struct cgroup *g);

/*
 * All below return 0 or a negative errno and describe failures in err. Rules: cgroup-no-cpuset (no
 * hierarchy has the controller), cgroup-read-only, cgroup-permission, cgroup-exists, cgroup-name,
 * cgroup-not-found, cgroup-busy, cgroup-not-delegated (the controller is not handed down),
 * cgroup-inner-process (v2: a group with processes cannot hand it down), cgroup-cpuset (the kernel
 * refused CPUs or mems), cgroup-io.
 */

/* Asks proc/self/mountinfo (or proc/mounts) below root_fd; of a v2 hierarchy, also its
 * cgroup.controllers. */
int cgroup_find(int root_fd, struct cgroup_tree *ret, struct mpol_error *err);
/* The cgroup of a process in that hierarchy, as cgroup_open() takes it: "/", "/user.slice". pid 0:
 * the caller. */
int cgroup_path_of(int root_fd, const struct cgroup_tree *tree, pid_t pid, char *ret, size_t size,
		   struct mpol_error *err);
/* path is below the mount: "/", "/a/b"; ".." is refused. */
int cgroup_open(int root_fd, const struct cgroup_tree *tree, const char *path, struct cgroup *ret,
		struct mpol_error *err);
/* An existing child. */
int cgroup_open_child(const struct cgroup *parent, const char *name, struct cgroup *ret,
		      struct mpol_error *err);

/* Whether a name can be a cgroup's: not empty, at most 255 bytes, no '/', no newline, not "." or
 * "..", no "cgroup." or controller prefix. */
int cgroup_check_name(const char *name, struct mpol_error *err);

/*
 * v2: writes +cpuset to the cgroup.subtree_control of every group from the top of the mount down to
 * g, so that g's children have cpusets. Groups that have it already are left alone, so that a
 * delegated subtree needs no rights above itself. v1: does nothing. A non-root v2 group that has
 * processes of its own cannot: -EBUSY, cgroup-inner-process.
 */
int cgroup_enable_cpuset(const struct cgroup *g, struct mpol_error *err);
/*
 * Moves the processes of g itself (not of its children) into its child `name`, created when
 * missing: what a process in a delegated v2 group does before cgroup_enable_cpuset().
 */
int cgroup_vacate(const struct cgroup *g, const char *name, struct mpol_error *err);

/* -EEXIST when there is one of that name. v1: cpus and mems start as the parent's. ret owns nothing
 * but its descriptor. */
int cgroup_create(const struct cgroup *parent, const char *name, struct cgroup *ret,
		  struct mpol_error *err);
int cgroup_set_cpus(const struct cgroup *g, const struct mpol_cpus *cpus, struct mpol_error *err);
int cgroup_set_mems(const struct cgroup *g, const struct mpol_nodeset *mems,
		    struct mpol_error *err);
/* What the group's processes may really use. */
int cgroup_effective_cpus(const struct cgroup *g, struct mpol_cpus *ret, struct mpol_error *err);
int cgroup_effective_mems(const struct cgroup *g, struct mpol_nodeset *ret, struct mpol_error *err);

/* Moves a process with all its threads; pid 0: the caller. Async-signal-safe when err is NULL. */
int cgroup_join(const struct cgroup *g, pid_t pid, struct mpol_error *err);
/* The processes in the group itself; the array is freed by the caller. */
int cgroup_pids(const struct cgroup *g, pid_t **ret, size_t *ret_n, struct mpol_error *err);
/*
 * SIGKILL to every process of the group, and of its children: by cgroup.kill where it exists,
 * otherwise process by process until none is left. Does not wait for the exits.
 */
int cgroup_kill(const struct cgroup *g, struct mpol_error *err);
/*
 * Removes the group and its child groups. While killed members are still exiting the kernel answers
 * EBUSY: tried again for up to timeout_ms milliseconds. g's descriptor is closed on success. A
 * group that is gone already is a success.
 */
int cgroup_remove(struct cgroup *g, unsigned timeout_ms, struct mpol_error *err);

#endif
