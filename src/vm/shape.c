/* SPDX-License-Identifier: MIT */
/*
 * From what was asked for to what each node has; see shape.h. Text is read by shape-parse.c into a
 * struct wanted; the rules about how its parts fit together stand here.
 */
#include <errno.h>
#include <string.h>

#include "vm/shape-wanted.h"

#include "base/macros.h"

#define MIB ((uint64_t)1 << 20)

/* A node's memory when nothing is said: enough for eight workers of 64 MiB, and not more than 4 GiB
 * in all. */
#define USUAL_MEMORY   (512 * MIB)
#define USUAL_IN_ALL   (4096 * MIB)
#define LEAST_MEMORY   (16 * MIB)
#define LEAST_FIRST    (128 * MIB) /* what a kernel needs to boot at all */
#define HOTPLUG_STEP   (128 * MIB) /* a memory block of x86-64 */
#define MAX_MEMORY     ((uint64_t)1 << 40)
#define LOCAL_DISTANCE 10
#define MAX_DISTANCE   254

static const struct mpol_rule rule_limit = {
	"shape-limit",
	EINVAL,
	"QEMU numbers at most 128 nodes, and the machines it makes at most 255 CPUs.",
	NULL,
	"QEMU hw/core/numa.c MAX_NODES",
	NULL,
};
static const struct mpol_rule rule_llcs = {
	"shape-llcs",
	EINVAL,
	"A last-level cache belongs to one node and holds the same number of CPUs everywhere; the "
	"kernel refuses caches that "
	"span nodes.",
	NULL,
	"arch/x86/kernel/smpboot.c topology_sane()",
	NULL,
};
static const struct mpol_rule rule_cpus = {
	"shape-cpus",
	EINVAL,
	"A machine needs a CPU, and CPUs are given either per node or as llcs, cores and threads.",
	"give llcs, cores and threads of 1 or more, or cpus with some node above 0",
	NULL,
	NULL,
};
static const struct mpol_rule rule_order = {
	"shape-order",
	EINVAL,
	"Kernels number nodes as the firmware's table first names them, and it names CPUs before "
	"memory: nodes "
	"without CPUs come last.",
	"put nodes without CPUs after all others",
	"drivers/acpi/numa/srat.c acpi_numa_init(), acpi_map_pxm_to_node()",
	NULL,
};
static const struct mpol_rule rule_memory = {
	"shape-memory",
	EINVAL,
	"A node has CPUs, memory or both; very small nodes are dropped by the kernel, or starve "
	"it.",
	"give the node CPUs or memory, or leave it out",
	"arch/x86/mm/numa.c",
	NULL,
};
static const struct mpol_rule rule_hotplug = {
	"shape-hotplug",
	EINVAL,
	"Memory is plugged in blocks of 128 MiB.",
	"write a multiple of 128M",
	"mm/sparse.c, SECTION_SIZE_BITS",
	NULL,
};
static const struct mpol_rule rule_matrix = {
	"shape-matrix",
	EINVAL,
	"A table of distances, latencies or bandwidths says something about each pair of nodes.",
	NULL,
	"ACPI 6.5, 5.2.17 and 5.2.28",
	NULL,
};
static const struct mpol_rule rule_targets = {
	"shape-targets",
	EINVAL,
	"Kernels ignore a table of latencies and bandwidths that speaks of a node without memory, "
	"and "
	"QEMU's speaks of all.",
	"give each node memory, or leave latency and bandwidth out",
	"drivers/acpi/numa/hmat.c hmat_parse_proximity_domain()",
	NULL,
};
static const struct mpol_rule rule_distance = {
	"shape-distance",
	EINVAL,
	"A node's distance to itself is 10; to another one it is more, and 255 means unreachable.",
	NULL,
	"drivers/acpi/numa/srat.c slit_valid()",
	NULL,
};

static unsigned gcd(unsigned a, unsigned b)
{
	while (b) {
		unsigned rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The value for a node: the last one given repeats. */
static uint64_t of_node(const struct wanted *w, enum shape_key key, unsigned node)
{
	const struct wanted_value *v = &w->of[key];

	return v->value[MIN(node, v->rows - 1)];
}

static uint64_t number(const struct wanted *w, enum shape_key key, uint64_t otherwise)
{
	return w->of[key].given ? w->of[key].value[0] : otherwise;
}

static int check_length(const struct wanted *w, enum shape_key key, unsigned nodes,
			struct mpol_error *err)
{
	const struct wanted_value *v = &w->of[key];
	char where[WANTED_WHERE];

	if (!v->given || v->rows <= nodes)
		return 0;
	(void)mpol_fail(err, &rule_matrix, wanted_where(w, key, where),
			"there are values for %u nodes, and %u %s", v->rows, nodes,
			nodes == 1 ? "node" : "nodes");
	return mpol_hint(err, "give one value for each node; the last one repeats");
}

/* nodes=, or as many as the longest list has. */
static int resolve_nodes(const struct wanted *w, struct vm_shape *s, struct mpol_error *err)
{
	static const enum shape_key lists[] = { SHAPE_CPUS, SHAPE_MEMORY, SHAPE_HOTPLUG,
						SHAPE_DISTANCE };
	char where[WANTED_WHERE];
	uint64_t nodes = number(w, SHAPE_NODES, 1);

	for (size_t i = 0; !w->of[SHAPE_NODES].given && i < ELEMENTSOF(lists); i++)
		nodes = MAX(nodes, w->of[lists[i]].rows);
	if (nodes < 1 || nodes > VM_MAX_NODES) {
		(void)mpol_fail(err, &rule_limit, wanted_where(w, SHAPE_NODES, where),
				"there cannot be %llu nodes", (unsigned long long)nodes);
		return mpol_hint(err, "1 to %u nodes", VM_MAX_NODES);
	}
	s->n_nodes = (unsigned)nodes;
	for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
		int r = check_length(w, lists[i], s->n_nodes, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_cpu_count(const struct wanted *w, enum shape_key key, uint64_t cpus,
			   struct mpol_error *err)
{
	char where[WANTED_WHERE];

	if (cpus >= 1 && cpus <= VM_MAX_CPUS)
		return 0;
	if (cpus < 1)
		return mpol_fail(err, &rule_cpus, wanted_where(w, key, where), "no node has a CPU");
	(void)mpol_fail(err, &rule_limit, wanted_where(w, key, where), "%llu CPUs are too many",
			(unsigned long long)cpus);
	return mpol_hint(err, "1 to %u CPUs in all", VM_MAX_CPUS);
}

/* llcs x cores x threads, the LLCs dealt to the nodes in order. */
static int resolve_regular(const struct wanted *w, struct vm_shape *s, struct mpol_error *err)
{
	uint64_t llcs = number(w, SHAPE_LLCS, s->n_nodes);
	uint64_t cores = number(w, SHAPE_CORES, 1);
	uint64_t threads = number(w, SHAPE_THREADS, 1);
	static const enum shape_key keys[] = { SHAPE_LLCS, SHAPE_CORES, SHAPE_THREADS };
	char where[WANTED_WHERE];
	int r;

	for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
		if (!w->of[keys[i]].given)
			continue;
		r = check_cpu_count(w, keys[i], number(w, keys[i], 0), err);
		if (r < 0)
			return r;
	}
	if (llcs < s->n_nodes) {
		(void)mpol_fail(err, &rule_llcs, wanted_where(w, SHAPE_LLCS, where),
				"%llu LLCs cannot serve %u nodes", (unsigned long long)llcs,
				s->n_nodes);
		return mpol_hint(err, "at least %u LLCs, or cpus=… with 0 for nodes without CPUs",
				 s->n_nodes);
	}
	r = check_cpu_count(w, w->of[SHAPE_CORES].given ? SHAPE_CORES : SHAPE_LLCS,
			    llcs * cores * threads, err);
	if (r < 0)
		return r;
	s->llcs = (unsigned)llcs;
	s->cores = (unsigned)cores;
	s->threads = (unsigned)threads;
	for (unsigned n = 0; n < s->n_nodes; n++)
		s->cpus[n] = (s->llcs * (n + 1) / s->n_nodes - s->llcs * n / s->n_nodes) *
			     vm_shape_llc_cpus(s);
	return 0;
}

/* CPUs per node: one LLC per node when all that have CPUs have the same number, otherwise LLCs of
 * the largest size that fits all. */
static int resolve_per_node(const struct wanted *w, struct vm_shape *s, struct mpol_error *err)
{
	uint64_t threads = number(w, SHAPE_THREADS, 1), total = 0;
	unsigned share = 0, llc_cpus;
	char where[WANTED_WHERE];
	int r;

	for (unsigned n = 0; n < s->n_nodes; n++) {
		uint64_t cpus = of_node(w, SHAPE_CPUS, n);

		total += MIN(cpus, VM_MAX_CPUS + 1);
		s->cpus[n] = (unsigned)MIN(cpus, VM_MAX_CPUS + 1);
		share = gcd(share, s->cpus[n]);
		if (n && s->cpus[n] && !s->cpus[n - 1])
			return mpol_fail(err, &rule_order, wanted_where(w, SHAPE_CPUS, where),
					 "node %u has CPUs and node %u has none", n, n - 1);
	}
	r = check_cpu_count(w, SHAPE_CPUS, total, err);
	if (r < 0)
		return r;
	llc_cpus = share;
	if (w->of[SHAPE_LLCS].given) {
		uint64_t llcs = number(w, SHAPE_LLCS, 0);

		llc_cpus = llcs && total % llcs == 0 ? (unsigned)(total / llcs) : 0;
		if (!llc_cpus || share % llc_cpus) {
			(void)mpol_fail(err, &rule_llcs, wanted_where(w, SHAPE_LLCS, where),
					"%llu LLCs of equal size do not fit these nodes' CPUs",
					(unsigned long long)llcs);
			return mpol_hint(
				err,
				"the CPUs of each node must be whole LLCs: %u LLCs of %u CPUs fit",
				(unsigned)total / share, share);
		}
	}
	if (w->of[SHAPE_CORES].given) {
		(void)mpol_fail(err, &rule_cpus, wanted_where(w, SHAPE_CORES, where),
				"cores follow from cpus, and both are given");
		return mpol_hint(err, "leave cores out, or say llcs=");
	}
	if (threads < 1 || llc_cpus % threads) {
		(void)mpol_fail(err, &rule_cpus, wanted_where(w, SHAPE_THREADS, where),
				"%llu threads per core do not divide %u CPUs",
				(unsigned long long)threads, llc_cpus);
		return mpol_hint(err, "use a divisor of %u", llc_cpus);
	}
	s->threads = (unsigned)threads;
	s->cores = llc_cpus / s->threads;
	s->llcs = (unsigned)total / llc_cpus;
	return 0;
}

static uint64_t usual_memory(unsigned nodes)
{
	uint64_t each = USUAL_MEMORY;

	while (each * nodes > USUAL_IN_ALL)
		each /= 2;
	return each;
}

static int check_memory(const struct wanted *w, const struct vm_shape *s, unsigned n,
			struct mpol_error *err)
{
	uint64_t bytes = s->memory[n];
	char where[WANTED_WHERE];

	if (bytes % MIB || (bytes && bytes < LEAST_MEMORY) || bytes > MAX_MEMORY) {
		(void)mpol_fail(err, &rule_memory, wanted_where(w, SHAPE_MEMORY, where),
				"node %u cannot have %llu bytes", n, (unsigned long long)bytes);
		return mpol_hint(err, "16M to 1T in whole MiB, or 0 for a node of CPUs only");
	}
	if (!bytes && !s->cpus[n] && !s->hotplug[n])
		return mpol_fail(err, &rule_memory, wanted_where(w, SHAPE_MEMORY, where),
				 "node %u has neither CPUs nor memory", n);
	return 0;
}

static int resolve_memory(const struct wanted *w, struct vm_shape *s, struct mpol_error *err)
{
	char where[WANTED_WHERE];
	uint64_t total = 0;

	for (unsigned n = 0; n < s->n_nodes; n++) {
		int r;

		s->memory[n] = w->of[SHAPE_MEMORY].given ? of_node(w, SHAPE_MEMORY, n)
							 : usual_memory(s->n_nodes);
		s->hotplug[n] = w->of[SHAPE_HOTPLUG].given ? of_node(w, SHAPE_HOTPLUG, n) : 0;
		if (s->hotplug[n] % HOTPLUG_STEP || s->hotplug[n] > MAX_MEMORY)
			return mpol_fail(err, &rule_hotplug, wanted_where(w, SHAPE_HOTPLUG, where),
					 "node %u cannot be given %llu bytes", n,
					 (unsigned long long)s->hotplug[n]);
		r = check_memory(w, s, n, err);
		if (r < 0)
			return r;
		total += s->memory[n];
	}
	if (total >= LEAST_FIRST)
		return 0;
	(void)mpol_fail(err, &rule_memory, wanted_where(w, SHAPE_MEMORY, where),
			"%llu MiB in all are too little to boot",
			(unsigned long long)(total / MIB));
	return mpol_hint(err, "give the machine at least 128M");
}

static int resolve_distance(const struct wanted *w, struct vm_shape *s, struct mpol_error *err)
{
	const struct wanted_value *m = &w->of[SHAPE_DISTANCE];
	char where[WANTED_WHERE];

	if (!w->of[SHAPE_DISTANCE].given)
		return 0;
	if (m->rows != s->n_nodes || m->columns != s->n_nodes) {
		(void)mpol_fail(err, &rule_matrix, wanted_where(w, SHAPE_DISTANCE, where),
				"%u rows of %u distances are no table of %u nodes", m->rows,
				m->columns, s->n_nodes);
		return mpol_hint(err,
				 "rows are separated by colons, distances by slashes: 10/20:20/10");
	}
	for (unsigned i = 0; i < s->n_nodes; i++)
		for (unsigned j = 0; j < s->n_nodes; j++) {
			uint64_t d = m->value[i * m->columns + j];

			if (i == j ? d != LOCAL_DISTANCE
				   : d <= LOCAL_DISTANCE || d > MAX_DISTANCE) {
				(void)mpol_fail(
					err, &rule_distance, wanted_where(w, SHAPE_DISTANCE, where),
					"the distance from node %u to node %u cannot be %llu", i, j,
					(unsigned long long)d);
				return i == j ? mpol_hint(err, "10")
					      : mpol_hint(err, "11 to 254; 20 is usual for another "
							       "socket");
			}
			s->distance[i][j] = (uint8_t)d;
		}
	s->has_distance = true;
	return 0;
}

/* A row for each node with CPUs, a column for each node. put stores one value, and says no when it
 * does not fit. */
static int resolve_hmat(const struct wanted *w, enum shape_key key, struct vm_shape *s,
			bool (*put)(struct vm_shape *, unsigned from, unsigned to, uint64_t),
			struct mpol_error *err)
{
	const struct wanted_value *m = &w->of[key];
	unsigned row = 0, with_cpus = 0;
	char where[WANTED_WHERE];

	if (!w->of[key].given)
		return 0;
	for (unsigned n = 0; n < s->n_nodes; n++)
		with_cpus += s->cpus[n] != 0;
	if (m->rows != with_cpus || m->columns != s->n_nodes) {
		(void)mpol_fail(err, &rule_matrix, wanted_where(w, key, where),
				"%u rows of %u values, where %u nodes with CPUs reach %u nodes",
				m->rows, m->columns, with_cpus, s->n_nodes);
		return mpol_hint(err, "a row for each node with CPUs, a column for each node: rows "
				      "are separated by colons, values by slashes");
	}
	for (unsigned n = 0; n < s->n_nodes; n++) {
		if (!s->cpus[n])
			continue;
		for (unsigned to = 0; to < s->n_nodes; to++)
			if (!put(s, n, to, m->value[row * m->columns + to])) {
				(void)mpol_fail(err, &rule_matrix, wanted_where(w, key, where),
						"%llu from node %u to node %u is out of range",
						(unsigned long long)m->value[row * m->columns + to],
						n, to);
				return mpol_hint(
					err,
					key == SHAPE_LATENCY
						? "1 to 65000 ns"
						: "1M to 4000G bytes per second, in whole MiB");
			}
		row++;
	}
	return 0;
}

/* The kernel ignores a whole HMAT for one node that has no memory at boot. */
static int check_targets(const struct wanted *w, const struct vm_shape *s, struct mpol_error *err)
{
	char where[WANTED_WHERE];

	for (unsigned n = 0; s->has_latency && n < s->n_nodes; n++)
		if (!s->memory[n])
			return mpol_fail(err, &rule_targets, wanted_where(w, SHAPE_LATENCY, where),
					 "node %u has no memory to be reached", n);
	return 0;
}

static bool put_latency(struct vm_shape *s, unsigned from, unsigned to, uint64_t ns)
{
	s->latency[from][to] = (uint16_t)ns;
	return ns >= 1 && ns <= 65000;
}

static bool put_bandwidth(struct vm_shape *s, unsigned from, unsigned to, uint64_t bytes)
{
	s->bandwidth[from][to] = (uint32_t)(bytes / MIB);
	return bytes >= MIB && bytes % MIB == 0 && bytes <= (uint64_t)4000 << 30;
}

int wanted_resolve(const struct wanted *w, struct vm_shape *ret, struct mpol_error *err)
{
	char where[WANTED_WHERE];
	int r;

	memset(ret, 0, sizeof(*ret));
	r = resolve_nodes(w, ret, err);
	if (r == 0)
		r = w->of[SHAPE_CPUS].given ? resolve_per_node(w, ret, err)
					    : resolve_regular(w, ret, err);
	if (r == 0)
		r = resolve_memory(w, ret, err);
	if (r == 0)
		r = resolve_distance(w, ret, err);
	if (r == 0)
		r = resolve_hmat(w, SHAPE_LATENCY, ret, put_latency, err);
	if (r == 0)
		r = resolve_hmat(w, SHAPE_BANDWIDTH, ret, put_bandwidth, err);
	if (r < 0)
		return r;
	ret->has_latency = w->of[SHAPE_LATENCY].given;
	ret->has_bandwidth = w->of[SHAPE_BANDWIDTH].given;
	for (unsigned n = 0; n < ret->n_nodes; n++)
		ret->n_cpus += ret->cpus[n];
	if (ret->has_latency != ret->has_bandwidth) {
		enum shape_key there = ret->has_latency ? SHAPE_LATENCY : SHAPE_BANDWIDTH;

		(void)mpol_fail(err, &rule_matrix, wanted_where(w, there, where),
				"latency and bandwidth belong together, and one is missing");
		return mpol_hint(err, "add %s=", ret->has_latency ? "bandwidth" : "latency");
	}
	return check_targets(w, ret, err);
}

uint64_t vm_shape_memory(const struct vm_shape *s)
{
	uint64_t total = 0;

	for (unsigned n = 0; n < s->n_nodes; n++)
		total += s->memory[n] + s->hotplug[n];
	return total;
}

unsigned vm_shape_first_cpu(const struct vm_shape *s, unsigned node)
{
	unsigned first = 0;

	for (unsigned n = 0; n < node && n < s->n_nodes; n++)
		first += s->cpus[n];
	return first;
}

unsigned vm_shape_initiator(const struct vm_shape *s, unsigned node)
{
	unsigned best = node;

	if (s->cpus[node])
		return node;
	for (unsigned n = 0; n < s->n_nodes; n++) {
		if (!s->cpus[n])
			continue;
		if (best == node || s->latency[n][node] < s->latency[best][node])
			best = n;
	}
	return best;
}

bool vm_shape_equal(const struct vm_shape *a, const struct vm_shape *b)
{
	return memcmp(a, b, sizeof(*a)) ==
	       0; /* resolved into zeroed memory, unused parts are zero */
}
