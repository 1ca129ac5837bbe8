/* SPDX-License-Identifier: MIT */
/* Whether a cgroup's cpuset covers the nodes of its workers' policy: validation at set-up, before
 * anything is spawned. */
#ifndef MODEL_COVER_H
#define MODEL_COVER_H

#include <mpol/machine.h>

/* The cpuset that a cgroup is going to have. */
struct cover_cpuset {
	const char *cgroup; /* its name, for the message */
	const struct mpol_cpus
		*cpus; /* NULL: it names no CPUs, its workers run on all that are allowed */
	struct mpol_nodeset mems; /* empty: it names none, all that are allowed */
};

/*
 * Every node of the policy must have memory, and own one of the CPUs or be a memory-only node that
 * the mems name; and it must be among the mems. STATIC_NODES says that the nodes are meant to be
 * remote, and waives the CPUs. Exempt are DEFAULT, LOCAL and an empty PREFERRED, which have no
 * nodes, RELATIVE_NODES, which counts positions, and cgroups without a cpuset. 0, or -EINVAL with
 * the cgroup, the uncovered nodes, what is covered, and both ways out. Rules: policy-node-absent,
 * policy-not-covered, policy-outside-mems.
 */
int cover_check(const struct mpol_policy *p, const struct cover_cpuset *cpuset,
		const struct mpol_machine *m, struct mpol_error *err);

#endif
