/* SPDX-License-Identifier: MIT */
/*
 * The policy object of OCI's config.json, linux.memoryPolicy: {"mode":"MPOL_BIND","nodes":"0-1",
 * "flags":["MPOL_F_STATIC_NODES"]}. mode is required; nodes and flags may be absent or null.
 */
#ifndef NOTATION_OCI_H
#define NOTATION_OCI_H

#include <mpol/check.h>
#include <mpol/notation.h>

#include "json/path.h"
#include "json/scan.h"

/*
 * Reads the object (any value) at path within the text, which scan_document() accepted. Everything
 * that is wrong with its shape becomes a finding, up to max, with path, line and column: wrong
 * types, a missing or unknown mode, unknown flags, node lists that are none (REFUSED), and unknown
 * keys (WARNING: runtimes ignore them without a word). Returns how many there are, which may exceed
 * max; ret is filled when none of them is REFUSED. Whether the policy makes sense is mpol_check()'s
 * question. Nodes may be unresolved, which OCI itself does not know: see
 * mpol_nodes_expr_is_literal().
 */
size_t oci_policy_findings(const char *text, struct span object, const struct json_path *path,
			   struct mpol_policy_expr *ret, struct mpol_finding *findings, size_t max);

/*
 * The same for a policy that somebody wrote for us: the first finding is an error, unknown keys
 * included.
 */
int oci_policy_read(const char *text, struct span object, const struct json_path *path,
		    struct mpol_policy_expr *ret, struct mpol_error *err);

#endif
