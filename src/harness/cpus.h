/* SPDX-License-Identifier: MIT */
/* CPUs that are taken off the machine and brought back. Source:
 * Documentation/core-api/cpu_hotplug.rst.
 */
#ifndef HARNESS_CPUS_H
#define HARNESS_CPUS_H

#include <mpol/test.h>

/* Each that is not so yet; the first failure ends it. Rule: cpus-switch. */
int cpus_switch(int root_fd, const struct mpol_cpus *cpus, bool online, struct mpol_error *err);
/* Adds those of the set that are online now to was. */
int cpus_remember(int root_fd, const struct mpol_cpus *cpus, struct mpol_cpus *was,
		  struct mpol_error *err);

#endif
