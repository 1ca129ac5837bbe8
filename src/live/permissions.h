/* SPDX-License-Identifier: MIT */
/*
 * Why this process may not change another one. The kernel answers EPERM for a dozen reasons; the
 * facts behind them are looked up, and judged in the kernel's own order (kernel/ptrace.c
 * __ptrace_may_access()).
 */
#ifndef LIVE_PERMISSIONS_H
#define LIVE_PERMISSIONS_H

#include <mpol/error.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Of one process; ours, and the other. */
struct permission_side {
	unsigned uid[3], gid[3];       /* real, effective, saved */
	uint64_t permitted, effective; /* capabilities */
	uint64_t user_namespace;       /* its inode; 0: unknown */
	char label[64];		       /* of the security module; "": none */
	unsigned seccomp;	       /* mode; 2: filters */
};

struct permission_facts {
	pid_t pid;
	struct permission_side ours, theirs;
	bool theirs_dumpable; /* /proc/PID belongs to the process's user, not to root */
	bool mapped_users;    /* we are in a user namespace of our own: other users are not even
				 visible */
	int yama;	      /* kernel.yama.ptrace_scope; -1: there is none */
	bool descendant;      /* of ours */
	bool selinux_deny;    /* the boolean deny_ptrace is on */
};

/* 0, or -ESRCH when the process is gone. */
int permission_look(int root_fd, pid_t pid, struct permission_facts *ret);
/* Pure: the first check that the facts fail; -EPERM. */
int permission_judge(const struct permission_facts *f, struct mpol_error *err);

/* Both: replaces what err says by the reason. r is returned, unless the process is gone. */
int permission_explain(int root_fd, pid_t pid, int r, struct mpol_error *err);

#endif
