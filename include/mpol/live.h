/* SPDX-License-Identifier: MIT */
/*
 * Changing what runs: the policy of a process from outside, and where its pages are.
 *
 * No system call sets another task's policy. mpol_set() lets each thread make the call itself, by ptrace(2): it is stopped
 * for some 50 microseconds and goes on where it was, in whatever it was doing. Kill this process at any
 * moment, and the others go on all the same. Needs the permission to debug the process; x86-64.
 *
 * While it traces, the calling process gets SIGCHLD, and must not wait for any child (waitpid(-1)) in another thread.
 */
#ifndef MPOL_LIVE_H
#define MPOL_LIVE_H

#include <mpol/machine.h>
#include <mpol/placement.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- The policy of a process --- */

struct mpol_set_options {
	bool main_only;      /* only the thread whose number is the process's; default: all */
	bool mbind_existing; /* mappings that are there get the policy as their own, too (mbind(2), no page is moved) */
	unsigned timeout_ms; /* per thread, until it can be stopped; 0: 2000 */
};

#define MPOL_SET_TEXT 128

struct mpol_set_result {
	pid_t pid;
	char name[32];                /* of the program, as the kernel cuts it */
	char before[MPOL_SET_TEXT];   /* the first thread's policy before, as numa_maps shows it */
	char after[MPOL_SET_TEXT];    /* what numa_maps shows now; of a plan: what it will show */
	unsigned threads;             /* that made the call; of a plan: that will */
	unsigned inherited;           /* that were created meanwhile, by threads that had made it */
	unsigned unreachable;         /* that could not be stopped in time; the others have the policy */
	unsigned rounds;              /* how often the threads were listed until no new one appeared */
	unsigned mappings;            /* that got the policy, with mbind_existing */
	uint64_t mapping_bytes;       /* of address space */
	unsigned mappings_left;       /* that were not asked: a policy does not place their pages */
	uint64_t stopped_median_ns;   /* how long a thread was stopped; 0: none was */
	uint64_t stopped_max_ns;
};

/*
 * What mpol_set() would do, and everything that stands in the way as far as it can be seen without stopping a thread.
 * options may be NULL: all threads. Errors as below.
 */
int mpol_set_plan(int root_fd, pid_t pid, const struct mpol_policy *p, const struct mpol_set_options *options,
		  struct mpol_set_result *ret, struct mpol_error *err);

/*
 * Gives a process a policy: checks it against that process's cpuset (the first rule that refuses it is the error), then
 * lets every thread make the call, again until no new thread appears, and reads the policy of each back from numa_maps.
 * DEFAULT resets to the system's default. root_fd is a descriptor of "/".
 *
 * Refused before anything is changed: no such process, zombies, kernel threads, 32-bit programs, processes that are being
 * traced, seccomp filters that do not let the call through (or may not be read), and missing permission (err says which
 * of the many checks it was, and the remedy). -ETIMEDOUT: done, but for threads that could not be stopped.
 * ret is filled as far as it went, also on failure.
 */
int mpol_set(int root_fd, pid_t pid, const struct mpol_policy *p, const struct mpol_set_options *options,
	     struct mpol_set_result *ret, struct mpol_error *err);

/*
 * The same for all processes of a cgroup and of those below it, again until no new one appears. path is a folder ("/sys/fs/cgroup/app")
 * or a cgroup of the hierarchy that has the cpuset controller ("/app"). ret is an array of ret_n, one for each process,
 * which the caller frees, also on failure. Stops at the first failure.
 */
int mpol_set_cgroup(int root_fd, const char *path, const struct mpol_policy *p, const struct mpol_set_options *options,
		    struct mpol_set_result **ret, size_t *ret_n, struct mpol_error *err);

/* --- The pages of a process --- */

/* Why a page stayed where it was. */
enum mpol_left {
	MPOL_LEFT_SHARED, /* other processes map it as well; with options.shared it would be moved */
	MPOL_LEFT_FULL,   /* there is no free page on the target node */
	MPOL_LEFT_BUSY,   /* pinned (RDMA, io_uring, VFIO), under writeback or in use: the kernel tried several times */
	MPOL_N_LEFT
};
/* "shared", "full", "busy" */
const char *mpol_left_name(enum mpol_left why);

struct mpol_move_result {
	pid_t pid;
	char name[32];                /* of the program, as the kernel cuts it */
	struct mpol_placement before; /* the whole process */
	struct mpol_placement after;  /* likewise; not known before the end */
	uint64_t total;               /* bytes resident at the start: seen will be about as much */
	uint64_t seen;                /* bytes that were looked at */
	uint64_t moved;               /* bytes that are on another node now, found there after the move */
	uint64_t left[MPOL_N_LEFT];   /* bytes that were to be moved and were not */
	uint64_t elapsed_ns;
	uint64_t longest_batch_ns;    /* the longest time that the kernel was asked to move at once */
	bool finished;                /* false: stopped, or failed, before the end of memory */
};

struct mpol_move_options {
	struct mpol_nodeset from; /* empty: every node that is not in `to` */
	bool shared;              /* also pages that other processes map; needs CAP_SYS_NICE */
	uint64_t rate;            /* bytes a second at most; 0: half the time is left to the process */
	/* Called after each batch; anything but 0 stops the move. May be NULL. */
	int (*progress)(void *context, const struct mpol_move_result *so_far);
	void *context;
};

/*
 * Moves the resident pages that lie on nodes of `from` to the nodes of `to`: to the one, or in turn to each of several, by address
 * (with `from` all nodes, that spreads a process evenly). In batches of 2 MiB, each followed by a pause, while the process
 * runs: it waits only where it touches a page that is under way. Huge pages move whole.
 *
 * Every page is looked up again after the move. Interrupted, it is simply called again: what has arrived is not moved twice. Where
 * new pages go is the policy's business, see mpol_set().
 *
 * -EINVAL: `to` is empty, or not usable by the process (err says which rule); -EPERM: err says which check it was; -ESRCH:
 * the process is gone; -ECANCELED: progress stopped it. That pages were left is no error: ret->left tells. ret is filled
 * as far as it went, also on failure.
 */
int mpol_move(int root_fd, pid_t pid, const struct mpol_nodeset *to, const struct mpol_move_options *options,
	      struct mpol_move_result *ret, struct mpol_error *err);
/* The checks of mpol_move(), and in ret before and total. Nothing is moved. */
int mpol_move_plan(int root_fd, pid_t pid, const struct mpol_nodeset *to, const struct mpol_move_options *options,
		   struct mpol_move_result *ret, struct mpol_error *err);

#ifdef __cplusplus
}
#endif
#endif
