/* SPDX-License-Identifier: MIT */
/*
 * Node expressions against a machine: "all" becomes 0-1; see mpol/notation.h. The sets are pure
 * (model/nodes-meant.c); of devices, device.c knows where they are.
 */
#include "machine/device.h"
#include "model/nodes-expr.h"

int mpol_nodes_resolve(int root_fd, const struct mpol_machine *machine,
		       const struct mpol_nodeset *previous, const struct mpol_nodes_expr *e,
		       struct mpol_nodeset *ret, struct mpol_error *err)
{
	struct mpol_nodeset attached = { { 0 } };
	int r = 0;

	if (e->device != MPOL_DEVICE_NONE)
		r = device_nodes(root_fd, machine, e->device, e->device_name, &attached, err);
	return r < 0 ? r : nodes_expr_evaluate(e, machine, previous, &attached, ret, err);
}

int mpol_policy_resolve(int root_fd, const struct mpol_machine *machine,
			const struct mpol_policy_expr *e, struct mpol_policy *ret,
			struct mpol_error *err)
{
	struct mpol_nodeset nodes;
	int r = mpol_nodes_resolve(root_fd, machine, NULL, &e->nodes, &nodes, err);

	if (r < 0)
		return r;
	*ret = (struct mpol_policy){ .mode = e->mode, .flags = e->flags, .nodes = nodes };
	return 0;
}
