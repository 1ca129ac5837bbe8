/* SPDX-License-Identifier: MIT */
/*
 * Why a system call was refused. The kernel answers EINVAL for an unknown mode, an unknown flag,
 * absent nodes and a wrong combination alike, and seccomp filters answer EPERM or ENOSYS in its
 * place; here the cause is looked for before anything is reported. Not async-signal-safe: reads
 * files, and probes the kernel in a scratch child.
 */
#ifndef KERNEL_EXPLAIN_H
#define KERNEL_EXPLAIN_H

#include <mpol/policy.h>

/*
 * Describes in err why `call` ("set_mempolicy") answered r (negative) for p; returns r, or 0 when
 * err is NULL and r is 0 never: r is passed through. Does nothing when err is NULL.
 */
int explain_policy(int r, const char *call, const struct mpol_policy *p, struct mpol_error *err);
/*
 * The same for calls without a policy, and for the causes that have nothing to do with the policy:
 * ENOSYS and EPERM by a seccomp filter or a kernel without NUMA. Other errors are described by
 * their text.
 */
int explain_call(int r, const char *call, struct mpol_error *err);

/* A line of /proc/self/status, "Seccomp": its value as a number; -errno when it cannot be read. */
int explain_status_number(const char *key, unsigned long long *ret);

#endif
