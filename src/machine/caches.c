/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs share a last-level cache? Of each CPU the cache of the highest level that holds data,
 * from sys/devices/system/cpu/cpuN/cache/indexM.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "machine/files.h"
#include "machine/read.h"

#define CACHE "sys/devices/system/cpu/cpu%u/cache"

/* The index of the highest level that is not for instructions only: 1 and ret_index, or 0. */
static int find_last_level(int root_fd, unsigned cpu, const char *dir, unsigned *ret_index,
			   struct mpol_error *err)
{
	_cleanup_free_ unsigned *indexes = NULL;
	uint64_t highest = 0;
	size_t n;
	int r = files_numbered(root_fd, dir, "index", &indexes, &n, err);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		_cleanup_free_ char *type = NULL;
		uint64_t level = 0;

		r = files_text(root_fd, &type, err, CACHE "/index%u/type", cpu, indexes[i]);
		if (r >= 0)
			r = files_number(root_fd, &level, err, CACHE "/index%u/level", cpu,
					 indexes[i]);
		if (r > 0 && level > highest && !(type && STREQ(type, "Instruction"))) {
			highest = level;
			*ret_index = indexes[i];
		}
	}
	return r < 0 ? r : highest > 0;
}

/* "32768K" */
static uint64_t parse_size(const char *text)
{
	char *end;
	uint64_t size = strtoull(text, &end, 10);

	switch (*end) {
	case 'K':
		return size << 10;
	case 'M':
		return size << 20;
	case 'G':
		return size << 30;
	}
	return size;
}

/* Fills llc with the last-level cache of a CPU; 0 when it has none. */
static int read_llc(int root_fd, unsigned cpu, struct mpol_llc *llc, struct mpol_error *err)
{
	_cleanup_free_ char *size = NULL;
	unsigned index = 0;
	char dir[96];
	int r;

	(void)snprintf(dir, sizeof(dir), CACHE, cpu); /* short */
	r = find_last_level(root_fd, cpu, dir, &index, err);
	if (r <= 0)
		return r;
	r = files_cpus(root_fd, &llc->cpus, err, CACHE "/index%u/shared_cpu_list", cpu, index);
	if (r == 0)
		r = files_cpumap(root_fd, &llc->cpus, err, CACHE "/index%u/shared_cpu_map", cpu,
				 index);
	if (r <= 0)
		return r;
	r = files_text(root_fd, &size, err, CACHE "/index%u/size", cpu, index);
	if (r < 0)
		return r;
	llc->size = size ? parse_size(size) : 0;
	mpol_cpus_add(&llc->cpus, cpu);
	return 1;
}

static int node_of_cpu(const struct mpol_machine *m, unsigned cpu)
{
	for (size_t i = 0; i < m->n_nodes; i++)
		if (mpol_cpus_has(&m->nodes[i].cpus, cpu))
			return (int)m->nodes[i].id;
	return -1;
}

static bool in_earlier_llc(const struct mpol_machine *m, unsigned cpu)
{
	for (size_t i = 0; i < m->n_llcs; i++)
		if (mpol_cpus_has(&m->llcs[i].cpus, cpu))
			return true;
	return false;
}

int machine_read_caches(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	size_t cap = 0;

	for (int cpu = mpol_cpus_next(&m->cpus_online, 0); cpu >= 0;
	     cpu = mpol_cpus_next(&m->cpus_online, (unsigned)cpu + 1)) {
		int r;

		if (in_earlier_llc(m, (unsigned)cpu))
			continue;
		if (m->n_llcs == cap) {
			struct mpol_llc *more;

			cap = cap ? cap * 2 : 8;
			more = reallocarray(m->llcs, cap, sizeof(*more));
			if (!more)
				return no_memory(err, "a machine");
			m->llcs = more;
		}
		m->llcs[m->n_llcs] = (struct mpol_llc){ .node = node_of_cpu(m, (unsigned)cpu) };
		r = read_llc(root_fd, (unsigned)cpu, &m->llcs[m->n_llcs], err);
		if (r < 0)
			return r;
		m->n_llcs += r == 1;
	}
	return 0;
}
