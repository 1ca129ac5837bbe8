/* SPDX-License-Identifier: MIT */
/* Mapping node sets onto a cpuset's, as lib/bitmap.c does for policies. */
#ifndef MODEL_REBIND_H
#define MODEL_REBIND_H

#include <mpol/predict.h>

/* mpol_relative_nodemask(): bit b of set becomes the (b mod n)-th of the n nodes of onto; empty
 * when onto is. */
struct mpol_nodeset nodes_relative(const struct mpol_nodeset *set, const struct mpol_nodeset *onto);
/* nodes_remap(): the i-th node of from becomes the (i mod n)-th of the n nodes of to; nodes not in
 * from stay. */
struct mpol_nodeset nodes_remap(const struct mpol_nodeset *set, const struct mpol_nodeset *from,
				const struct mpol_nodeset *to);
/* mpol_store_user_nodemask(): saved holds the nodes as given, and not the cpuset they were given
 * in. */
bool keeps_user_nodes(unsigned flags, const struct mpol_kernel *k);
/* What a kernel is taken for of which nothing is known. */
const struct mpol_kernel *kernel_newest(void);

#endif
