/* SPDX-License-Identifier: MIT */
/*
 * The shape of a virtual machine: text such as "2n4l4c1t" or
 * "nodes=3,cpus=2:2:0,memory=256M:256M:128M", resolved to what each node has. See mpol-vm(1),
 * SHAPES.
 *
 * Short form: nodes n, last-level caches (LLCs) in all l, cores per LLC c, threads per core t, in
 * this order; what is left out is: llcs = nodes, cores = threads = 1. Full form: KEY=VALUE with
 * commas between; values per node are separated by colons, and the last one repeats:
 *
 *     nodes=N llcs=N cores=N threads=N
 *                         as in the short form
 *     cpus=2:2:0          CPUs per node instead of llcs x cores x threads; 0: a memory-only node,
 *                         after all others
 *     memory=256M:128M    memory per node that is there at boot; 0: a node of CPUs only
 *     hotplug=0:256M      memory per node that is plugged (pc-dimm), movable, and can be taken
 *                         offline
 *     distance=10/20:20/10
 *                         the SLIT, row by row
 *     latency=100/300:300/100
 *                         HMAT, ns: a row for each node with CPUs, a column for each node
 *     bandwidth=20G/5G:5G/20G
 *                         HMAT, bytes per second: the same rows and columns
 *
 * Both forms may be joined: "2n4l4c1t,memory=1G".
 */
#ifndef VM_SHAPE_H
#define VM_SHAPE_H

#include <mpol/test.h>

#define VM_MAX_NODES 128 /* QEMU's MAX_NODES */
#define VM_MAX_CPUS  255 /* without an IOMMU and x2APIC */

/* A plain value of some 120 KB: keep it static or in a struct of your own rather than deep on a
 * stack. */
struct vm_shape {
	unsigned n_nodes;
	unsigned n_cpus;	       /* in all, numbered node by node */
	unsigned llcs, cores, threads; /* LLCs in all, cores per LLC, threads per core; llcs x cores
					  x threads = n_cpus */
	unsigned cpus[VM_MAX_NODES];   /* per node, whole LLCs; 0: memory only */
	uint64_t memory[VM_MAX_NODES]; /* bytes at boot; 0: CPUs only */
	uint64_t hotplug[VM_MAX_NODES]; /* bytes plugged */
	bool has_distance, has_latency, has_bandwidth;
	uint8_t distance[VM_MAX_NODES][VM_MAX_NODES];	/* [from][to] */
	uint16_t latency[VM_MAX_NODES][VM_MAX_NODES];	/* [initiator][target], ns; rows of
							   memory-only nodes are 0 */
	uint32_t bandwidth[VM_MAX_NODES][VM_MAX_NODES]; /* the same, MiB/s */
};

/* Every refusal names the column, counted from 1, and a hint. ret is touched only on success. */
int vm_shape_parse(const char *text, struct vm_shape *ret, struct mpol_error *err);
/* The declared fields of a test; where: err->where names the field, "machine.memory, column 3". */
int vm_shape_resolve(const struct mpol_shape *declared, struct vm_shape *ret,
		     struct mpol_error *err);
/* The shortest text that parses to the same shape; freed by the caller. NULL: out of memory. */
char *vm_shape_print(const struct vm_shape *s);
bool vm_shape_equal(const struct vm_shape *a, const struct vm_shape *b);

/* Bytes of all nodes, plugged ones included. */
uint64_t vm_shape_memory(const struct vm_shape *s);
/* The first CPU of a node; its CPUs are numbered from there. */
unsigned vm_shape_first_cpu(const struct vm_shape *s, unsigned node);
/* The nearest node with CPUs by latency: where the memory of a node is reached from; itself when it
 * has CPUs. */
unsigned vm_shape_initiator(const struct vm_shape *s, unsigned node);
/* CPUs that share one LLC. */
static inline unsigned vm_shape_llc_cpus(const struct vm_shape *s)
{
	return s->cores * s->threads;
}

#endif
