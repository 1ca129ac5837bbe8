/* SPDX-License-Identifier: MIT */
/*
 * The cpio archive (newc, "070701") that a Linux kernel unpacks as its first root: entries in
 * order, parents before children, written to a descriptor. Knows nothing about which files are
 * needed; pack.c does. Source: Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef VM_INITRAMFS_H
#define VM_INITRAMFS_H

#include <stdint.h>
#include <sys/types.h>

struct initramfs {
	int fd; /* borrowed */
	uint32_t next_inode;
	uint64_t written;
};

/* All return 0 or -errno. path is without its leading '/'. mode has type and permissions. */
int initramfs_add(struct initramfs *a, const char *path, mode_t mode, const void *data, size_t len);
/* A regular file with the contents of from_fd, which is read to its end. */
int initramfs_add_fd(struct initramfs *a, const char *path, mode_t mode, int from_fd);
/* The trailer. */
int initramfs_end(struct initramfs *a);

#endif
