/* SPDX-License-Identifier: MIT */
/* Which node a device is attached to: sys/ of a root descriptor. */
#ifndef MACHINE_DEVICE_H
#define MACHINE_DEVICE_H

#include <mpol/notation.h>

/*
 * The nodes of a device, usually one. Devices made of others (bonds, bridges, dm, md) have all of
 * theirs. Where the kernel knows no node and the machine has only one, it is that.
 */
int device_nodes(int root_fd, const struct mpol_machine *machine, enum mpol_device device,
		 const char *name, struct mpol_nodeset *ret, struct mpol_error *err);

extern const struct mpol_rule *const device_rules[]; /* ends with NULL */

#endif
