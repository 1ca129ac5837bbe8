/* SPDX-License-Identifier: MIT */
/*
 * Checking: all findings about a policy, before anything is applied.
 *
 * The rules are a table (`mpol rules`, mpol-rules(1)); each is a pure function of the policy and, where one is given,
 * of the machine.
 */
#ifndef MPOL_CHECK_H
#define MPOL_CHECK_H

#include <mpol/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mpol_severity {
	MPOL_NOTE,    /* worth knowing */
	MPOL_WARNING, /* accepted, but not what was probably meant */
	MPOL_REFUSED, /* the kernel, or the profile, says no */
};

struct mpol_finding {
	enum mpol_severity severity;
	struct mpol_error error;
};

/*
 * Fills up to max findings, refusals first; returns how many there are, which may exceed max. machine may be NULL: the
 * rules of the policy alone.
 */
int mpol_check(const struct mpol_policy *p, const struct mpol_machine *machine, struct mpol_finding *findings, size_t max);

/* Whose rules decide. */
enum mpol_profile {
	MPOL_PROFILE_KERNEL, /* set_mempolicy(2) */
	MPOL_PROFILE_OCI,    /* container runtimes' checks of linux.memoryPolicy, which are stricter in two places */
};
/* mpol_check() by another profile. */
int mpol_check_profile(const struct mpol_policy *p, const struct mpol_machine *machine, enum mpol_profile profile,
		       struct mpol_finding *findings, size_t max);

/* The rules about policies, for listing; static. */
const struct mpol_rule *mpol_rules(size_t *n);
/* NULL when there is no such rule. */
const struct mpol_rule *mpol_rule_find(const char *id);

#ifdef __cplusplus
}
#endif
#endif
