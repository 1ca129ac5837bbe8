/* SPDX-License-Identifier: MIT */
/* Kernels from the distribution's package archive, unpacked into the cache without installing them.
 */
#ifndef VM_KERNEL_FETCH_H
#define VM_KERNEL_FETCH_H

#include "vm/kernel.h"

#define CACHE_KERNELS "kernels" /* CACHE/kernels/RELEASE/{boot,lib,usr,vmlinuz} */
#define CACHE_DEFAULT \
	"default" /* a link to the RELEASE that is taken when no version is asked for */
#define CACHE_NEWEST \
	"newest" /* a link to the RELEASE that came from the distribution's newest suite */

/*
 * Puts the newest kernel of a version ("6.12"; "newest"; NULL: the distribution's own, which
 * becomes the default) into the cache. 1: it is there; negative: described. Several at once wait
 * for each other, and fetch once.
 */
int kernel_fetch(const char *cache, const char *version, vm_kernel_notice notice, void *ctx,
		 struct mpol_error *err);

/* kernel-find.c: whether the cache answers for it. */
bool kernel_is_cached(const char *cache, const char *version);

#endif
