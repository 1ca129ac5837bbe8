/* SPDX-License-Identifier: MIT */
/*
 * Whether the kernel sees the machine that was asked for. A pure function of both, so that a test
 * can compare machines that no QEMU makes.
 */
#include <stdarg.h>
#include <stdio.h>

#include "harness/guest.h"

#include "base/macros.h"

#define MIB ((uint64_t)1 << 20)

struct difference {
	char *what;
	size_t size;
};

static bool differ(const struct difference *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static bool differ(const struct difference *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(d->what, d->size, fmt, ap); /* cut is fine */
	va_end(ap);
	return true;
}

static bool nodes_differ(const struct mpol_machine *m, const struct vm_shape *s,
			 const struct difference *d)
{
	char text[MPOL_NODES_TEXT];
	struct mpol_nodeset wanted;

	if (mpol_nodes_range(0, s->n_nodes - 1, &wanted, NULL) == 0 &&
	    mpol_nodes_equal(&wanted, &m->online))
		return false;
	(void)mpol_nodes_print(&m->online, text, sizeof(text));
	return differ(d, "the guest has the nodes %.80s online, and the shape has %u", text,
		      s->n_nodes);
}

static struct mpol_cpus cpus_of(const struct vm_shape *s, unsigned node)
{
	unsigned first = vm_shape_first_cpu(s, node);
	struct mpol_cpus cpus = { { 0 } };

	for (unsigned i = 0; i < s->cpus[node]; i++)
		mpol_cpus_add(&cpus, first + i);
	return cpus;
}

static bool cpus_differ(const struct mpol_machine *m, const struct vm_shape *s,
			const struct difference *d)
{
	char got[128], wanted[128];

	for (unsigned n = 0; n < s->n_nodes; n++) {
		struct mpol_cpus cpus = cpus_of(s, n);
		const struct mpol_node *node = mpol_machine_node(m, n);

		if (node && mpol_cpus_equal(&node->cpus, &cpus))
			continue;
		(void)mpol_cpus_print(node ? &node->cpus : &(struct mpol_cpus){ { 0 } }, got,
				      sizeof(got));
		(void)mpol_cpus_print(&cpus, wanted, sizeof(wanted));
		return differ(d,
			      "node %u has the CPUs \"%s\" in the guest, and \"%s\" in the shape",
			      n, got, wanted);
	}
	return false;
}

/* The kernel keeps some of a node for itself, more of the first, and never has more than there is.
 */
static bool memory_differs(const struct mpol_machine *m, const struct vm_shape *s,
			   const struct difference *d)
{
	for (unsigned n = 0; n < s->n_nodes; n++) {
		const struct mpol_node *node = mpol_machine_node(m, n);
		uint64_t wanted = s->memory[n] + s->hotplug[n], got = node ? node->memory_total : 0;

		if (got <= wanted && got + MAX(wanted / 4, 128 * MIB) >= wanted &&
		    (got > 0) == (wanted > 0))
			continue;
		return differ(d, "node %u has %llu MiB in the guest, and %llu MiB in the shape", n,
			      (unsigned long long)(got / MIB), (unsigned long long)(wanted / MIB));
	}
	return false;
}

static bool distances_differ(const struct mpol_machine *m, const struct vm_shape *s,
			     const struct difference *d)
{
	for (unsigned i = 0; s->has_distance && i < s->n_nodes; i++)
		for (unsigned j = 0; j < s->n_nodes; j++)
			if (mpol_machine_distance(m, i, j) != s->distance[i][j])
				return differ(d,
					      "the distance from node %u to node %u is %u in the "
					      "guest, and %u in the shape",
					      i, j, mpol_machine_distance(m, i, j),
					      s->distance[i][j]);
	return false;
}

static bool caches_differ(const struct mpol_machine *m, const struct vm_shape *s,
			  const struct difference *d)
{
	if (m->n_llcs != s->llcs)
		return differ(d, "the guest has %zu last-level caches, and the shape has %u",
			      m->n_llcs, s->llcs);
	for (size_t i = 0; i < m->n_llcs; i++)
		if (mpol_cpus_count(&m->llcs[i].cpus) != vm_shape_llc_cpus(s))
			return differ(d,
				      "last-level cache %zu serves %u CPUs in the guest, and %u in "
				      "the shape",
				      i, mpol_cpus_count(&m->llcs[i].cpus), vm_shape_llc_cpus(s));
	return false;
}

/* What the kernel made of the HMAT: how each node's memory is reached from its initiator. */
static bool accesses_differ(const struct mpol_machine *m, const struct vm_shape *s,
			    const struct difference *d)
{
	for (unsigned n = 0; s->has_latency && n < s->n_nodes; n++) {
		const struct mpol_node *node = mpol_machine_node(m, n);
		const struct mpol_access *a = node ? &node->access[0] : NULL;
		unsigned from = vm_shape_initiator(s, n);

		if (!a || !a->known)
			return differ(d, "nothing tells in the guest how node %u is reached", n);
		if (a->read_latency != s->latency[from][n])
			return differ(
				d,
				"the latency of node %u is %llu ns in the guest, and %u ns in "
				"the shape",
				n, (unsigned long long)a->read_latency, s->latency[from][n]);
		if (a->read_bandwidth != s->bandwidth[from][n])
			return differ(d,
				      "the bandwidth of node %u is %lluM in the guest, and %uM in "
				      "the shape",
				      n, (unsigned long long)a->read_bandwidth,
				      s->bandwidth[from][n]);
	}
	return false;
}

bool guest_topology_differs(const struct mpol_machine *m, const struct vm_shape *s, char *what,
			    size_t size)
{
	const struct difference d = { what, size };

	return nodes_differ(m, s, &d) || cpus_differ(m, s, &d) || memory_differs(m, s, &d) ||
	       distances_differ(m, s, &d) || caches_differ(m, s, &d) || accesses_differ(m, s, &d);
}
