/* SPDX-License-Identifier: MIT */
/*
 * Placement by the policy in force: mappings with the same policy text together. A process's
 * threads may have policies of their own, and a mapping that has none shows the one of the thread
 * whose folder is read.
 */
#ifndef PLACEMENT_BY_POLICY_H
#define PLACEMENT_BY_POLICY_H

#include <mpol/placement.h>

#include "placement/numa_maps.h"

#define POLICY_TEXT 128

struct policy_group {
	char text[POLICY_TEXT];	   /* as numa_maps has it */
	struct numa_policy policy; /* without its text */
	size_t mappings;	   /* with this policy, also empty ones */
	struct mpol_placement placement;
};

struct policy_groups {
	size_t n;
	struct policy_group *groups; /* in the order of their first mapping */
};

/* own: fills own of each placement as well, at the cost of reading pagemap. Release with
 * policy_groups_done(). */
int placement_by_policy(int root_fd, pid_t pid, bool own, struct policy_groups *ret,
			struct mpol_error *err);
void policy_groups_done(struct policy_groups *g);

/* The policy of some threads. */
struct thread_policy {
	char text[POLICY_TEXT];
	struct numa_policy policy; /* without its text */
	size_t threads;
	pid_t first; /* one of them, the lowest number */
};

struct thread_policies {
	size_t n_threads;
	size_t n;
	struct thread_policy *policies; /* that of the main thread first */
};

/*
 * What each thread's pages without a policy of their mapping's are placed by: read from the first
 * mapping of each thread's numa_maps, which is the program's own file and hardly ever has a policy
 * of its own. Threads that end meanwhile are left out. A recording without task folders has the
 * main thread only.
 */
int placement_thread_policies(int root_fd, pid_t pid, struct thread_policies *ret,
			      struct mpol_error *err);
void thread_policies_done(struct thread_policies *t);

/*
 * The policy of one thread of the process whose /proc/PID is dir_fd, as numa_maps has it. 1: text
 * is filled; 0: the thread ended, or has no mapping; -errno.
 */
int placement_thread_policy(int dir_fd, pid_t tid, char text[POLICY_TEXT]);

/* Pages that a policy places: all but those of files, which were placed for whoever read them
 * first. */
uint64_t placement_governed(const struct mpol_placement *p, const struct mpol_nodeset *nodes);

#endif
