/* SPDX-License-Identifier: MIT */
/*
 * Checking a container's configuration: the shape of linux.memoryPolicy with path, line and column,
 * the rules, the cpuset it asks for, the machine, and what each known runtime makes of it.
 */
#ifndef OCI_CHECK_H
#define OCI_CHECK_H

#include <mpol/check.h>

#include "oci/source.h"

#define OCI_MAX_FINDINGS 64

struct oci_check {
	size_t n_findings;
	struct mpol_finding findings[OCI_MAX_FINDINGS];
	struct oci_source source;  /* found: the policy there is, not yet resolved */
	bool valid;		   /* it could be read; then: */
	struct mpol_policy policy; /* resolved for that container */
};

/*
 * machine NULL: what only a machine tells is not asked. It is seen through linux.resources.cpu.
 * Negative: the file cannot be read, or is no configuration; err says where. Otherwise ret is
 * filled.
 */
int oci_check(const char *path, const struct mpol_machine *machine, struct oci_check *ret,
	      struct mpol_error *err);

#endif
