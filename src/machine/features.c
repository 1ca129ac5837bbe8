/* SPDX-License-Identifier: MIT */
/*
 * How fast is each node's memory? What firmware and kernel tell: accesses (HMAT), memory-side
 * caches, tiers. Sources: Documentation/admin-guide/mm/numaperf.rst,
 * Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "machine/files.h"
#include "machine/read.h"

#define NODE  "sys/devices/system/node/node%u"
#define TIERS "sys/devices/virtual/memory_tiering"

static int read_initiators(int root_fd, const char *dir, struct mpol_nodeset *ret,
			   struct mpol_error *err)
{
	_cleanup_free_ unsigned *ids = NULL;
	size_t n;
	int r = files_numbered(root_fd, dir, "node", &ids, &n, err);

	for (size_t i = 0; i < n; i++)
		mpol_nodes_add(ret, ids[i]);
	return r;
}

static int read_access(int root_fd, unsigned id, unsigned class, struct mpol_access *ret,
		       struct mpol_error *err)
{
	const struct {
		const char *name;
		uint64_t *value;
	} files[] = {
		{ "read_bandwidth", &ret->read_bandwidth },
		{ "write_bandwidth", &ret->write_bandwidth },
		{ "read_latency", &ret->read_latency },
		{ "write_latency", &ret->write_latency },
	};
	char dir[128];
	int r;

	(void)snprintf(dir, sizeof(dir), NODE "/access%u/initiators", id, class); /* short */
	r = read_initiators(root_fd, dir, &ret->initiators, err);
	ret->known = r == 1;
	for (size_t i = 0; r >= 0 && i < ELEMENTSOF(files); i++)
		r = files_number(root_fd, files[i].value, err, "%s/%s", dir, files[i].name);
	return r < 0 ? r : 0;
}

static int read_side_cache(int root_fd, const char *dir, unsigned level,
			   struct mpol_side_cache *ret, struct mpol_error *err)
{
	uint64_t line_size = 0, indexing = 1, write_policy = 0;
	int r = files_number(root_fd, &ret->size, err, "%s/index%u/size", dir, level);

	if (r >= 0)
		r = files_number(root_fd, &line_size, err, "%s/index%u/line_size", dir, level);
	if (r >= 0)
		r = files_number(root_fd, &indexing, err, "%s/index%u/indexing", dir, level);
	if (r >= 0)
		r = files_number(root_fd, &write_policy, err, "%s/index%u/write_policy", dir,
				 level);
	ret->level = level;
	ret->line_size = (unsigned)line_size;
	ret->direct_mapped = indexing == 0;
	ret->write_through = write_policy != 0;
	return r < 0 ? r : 0;
}

static int read_side_caches(int root_fd, struct mpol_node *node, struct mpol_error *err)
{
	_cleanup_free_ unsigned *levels = NULL;
	char dir[128];
	size_t n;
	int r;

	(void)snprintf(dir, sizeof(dir), NODE "/memory_side_cache", node->id); /* short */
	r = files_numbered(root_fd, dir, "index", &levels, &n, err);
	node->n_side_caches = MIN(n, (size_t)MPOL_MAX_SIDE_CACHES);
	for (size_t i = 0; r >= 0 && i < node->n_side_caches; i++)
		r = read_side_cache(root_fd, dir, levels[i], &node->side_caches[i], err);
	return r < 0 ? r : 0;
}

/* Since Linux commit 9832fb87834e ("mm/demotion: expose memory tier details via sysfs") (in v6.1).
 */
static int read_tiers(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	_cleanup_free_ unsigned *tiers = NULL;
	size_t n;
	int r = files_numbered(root_fd, TIERS, "memory_tier", &tiers, &n, err);

	for (size_t t = 0; r >= 0 && t < n; t++) {
		struct mpol_nodeset nodes = { { 0 } };

		r = files_nodes(root_fd, &nodes, err, TIERS "/memory_tier%u/nodelist", tiers[t]);
		for (size_t i = 0; i < m->n_nodes; i++)
			if (mpol_nodes_has(&nodes, m->nodes[i].id)) {
				m->nodes[i].tier_known = true;
				m->nodes[i].tier = tiers[t];
			}
	}
	return r < 0 ? r : 0;
}

int machine_read_features(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	for (size_t i = 0; i < m->n_nodes; i++) {
		struct mpol_node *node = &m->nodes[i];
		int r = 0;

		for (unsigned class = 0; r == 0 && class < MPOL_N_ACCESS_CLASSES; class ++)
			r = read_access(root_fd, node->id, class, &node->access[class], err);
		if (r == 0)
			r = read_side_caches(root_fd, node, err);
		if (r < 0)
			return r;
	}
	return read_tiers(root_fd, m, err);
}
