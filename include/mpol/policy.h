/* SPDX-License-Identifier: MIT */
/*
 * A NUMA memory policy as a value: mode, flags, nodes. 136 bytes, no allocation; zero is DEFAULT.
 *
 * An invalid policy is expressible on purpose (mpol_policy(MPOL_MODE_BIND) has no nodes): mpol_check()
 * exists to explain it. Source of the modes and flags: set_mempolicy(2), include/uapi/linux/mempolicy.h.
 */
#ifndef MPOL_POLICY_H
#define MPOL_POLICY_H

#include <mpol/nodes.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The kernel's numbers under our names: <numaif.h> and <linux/mempolicy.h> cannot both be included, and
 * distributions' headers are older than their kernels.
 */
enum mpol_mode {
	MPOL_MODE_DEFAULT = 0,             /* a worker inherits; applied, it resets to the system's default */
	MPOL_MODE_PREFERRED = 1,           /* one node first, others when it is full; no node: as LOCAL */
	MPOL_MODE_BIND = 2,                /* only these nodes, nearest first; full means the OOM killer */
	MPOL_MODE_INTERLEAVE = 3,          /* page by page in turn */
	MPOL_MODE_LOCAL = 4,               /* the node of the CPU that touches first */
	MPOL_MODE_PREFERRED_MANY = 5,      /* these nodes first, others when they are full; since Linux 5.15 */
	MPOL_MODE_WEIGHTED_INTERLEAVE = 6, /* in turn by the nodes' weights; since Linux 6.9 */
	MPOL_N_MODES
};

/* May be combined, but for STATIC with RELATIVE. */
enum mpol_flags {
	MPOL_FLAG_NUMA_BALANCING = 1 << 13, /* let the kernel migrate towards the accessing CPU; since Linux 5.12 */
	MPOL_FLAG_RELATIVE_NODES = 1 << 14, /* nodes are positions within the cpuset's mems */
	MPOL_FLAG_STATIC_NODES = 1 << 15,   /* nodes are never renumbered when the cpuset changes */
};
#define MPOL_ALL_FLAGS (MPOL_FLAG_NUMA_BALANCING | MPOL_FLAG_RELATIVE_NODES | MPOL_FLAG_STATIC_NODES)

struct mpol_policy {
	enum mpol_mode mode;
	unsigned flags; /* enum mpol_flags, combined */
	struct mpol_nodeset nodes;
};

#ifndef __cplusplus
/*
 * Literals, checked by the compiler: mpol_bind(0, 1); mpol_bind() does not compile.
 * No parentheses around the compound literals: gcc takes them in static initialisers only without.
 */
#define mpol_policy(mode_, ...)       (struct mpol_policy){ .mode = (mode_), __VA_ARGS__ }
#define mpol_default()                mpol_policy(MPOL_MODE_DEFAULT)
#define mpol_local()                  mpol_policy(MPOL_MODE_LOCAL)
#define mpol_preferred(node)          mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(node))
#define mpol_bind(...)                mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(__VA_ARGS__))
#define mpol_interleave(...)          mpol_policy(MPOL_MODE_INTERLEAVE, .nodes = MPOL_NODES(__VA_ARGS__))
#define mpol_preferred_many(...)      mpol_policy(MPOL_MODE_PREFERRED_MANY, .nodes = MPOL_NODES(__VA_ARGS__))
#define mpol_weighted_interleave(...) mpol_policy(MPOL_MODE_WEIGHTED_INTERLEAVE, .nodes = MPOL_NODES(__VA_ARGS__))
#endif

bool mpol_policy_equal(const struct mpol_policy *a, const struct mpol_policy *b);

/*
 * The nodes a policy refers to: none for DEFAULT and LOCAL, at most one (the lowest) for PREFERRED, the set
 * otherwise. With RELATIVE_NODES they are positions, not node numbers.
 */
struct mpol_nodeset mpol_policy_nodes(const struct mpol_policy *p);

#ifdef __cplusplus
}
#endif
#endif
