/* SPDX-License-Identifier: MIT */
/* A shape as the shortest text that means it; see shape.h. */
#include <string.h>

#include "vm/shape.h"

#include "base/cleanup.h"
#include "base/strbuf.h"

static void put_size(struct strbuf *b, uint64_t bytes)
{
	static const struct {
		unsigned shift;
		char unit;
	} units[] = { { 40, 'T' }, { 30, 'G' }, { 20, 'M' } };

	for (size_t i = 0; bytes && i < sizeof(units) / sizeof(units[0]); i++)
		if (bytes % ((uint64_t)1 << units[i].shift) == 0) {
			strbuf_printf(b, "%llu%c", (unsigned long long)(bytes >> units[i].shift),
				      units[i].unit);
			return;
		}
	strbuf_puts(b, "0");
}

/* Values per node, without those that the last one repeats. */
static void put_sizes(struct strbuf *b, const char *key, const uint64_t *of_node, unsigned n)
{
	while (n > 1 && of_node[n - 1] == of_node[n - 2])
		n--;
	strbuf_printf(b, ",%s=", key);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			strbuf_putc(b, ':');
		put_size(b, of_node[i]);
	}
}

static uint64_t distance_of(const struct vm_shape *s, unsigned from, unsigned to)
{
	return s->distance[from][to];
}

static uint64_t latency_of(const struct vm_shape *s, unsigned from, unsigned to)
{
	return s->latency[from][to];
}

static uint64_t bandwidth_of(const struct vm_shape *s, unsigned from, unsigned to)
{
	return (uint64_t)s->bandwidth[from][to] << 20;
}

static void put_table(struct strbuf *b, const char *key, const struct vm_shape *s, bool sizes,
		      bool all_rows, uint64_t (*of)(const struct vm_shape *, unsigned, unsigned))
{
	const char *row_mark = "";

	strbuf_printf(b, ",%s=", key);
	for (unsigned from = 0; from < s->n_nodes; from++) {
		if (!all_rows && !s->cpus[from])
			continue;
		strbuf_puts(b, row_mark);
		row_mark = ":";
		for (unsigned to = 0; to < s->n_nodes; to++) {
			if (to)
				strbuf_putc(b, '/');
			if (sizes)
				put_size(b, of(s, from, to));
			else
				strbuf_printf(b, "%llu", (unsigned long long)of(s, from, to));
		}
	}
}

/* LLCs dealt to all nodes in order: what the short form says. */
static bool is_regular(const struct vm_shape *s)
{
	if (s->llcs < s->n_nodes)
		return false;
	for (unsigned n = 0; n < s->n_nodes; n++)
		if (s->cpus[n] != (s->llcs * (n + 1) / s->n_nodes - s->llcs * n / s->n_nodes) *
					  vm_shape_llc_cpus(s))
			return false;
	return true;
}

static void put_cpus(struct strbuf *b, const struct vm_shape *s)
{
	unsigned n = s->n_nodes;

	while (n > 1 && s->cpus[n - 1] == s->cpus[n - 2])
		n--;
	strbuf_printf(b, "nodes=%u,cpus=", s->n_nodes);
	for (unsigned i = 0; i < n; i++)
		strbuf_printf(b, "%s%u", i ? ":" : "", s->cpus[i]);
	strbuf_printf(b, ",llcs=%u", s->llcs);
	if (s->threads > 1)
		strbuf_printf(b, ",threads=%u", s->threads);
}

char *vm_shape_print(const struct vm_shape *s)
{
	_cleanup_free_ struct vm_shape *bare = calloc(1, sizeof(*bare));
	struct strbuf b = { 0 };
	bool hotplug = false;

	if (!bare)
		return NULL;
	if (is_regular(s))
		strbuf_printf(&b, "%un%ul%uc%ut", s->n_nodes, s->llcs, s->cores, s->threads);
	else
		put_cpus(&b, s);
	/* The usual memory goes without saying. */
	if (vm_shape_parse(strbuf_text(&b), bare, NULL) < 0 ||
	    memcmp(bare->memory, s->memory, sizeof(s->memory)) != 0)
		put_sizes(&b, "memory", s->memory, s->n_nodes);
	for (unsigned n = 0; n < s->n_nodes; n++)
		hotplug = hotplug || s->hotplug[n];
	if (hotplug)
		put_sizes(&b, "hotplug", s->hotplug, s->n_nodes);
	if (s->has_distance)
		put_table(&b, "distance", s, false, true, distance_of);
	if (s->has_latency)
		put_table(&b, "latency", s, false, false, latency_of);
	if (s->has_bandwidth)
		put_table(&b, "bandwidth", s, true, false, bandwidth_of);
	return strbuf_take(&b);
}
