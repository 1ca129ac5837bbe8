/* SPDX-License-Identifier: MIT */
/*
 * A container's policy for another process in it: exec has no hook, so the front takes the policy
 * itself, inside the container's cpuset, and becomes the runtime, whose child inherits it.
 */
#ifndef OCI_EXEC_H
#define OCI_EXEC_H

#include <mpol/policy.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Gives the calling process p as set_mempolicy(2) called inside the cpuset of the process init
 * would give it, and so that it is still that when the process's child is moved into that cpuset.
 *
 * Mostly the process joins init's cgroup, sets the policy and leaves again; where leaving would
 * change what is set (see exec_survives_leaving()), it stays. With equal cpusets it need not move
 * at all.
 */
int exec_take_policy(pid_t init, const struct mpol_policy *p, struct mpol_error *err);

/*
 * Whether p, set inside a cpuset with the mems `inside`, is still the same after the task went to
 * one with the mems `outside` and its child back in. What the kernel renumbers: mm/mempolicy.c
 * mpol_rebind_policy().
 */
bool exec_survives_leaving(const struct mpol_policy *p, const struct mpol_nodeset *inside,
			   const struct mpol_nodeset *outside);

#endif
