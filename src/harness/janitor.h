/* SPDX-License-Identifier: MIT */
/*
 * The janitor: a process in a session of its own that puts back what a test changed on this
 * machine, once its owner is done or dead: removes the test's cgroups, killing who is still in
 * them, and undoes what was changed of the machine itself. It is the only one to do so, so that the
 * way taken after a SIGKILL is the way taken every time.
 */
#ifndef HARNESS_JANITOR_H
#define HARNESS_JANITOR_H

#include "cgroup/cgroup.h"
#include "harness/undo.h"

/* What there will be to do; complete before anything is changed, but for what is noted in undo
 * before each change. */
struct chores {
	struct cgroup base; /* whose child `name` is removed, if it is there by then; fd -1: there
			       is none */
	char name[64];
	int root_fd;
	struct undo *undo; /* shared; NULL: nothing */
};
#define CHORES_NONE                                \
	{                                          \
		.base = CGROUP_NONE, .root_fd = -1 \
	}

struct janitor {
	pid_t pid; /* 0: none */
	int fd;	   /* our end of its pipe: its owner lives as long as this is open */
	struct mpol_error *answer; /* in shared memory: what it could not do */
};
#define JANITOR_NONE     \
	{                \
		.fd = -1 \
	}

int janitor_start(struct janitor *j, const struct chores *chores, struct mpol_error *err);
/* Lets it clean up now, and waits for it. Accepts JANITOR_NONE. */
int janitor_finish(struct janitor *j, struct mpol_error *err);

#endif
