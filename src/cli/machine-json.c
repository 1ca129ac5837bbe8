/* SPDX-License-Identifier: MIT */
/* A machine as JSON; the schema stands in mpol-machine(1). */
#include "base/macros.h"
#include "cli/machine-view.h"
#include "json/write.h"
#include "notation/names.h"

static void member_nodes(struct json_writer *w, const char *key, const struct mpol_nodeset *nodes)
{
	char text[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(nodes, text, sizeof(text)); /* fits by definition */
	json_member_string(w, key, text);
}

static void member_cpus(struct json_writer *w, const char *key, const struct mpol_cpus *cpus)
{
	char text[MPOL_CPUS_TEXT];

	(void)mpol_cpus_print(cpus, text, sizeof(text)); /* fits by definition */
	json_member_string(w, key, text);
}

static void member_if(struct json_writer *w, const char *key, bool known, uint64_t value)
{
	if (known)
		json_member_uint(w, key, value);
	else
		json_member_null(w, key);
}

/* A number for which 0 means that it is not known. */
static void member_known(struct json_writer *w, const char *key, uint64_t value)
{
	member_if(w, key, value != 0, value);
}

static void write_distances(struct json_writer *w, const struct mpol_machine *m, size_t from)
{
	if (!m->distance) {
		json_member_null(w, "distances");
		return;
	}
	json_key(w, "distances");
	json_begin_array(w);
	for (size_t to = 0; to < m->n_nodes; to++) {
		unsigned distance = m->distance[from * m->n_nodes + to];

		if (distance)
			json_write_uint(w, distance);
		else
			json_write_null(w);
	}
	json_end_array(w);
}

static void write_accesses(struct json_writer *w, const struct mpol_node *node)
{
	json_key(w, "access");
	json_begin_array(w);
	for (unsigned class = 0; class < MPOL_N_ACCESS_CLASSES; class ++) {
		const struct mpol_access *a = &node->access[class];

		if (!a->known)
			continue;
		json_begin_object(w);
		json_member_uint(w, "class", class);
		member_nodes(w, "initiators", &a->initiators);
		member_known(w, "read_bandwidth", a->read_bandwidth);
		member_known(w, "write_bandwidth", a->write_bandwidth);
		member_known(w, "read_latency", a->read_latency);
		member_known(w, "write_latency", a->write_latency);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_side_caches(struct json_writer *w, const struct mpol_node *node)
{
	json_key(w, "side_caches");
	json_begin_array(w);
	for (size_t i = 0; i < node->n_side_caches; i++) {
		const struct mpol_side_cache *c = &node->side_caches[i];

		json_begin_object(w);
		json_member_uint(w, "level", c->level);
		member_known(w, "size", c->size);
		member_known(w, "line_size", c->line_size);
		json_member_bool(w, "direct_mapped", c->direct_mapped);
		json_member_bool(w, "write_through", c->write_through);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_node(struct json_writer *w, const struct mpol_machine *m, size_t i)
{
	const struct mpol_node *node = &m->nodes[i];

	json_begin_object(w);
	json_member_uint(w, "id", node->id);
	json_member_bool(w, "online", node->online);
	json_member_bool(w, "has_memory", node->has_memory);
	member_if(w, "memory_total", node->memory_known, node->memory_total);
	member_if(w, "memory_free", node->free_known, node->memory_free);
	member_cpus(w, "cpus", &node->cpus);
	write_distances(w, m, i);
	member_if(w, "tier", node->tier_known, node->tier);
	member_known(w, "weight", node->weight);
	write_accesses(w, node);
	write_side_caches(w, node);
	json_end_object(w);
}

static void write_llcs(struct json_writer *w, const struct mpol_machine *m)
{
	json_key(w, "llcs");
	json_begin_array(w);
	for (size_t i = 0; i < m->n_llcs; i++) {
		const struct mpol_llc *llc = &m->llcs[i];

		json_begin_object(w);
		member_cpus(w, "cpus", &llc->cpus);
		member_known(w, "size", llc->size);
		if (llc->node >= 0)
			json_member_int(w, "node", llc->node);
		else
			json_member_null(w, "node");
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_task(struct json_writer *w, const struct mpol_machine *m, pid_t pid)
{
	json_key(w, "task");
	json_begin_object(w);
	member_known(w, "pid", (uint64_t)pid);
	json_member_bool(w, "known", m->allowed_known);
	member_cpus(w, "cpus_allowed", &m->cpus_allowed);
	member_nodes(w, "mems_allowed", &m->mems_allowed);
	json_member_string(w, "cpuset", *m->cpuset ? m->cpuset : NULL);
	json_end_object(w);
}

static void write_kernel(struct json_writer *w, const struct mpol_kernel *k)
{
	json_key(w, "kernel");
	json_begin_object(w);
	json_member_string(w, "release", *k->release ? k->release : NULL);
	json_member_bool(w, "known", k->known);
	json_key(w, "modes");
	json_begin_array(w);
	for (size_t i = 0; i < MPOL_N_MODES; i++)
		if (k->modes >> i & 1)
			json_write_string(w, mode_names[i].oci);
	json_end_array(w);
	json_key(w, "flags");
	json_begin_array(w);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (k->flags & flag_names[i].flag)
			json_write_string(w, flag_names[i].oci);
	json_end_array(w);
	json_member_bool(w, "balancing_with_preferred_many", k->balancing_with_preferred_many);
	json_end_object(w);
}

void machine_view_json(const struct mpol_machine *m, pid_t pid, struct strbuf *out)
{
	static const char *const modes[] = {
		[MPOL_WEIGHTS_UNKNOWN] = NULL,
		[MPOL_WEIGHTS_MANUAL] = "manual",
		[MPOL_WEIGHTS_AUTO] = "auto",
	};
	struct json_writer w = json_writer(out, JSON_INDENTED);
	struct mpol_nodeset memory_only = mpol_machine_memory_only(m);

	json_begin_object(&w);
	json_member_uint(&w, "schema", 1);
	json_member_string(&w, "command", "machine");
	json_member_bool(&w, "numa", m->numa);
	member_nodes(&w, "online", &m->online);
	member_nodes(&w, "possible", &m->possible);
	member_nodes(&w, "with_memory", &m->with_memory);
	member_nodes(&w, "with_cpus", &m->with_cpus);
	member_nodes(&w, "memory_only", &memory_only);
	member_nodes(&w, "generic_initiators", &m->generic_initiators);
	member_cpus(&w, "cpus_online", &m->cpus_online);
	json_key(&w, "nodes");
	json_begin_array(&w);
	for (size_t i = 0; i < m->n_nodes; i++)
		write_node(&w, m, i);
	json_end_array(&w);
	write_llcs(&w, m);
	json_member_string(&w, "weights_mode", modes[m->weights_mode]);
	write_task(&w, m, pid);
	write_kernel(&w, &m->kernel);
	json_end_object(&w);
	json_newline(&w);
}
