/* SPDX-License-Identifier: MIT */
/* What declared work needs in a guest besides the executable: commands and files. */
#ifndef HARNESS_PACK_WORK_H
#define HARNESS_PACK_WORK_H

#include "harness/registry.h"
#include "vm/pack.h"

/* Whatever is not there is left out: the worker will say so. */
int pack_work(struct vm_pack *pack, const struct registry *registry, struct mpol_error *err);

#endif
