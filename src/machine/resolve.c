/* SPDX-License-Identifier: MIT */
/*
 * Node expressions against a machine: "all" becomes 0-1; see mpol/notation.h. The sets are pure
 * (model/nodes-meant.c); devices are looked up here.
 */
#include "model/nodes-expr.h"

int mpol_nodes_resolve(int root_fd, const struct mpol_machine *machine,
		       const struct mpol_nodeset *previous, const struct mpol_nodes_expr *e,
		       struct mpol_nodeset *ret, struct mpol_error *err)
{
	struct mpol_nodeset device_nodes = { { 0 } };

	(void)root_fd;
	return nodes_expr_evaluate(e, machine, previous, &device_nodes, ret, err);
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
