/* SPDX-License-Identifier: MIT */
/* Whether this process may make the system calls of memory placement, found by making each in a
 * scratch child. */
#ifndef KERNEL_TRY_CALLS_H
#define KERNEL_TRY_CALLS_H

enum tried_call {
	TRIED_SET_MEMPOLICY,
	TRIED_GET_MEMPOLICY,
	TRIED_MBIND,
	TRIED_MOVE_PAGES,    /* asks where an own page is, and moves it to where it is */
	TRIED_MIGRATE_PAGES, /* of the own process, from and to the same nodes */
	TRIED_PTRACE, /* seizes the process that asks, which is no descendant of the child, and lets
			 it go */
	TRIED_NUMA_MAPS, /* reads the own file */
	N_TRIED_CALLS
};

struct tried {
	int answer; /* 0, or a negative errno */
	int signal; /* that killed the child; 0: none */
};

/* "set_mempolicy" */
const char *tried_name(enum tried_call call);
/*
 * Makes one call. root_fd: below which proc/self/numa_maps lies. The caller is not changed; while
 * TRIED_PTRACE lasts it is traced, without being stopped.
 */
struct tried try_call(int root_fd, enum tried_call call);

#endif
