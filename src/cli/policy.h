/* SPDX-License-Identifier: MIT */
/*
 * A policy on a command line: an operand in any notation, or numactl's options. Every command that
 * takes a policy takes it this way.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include <mpol/notation.h>

#include "cli/command.h"

/* Rows for a command's table of options. */
#define CLI_POLICY_OPTIONS                                                                       \
	{ "membind", 'm', "NODES", "the policy, as numactl: only these nodes", true },           \
		{ "balancing", 'b', NULL, "with --membind: let the kernel migrate pages" },      \
		{ "interleave", 'i', "NODES", "the policy: page by page in turn", true },        \
		{ "weighted-interleave", 'w', "NODES", "the policy: in turn, by weight", true }, \
		{ "preferred", 'p', "NODE", "the policy: this node first", true },               \
		{ "preferred-many", 'P', "NODES", "the policy: these nodes first", true },       \
	{                                                                                        \
		"localalloc", 'l', NULL, "the policy: the node of the CPU"                       \
	}

/* Whether it is the name of one of them. */
bool cli_is_policy_option(const char *name);
/* Whether one of them was given. */
bool cli_has_policy_options(const struct cli_args *args);
/* The policy they name. */
int cli_policy_of_options(const struct cli_args *args, struct mpol_policy_expr *ret,
			  struct mpol_error *err);
/*
 * The policy of a command that takes exactly one: from the options, or from operand number
 * args->argc when there are none. n_operands: those beside the policy. Returns 0, or the exit code
 * after reporting.
 */
int cli_one_policy(const struct cli_args *args, int n_operands, struct mpol_policy_expr *ret);

/*
 * The nodes resolved against the machine; what was made of sets is said on stderr, "mpol: all =
 * 0-1". Returns 0, or -errno without reporting.
 */
int cli_resolve(int root_fd, const struct mpol_machine *m, const struct mpol_policy_expr *e,
		struct mpol_policy *ret, struct mpol_error *err);

/*
 * Whether a warning says that the kernel silently keeps less than was asked for. The others are
 * advice, which nobody asked for who applies a policy.
 */
bool cli_tells_reduction(const struct mpol_rule *rule);

#endif
