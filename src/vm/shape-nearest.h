/* SPDX-License-Identifier: MIT */
/*
 * The virtual machine nearest to a machine that was seen: its online nodes in order, numbered from
 * 0 as QEMU has to; CPUs and memory in proportion to what may be had; distances and HMAT as far as
 * known. What had to differ is told.
 */
#ifndef VM_SHAPE_NEAREST_H
#define VM_SHAPE_NEAREST_H

#include <mpol/machine.h>

#include "base/strbuf.h"
#include "vm/shape.h"

struct vm_shape_limits {
	unsigned cpus;	 /* in all, but for one on each node that has any */
	uint64_t memory; /* bytes in all, but for the least that a node takes */
};

/* Large, as a shape is. */
struct vm_nearest {
	struct vm_shape shape;
	unsigned node[VM_MAX_NODES];   /* what node n was there */
	unsigned cpus[VM_MAX_NODES];   /* it had so many */
	uint64_t memory[VM_MAX_NODES]; /* bytes; 0: none, or unknown */
	unsigned n_cpus;	       /* in all */
	uint64_t n_bytes;
	struct strbuf
		notes; /* a line for each thing that differs, beyond numbers of CPUs and bytes */
};

/* Rules: shape-nearest (no node with CPUs, more than 128 nodes), shape-memory. */
int vm_shape_nearest(const struct mpol_machine *m, const struct vm_shape_limits *limits,
		     struct vm_nearest *ret, struct mpol_error *err);
void vm_nearest_done(struct vm_nearest *n);

/*
 * What became of it, in lines without the last newline:
 *
 *     64 CPUs become 16, 63.9 GiB become 4 GiB
 *     node 0 is 0: 32 CPUs become 8, …
 */
void vm_nearest_tell(const struct vm_nearest *n, struct strbuf *out);

#endif
