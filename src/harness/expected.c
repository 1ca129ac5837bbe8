/* SPDX-License-Identifier: MIT */
/* Which nodes a worker's pages ought to be on; see expected.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/expected.h"
#include "kernel/sys.h"
#include "placement/numa_maps.h"

static const struct mpol_rule not_found = {
	.id = "worker-policy-unknown",
	.errnum = ENODATA,
	.why = "Without .judge, pages are expected on the nodes of the policy in force, which the "
	       "kernel shows in numa_maps.",
	.hint = "name the expected nodes in the cgroup's .judge.",
	.source = "mm/mempolicy.c mpol_to_str()",
};

static int nodes_of_cpus(const struct mpol_run *run, pid_t pid, struct mpol_nodeset *ret,
			 struct mpol_error *err)
{
	union {
		struct mpol_cpus cpus;
		unsigned long words[sizeof(struct mpol_cpus) / sizeof(unsigned long)];
	} may = { .words = { 0 } };
	int r = sys_sched_getaffinity(pid, sizeof(may.words), may.words);

	if (r < 0)
		return mpol_fail_errno(err, &not_found, -r, "", "the CPUs of process %d: %s",
				       (int)pid, strerror(-r));
	*ret = mpol_machine_nodes_of_cpus(&run->machine, &may.cpus);
	return 0;
}

/* What numa_maps shows for the last mapping that starts at or before `start`: the one that has it.
 */
static int read_in_force(int root_fd, pid_t pid, uint64_t start, struct numa_policy *ret,
			 struct mpol_error *err)
{
	_cleanup_(process_done) struct process process = { .dir_fd = -1 };
	_cleanup_(numa_maps_done) struct numa_maps maps = { .lines = { .fd = -1 }, .alive_fd = -1 };
	struct numa_mapping mapping;
	struct numa_policy last = { 0 };
	bool found = false;
	int r = process_open(root_fd, pid, &process, err);

	if (r == 0)
		r = numa_maps_open(&maps, &process, "numa_maps", err);
	while (r == 0 && (r = numa_maps_next(&maps, &mapping, err)) > 0) {
		r = 0;
		if (mapping.start > start)
			break;
		found = true;
		last = mapping.in_force;
		last.text = NULL; /* it is the mapping's */
	}
	if (r == 0 && found)
		*ret = last;
	return r < 0 || found ? r
			      : mpol_fail(err, &not_found, "",
					  "numa_maps of process %d has no mapping at %llx",
					  (int)pid, (unsigned long long)start);
}

static int nodes_in_force(const struct mpol_run *run, const struct worker_slot *slot,
			  struct mpol_nodeset *ret, struct mpol_error *err)
{
	struct numa_policy now;
	int r;

	r = read_in_force(run->options->root_fd, slot->pid, slot->ranges[0].start, &now, err);
	if (r < 0)
		return r;
	/* A cut text has lost its last nodes; get_mempolicy(2) had them all when the policy was
	 * applied. */
	*ret = now.known && !now.cut ? mpol_policy_nodes(&now.policy) : slot->in_force.nodes;
	return 0;
}

int expected_nodes(const struct mpol_run *run, const struct worker_plan *plan,
		   const struct worker_slot *slot, struct mpol_nodeset *ret, struct mpol_error *err)
{
	const struct mpol_cgroup_def *def = run->setup.cgroups[plan->group].def;
	struct mpol_nodeset named = mpol_policy_nodes(plan->policy);

	if (!mpol_nodes_empty(&def->judge)) {
		*ret = def->judge;
		return 0;
	}
	if (mpol_nodes_empty(&named))
		return nodes_of_cpus(run, slot->pid, ret, err);
	if (slot->n_ranges > 0)
		return nodes_in_force(run, slot, ret, err);
	*ret = slot->in_force.nodes;
	return 0;
}
