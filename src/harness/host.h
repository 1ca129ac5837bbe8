/* SPDX-License-Identifier: MIT */
/* How many virtual machines this host has room for. */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include "vm/shape-nearest.h"
#include "vm/vm.h"

struct host {
	unsigned cpus;	 /* that this process may use */
	uint64_t memory; /* bytes for guests; UINT64_MAX: unknown */
};

struct host host_read(int root_fd);

/* What a machine made after a real one may have: as many CPUs as this host can make believable, and
 * no more memory than it has for guests. */
struct vm_shape_limits host_limits(int root_fd, enum vm_accel accel);

/* What runs now. */
struct host_use {
	unsigned machines, cpus;
	uint64_t memory;
};

/* The bytes that a machine takes, QEMU's own included. */
uint64_t host_memory_of(const struct vm_shape *s);
/* The CPUs that it keeps busy: emulated ones take turns on one. */
unsigned host_cpus_of(const struct vm_shape *s, bool kvm);
/* Whether one more fits. The first always does; most: at once at most, 0: as the CPUs allow. */
bool host_has_room(const struct host *h, const struct host_use *use, const struct vm_shape *s,
		   bool kvm, unsigned most);

#endif
