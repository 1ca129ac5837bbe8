/* SPDX-License-Identifier: MIT */
/*
 * The janitor: a process in a session of its own that removes a test's cgroups, and kills who is
 * still in them, once its owner is done with them or dead. It is the only one to remove them, so
 * that the way taken after a SIGKILL is the way taken every time.
 */
#ifndef HARNESS_JANITOR_H
#define HARNESS_JANITOR_H

#include "cgroup/cgroup.h"

struct janitor {
	pid_t pid; /* 0: none */
	int fd;	   /* our end of its pipe: its owner lives as long as this is open */
	struct mpol_error *answer; /* in shared memory: what it could not do */
};
#define JANITOR_NONE     \
	{                \
		.fd = -1 \
	}

/* Starts one that will remove the child `name` of `base`, whether or not it exists by then.. */
int janitor_start(struct janitor *j, const struct cgroup *base, const char *name,
		  struct mpol_error *err);
/* Lets it clean up now, and waits for it. Accepts JANITOR_NONE. */
int janitor_finish(struct janitor *j, struct mpol_error *err);

#endif
