/* SPDX-License-Identifier: MIT */
/* Why a text is no policy, or why a policy cannot be said in a notation. */
#ifndef NOTATION_RULES_H
#define NOTATION_RULES_H

#include <mpol/error.h>

/* Reading. */
extern const struct mpol_rule rule_policy_syntax, rule_policy_mode, rule_policy_flag,
	rule_policy_file;
/* Writing. */
extern const struct mpol_rule rule_needs_numbers, rule_no_name;

/* Of oci.c. */
extern const struct mpol_rule rule_oci_type, rule_oci_key, rule_oci_mode_missing, rule_oci_mode,
	rule_oci_flag, rule_oci_no_policy;
/* Of numactl.c. */
extern const struct mpol_rule rule_numactl_option, rule_numactl_other, rule_numactl_argument,
	rule_numactl_conflict, rule_numactl_balancing, rule_numactl_flags, rule_numactl_default,
	rule_numactl_preferred, rule_numactl_local;
/* Of systemd.c. */
extern const struct mpol_rule rule_systemd_policy, rule_systemd_missing, rule_systemd_line,
	rule_systemd_section, rule_systemd_mask, rule_systemd_flags, rule_systemd_preferred,
	rule_systemd_needs_mask, rule_systemd_drops;

/* All of them, and those of the single notations; ends with NULL. */
extern const struct mpol_rule *const notation_rules[];

#endif
