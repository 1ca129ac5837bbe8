/* SPDX-License-Identifier: MIT */
/* A shape and a kernel as QEMU's arguments: pure, so that a test can look at them. */
#ifndef VM_QEMU_H
#define VM_QEMU_H

#include "vm/shape.h"
#include "vm/strv.h"

struct qemu_plan {
	const char *program; /* "qemu-system-x86_64" */
	const struct vm_shape *shape;
	bool kvm;
	const char *kernel;
	int initramfs_fd, console_fd,
		channel_fd; /* numbers in QEMU's process; sockets, but the first */
	const char *append; /* may be NULL */
};

/* The arguments, argv[0] included. ret->failed when memory ran out. */
void qemu_arguments(const struct qemu_plan *plan, struct strv *ret);

#endif
