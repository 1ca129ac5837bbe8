/* SPDX-License-Identifier: MIT */
/* Where in the text of a policy its mode, its flags and its nodes stand, in whichever notation it
 * is written. */
#ifndef CLI_POLICY_WHERE_H
#define CLI_POLICY_WHERE_H

#include <mpol/error.h>
#include <stddef.h>

/*
 * part is "mode", "flags" or "nodes" (or "": the policy as a whole). buf gets "column 6" (kernel's
 * and numactl's text), "linux.memoryPolicy.nodes, line 3, column 14" (JSON), "NUMAMask=, line 2" (a
 * unit), behind "FILE: " when the text is
 * @FILE; what is not written is said to be at the mode.
 */
void policy_where(const char *text, const char *part, char *buf, size_t size);

/* The same for an error, or a finding, about one of these parts; others stay as they are. */
void policy_where_error(const char *text, struct mpol_error *err);

#endif
