/* SPDX-License-Identifier: MIT */
/* Why a text is no policy, or why a policy cannot be said in a notation; see rules.h. */
#include <errno.h>

#include "notation/rules.h"

const struct mpol_rule rule_policy_syntax = {
	"policy-syntax",
	EINVAL,
	"A policy is read completely or not at all.",
	"write it like bind=static:0-1; mpol-policy(7) has all the notations",
	"mpol-policy(7)",
	NULL,
};
const struct mpol_rule rule_policy_mode = {
	"policy-unknown-mode",
	EINVAL,
	"There are seven modes; the kernel would answer an eighth with EINVAL and no reason.",
	"the modes are default, prefer, bind, interleave, local, preferred-many and "
	"weighted-interleave",
	"mm/mempolicy.c sanitize_mpol_flags()",
	NULL,
};
const struct mpol_rule rule_policy_flag = {
	"policy-unknown-flag",
	EINVAL,
	"There are three flags; the kernel would answer a fourth with EINVAL and no reason.",
	"the flags are static, relative and balancing",
	"mm/mempolicy.c sanitize_mpol_flags()",
	NULL,
};
const struct mpol_rule rule_policy_file = {
	"policy-file",
	EIO,
	"The text after \"@\" is the file that the policy is read from.",
	"give a readable file, or the policy itself",
	"mpol-policy(7)",
	NULL,
};
const struct mpol_rule rule_needs_numbers = {
	"notation-needs-numbers",
	ENOTSUP,
	"This notation names nodes by number; sets like all or cpu have to be resolved first, "
	"against the machine where the policy will be used.",
	"`mpol convert` resolves them with --root DIR or --mems LIST, or here",
	"mpol-policy(7)",
	NULL,
};
const struct mpol_rule rule_no_name = {
	"notation-no-name",
	ENOTSUP,
	"A notation has names for the seven modes and three flags, and none for other numbers.",
	NULL,
	"mpol-policy(7)",
	NULL,
};

const struct mpol_rule *const notation_rules[] = {
	&rule_policy_syntax,
	&rule_policy_mode,
	&rule_policy_flag,
	&rule_policy_file,
	&rule_needs_numbers,
	&rule_no_name,
	&rule_oci_type,
	&rule_oci_key,
	&rule_oci_mode_missing,
	&rule_oci_mode,
	&rule_oci_flag,
	&rule_oci_no_policy,
	&rule_numactl_option,
	&rule_numactl_other,
	&rule_numactl_argument,
	&rule_numactl_conflict,
	&rule_numactl_balancing,
	&rule_numactl_flags,
	&rule_numactl_default,
	&rule_numactl_preferred,
	&rule_numactl_local,
	&rule_systemd_policy,
	&rule_systemd_missing,
	&rule_systemd_line,
	&rule_systemd_section,
	&rule_systemd_mask,
	&rule_systemd_flags,
	&rule_systemd_preferred,
	&rule_systemd_needs_mask,
	&rule_systemd_drops,
	NULL,
};
