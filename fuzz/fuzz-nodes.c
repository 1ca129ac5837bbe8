/* SPDX-License-Identifier: MIT */
/* Node expressions, "!2", "+0-1", "cpu,mem-only"; what they mean on a machine is asked as well. */
#include "fuzz.h"
#include "model/nodes-expr.h"

static struct mpol_node nodes[] = {
	{ .id = 0, .cpus = { { 3 } } },
	{ .id = 2, .cpus = { { 12 } } },
	{ .id = 63 },
	{ .id = 1023 },
};
static unsigned distance[] = { 10, 20, 30, 40, 20, 10, 30, 40, 30, 30, 10, 40, 40, 40, 40, 10 };
static const struct mpol_machine machine = {
	.n_nodes = 4,
	.nodes = nodes,
	.distance = distance,
	.with_memory = { { [0] = 0x8000000000000005, [15] = 0x8000000000000000 } },
	.with_cpus = MPOL_NODES(0, 2),
	.mems_allowed = { { [0] = 0x8000000000000001, [15] = 0x8000000000000000 } },
	.cpus_allowed = { { 5 } },
};

static void resolve(const struct mpol_nodes_expr *e)
{
	const struct mpol_nodeset device = MPOL_NODES(2), none = { { 0 } };
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;
	int r = nodes_expr_evaluate(e, &machine, &none, &device, &s, &err);

	if (r < 0)
		fuzz_must_explain(r, &err);
	else if (mpol_nodes_expr_is_literal(e))
		MUST(mpol_nodes_equal(&s, &e->nodes));
	else if (e->inverted || e->relative)
		MUST(mpol_nodes_subset(&s, &machine.mems_allowed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mpol_nodes_expr e, again;
	static char printed[MPOL_NODES_EXPR_TEXT];
	struct mpol_error err = { 0 };
	char *text = fuzz_text(data, size);
	int r = mpol_nodes_expr_parse(text, &e, &err);

	if (r < 0) {
		fuzz_must_explain(r, &err);
	} else {
		MUST(mpol_nodes_expr_print(&e, printed, sizeof(printed)) < sizeof(printed));
		MUST(mpol_nodes_expr_parse(printed, &again, NULL) == 0);
		MUST(mpol_nodes_expr_equal(&e, &again));
		resolve(&e);
	}
	free(text);
	return 0;
}
