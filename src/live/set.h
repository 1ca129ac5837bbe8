/* SPDX-License-Identifier: MIT */
/* What giving one process a policy, and many, have in common. */
#ifndef LIVE_SET_H
#define LIVE_SET_H

#include <mpol/live.h>

/* What a thread or process of a list turned out to be; later ones are worse. SET_LOST: it was seen
 * without the policy and ended before it had it. */
enum set_visit { SET_HAD_IT, SET_VANISHED, SET_WAS_NEW, SET_LOST };

/*
 * Whether the lists taken so far, with what their worst entry turned out to be (*sure starts at 0),
 * prove that all have the policy. Two in a row in which all had it do. One from which somebody
 * vanished before it was looked at is a fiftieth of that, and followed by a short sleep: who sleeps
 * is next to run, and less of the next list vanishes.
 */
bool set_is_sure(unsigned *sure, enum set_visit worst);

/*
 * mpol_set() on a machine that was read before, for whichever process: only what this process may
 * use of it is read anew. What is short-lived ends while a machine is read.
 */
int set_process(int root_fd, pid_t pid, const struct mpol_policy *p,
		const struct mpol_set_options *options, const struct mpol_machine *machine,
		struct mpol_set_result *ret, struct mpol_error *err);

/*
 * Whether every thread of the process shows the policy already, each within its own cpuset: 1 or 0;
 * -ESRCH: it is gone.
 */
int set_is_in_force(int root_fd, pid_t pid, const struct mpol_policy *p,
		    const struct mpol_machine *machine);

/* One process of a cgroup, named as for mpol_set_cgroup(): where "all" nodes of a policy are looked
 * up for it. */
int set_cgroup_member(int root_fd, const char *path, pid_t *ret, struct mpol_error *err);

#endif
