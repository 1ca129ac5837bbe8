/* SPDX-License-Identifier: MIT */
/* Kernel modules for a guest: found beside its kernel, packed after those they depend on, loaded by
 * process 1. */
#ifndef VM_MODULE_H
#define VM_MODULE_H

#include "vm/kernel.h"
#include "vm/pack.h"

#define MODULE_FOLDER "/.mpol/modules" /* in the guest; loaded in the order of their names */

/*
 * A module by its name ("overlay"), with what it depends on; one that is built in needs nothing.
 * Compressed ones are unpacked with xz, zstd or gzip where these are here, and left to the guest's
 * kernel otherwise.
 */
int vm_pack_module(struct vm_pack *p, const struct vm_kernel *k, const char *name,
		   struct mpol_error *err);

#endif
