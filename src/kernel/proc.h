/* SPDX-License-Identifier: MIT */
/* The few lines of /proc/PID that decide whether and how a process can be changed, below a
 * descriptor of its directory. */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <mpol/error.h>

struct proc_stat {
	char comm[32]; /* as the kernel cuts it, at most 15 characters */
	char state;    /* 'R', 'S', 'D', 'T', 't', 'Z', … */
	bool kernel_thread;
	uint64_t start; /* clock ticks since boot; with the number, who it is */
};

/*
 * dir_fd is a descriptor of /proc/PID, which stays that process's; tid 0: the process, otherwise
 * its thread task/TID. -ESRCH: it is gone.
 */
int proc_stat(int dir_fd, pid_t tid, struct proc_stat *ret);
/* The value of a line of status, without white space around it; -ENOENT when there is no such line.
 */
int proc_status(int dir_fd, pid_t tid, const char *key, char *buf, size_t size);
int proc_status_number(int dir_fd, pid_t tid, const char *key, int base, uint64_t *ret);

/* How a kernel thread is refused: -EOPNOTSUPP. */
int proc_fail_kernel_thread(pid_t pid, const struct proc_stat *stat, struct mpol_error *err);

/* The threads, ascending; the caller frees them. */
int proc_threads(int dir_fd, pid_t **ret, size_t *ret_n);

#endif
