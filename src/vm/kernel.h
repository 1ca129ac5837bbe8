/* SPDX-License-Identifier: MIT */
/*
 * A kernel for a guest: what --kernel names, else $MPOL_KERNEL, else the newest in the cache, else
 * a readable /boot/vmlinuz of this host, else a download from the distribution, which is announced.
 * See mpol-vm(1), KERNELS.
 *
 * The cache is $XDG_CACHE_HOME/mpol (~/.cache/mpol), for root /var/cache/mpol: kernels/RELEASE/
 * holds an unpacked package, put there whole by one rename(2).
 */
#ifndef VM_KERNEL_H
#define VM_KERNEL_H

#include <mpol/error.h>

struct vm_kernel {
	char *path;    /* of the bzImage */
	char *release; /* "6.12.107+deb13-cloud-amd64", from the image itself */
	char *modules; /* the directory that holds its "kernel/fs/…", or NULL when there is none */
};

typedef void (*vm_kernel_notice)(void *ctx, const char *text);

/*
 * wanted: a file (a path with a '/' or one that exists), a version ("6.12" is any 6.12.x), or NULL.
 * notice is told before anything is downloaded. Release with vm_kernel_done().
 */
int vm_kernel_find(const char *wanted, vm_kernel_notice notice, void *ctx, struct vm_kernel *ret,
		   struct mpol_error *err);
void vm_kernel_done(struct vm_kernel *k);

/* The cache directory, made when missing; freed by the caller. */
int vm_cache(char **ret, struct mpol_error *err);

/* The release in a bzImage's header ("6.1.0-56-cloud-amd64"); -ENOEXEC when the file is none. */
int vm_kernel_release(const char *path, char *ret, size_t size);

extern const struct mpol_rule kernel_rule_missing;

#endif
