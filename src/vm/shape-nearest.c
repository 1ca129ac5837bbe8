/* SPDX-License-Identifier: MIT */
/* From a machine that was seen to a shape; see shape-nearest.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vm/shape-nearest.h"

#include "base/macros.h"

#define MIB	       ((uint64_t)1 << 20)
#define GRAIN	       (16 * MIB)  /* of a node's memory */
#define LEAST	       (32 * MIB)  /* what a kernel does not drop */
#define LEAST_FIRST    (256 * MIB) /* of the first node with memory: the kernel, and the initramfs */
#define UNKNOWN_MEMORY ((uint64_t)1 << 30)
#define LOCAL	       10
#define REMOTE	       20
#define LEAST_REMOTE   11
#define MOST_REMOTE    254
#define MOST_LATENCY   65000U	/* ns */
#define MOST_BANDWIDTH 4096000U /* MiB/s */
#define HMAT_STEPS     60000U	/* QEMU tells bandwidths apart in 16 bits */

static const struct mpol_rule rule_nearest = {
	"shape-nearest",
	EINVAL,
	"A virtual machine has 1 to 128 nodes and at least one CPU; only online nodes with CPUs or "
	"memory can be made.",
	"record another machine, or write a shape by hand",
	"QEMU hw/core/numa.c MAX_NODES",
	NULL,
};

struct nearest {
	const struct mpol_machine *m;
	const struct vm_shape_limits *limits;
	struct vm_nearest *to;
	size_t index[VM_MAX_NODES]; /* of a node in m->nodes; n_nodes 0: the machine is one node */
};

static void note(struct nearest *n, const char *text)
{
	if (n->to->notes.len)
		strbuf_putc(&n->to->notes, '\n');
	strbuf_puts(&n->to->notes, text);
}

/* --- Nodes. --- */

static int add_node(struct nearest *n, size_t index, bool with_cpus, struct mpol_error *err)
{
	const struct mpol_node *node = &n->m->nodes[index];
	struct vm_nearest *to = n->to;
	unsigned cpus = mpol_cpus_count(&node->cpus);
	bool memory = node->memory_known ? node->memory_total > 0 : node->has_memory;
	unsigned at = to->shape.n_nodes;

	if (!node->online || (cpus > 0) != with_cpus || (!cpus && !memory))
		return 0;
	if (at == VM_MAX_NODES)
		return mpol_fail(err, &rule_nearest, "", "the machine has more than %u nodes",
				 VM_MAX_NODES);
	n->index[at] = index;
	to->node[at] = node->id;
	to->cpus[at] = cpus;
	to->memory[at] = !memory ? 0 : node->memory_known ? node->memory_total : UNKNOWN_MEMORY;
	to->shape.n_nodes++;
	return 0;
}

static int take_nodes(struct nearest *n, struct mpol_error *err)
{
	struct vm_nearest *to = n->to;
	bool unknown = false, reordered = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->m->n_nodes; i++)
		r = add_node(n, i, true, err);
	for (size_t i = 0; r == 0 && i < n->m->n_nodes; i++) {
		r = add_node(n, i, false, err);
		unknown = unknown || (n->m->nodes[i].has_memory && !n->m->nodes[i].memory_known);
	}
	if (r < 0)
		return r;
	for (unsigned i = 1; i < to->shape.n_nodes; i++)
		reordered = reordered || to->node[i] < to->node[i - 1];
	if (reordered)
		note(n, "nodes without CPUs come last, as kernels number them so");
	if (!to->shape.n_nodes) { /* a kernel without NUMA */
		to->shape.n_nodes = 1;
		to->cpus[0] = mpol_cpus_count(&n->m->cpus_online);
		to->memory[0] = UNKNOWN_MEMORY;
		unknown = true;
	} else if (to->shape.n_nodes < n->m->n_nodes) {
		note(n, "nodes that are offline, or have neither CPUs nor memory, are left out");
	}
	for (unsigned i = 0; i < to->shape.n_nodes; i++) {
		to->n_cpus += to->cpus[i];
		to->n_bytes += to->memory[i];
	}
	if (unknown)
		note(n, "a node's memory is not known, and taken for 1 GiB");
	return to->n_cpus ? 0
			  : mpol_fail(err, &rule_nearest, "", "no node of the machine has a CPU");
}

/* --- CPUs and their caches. --- */

/* The caches of each node, when each serves CPUs of one node and all the same number: that number,
 * else 0. */
static unsigned caches_of(const struct nearest *n, unsigned of_node[VM_MAX_NODES])
{
	unsigned each = 0;

	memset(of_node, 0, VM_MAX_NODES * sizeof(*of_node));
	for (size_t c = 0; c < n->m->n_llcs; c++) {
		const struct mpol_cpus *cpus = &n->m->llcs[c].cpus;
		unsigned count = mpol_cpus_count(cpus), at = 0;

		while (at < n->to->shape.n_nodes && n->m->n_nodes &&
		       !mpol_cpus_subset(cpus, &n->m->nodes[n->index[at]].cpus))
			at++;
		if (!count || at == n->to->shape.n_nodes || (each && each != count))
			return 0;
		each = count;
		of_node[at]++;
	}
	for (unsigned i = 0; each && i < n->to->shape.n_nodes; i++)
		if (of_node[i] * each != n->to->cpus[i])
			return 0;
	return each;
}

/* value of whole becomes so much of part, at least 1 where there was any. */
static unsigned scaled(unsigned value, unsigned whole, unsigned part)
{
	unsigned now = (unsigned)(((uint64_t)value * part + whole / 2) / whole);

	return value && !now ? 1 : now;
}

static unsigned divisor(unsigned a, unsigned b)
{
	return b ? divisor(b, a % b) : a;
}

/* Caches of each CPUs: first these become smaller, then fewer. */
static void keep_caches(struct nearest *n, unsigned each, unsigned of_node[VM_MAX_NODES],
			unsigned most)
{
	struct vm_shape *s = &n->to->shape;
	unsigned all = n->to->n_cpus / each;

	s->cores = MAX(1U, MIN(each, most / all));
	for (unsigned i = 0; i < s->n_nodes; i++) {
		if (all > most)
			of_node[i] = scaled(of_node[i], all, most);
		s->cpus[i] = of_node[i] * s->cores;
		s->llcs += of_node[i];
	}
	if (s->llcs < all)
		note(n, "there are fewer last-level caches");
}

/* CPUs alone, in caches of the largest size that fits all nodes. */
static void keep_cpus(struct nearest *n, unsigned most)
{
	struct vm_shape *s = &n->to->shape;
	unsigned total = 0, each = 0;

	for (unsigned i = 0; i < s->n_nodes; i++) {
		s->cpus[i] = n->to->n_cpus <= most ? n->to->cpus[i]
						   : scaled(n->to->cpus[i], n->to->n_cpus, most);
		each = divisor(s->cpus[i], each);
		total += s->cpus[i];
	}
	s->cores = each;
	s->llcs = total / each;
	if (n->m->n_llcs)
		note(n,
		     "the last-level caches cannot be kept, as each has to serve as many CPUs of "
		     "one node");
}

static int take_cpus(struct nearest *n, struct mpol_error *err)
{
	struct vm_shape *s = &n->to->shape;
	unsigned of_node[VM_MAX_NODES], each = caches_of(n, of_node);
	unsigned most = MAX(1U, MIN(n->limits->cpus, (unsigned)VM_MAX_CPUS));

	if (each)
		keep_caches(n, each, of_node, most);
	else
		keep_cpus(n, most);
	s->threads = 1;
	for (unsigned i = 0; i < s->n_nodes; i++)
		s->n_cpus += s->cpus[i];
	if (s->n_cpus > VM_MAX_CPUS)
		return mpol_fail(err, &rule_nearest, "", "%u CPUs are more than %u", s->n_cpus,
				 VM_MAX_CPUS);
	return 0;
}

/* --- Memory. --- */

static void take_memory(struct nearest *n)
{
	struct vm_shape *s = &n->to->shape;
	bool first = true;

	for (unsigned i = 0; i < s->n_nodes; i++) {
		uint64_t bytes = n->to->memory[i];

		if (!bytes)
			continue;
		if (n->to->n_bytes > n->limits->memory) /* sizes as doubles: a grain is coarse */
			bytes = (uint64_t)((double)bytes / (double)n->to->n_bytes *
					   (double)n->limits->memory);
		bytes = (bytes + GRAIN / 2) / GRAIN * GRAIN;
		s->memory[i] = MAX(bytes, first ? LEAST_FIRST : LEAST);
		first = false;
	}
}

/* --- Distances. --- */

static unsigned distance_of(const struct nearest *n, unsigned from, unsigned to)
{
	return n->m->distance && n->m->n_nodes
		       ? n->m->distance[n->index[from] * n->m->n_nodes + n->index[to]]
		       : 0;
}

/* A table that is as usual goes without saying. */
static void take_distances(struct nearest *n)
{
	struct vm_shape *s = &n->to->shape;
	bool usual = true, mended = false;

	for (unsigned i = 0; i < s->n_nodes; i++)
		for (unsigned j = 0; j < s->n_nodes; j++) {
			unsigned d = distance_of(n, i, j), kept = i == j ? LOCAL : d ? d : REMOTE;

			if (i != j)
				kept = MIN(MAX(kept, (unsigned)LEAST_REMOTE),
					   (unsigned)MOST_REMOTE);
			mended = mended || (n->m->distance && kept != d);
			usual = usual && kept == (i == j ? LOCAL : REMOTE);
			s->distance[i][j] = (uint8_t)kept;
		}
	if (mended)
		note(n, "distances that no firmware may tell are changed: 10 to itself, 11 to 254 "
			"to others");
	s->has_distance = !usual;
	if (usual)
		memset(s->distance, 0, sizeof(s->distance));
}

/* --- HMAT. --- */

/* Of initiators with CPUs, where the kernel tells that apart. */
static const struct mpol_access *access_of(const struct nearest *n, unsigned node)
{
	const struct mpol_node *from = n->m->n_nodes ? &n->m->nodes[n->index[node]] : NULL;

	for (size_t c = MPOL_N_ACCESS_CLASSES; from && c-- > 0;)
		if (from->access[c].known && from->access[c].read_latency &&
		    from->access[c].read_bandwidth)
			return &from->access[c];
	return NULL;
}

/* Whether the kernel told of some, and of all that are needed. */
static bool has_hmat(struct nearest *n)
{
	unsigned known = 0, memoryless = 0;

	for (unsigned i = 0; i < n->to->shape.n_nodes; i++) {
		known += access_of(n, i) != NULL;
		memoryless += !n->to->memory[i];
	}
	if (known && memoryless)
		note(n, "latencies and bandwidths are left out: kernels take them only where every "
			"node has memory");
	return known == n->to->shape.n_nodes;
}

/* How much farther a target is from a node than from its best initiator, in tenths. */
static unsigned farther(const struct nearest *n, const struct mpol_access *a, unsigned from,
			unsigned to)
{
	unsigned best = 0, d = distance_of(n, from, to);

	if (mpol_nodes_has(&a->initiators, n->to->node[from]))
		return 10;
	for (unsigned i = 0; i < n->to->shape.n_nodes; i++)
		if (mpol_nodes_has(&a->initiators, n->to->node[i]))
			best = distance_of(n, i, to);
	return best && d > best ? d * 10 / best : 15;
}

/* The kernel tells only of the best initiators of each node; the others' are estimates. */
static void take_hmat(struct nearest *n)
{
	struct vm_shape *s = &n->to->shape;
	unsigned grain = 1, most = 1;

	if (!has_hmat(n))
		return;
	s->has_latency = s->has_bandwidth = true;
	for (unsigned i = 0; i < s->n_nodes; i++)
		for (unsigned to = 0; s->cpus[i] && to < s->n_nodes; to++) {
			const struct mpol_access *a = access_of(n, to);
			unsigned tenths = farther(n, a, i, to);
			uint64_t ns = a->read_latency * tenths / 10, mib;

			mib = a->read_bandwidth * 10 /
			      tenths; /* QEMU and kernel take one MiB for one MB */
			s->latency[i][to] = (uint16_t)MAX(1U, MIN(ns, MOST_LATENCY));
			s->bandwidth[i][to] = (uint32_t)MAX(1U, MIN(mib, MOST_BANDWIDTH));
			most = MAX(most, s->bandwidth[i][to]);
		}
	while (most / grain > HMAT_STEPS)
		grain *= 2;
	for (unsigned i = 0; i < s->n_nodes; i++)
		for (unsigned to = 0; s->cpus[i] && to < s->n_nodes; to++)
			s->bandwidth[i][to] = MAX(grain, s->bandwidth[i][to] / grain * grain);
	note(n, "latencies and bandwidths beyond those of the best initiators are estimates by "
		"distance");
}

int vm_shape_nearest(const struct mpol_machine *m, const struct vm_shape_limits *limits,
		     struct vm_nearest *ret, struct mpol_error *err)
{
	struct nearest n = { .m = m, .limits = limits, .to = ret };
	int r;

	memset(ret, 0, sizeof(*ret));
	r = take_nodes(&n, err);
	if (r == 0)
		r = take_cpus(&n, err);
	if (r < 0)
		return r;
	take_memory(&n);
	take_distances(&n);
	take_hmat(&n);
	return 0;
}

void vm_nearest_done(struct vm_nearest *n)
{
	strbuf_done(&n->notes);
}

/* --- Telling. --- */

static void put_bytes(struct strbuf *out, uint64_t bytes)
{
	if (bytes >= 10 * 1024 * MIB)
		strbuf_printf(out, "%.0f GiB", (double)bytes / (double)(1024 * MIB));
	else if (bytes >= 1024 * MIB)
		strbuf_printf(out, "%.1f GiB", (double)bytes / (double)(1024 * MIB));
	else
		strbuf_printf(out, "%.0f MiB", (double)bytes / (double)MIB);
}

static void put_change(struct strbuf *out, unsigned cpus, unsigned now, uint64_t bytes,
		       uint64_t bytes_now)
{
	strbuf_printf(out, "%u CPU%s", cpus, cpus == 1 ? "" : "s");
	if (cpus != now)
		strbuf_printf(out, " become %u", now);
	strbuf_puts(out, ", ");
	put_bytes(out, bytes);
	if (bytes != bytes_now) {
		strbuf_puts(out, " become ");
		put_bytes(out, bytes_now);
	}
}

void vm_nearest_tell(const struct vm_nearest *n, struct strbuf *out)
{
	const struct vm_shape *s = &n->shape;

	put_change(out, n->n_cpus, s->n_cpus, n->n_bytes, vm_shape_memory(s));
	for (unsigned i = 0; i < s->n_nodes; i++) {
		strbuf_printf(out, "\nnode %u is node %u here: ", n->node[i], i);
		put_change(out, n->cpus[i], s->cpus[i], n->memory[i], s->memory[i]);
	}
	if (n->notes.len) {
		strbuf_putc(out, '\n');
		strbuf_add(out, n->notes.data, n->notes.len);
	}
}
