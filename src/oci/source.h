/* SPDX-License-Identifier: MIT */
/*
 * Where a container's policy comes from. The first of these that is there counts:
 *
 *     linux.memoryPolicy                                     of config.json
 *     org.mpol.memory-policy/container.NAME, then without    annotations; NAME is the container's
 *                                                            name in its pod
 *     policy.memory-policy.nri.io, class.memory-policy.nri.io,
 *     memory-policy.noderesource.dev                         the keys of the NRI plugins, the same
 * way
 *     --mpol=POLICY                                          the front's own argument
 *     MPOL_POLICY in process.env                             where the operator allows it: an image
 *                                                            can set it
 *     "policy" of the settings
 *
 * An annotation or variable that is empty ends the search: no policy. The sandbox (pause) container
 * of a pod takes none but linux.memoryPolicy.
 */
#ifndef OCI_SOURCE_H
#define OCI_SOURCE_H

#include <mpol/notation.h>

#include "oci/config.h"
#include "oci/settings.h"

#define OCI_ENV "MPOL_POLICY"

struct oci_source {
	bool found;
	bool parsed;	/* it was read; when it was not found nevertheless, no kernel takes it */
	bool in_config; /* it is linux.memoryPolicy */
	char where[96]; /* "linux.memoryPolicy", "annotation org.mpol.memory-policy", "--mpol" */
	struct mpol_policy_expr policy;
};

/*
 * Devices ("netdev:eth0"), files ("@FILE") and "same" are refused: annotations come from people who
 * may not look things up as root. So is what no kernel takes whatever the machine. argument and
 * env as in struct oci_args.
 */
int oci_source_find(const struct oci_config *c, const struct oci_settings *settings,
		    const char *argument, bool env, struct oci_source *ret, struct mpol_error *err);

/* The policy in the annotations of a hook's state, or none. */
int oci_source_annotations(const struct oci_config *c, const struct oci_settings *settings,
			   struct oci_source *ret, struct mpol_error *err);

/*
 * What runc and crun call the failure of oci_source_find(), for those who look for their words:
 * "invalid memory policy mode"; "invalid memory policy node: set_mempolicy: invalid argument: mode
 * requires 0 nodes but got 8".
 */
#define OCI_HEADLINE 160
const char *oci_source_headline(const struct oci_source *source, const struct mpol_error *err,
				char buf[OCI_HEADLINE]);

#endif
