/* SPDX-License-Identifier: MIT */
/* The cases of the conformance kit: see conform.h. Four nodes, 0 to 3, unless said. */
#include "oci/conform.h"

#include "base/macros.h"

/* clang-format off: a table */
const struct conform_case conform_cases[] = {
	/* In two of four nodes: inside, partly outside, outside. */
	{ "default", "1-2", NULL, 4 },
	{ "local", "1-2", NULL, 4 },
	{ "preferred", "1-2", NULL, 4 },
	{ "bind:1", "1-2", NULL, 4 },
	{ "bind:1-2", "1-2", NULL, 4 },
	{ "bind:0-1", "1-2", NULL, 4 },
	{ "bind:0", "1-2", NULL, 4 },
	{ "interleave:1-2", "1-2", NULL, 4 },
	{ "interleave:0-3", "1-2", NULL, 4 },
	{ "interleave:0,3", "1-2", NULL, 4 },
	{ "weighted-interleave:1-2", "1-2", NULL, 4 },
	{ "weighted-interleave:0-1", "1-2", NULL, 4 },
	{ "weighted-interleave:3", "1-2", NULL, 4 },
	{ "preferred:1", "1-2", NULL, 4 },
	{ "preferred:0-3", "1-2", NULL, 4 },
	{ "preferred:0", "1-2", NULL, 4 },
	{ "preferred-many:1-2", "1-2", NULL, 4 },
	{ "preferred-many:0-3", "1-2", NULL, 4 },
	{ "preferred-many:3", "1-2", NULL, 4 },
	/* The flags. */
	{ "bind=static:1", "1-2", NULL, 4 },
	{ "bind=static:0-1", "1-2", NULL, 4 },
	{ "bind=static:0", "1-2", NULL, 4 },
	{ "bind=relative:0", "1-2", NULL, 4 },
	{ "bind=relative:1", "1-2", NULL, 4 },
	{ "bind=relative:3", "1-2", NULL, 4 },
	{ "bind=balancing:1", "1-2", NULL, 4 },
	{ "bind=static|balancing:0-2", "1-2", NULL, 4 },
	{ "bind=relative|balancing:0", "1-2", NULL, 4 },
	{ "interleave=static:0-2", "1-2", NULL, 4 },
	{ "interleave=relative:1-2", "1-2", NULL, 4 },
	{ "weighted-interleave=static:2", "1-2", NULL, 4 },
	{ "preferred=static:2", "1-2", NULL, 4 },
	{ "preferred=relative:1", "1-2", NULL, 4 },
	{ "preferred-many=static:0-1", "1-2", NULL, 4 },
	{ "preferred-many=relative:0-1", "1-2", NULL, 4 },
	{ "preferred-many=balancing:1-2", "1-2", NULL, 4 },
	/* Other cpusets. */
	{ "bind:1", "1,3", NULL, 4 },
	{ "bind:2", "1,3", NULL, 4 },
	{ "interleave:0-3", "1,3", NULL, 4 },
	{ "bind=relative:1", "1,3", NULL, 4 },
	{ "preferred-many:2-3", "1,3", NULL, 4 },
	{ "bind:3", "3", NULL, 4 },
	{ "bind:0", "3", NULL, 4 },
	{ "interleave=relative:0-3", "3", NULL, 4 },
	{ "bind:1", NULL, NULL, 4 },
	{ "interleave:0-3", NULL, NULL, 4 },
	{ "weighted-interleave:0,2", NULL, NULL, 4 },
	{ "preferred:2", NULL, NULL, 4 },
	{ "preferred-many=static:1-2", NULL, NULL, 4 },
	{ "local", NULL, NULL, 4 },
	/* The runtime itself, as its engine, may use node 0 only. */
	{ "bind:1", "1-2", "0", 4 },
	{ "bind:1-2", "1-2", "0", 4 },
	{ "interleave:1-2", "1-2", "0", 4 },
	{ "preferred:1", "1-2", "0", 4 },
	{ "preferred-many:1-2", "1-2", "0", 4 },
	{ "bind=static:1", "1-2", "0", 4 },
	{ "bind=relative:1", "1-2", "0", 4 },
	{ "preferred=static:2", "1-2", "0", 4 },
	/* Where a mask's words begin and end. */
	{ "bind:7", NULL, NULL, 128 },
	{ "bind:63", NULL, NULL, 128 },
	{ "bind:64", NULL, NULL, 128 },
	{ "bind:0-63", NULL, NULL, 128 },
	{ "interleave:62-64", NULL, NULL, 128 },
	{ "bind:127", NULL, NULL, 128 },
	{ "interleave:0-127", NULL, NULL, 128 },
	{ "preferred:127", NULL, NULL, 128 },
	{ "preferred-many:63,127", NULL, NULL, 128 },
	{ "bind=static:63", "62-64", NULL, 128 },
	{ "bind:64,127", "64-127", NULL, 128 },
	/* One node: what any machine can ask. */
	{ "interleave:0", NULL, NULL, 1 },
	{ "bind=static:0", NULL, NULL, 1 },
	{ "preferred=relative:0", NULL, NULL, 1 },
	{ "weighted-interleave:0", NULL, NULL, 1 },
	{ "bind:1023", NULL, NULL, 1 },
};
/* clang-format on */
const size_t n_conform_cases = ELEMENTSOF(conform_cases);

const char *const conform_actions[CONFORM_N_ACTIONS] = {
	[CONFORM_RUN] = "run",
	[CONFORM_CREATE] = "create",
	[CONFORM_EXEC] = "exec",
};
