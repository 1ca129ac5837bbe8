/* SPDX-License-Identifier: MIT */
/*
 * The createRuntime hook: the container's init stands stopped in its final cgroup, without a
 * seccomp filter yet, and is made to take its policy itself (kernel/inject.h). OCI runtime
 * specification, config.md "createRuntime hooks": the hook gets the container's state on stdin.
 *
 * `mpol-runtime hook --policy=POLICY` is what the front puts into a configuration; without --policy
 * the policy is in the container's annotations: as a hook alone, for engines that read hooks.d.
 */
#ifndef OCI_HOOK_H
#define OCI_HOOK_H

#include <mpol/notation.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "oci/log.h"

/* argv[0] is the program, argv[1] "hook". The exit code: 1 makes the runtime give up the container.
 */
int oci_hook_main(int argc, char **argv);

/* The hook as JSON for hooks.createRuntime. policy: NULL where the runtime applies it itself.
 * restore_dir: a bundle to change back; NULL: none. */
int oci_hook_print(const struct mpol_policy_expr *policy, const struct oci_log *log,
		   const char *restore_dir, char **ret, struct mpol_error *err);

/* What the policy means for the process pid: its sets asked of the machine as pid may use it. */
int oci_policy_for(pid_t pid, const struct mpol_policy_expr *e, struct mpol_policy *ret,
		   struct mpol_error *err);

#endif
