/* SPDX-License-Identifier: MIT */
/* Where in the text of a policy its mode, its flags and its nodes stand, in whichever notation it
 * is written. */
#ifndef CLI_POLICY_WHERE_H
#define CLI_POLICY_WHERE_H

#include <mpol/error.h>

/*
 * An error, or a finding, about the "mode", the "flags" or the "nodes" of the policy in the text is
 * told where they stand: "column 6" (kernel's and numactl's text), "linux.memoryPolicy.nodes, line
 * 3, column 14" (JSON), "NUMAMask=, line 2" (a unit), behind "FILE: " when the text is @FILE. What
 * is not written is said to be at the mode; errors about anything else stay as they are.
 */
void policy_where(const char *text, struct mpol_error *err);

#endif
