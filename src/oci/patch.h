/* SPDX-License-Identifier: MIT */
/* Writing linux.memoryPolicy into a bundle's config.json. */
#ifndef OCI_PATCH_H
#define OCI_PATCH_H

#include <mpol/notation.h>

/*
 * Gives the configuration at path (a bundle's directory, or its config.json) this policy, or none
 * (NULL). All else in the file, its mode, owner and extended attributes stay. The new file takes
 * the old one's place at once, when it is on the disk; nothing is written where the policy is there
 * already. A symbolic link is refused: what it leads to is somebody else's.
 * 1: changed, 0: it was so already, negative: nothing was changed.
 */
int oci_patch(const char *path, const struct mpol_policy_expr *policy, struct mpol_error *err);

/* Opens the directory of a bundle, or of a configuration, and names the file in it; *ret_name
 * points into path or to a constant. */
int oci_bundle_open(const char *path, int *ret_dir, const char **ret_name, struct mpol_error *err);

#endif
