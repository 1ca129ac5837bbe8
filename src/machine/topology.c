/* SPDX-License-Identifier: MIT */
/*
 * Which nodes are there, and what have they? From sys/devices/system/node, of kernels from 2.6 to
 * today: files that a recording lacks are made up for by others, and what none tells is left
 * unknown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "machine/files.h"
#include "machine/read.h"

#define NODES "sys/devices/system/node"
#define CPUS  "sys/devices/system/cpu"

/* The nodes that have a directory. */
static int node_directories(int root_fd, struct mpol_nodeset *ret, bool *ret_any,
			    struct mpol_error *err)
{
	_cleanup_free_ unsigned *ids = NULL;
	struct mpol_nodeset nodes = { { 0 } };
	size_t n;
	int r = files_numbered(root_fd, NODES, "node", &ids, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (ids[i] >= MPOL_MAX_NODES)
			return files_malformed(err, NODES,
					       "there is a directory of a node above 1023");
		mpol_nodes_add(&nodes, ids[i]);
	}
	*ret = nodes;
	*ret_any = r == 1;
	return 0;
}

/* A line "Node 0 MemTotal:  131732940 kB" of meminfo: its bytes; false when there is none. */
static bool meminfo_bytes(const char *text, const char *key, uint64_t *ret)
{
	const char *at = text;
	size_t len = strlen(key);

	while ((at = strstr(at, key))) {
		char *end;

		if (at > text && at[-1] == ' ' && at[len] == ':') {
			*ret = (uint64_t)strtoull(at + len + 1, &end, 10) * 1024;
			return end > at + len + 1;
		}
		at += len;
	}
	return false;
}

static int read_memory(int root_fd, struct mpol_node *node, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	int r = files_text(root_fd, &text, err, NODES "/node%u/meminfo", node->id);

	if (r <= 0)
		return r;
	node->memory_known = meminfo_bytes(text, "MemTotal", &node->memory_total);
	node->free_known = meminfo_bytes(text, "MemFree", &node->memory_free);
	return 0;
}

static int read_cpus(int root_fd, struct mpol_node *node, struct mpol_error *err)
{
	int r = files_cpus(root_fd, &node->cpus, err, NODES "/node%u/cpulist", node->id);

	/* cpulist came with Linux 2.6.26; cpumap is older. */
	return r ? r : files_cpumap(root_fd, &node->cpus, err, NODES "/node%u/cpumap", node->id);
}

int machine_read_sets(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_nodeset directories = { { 0 } };
	static const struct {
		const char *file;
		size_t offset;
	} files[] = {
		{ "online", offsetof(struct mpol_machine, online) },
		{ "possible", offsetof(struct mpol_machine, possible) },
		{ "has_memory", offsetof(struct mpol_machine, with_memory) },
		{ "has_cpu", offsetof(struct mpol_machine, with_cpus) },
		{ "has_generic_initiator", offsetof(struct mpol_machine, generic_initiators) },
	};
	bool there[ELEMENTSOF(files)];

	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		struct mpol_nodeset *set = (void *)((char *)m + files[i].offset);
		int r = files_nodes(root_fd, set, err, NODES "/%s", files[i].file);

		if (r < 0)
			return r;
		there[i] = r == 1;
	}
	m->numa = there[0];
	if (!there[0]) {
		int r = node_directories(root_fd, &directories, &m->numa, err);

		if (r < 0)
			return r;
		m->online = directories;
	}
	m->possible = there[1] ? mpol_nodes_or(&m->possible, &m->online) : m->online;
	/* has_memory came with Linux 3.8 and its N_MEMORY: without it, the nodes' own meminfo
	 * tells. */
	for (int n = there[2] ? -1 : mpol_nodes_next(&m->online, 0); n >= 0;
	     n = mpol_nodes_next(&m->online, (unsigned)n + 1)) {
		struct mpol_node node = { .id = (unsigned)n };
		int r = read_memory(root_fd, &node, err);

		if (r < 0)
			return r;
		if (node.memory_total)
			mpol_nodes_add(&m->with_memory, node.id);
	}
	return 0;
}

static int read_node(int root_fd, struct mpol_machine *m, struct mpol_node *node,
		     struct mpol_error *err)
{
	int r = read_memory(root_fd, node, err);

	if (r == 0)
		r = read_cpus(root_fd, node, err);
	node->online = mpol_nodes_has(&m->online, node->id);
	node->has_memory = mpol_nodes_has(&m->with_memory, node->id);
	if (!mpol_cpus_empty(&node->cpus))
		mpol_nodes_add(&m->with_cpus, node->id);
	return r < 0 ? r : 0;
}

/* The numbers of a row; -1 when it is none. */
static int parse_row(const char *text, unsigned *row, size_t max)
{
	size_t n = 0;

	while (*text) {
		unsigned long value;
		char *end;

		errno = 0;
		value = strtoul(text, &end, 10);
		if (end == text || errno || value > UINT32_MAX || n == max)
			return -1;
		row[n++] = (unsigned)value;
		text = end + strspn(end, " \t\n");
	}
	return (int)n;
}

/*
 * A row has a column for each online node, in order (drivers/base/node.c node_read_distance()). One
 * of another length cannot be assigned to nodes, and is left unknown.
 */
static int read_row(int root_fd, struct mpol_machine *m, size_t from, bool *any,
		    struct mpol_error *err)
{
	_cleanup_free_ unsigned *columns = calloc(MPOL_MAX_NODES, sizeof(*columns));
	_cleanup_free_ char *text = NULL;
	bool by_online;
	int r, n;

	if (!columns)
		return no_memory(err, "a machine");
	r = files_text(root_fd, &text, err, NODES "/node%u/distance", m->nodes[from].id);
	if (r <= 0)
		return r;
	n = parse_row(text, columns, MPOL_MAX_NODES);
	by_online = n == (int)mpol_nodes_count(&m->online);
	if (!by_online && n != (int)m->n_nodes)
		return 0;
	for (size_t to = 0, column = 0; to < m->n_nodes; to++)
		if (!by_online || m->nodes[to].online) {
			m->distance[from * m->n_nodes + to] = columns[column++];
			*any = true;
		}
	return 0;
}

static int read_distances(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	bool any = false;

	if (!m->n_nodes)
		return 0;
	m->distance = calloc(m->n_nodes * m->n_nodes, sizeof(*m->distance));
	if (!m->distance)
		return no_memory(err, "a machine");
	for (size_t from = 0; from < m->n_nodes; from++) {
		int r = read_row(root_fd, m, from, &any, err);

		if (r < 0)
			return r;
	}
	if (!any) {
		free(m->distance);
		m->distance = NULL;
	}
	return 0;
}

/* Without the file online: the CPUs that have a topology, or with none of those the nodes' CPUs. */
static int read_cpus_online(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	_cleanup_free_ unsigned *cpus = NULL;
	size_t n;
	int r = files_cpus(root_fd, &m->cpus_online, err, CPUS "/online");

	if (r)
		return r < 0 ? r : 0;
	r = files_numbered(root_fd, CPUS, "cpu", &cpus, &n, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		uint64_t online = 1; /* CPUs that cannot be switched off have no such file */

		if (cpus[i] >= MPOL_MAX_CPUS)
			return files_malformed(err, CPUS,
					       "there is a directory of a CPU above 8191");
		r = files_number(root_fd, &online, err, CPUS "/cpu%u/online", cpus[i]);
		if (r < 0)
			return r;
		if (online)
			mpol_cpus_add(&m->cpus_online, cpus[i]);
	}
	for (size_t i = 0; n == 0 && i < m->n_nodes; i++)
		for (int c = mpol_cpus_next(&m->nodes[i].cpus, 0); c >= 0;
		     c = mpol_cpus_next(&m->nodes[i].cpus, (unsigned)c + 1))
			mpol_cpus_add(&m->cpus_online, (unsigned)c);
	return 0;
}

int machine_read_topology(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_nodeset listed = { { 0 } };
	bool any;
	int r = machine_read_sets(root_fd, m, err);

	if (r == 0)
		r = node_directories(root_fd, &listed, &any, err);
	if (r < 0)
		return r;
	listed = mpol_nodes_or(&listed, &m->online);
	m->nodes = calloc(MAX(mpol_nodes_count(&listed), 1U), sizeof(*m->nodes));
	if (!m->nodes)
		return no_memory(err, "a machine");
	for (int id = mpol_nodes_next(&listed, 0); id >= 0;
	     id = mpol_nodes_next(&listed, (unsigned)id + 1)) {
		struct mpol_node *node = &m->nodes[m->n_nodes++];

		node->id = (unsigned)id;
		r = read_node(root_fd, m, node, err);
		if (r < 0)
			return r;
	}
	r = read_distances(root_fd, m, err);
	return r < 0 ? r : read_cpus_online(root_fd, m, err);
}

int mpol_machine_read(int root_fd, pid_t pid, struct mpol_machine *ret, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	int r = machine_read_topology(root_fd, &m, err);

	if (r == 0)
		r = machine_read_caches(root_fd, &m, err);
	if (r == 0)
		r = machine_read_features(root_fd, &m, err);
	if (r == 0)
		r = machine_read_weights(root_fd, &m, err);
	if (r == 0)
		r = machine_read_task(root_fd, pid, &m, err);
	if (r == 0)
		r = machine_read_kernel(root_fd, &m, err);
	if (r < 0)
		return r;
	*ret = m;
	m = (struct mpol_machine){ 0 };
	return 0;
}
