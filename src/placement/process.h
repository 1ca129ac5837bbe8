/* SPDX-License-Identifier: MIT */
/*
 * One process's folder in /proc, held open: a process that takes its number afterwards is never
 * mistaken for it.
 */
#ifndef PLACEMENT_PROCESS_H
#define PLACEMENT_PROCESS_H

#include <mpol/error.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	int dir_fd; /* of proc/PID; -1: none */
	int root_fd;
	pid_t pid;
	bool live; /* in a proc filesystem, of this kernel; false: a recording */
	bool ours; /* live, and its process numbers are those of our system calls */
};

int process_open(int root_fd, pid_t pid, struct process *ret, struct mpol_error *err);
void process_done(struct process *p);

/* Describes a failure to open or read a file of the process; r is the negative errno, and returned.
 */
int process_fail(const struct process *p, const char *file, int r, struct mpol_error *err);

enum process_state {
	PROCESS_RUNS,	/* has memory */
	PROCESS_ENDED,	/* ended, or a zombie */
	PROCESS_KERNEL, /* a thread of the kernel: has no memory of its own */
};
enum process_state process_state(const struct process *p);

/*
 * Why a file of the process that was open reads nothing any more: -ESRCH, it ended; -EAGAIN, it
 * executed another program; 0: it is a thread of the kernel and there never was anything.
 */
int process_gone(const struct process *p, struct mpol_error *err);

/* Resident bytes as the kernel counts them, without hugetlb, and mapped bytes; -errno. */
int process_sizes(const struct process *p, uint64_t *ret_resident, uint64_t *ret_mapped);

#endif
