/* SPDX-License-Identifier: MIT */
/* Children that the crew never meets: it waits for all children it has, and these send no signal at
 * their end. */
#ifndef HARNESS_UNSEEN_H
#define HARNESS_UNSEEN_H

#include <sys/types.h>

/* 0 in the child; -errno. */
pid_t unseen_fork(void);
/* Its wait status; 0 where there is none. */
int unseen_wait(pid_t pid);

#endif
