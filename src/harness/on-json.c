/* SPDX-License-Identifier: MIT */
/* Reading a machine that was written as JSON; see on-json.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/on-json.h"
#include "json/read.h"

static const struct mpol_rule rule_machine = {
	.id = "machine-json",
	.errnum = EINVAL,
	.why = "A file with a machine holds what mpol machine --json prints.",
	.hint = "record one with: mpol machine --json > FILE",
	.source = "mpol-machine(1)",
};

struct reading {
	struct json_doc doc;
	struct mpol_error *err;
};

static int wrong(const struct reading *rd, const struct json_path *path, const char *expected,
		 const json_t *got)
{
	return json_fail(rd->err, &rule_machine, &rd->doc, path, JSON_VALUE,
			 "%s is expected, not %s", expected, got ? json_kind(got) : "nothing");
}

/* A number, 0 when it is null or missing. */
static int number_of(const struct reading *rd, const json_t *object, const struct json_path *at,
		     const char *key, uint64_t *ret)
{
	const json_t *j = json_object_get(object, key);
	struct json_path path = json_path_key(at, key);

	*ret = 0;
	if (!j || json_is_null(j))
		return 0;
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return wrong(rd, &path, "a number", j);
	*ret = (uint64_t)json_integer_value(j);
	return 0;
}

static int text_of(const struct reading *rd, const json_t *object, const struct json_path *at,
		   const char *key, const char **ret)
{
	const json_t *j = json_object_get(object, key);
	struct json_path path = json_path_key(at, key);

	*ret = json_string_value(j);
	return *ret ? 0 : wrong(rd, j ? &path : at, "a list, as text,", j);
}

static int cpus_of(const struct reading *rd, const json_t *object, const struct json_path *at,
		   struct mpol_cpus *ret)
{
	struct json_path path = json_path_key(at, "cpus");
	const char *text;
	int r = text_of(rd, object, at, "cpus", &text);

	if (r == 0)
		r = *text ? mpol_cpus_parse(text, ret, rd->err) : 0;
	if (r < 0 && text)
		json_error_in_string(rd->err, &rd->doc, &path);
	return r;
}

static int read_access(const struct reading *rd, const json_t *j, const struct json_path *at,
		       struct mpol_node *node)
{
	struct json_path path = json_path_key(at, "initiators");
	struct mpol_access a = { .known = true };
	const char *initiators;
	uint64_t class;
	int r = number_of(rd, j, at, "class", &class);

	if (r == 0)
		r = number_of(rd, j, at, "read_bandwidth", &a.read_bandwidth);
	if (r == 0)
		r = number_of(rd, j, at, "read_latency", &a.read_latency);
	if (r == 0)
		r = text_of(rd, j, at, "initiators", &initiators);
	if (r == 0 && *initiators && mpol_nodes_parse(initiators, &a.initiators, rd->err) < 0) {
		json_error_in_string(rd->err, &rd->doc, &path);
		return -EINVAL;
	}
	if (r == 0 && class < MPOL_N_ACCESS_CLASSES)
		node->access[class] = a;
	return r;
}

static int read_node(const struct reading *rd, const json_t *j, const struct json_path *at,
		     struct mpol_node *node)
{
	const json_t *accesses = json_object_get(j, "access");
	struct json_path access = json_path_key(at, "access");
	uint64_t id;
	int r;

	if (!json_is_integer(json_object_get(j, "id")))
		return wrong(rd, at, "a node with an id", j);
	r = number_of(rd, j, at, "id", &id);
	if (r == 0)
		r = number_of(rd, j, at, "memory_total", &node->memory_total);
	if (r == 0)
		r = cpus_of(rd, j, at, &node->cpus);
	if (r < 0)
		return r;
	node->id = (unsigned)MIN(id, (uint64_t)MPOL_MAX_NODES - 1);
	node->online = json_is_true(json_object_get(j, "online"));
	node->has_memory = json_is_true(json_object_get(j, "has_memory"));
	node->memory_known = json_is_integer(json_object_get(j, "memory_total"));
	for (size_t i = 0; r == 0 && i < json_array_size(accesses); i++) {
		struct json_path path = json_path_index(&access, i);

		r = read_access(rd, json_array_get(accesses, i), &path, node);
	}
	return r;
}

static int read_distances(const struct reading *rd, const json_t *nodes, const struct json_path *at,
			  struct mpol_machine *m)
{
	size_t n = m->n_nodes;

	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_object_get(json_array_get(nodes, i), "distances");
		struct json_path node = json_path_index(at, i),
				 path = json_path_key(&node, "distances");

		if (!row || json_is_null(row))
			continue;
		if (json_array_size(row) != n)
			return wrong(rd, &path, "a distance to each node", row);
		m->distance = m->distance ? m->distance : calloc(n * n, sizeof(*m->distance));
		if (!m->distance)
			return no_memory(rd->err, "a machine");
		for (size_t k = 0; k < n; k++)
			m->distance[i * n + k] =
				(unsigned)json_integer_value(json_array_get(row, k));
	}
	return 0;
}

static int read_nodes(const struct reading *rd, struct mpol_machine *m)
{
	const json_t *nodes = json_object_get(rd->doc.root, "nodes");
	struct json_path root = { 0 }, at = json_path_key(&root, "nodes");
	size_t n = json_array_size(nodes);
	int r = 0;

	if (!json_is_array(nodes) || n > MPOL_MAX_NODES)
		return wrong(rd, nodes ? &at : &root, "an array of nodes", nodes);
	m->nodes = calloc(n + 1, sizeof(*m->nodes));
	if (!m->nodes)
		return no_memory(rd->err, "a machine");
	m->n_nodes = n;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct json_path path = json_path_index(&at, i);

		r = read_node(rd, json_array_get(nodes, i), &path, &m->nodes[i]);
	}
	return r < 0 ? r : read_distances(rd, nodes, &at, m);
}

static int read_llcs(const struct reading *rd, struct mpol_machine *m)
{
	const json_t *llcs = json_object_get(rd->doc.root, "llcs");
	struct json_path root = { 0 }, at = json_path_key(&root, "llcs");
	size_t n = json_array_size(llcs);
	int r = 0;

	m->llcs = calloc(n + 1, sizeof(*m->llcs));
	if (!m->llcs)
		return no_memory(rd->err, "a machine");
	m->n_llcs = n;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct json_path path = json_path_index(&at, i);

		r = cpus_of(rd, json_array_get(llcs, i), &path, &m->llcs[i].cpus);
	}
	return r;
}

static int read_online(const struct reading *rd, struct mpol_machine *m)
{
	struct json_path root = { 0 }, path = json_path_key(&root, "cpus_online");
	const char *text;
	int r = text_of(rd, rd->doc.root, &root, "cpus_online", &text);

	if (r == 0 && *text && mpol_cpus_parse(text, &m->cpus_online, rd->err) < 0) {
		json_error_in_string(rd->err, &rd->doc, &path);
		return -EINVAL;
	}
	return r;
}

int on_json_read(const char *text, size_t len, struct mpol_machine *ret, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct reading rd = { .err = err };
	struct json_path root = { 0 };
	int r = json_read(text, len, &rd.doc, err);

	if (r < 0)
		return r;
	m.numa = json_is_true(json_object_get(rd.doc.root, "numa"));
	r = json_is_object(rd.doc.root) ? 0 : wrong(&rd, &root, "a machine", rd.doc.root);
	if (r == 0)
		r = read_online(&rd, &m);
	if (r == 0)
		r = read_nodes(&rd, &m);
	if (r == 0)
		r = read_llcs(&rd, &m);
	json_doc_done(&rd.doc);
	if (r < 0)
		return r;
	*ret = m;
	m = (struct mpol_machine){ 0 };
	return 0;
}
