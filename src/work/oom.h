/* SPDX-License-Identifier: MIT */
/*
 * Whether the OOM killer ended a process: from the kernel's messages, where they may be read and
 * name processes as we do (not in a PID namespace), else from its count of such ends. Source: mm/oom_kill.c dump_oom_summary(), __oom_kill_process().
 */
#ifndef WORK_OOM_H
#define WORK_OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OOM_HOW	     80
#define OOM_MAX_SEEN 64

struct oom {
	int root_fd, kmsg_fd; /* -1: none */
	uint64_t count;	      /* of /proc/vmstat; those that were told are in it */
	size_t n_seen;
	struct oom_seen {
		pid_t pid;
		char how[OOM_HOW]; /* "CONSTRAINT_MEMORY_POLICY, nodes 1"; "": not told */
	} seen[OOM_MAX_SEEN];
};
#define OOM_NONE                             \
	{                                    \
		.root_fd = -1, .kmsg_fd = -1 \
	}

/* From now on; root_fd -1: nothing is found out. */
void oom_open(struct oom *o, int root_fd);
void oom_done(struct oom *o);
/* Whether it was what killed the process, which has just been found dead by SIGKILL. */
bool oom_killed(struct oom *o, pid_t pid, char how[OOM_HOW]);
/* A record of the kernel's messages: remembered when it tells of a process's end. */
void oom_read(struct oom *o, const char *record);

#endif
