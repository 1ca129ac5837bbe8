/* SPDX-License-Identifier: MIT */
/* Placement by the policy in force; see by_policy.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "placement/by_policy.h"
#include "placement/reading.h"
#include "base/cleanup.h"
#include "base/macros.h"

void policy_groups_done(struct policy_groups *g)
{
	free(g->groups);
	*g = (struct policy_groups){ 0 };
}

static struct policy_group *find_group(struct policy_groups *g, const struct numa_policy *policy)
{
	for (size_t i = g->n; i-- > 0;) /* the last one is the likeliest */
		if (strncmp(g->groups[i].text, policy->text, POLICY_TEXT - 1) == 0)
			return &g->groups[i];
	return NULL;
}

static struct policy_group *add_group(struct policy_groups *g, const struct numa_policy *policy)
{
	struct policy_group *more = reallocarray(g->groups, g->n + 1, sizeof(*more)), *added;

	if (!more)
		return NULL;
	g->groups = more;
	added = &g->groups[g->n++];
	memset(added, 0, sizeof(*added));
	(void)snprintf(added->text, sizeof(added->text), "%s",
		       policy->text); /* the kernel's are below 64 */
	added->policy = *policy;
	added->policy.text = NULL; /* it stands beside; groups move while they grow */
	added->placement.known = true;
	return added;
}

static int add_to_group(struct reading *d, const struct numa_mapping *m, bool own,
			struct policy_groups *g, struct mpol_error *err)
{
	struct policy_group *group = find_group(g, &m->in_force);
	int r;

	if (!group)
		group = add_group(g, &m->in_force);
	if (!group)
		return process_fail(&d->process, "numa_maps", -ENOMEM, err);
	group->mappings++;
	group->placement.own_known = own;
	r = reading_add(d, m, &group->placement, err);
	return r == 0 && own ? reading_add_own(d, m, &group->placement, err) : r;
}

static int read_groups(struct reading *d, bool own, struct policy_groups *g, struct mpol_error *err)
{
	_cleanup_(numa_maps_done) struct numa_maps maps;
	int r = numa_maps_open(&maps, &d->process, "numa_maps", err);

	if (r == 0 && own)
		r = reading_prepare_own(d, err);
	while (r == 0) {
		struct numa_mapping m;
		int more = numa_maps_next(&maps, &m, err);

		if (more <= 0)
			return more;
		r = add_to_group(d, &m, own, g, err);
	}
	return r;
}

int placement_by_policy(int root_fd, pid_t pid, bool own, struct policy_groups *ret,
			struct mpol_error *err)
{
	int r = -EAGAIN;

	for (int i = 0; i < READING_ATTEMPTS && r == -EAGAIN; i++) {
		_cleanup_(reading_done) struct reading d;
		_cleanup_(policy_groups_done) struct policy_groups g = { 0 };

		r = reading_init(&d, root_fd, pid, err);
		if (r == 0)
			r = read_groups(&d, own, &g, err);
		if (r < 0)
			continue;
		*ret = g;
		g = (struct policy_groups){ 0 };
	}
	return r;
}

uint64_t placement_governed(const struct mpol_placement *p, const struct mpol_nodeset *nodes)
{
	uint64_t sum = 0;

	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		if (!nodes || mpol_nodes_has(nodes, n))
			sum += p->bytes[MPOL_PAGE_ANON][n] + p->bytes[MPOL_PAGE_SHARED][n] +
			       p->bytes[MPOL_PAGE_HUGE][n];
	return sum;
}
