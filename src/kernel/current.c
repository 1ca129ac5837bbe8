/* SPDX-License-Identifier: MIT */
/* What is in force for the calling thread, as get_mempolicy(2) tells it; see mpol/apply.h. */
#include <mpol/apply.h>

#include "kernel/explain.h"
#include "kernel/nodemask.h"
#include "kernel/sys.h"

/*
 * Unlike the calls that set, get_mempolicy(2) does not subtract one, and refuses less than
 * nr_node_ids: 1024 is always enough, and fills the array exactly.
 */
#define GET_MAXNODE MPOL_MAX_NODES

int mpol_current(struct mpol_policy *ret, struct mpol_error *err)
{
	unsigned long word[NODEMASK_WORDS] = { 0 };
	int mode = 0;
	int r = sys_get_mempolicy(&mode, word, GET_MAXNODE, NULL, 0);

	if (r < 0)
		return explain_call(r, "get_mempolicy", err);
	*ret = (struct mpol_policy){
		.mode = (enum mpol_mode)((unsigned)mode & ~MPOL_ALL_FLAGS),
		.flags = (unsigned)mode & MPOL_ALL_FLAGS,
		.nodes = nodemask_to_nodes(word),
	};
	return 0;
}

int mpol_current_mems(struct mpol_nodeset *ret, struct mpol_error *err)
{
	unsigned long word[NODEMASK_WORDS] = { 0 };
	int r = sys_get_mempolicy(NULL, word, GET_MAXNODE, NULL, SYS_MPOL_F_MEMS_ALLOWED);

	if (r < 0)
		return explain_call(r, "get_mempolicy", err);
	*ret = nodemask_to_nodes(word);
	return 0;
}
