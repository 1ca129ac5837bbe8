/* SPDX-License-Identifier: MIT */
/*
 * The annotations' values of the NRI plugins (memory-policy, device-injector): a YAML mapping of
 * mode, nodes and flags, of which this reads what the plugins document, and nothing cleverer.
 *
 *     mode: MPOL_BIND
 *     nodes: 4,5
 *     flags:
 *     - MPOL_F_STATIC_NODES
 */
#ifndef OCI_NRI_H
#define OCI_NRI_H

#include <mpol/notation.h>

/* JSON is YAML: a value that begins with '{' is read as the OCI object. Errors name the line. */
int nri_parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err);

#endif
