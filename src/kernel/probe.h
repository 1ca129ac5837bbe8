/* SPDX-License-Identifier: MIT */
/*
 * What the running kernel makes of policies, found by trying in a scratch child process:
 * distributions backport, so versions tell nothing for sure.
 */
#ifndef KERNEL_PROBE_H
#define KERNEL_PROBE_H

#include <mpol/machine.h>

/*
 * The task policy of the caller is not touched. When set_mempolicy(2) cannot be asked at all (a
 * seccomp filter, a kernel without NUMA) ret->known is false, err says why, and the result is
 * -EPERM, -ENOSYS or what the call answered; ret->release is filled in any case.
 */
int kernel_probe(struct mpol_kernel *ret, struct mpol_error *err);

#endif
