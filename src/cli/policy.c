/* SPDX-License-Identifier: MIT */
/* A policy on a command line; see policy.h. */
#include "base/macros.h"
#include "cli/policy.h"
#include "notation/numactl.h"

static const struct cli_option policy_options[] = { CLI_POLICY_OPTIONS };

bool cli_is_policy_option(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(policy_options); i++)
		if (STREQ(policy_options[i].name, name))
			return true;
	return false;
}

/* The policy options given, in order; returns how many. */
static size_t policy_options_given(const struct cli_args *args, struct numactl_given *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < args->n_given; i++)
		if (cli_is_policy_option(args->given[i].option->name))
			ret[n++] = (struct numactl_given){ args->given[i].option->name,
							   args->given[i].value };
	return n;
}

bool cli_has_policy_options(const struct cli_args *args)
{
	struct numactl_given given[ELEMENTSOF(args->given)];

	return policy_options_given(args, given) > 0;
}

int cli_policy_of_options(const struct cli_args *args, struct mpol_policy_expr *ret,
			  struct mpol_error *err)
{
	struct numactl_given given[ELEMENTSOF(args->given)];

	return numactl_from_options(given, policy_options_given(args, given), ret, err);
}

int cli_one_policy(const struct cli_args *args, int n_operands, struct mpol_policy_expr *ret)
{
	bool options = cli_has_policy_options(args);
	int wanted = n_operands + !options;
	struct mpol_error err = { 0 };
	int r;

	if (args->argc < wanted)
		return cli_usage(args, "a policy is missing");
	if (args->argc > wanted)
		return cli_usage(args, "unexpected '%s'", args->argv[wanted]);
	r = options ? cli_policy_of_options(args, ret, &err)
		    : mpol_policy_parse(args->argv[n_operands], ret, &err);
	if (r == 0)
		return 0;
	(void)cli_report(&err);
	return CLI_USAGE;
}

int cli_resolve(int root_fd, const struct mpol_machine *m, const struct mpol_policy_expr *e,
		struct mpol_policy *ret, struct mpol_error *err)
{
	char text[MPOL_NODES_EXPR_TEXT + MPOL_NODES_TEXT];
	int r = mpol_policy_resolve(root_fd, m, e, ret, err);

	if (r == 0 && mpol_nodes_resolution_print(&e->nodes, &ret->nodes, text, sizeof(text)))
		cli_say("mpol", "%s", text);
	return r;
}

bool cli_tells_reduction(const struct mpol_rule *rule)
{
	static const char *const ids[] = { "node-dropped", "node-without-memory", "flags-dropped",
					   "preferred-takes-one", "relative-folds" };

	for (size_t i = 0; i < ELEMENTSOF(ids); i++)
		if (STREQ(rule->id, ids[i]))
			return true;
	return false;
}
