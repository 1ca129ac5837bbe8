/* SPDX-License-Identifier: MIT */
/*
 * Our constants are the kernel's. They carry our names because <numaif.h> and <linux/mempolicy.h>
 * cannot both be included, and because distributions' headers are older than their kernels; here
 * the compiler compares them wherever the header has them.
 */
#include <linux/mempolicy.h>
#include <linux/version.h>

#include <mpol/apply.h>

#include "kernel/sys.h"

#define SAME(ours, kernels) \
	_Static_assert((int)(ours) == (int)(kernels), #ours " is the kernel's " #kernels)

SAME(MPOL_MODE_DEFAULT, MPOL_DEFAULT);
SAME(MPOL_MODE_PREFERRED, MPOL_PREFERRED);
SAME(MPOL_MODE_BIND, MPOL_BIND);
SAME(MPOL_MODE_INTERLEAVE, MPOL_INTERLEAVE);
SAME(MPOL_MODE_LOCAL, MPOL_LOCAL);
#if LINUX_VERSION_CODE >= \
	KERNEL_VERSION(5, 15, 0) /* an enum: the preprocessor cannot look for it */
SAME(MPOL_MODE_PREFERRED_MANY, MPOL_PREFERRED_MANY);
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
SAME(MPOL_MODE_WEIGHTED_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE);
#endif

#ifdef MPOL_F_NUMA_BALANCING
SAME(MPOL_FLAG_NUMA_BALANCING, MPOL_F_NUMA_BALANCING);
#endif
SAME(MPOL_FLAG_RELATIVE_NODES, MPOL_F_RELATIVE_NODES);
SAME(MPOL_FLAG_STATIC_NODES, MPOL_F_STATIC_NODES);

SAME(MPOL_RANGE_STRICT, MPOL_MF_STRICT);
SAME(MPOL_RANGE_MOVE, MPOL_MF_MOVE);
SAME(MPOL_RANGE_MOVE_ALL, MPOL_MF_MOVE_ALL);

SAME(SYS_MPOL_F_NODE, MPOL_F_NODE);
SAME(SYS_MPOL_F_ADDR, MPOL_F_ADDR);
SAME(SYS_MPOL_F_MEMS_ALLOWED, MPOL_F_MEMS_ALLOWED);
