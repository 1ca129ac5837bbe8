/* SPDX-License-Identifier: MIT */
/* Whether a policy is in force in a thread, seen from outside: what numa_maps shows against what it
 * should. */
#ifndef LIVE_IN_FORCE_H
#define LIVE_IN_FORCE_H

#include <mpol/live.h>
#include <mpol/predict.h>

/*
 * What numa_maps will show for a thread (tid; of the process whose /proc/PID is dir_fd) under the
 * policy: it depends on the thread's own cpuset. -errno: the policy is refused there, err says why.
 */
int in_force_text(const struct mpol_machine *m, int dir_fd, pid_t tid, const struct mpol_policy *p,
		  char text[MPOL_KEPT_TEXT], struct mpol_error *err);

/* 1: in force; 0: another one is, and ret_shown is its text; -ESRCH: the thread is gone; -errno. */
int in_force(const struct mpol_machine *m, int root_fd, pid_t pid, int dir_fd, pid_t tid,
	     const struct mpol_policy *p, char ret_shown[MPOL_SET_TEXT]);

#endif
