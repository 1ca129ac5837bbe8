/* SPDX-License-Identifier: MIT */
/* What giving one process a policy, and many, have in common. */
#ifndef LIVE_SET_H
#define LIVE_SET_H

#include <mpol/live.h>

/*
 * Whether every thread of the process shows the policy already, each within its own cpuset: 1 or 0;
 * -ESRCH: it is gone.
 */
int set_is_in_force(int root_fd, pid_t pid, const struct mpol_policy *p);

#endif
