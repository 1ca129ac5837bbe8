/* SPDX-License-Identifier: MIT */
/* Every rule of the sources but the policies' (mpol_rules()), collected by all-rules.py when the
 * program is built. */
#ifndef CLI_ALL_RULES_H
#define CLI_ALL_RULES_H

#include <mpol/error.h>

struct listed_rule {
	const char *room; /* "notation": which part of the sources uses it; NULL ends the table */
	struct mpol_rule rule;
};
extern const struct listed_rule all_rules[];

#endif
