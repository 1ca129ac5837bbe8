/* SPDX-License-Identifier: MIT */
/* Findings about a change of the cpuset under a policy that is in force. */
#ifndef MODEL_MOVES_H
#define MODEL_MOVES_H

#include "model/question.h"

/*
 * What the move of a task from the cpuset `from` to `to` did: before and after are what was kept,
 * see mpol_kept_move(). How many findings there are; may exceed max.
 */
size_t move_check(const struct mpol_kept *before, const struct mpol_kept *after,
		  const struct mpol_kernel *kernel, const struct mpol_nodeset *from,
		  const struct mpol_nodeset *to, struct mpol_finding *out, size_t max);

#endif
