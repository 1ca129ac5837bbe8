/* SPDX-License-Identifier: MIT */
/* A machine as a person reads it. Columns of which nothing is known are not there. */
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/machine-view.h"
#include "notation/names.h"
#include "view/bar.h"
#include "view/table.h"

/* Above so many nodes a matrix of distances is not read by people any more. */
#define MATRIX_NODES 16

struct printer {
	const struct mpol_machine *m;
	const struct view_style *style;
	struct strbuf *out;
};

static void heading(const struct printer *p, const char *text)
{
	strbuf_putc(p->out, '\n');
	view_tone(p->out, p->style, VIEW_BOLD, text);
	strbuf_putc(p->out, '\n');
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_summary(const struct printer *p)
{
	const struct mpol_machine *m = p->m;
	char nodes[MPOL_NODES_TEXT], cpus[MPOL_CPUS_TEXT];
	unsigned n_nodes = mpol_nodes_count(&m->online), n_cpus = mpol_cpus_count(&m->cpus_online);

	(void)mpol_nodes_print(&m->online, nodes, sizeof(nodes)); /* fit by definition */
	(void)mpol_cpus_print(&m->cpus_online, cpus, sizeof(cpus));
	if (!m->numa)
		strbuf_puts(p->out, "No NUMA: there is no sys/devices/system/node");
	else
		strbuf_printf(p->out, "%u node%s (%s)", n_nodes, plural(n_nodes), nodes);
	if (n_cpus)
		strbuf_printf(p->out, ", %u CPU%s (%s)", n_cpus, plural(n_cpus), cpus);
	if (m->n_llcs)
		strbuf_printf(p->out, ", %zu last-level cache%s", m->n_llcs, plural(m->n_llcs));
	strbuf_putc(p->out, '\n');
}

/* From CPUs, where devices that are nearer are told apart. */
static const struct mpol_access *cpu_access(const struct mpol_node *node)
{
	return &node->access[node->access[1].known ? 1 : 0];
}

/* Which columns have anything to say. */
struct columns {
	bool tier, weight, access, side_cache;
};

static struct columns find_columns(const struct mpol_machine *m)
{
	struct columns c = { 0 };

	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct mpol_node *node = &m->nodes[i];

		c.tier = c.tier || node->tier_known;
		c.weight = c.weight || node->weight;
		c.access = c.access || cpu_access(node)->read_bandwidth ||
			   cpu_access(node)->read_latency;
		c.side_cache = c.side_cache || node->n_side_caches;
	}
	return c;
}

static void cell_number(struct view_table *t, uint64_t value, const char *unit)
{
	if (value)
		view_table_cell(t, VIEW_PLAIN, "%llu%s", (unsigned long long)value, unit);
	else
		view_table_cell(t, VIEW_DIM, "-");
}

static void cell_bytes(struct view_table *t, bool known, uint64_t bytes)
{
	char buf[VIEW_BYTES_TEXT];

	if (known)
		view_table_cell(t, VIEW_PLAIN, "%s", view_bytes(buf, bytes));
	else
		view_table_cell(t, VIEW_DIM, "unknown");
}

static const char *describe_node(const struct mpol_machine *m, const struct mpol_node *node)
{
	if (!node->online)
		return "offline";
	if (mpol_nodes_has(&m->generic_initiators, node->id) && !node->has_memory)
		return "a device that accesses memory";
	if (!node->has_memory)
		return "no memory";
	if (!mpol_nodes_has(&m->with_cpus, node->id))
		return "memory only";
	return "";
}

static void add_node_row(struct view_table *t, const struct mpol_machine *m,
			 const struct mpol_node *node, struct columns c)
{
	const struct mpol_access *access = cpu_access(node);
	char cpus[MPOL_CPUS_TEXT];

	(void)mpol_cpus_print(&node->cpus, cpus, sizeof(cpus)); /* fits by definition */
	view_table_cell(t, VIEW_PLAIN, "%u", node->id);
	view_table_cell(t, *cpus ? VIEW_PLAIN : VIEW_DIM, "%s", *cpus ? cpus : "-");
	cell_bytes(t, node->memory_known, node->memory_total);
	cell_bytes(t, node->free_known, node->memory_free);
	if (c.tier && node->tier_known)
		view_table_cell(t, VIEW_PLAIN, "%u", node->tier);
	else if (c.tier)
		view_table_cell(t, VIEW_DIM, "-");
	if (c.weight)
		cell_number(t, node->weight, "");
	if (c.access) {
		cell_number(t, access->read_bandwidth, " MB/s");
		cell_number(t, access->read_latency, " ns");
	}
	if (c.side_cache)
		cell_bytes(t, true, node->n_side_caches ? node->side_caches[0].size : 0);
	view_table_cell(t, VIEW_WARN, "%s", describe_node(m, node));
}

static void print_nodes(const struct printer *p)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };
	struct columns c = find_columns(p->m);

	if (!p->m->n_nodes)
		return;
	heading(p, "Nodes");
	view_table_column(&t, VIEW_RIGHT, "node");
	view_table_column(&t, VIEW_LEFT, "CPUs");
	view_table_column(&t, VIEW_RIGHT, "memory");
	view_table_column(&t, VIEW_RIGHT, "free");
	if (c.tier)
		view_table_column(&t, VIEW_RIGHT, "tier");
	if (c.weight)
		view_table_column(&t, VIEW_RIGHT, "weight");
	if (c.access) {
		view_table_column(&t, VIEW_RIGHT, "read");
		view_table_column(&t, VIEW_RIGHT, "latency");
	}
	if (c.side_cache)
		view_table_column(&t, VIEW_RIGHT, "side cache");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	for (size_t i = 0; i < p->m->n_nodes; i++)
		add_node_row(&t, p->m, &p->m->nodes[i], c);
	view_table_write(&t, p->style, p->out);
	if (p->m->weights_mode == MPOL_WEIGHTS_AUTO)
		strbuf_puts(p->out, "  The kernel sets the weights, from the nodes' bandwidths.\n");
}

static void print_matrix(const struct printer *p)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };
	const struct mpol_machine *m = p->m;

	view_table_column(&t, VIEW_RIGHT, "from");
	for (size_t to = 0; to < m->n_nodes; to++)
		view_table_column(&t, VIEW_RIGHT, "%u", m->nodes[to].id);
	for (size_t from = 0; from < m->n_nodes; from++) {
		view_table_cell(&t, VIEW_PLAIN, "%u", m->nodes[from].id);
		for (size_t to = 0; to < m->n_nodes; to++)
			cell_number(&t, m->distance[from * m->n_nodes + to], "");
	}
	view_table_write(&t, p->style, p->out);
}

/* The nodes at one distance; empty when there are none. */
static struct mpol_nodeset at_distance(const struct mpol_machine *m, size_t from, unsigned distance)
{
	struct mpol_nodeset nodes = { { 0 } };

	for (size_t to = 0; to < m->n_nodes; to++)
		if (m->distance[from * m->n_nodes + to] == distance)
			mpol_nodes_add(&nodes, m->nodes[to].id);
	return nodes;
}

/* The smallest distance of a row that is above `above`; 0: none. */
static unsigned next_distance(const struct mpol_machine *m, size_t from, unsigned above)
{
	unsigned next = 0;

	for (size_t to = 0; to < m->n_nodes; to++) {
		unsigned distance = m->distance[from * m->n_nodes + to];

		if (distance > above && (!next || distance < next))
			next = distance;
	}
	return next;
}

/* Of large machines: "node 0: 10 to 0, 22 to 1-3, 26 to 4-11" */
static void print_neighbours(const struct printer *p)
{
	const struct mpol_machine *m = p->m;

	for (size_t from = 0; from < m->n_nodes; from++) {
		const char *comma = "";

		strbuf_printf(p->out, "  from %u:", m->nodes[from].id);
		for (unsigned d = next_distance(m, from, 0); d; d = next_distance(m, from, d)) {
			struct mpol_nodeset nodes = at_distance(m, from, d);
			char text[MPOL_NODES_TEXT];

			(void)mpol_nodes_print(&nodes, text, sizeof(text)); /* fits by definition */
			strbuf_printf(p->out, "%s %u to %s", comma, d, text);
			comma = ";";
		}
		strbuf_puts(p->out, *comma ? "\n" : " unknown\n");
	}
}

static void print_distances(const struct printer *p)
{
	if (!p->m->distance)
		return;
	heading(p, "Distances (10 is local)");
	if (p->m->n_nodes <= MATRIX_NODES)
		print_matrix(p);
	else
		print_neighbours(p);
}

static void print_llcs(const struct printer *p)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };

	if (!p->m->n_llcs)
		return;
	heading(p, "Last-level caches");
	view_table_column(&t, VIEW_RIGHT, "node");
	view_table_column(&t, VIEW_RIGHT, "size");
	view_table_column(&t, VIEW_LEFT, "CPUs");
	for (size_t i = 0; i < p->m->n_llcs; i++) {
		const struct mpol_llc *llc = &p->m->llcs[i];
		char cpus[MPOL_CPUS_TEXT];

		(void)mpol_cpus_print(&llc->cpus, cpus, sizeof(cpus)); /* fits by definition */
		if (llc->node >= 0)
			view_table_cell(&t, VIEW_PLAIN, "%d", llc->node);
		else
			view_table_cell(&t, VIEW_DIM, "-");
		cell_bytes(&t, llc->size > 0, llc->size);
		view_table_cell(&t, VIEW_PLAIN, "%s", cpus);
	}
	view_table_write(&t, p->style, p->out);
}

static void print_task(const struct printer *p, pid_t pid)
{
	const struct mpol_machine *m = p->m;
	char nodes[MPOL_NODES_TEXT], cpus[MPOL_CPUS_TEXT], title[64] = "This process may use";

	if (!m->allowed_known)
		return;
	if (pid)
		(void)snprintf(title, sizeof(title), "Process %d may use", (int)pid); /* fits */
	(void)mpol_nodes_print(&m->mems_allowed, nodes, sizeof(nodes)); /* fit by definition */
	(void)mpol_cpus_print(&m->cpus_allowed, cpus, sizeof(cpus));
	heading(p, title);
	strbuf_printf(p->out, "  CPUs %s, memory of node%s %s", cpus,
		      plural(mpol_nodes_count(&m->mems_allowed)), nodes);
	if (*m->cpuset) {
		strbuf_puts(p->out, "; cpuset ");
		view_tone(p->out, p->style, VIEW_PLAIN, m->cpuset);
	}
	strbuf_putc(p->out, '\n');
}

/* The names of what is set, or of what is not. */
static void add_names(const struct printer *p, const char *title, unsigned modes, unsigned flags)
{
	const char *comma = " ";

	if (!(modes & ((1U << MPOL_N_MODES) - 1)) && !(flags & MPOL_ALL_FLAGS))
		return;
	strbuf_printf(p->out, "  %s", title);
	for (size_t i = 0; i < MPOL_N_MODES; i++)
		if (modes >> i & 1) {
			strbuf_printf(p->out, "%s%s", comma, mode_names[i].word);
			comma = ", ";
		}
	for (size_t i = 0; i < N_FLAGS; i++)
		if (flags & flag_names[i].flag) {
			strbuf_printf(p->out, "%s%s", comma, flag_names[i].kernel);
			comma = ", ";
		}
	strbuf_putc(p->out, '\n');
}

static void print_kernel(const struct printer *p)
{
	const struct mpol_kernel *k = &p->m->kernel;
	char title[128] = "Kernel";

	if (!*k->release && !k->known)
		return;
	if (*k->release)
		(void)snprintf(title, sizeof(title), "Kernel %s",
			       k->release); /* 64 bytes at most */
	heading(p, title);
	if (!k->known) {
		strbuf_puts(p->out, "  What it makes of policies could not be asked.\n");
		return;
	}
	add_names(p, "modes:", k->modes, 0);
	add_names(p, "flags:", 0, k->flags);
	add_names(p, "lacks:", ~k->modes, ~k->flags);
	if (k->balancing_with_preferred_many)
		strbuf_puts(p->out, "  balancing goes with bind and preferred-many\n");
	else if (k->flags & MPOL_FLAG_NUMA_BALANCING)
		strbuf_puts(p->out, "  balancing goes with bind only\n");
}

void machine_view_text(const struct mpol_machine *m, pid_t pid, const struct view_style *style,
		       struct strbuf *out)
{
	struct printer p = { m, style, out };

	print_summary(&p);
	print_nodes(&p);
	print_distances(&p);
	print_llcs(&p);
	print_task(&p, pid);
	print_kernel(&p);
}
