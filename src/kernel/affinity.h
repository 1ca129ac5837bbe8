/* SPDX-License-Identifier: MIT */
/* The CPUs a thread may run on, as sets of ours. Both return 0 or -errno, and are
 * async-signal-safe. */
#ifndef KERNEL_AFFINITY_H
#define KERNEL_AFFINITY_H

#include <mpol/machine.h>
#include <sys/types.h>

/* tid 0: the calling thread. The kernel silently drops CPUs that are offline or outside the cpuset;
 * -EINVAL: all were. */
int affinity_set(pid_t tid, const struct mpol_cpus *cpus);
int affinity_get(pid_t tid, struct mpol_cpus *ret);

#endif
