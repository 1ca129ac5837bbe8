/* SPDX-License-Identifier: MIT */
/* A command in a virtual machine, as a person at a terminal or a pipe sees it. */
#ifndef CLI_VM_SESSION_H
#define CLI_VM_SESSION_H

#include "vm/vm.h"

/*
 * Boots, runs argv in the directory (NULL: /) with our stdin, stdout and stderr (a terminal when ours are one), ends the
 * machine. The command's exit status; negative when it broke, which is reported with the console's
 * last lines.
 */
int vm_session(const struct vm_options *options, const char *const *argv, const char *directory,
	       double seconds, struct mpol_error *err);

#endif
