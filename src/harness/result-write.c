/* SPDX-License-Identifier: MIT */
/* A result as one line of JSON; the schema is in mpol-test(7). */
#include <stdio.h>

#include "harness/result.h"
#include "json/write.h"

static void write_error(struct json_writer *w, const struct result_error *e)
{
	json_begin_object(w);
	json_member_string(w, "rule", e->rule);
	json_member_string(w, "where", e->where);
	json_member_string(w, "what", e->what);
	json_member_string(w, "why", e->why);
	json_member_string(w, "hint", e->hint);
	json_end_object(w);
}

static void write_topology(struct json_writer *w, const struct mpol_result *r)
{
	if (r->caches) {
		json_key(w, "caches");
		json_begin_array(w);
		for (size_t i = 0; i < r->llcs; i++)
			json_write_string(w, r->caches[i] ? r->caches[i] : "");
		json_end_array(w);
	}
	if (!r->distance)
		return;
	json_key(w, "distances");
	json_begin_array(w);
	for (size_t i = 0; i < r->n_nodes; i++) {
		json_begin_array(w);
		for (size_t k = 0; k < r->n_nodes; k++)
			json_write_uint(w, r->distance[i * r->n_nodes + k]);
		json_end_array(w);
	}
	json_end_array(w);
}

static void write_machine(struct json_writer *w, const struct mpol_result *r)
{
	json_key(w, "machine");
	json_begin_object(w);
	json_member_string(w, "place", r->place);
	json_member_string(w, "asked", r->asked);
	json_member_string(w, "nodes_were", r->were);
	json_member_string(w, "release", r->release);
	json_member_string(w, "accel", r->accel);
	json_member_double(w, "boot_seconds", r->boot_seconds);
	json_member_string(w, "console", r->console);
	json_member_uint(w, "llcs", r->llcs);
	json_key(w, "nodes");
	json_begin_array(w);
	for (size_t i = 0; i < r->n_nodes; i++) {
		json_begin_object(w);
		json_member_uint(w, "id", r->nodes[i].id);
		json_member_string(w, "cpus", r->nodes[i].cpus ? r->nodes[i].cpus : "");
		json_member_uint(w, "memory", r->nodes[i].memory);
		json_end_object(w);
	}
	json_end_array(w);
	write_topology(w, r);
	json_end_object(w);
}

static void write_check(struct json_writer *w, const struct result_check *c)
{
	json_begin_object(w);
	json_member_string(w, "metric", metrics[c->metric].key);
	json_member_string(w, "unit", metrics[c->metric].unit);
	if (c->value.known)
		json_member_double(w, "value", c->value.value);
	else
		json_member_null(w, "value");
	json_member_double(w, c->bound.kind == MPOL_MINIMUM ? "at_least" : "at_most",
			   c->bound.value);
	json_member_string(w, "layer", bound_layer_names[c->layer]);
	json_member_bool(w, "holds", c->holds);
	json_end_object(w);
}

static void write_amounts(struct json_writer *w, const char *key,
			  const struct result_amount *amounts, size_t n)
{
	char node[16];

	json_key(w, key);
	json_begin_object(w);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(node, sizeof(node), "%u", amounts[i].node);
		json_member_uint(w, node, amounts[i].bytes);
	}
	json_end_object(w);
}

static void write_points(struct json_writer *w, const struct result_cgroup *c)
{
	json_key(w, "series");
	json_begin_array(w);
	for (size_t i = 0; i < c->n_points; i++) {
		json_begin_object(w);
		json_member_double(w, "seconds", c->points[i].seconds);
		write_amounts(w, "bytes", c->points[i].all.of, c->points[i].all.n);
		json_key(w, "kinds");
		json_begin_object(w);
		for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++)
			if (c->points[i].kinds[kind].n > 0)
				write_amounts(w, mpol_page_kind_name((enum mpol_page_kind)kind),
					      c->points[i].kinds[kind].of,
					      c->points[i].kinds[kind].n);
		json_end_object(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_work(struct json_writer *w, const struct result_work *k)
{
	json_begin_object(w);
	json_member_string(w, "kind", k->kind);
	json_member_uint(w, "workers", k->workers);
	json_member_string(w, "policy", k->policy);
	json_member_uint(w, "iterations", k->iterations);
	json_member_uint(w, "units", k->units);
	json_member_string(w, "unit", k->unit);
	json_member_double(w, "cpu_seconds", k->cpu_seconds);
	if (k->has_rate)
		json_member_double(w, "units_per_second", k->rate);
	else
		json_member_null(w, "units_per_second");
	if (k->latency > 0)
		json_member_double(w, "latency_ns", k->latency);
	if (k->bandwidth > 0)
		json_member_double(w, "bytes_per_second", k->bandwidth);
	json_member_double(w, "gap_seconds", k->gap);
	json_member_uint(w, "cpu_migrations", k->migrations);
	json_member_uint(w, "node_crossings", k->crossings);
	json_member_uint(w, "minor_faults", k->minor_faults);
	json_member_uint(w, "major_faults", k->major_faults);
	json_end_object(w);
}

static void write_cgroup(struct json_writer *w, const struct result_cgroup *c)
{
	json_begin_object(w);
	json_member_string(w, "name", c->name);
	json_member_string(w, "cpus", c->cpus);
	json_member_string(w, "mems", c->mems);
	json_member_uint(w, "workers", c->workers);
	json_member_string(w, "policy", c->policy);
	json_member_string(w, "expected", c->expected);
	if (c->placed)
		write_amounts(w, "bytes", c->amounts, c->n_amounts);
	else
		json_member_null(w, "bytes");
	write_points(w, c);
	json_member_uint(w, "rest_bytes", c->rest);
	json_member_uint(w, "iterations", c->iterations);
	json_member_uint(w, "units", c->units);
	json_member_string(w, "unit", c->unit);
	json_key(w, "works");
	json_begin_array(w);
	for (size_t i = 0; i < c->n_works; i++)
		write_work(w, &c->works[i]);
	json_end_array(w);
	json_key(w, "checks");
	json_begin_array(w);
	for (size_t i = 0; i < c->n_checks; i++)
		write_check(w, &c->checks[i]);
	json_end_array(w);
	json_end_object(w);
}

void result_write(const struct mpol_result *r, struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_LINE);

	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "test");
	json_member_string(&w, "test", r->test);
	json_member_string(&w, "why", r->why);
	json_member_string(&w, "must_end", r->must_end);
	json_member_string(&w, "verdict", verdict_names[r->verdict]);
	json_member_string(&w, "ended", verdict_names[r->ended]);
	json_member_double(&w, "seconds", r->seconds);
	if (r->has_error) {
		json_key(&w, "error");
		write_error(&w, &r->error);
	} else {
		json_member_null(&w, "error");
	}
	json_key(&w, "notes");
	json_begin_array(&w);
	for (size_t i = 0; i < r->n_notes; i++)
		write_error(&w, &r->notes[i]);
	json_end_array(&w);
	write_machine(&w, r);
	json_key(&w, "cgroups");
	json_begin_array(&w);
	for (size_t i = 0; i < r->n_cgroups; i++)
		write_cgroup(&w, &r->cgroups[i]);
	json_end_array(&w);
	json_end_object(&w);
}
