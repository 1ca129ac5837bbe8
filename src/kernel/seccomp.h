/* SPDX-License-Identifier: MIT */
/*
 * What a thread's seccomp filters would answer to a system call, found by reading and running them
 * here. Asking the kernel itself would be too late: the answer may be SIGSYS.
 */
#ifndef KERNEL_SECCOMP_H
#define KERNEL_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Runs one filter; its answer, SECCOMP_RET_…. A filter that the kernel would not have accepted
 * answers SECCOMP_RET_KILL_PROCESS.
 */
uint32_t seccomp_run(const struct sock_filter *filter, size_t n, const struct seccomp_data *data);

/* Of two answers, the one that prevails; among equal actions the first. */
uint32_t seccomp_stricter(uint32_t a, uint32_t b);

/*
 * What all filters of a seized and stopped thread answer together. -EACCES: they may not be read
 * (CAP_SYS_ADMIN, and no filter on the reader); other errors as ptrace(2)
 * PTRACE_SECCOMP_GET_FILTER.
 */
int seccomp_ask(pid_t tid, const struct seccomp_data *data, uint32_t *ret);

/* "answers EPERM", "kills the process": what the answer means, for a sentence. */
const char *seccomp_meaning(uint32_t answer, char *buf, size_t size);

#endif
