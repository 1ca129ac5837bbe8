/* SPDX-License-Identifier: MIT */
/* Why a text is no policy, or why a policy cannot be said in a notation. */
#ifndef NOTATION_RULES_H
#define NOTATION_RULES_H

#include <mpol/error.h>

/* Reading. */
extern const struct mpol_rule rule_policy_syntax, rule_policy_mode, rule_policy_flag,
	rule_policy_file, rule_policy_memory;
/* Writing. */
extern const struct mpol_rule rule_needs_numbers, rule_no_name;

/* All of them, and those of the single notations; ends with NULL. */
extern const struct mpol_rule *const notation_rules[];

#endif
