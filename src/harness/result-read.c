/* SPDX-License-Identifier: MIT */
/* A result from its JSON, as it comes from a child process or from a guest: nothing in it is
 * trusted. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/result.h"

static const struct mpol_rule unreadable = {
	.id = "result-unreadable",
	.errnum = EBADMSG,
	.why = "A test's result comes as a line of JSON from the process or the machine that ran "
	       "it.",
	.hint = "run the test with the executable that was built together with this runner.",
};

static void json_done(json_t **j)
{
	json_decref(*j);
}

static char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? strdup(text) : NULL;
}

static uint64_t count_of(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* An array of zeroed elements for the members of a JSON array; NULL: none, or out of memory. */
static void *array_for(const json_t *array, size_t size, size_t *ret_n)
{
	size_t n = json_array_size(array);
	void *elements = n ? calloc(n, size) : NULL;

	*ret_n = elements ? n : 0;
	return elements;
}

static struct result_error read_error(const json_t *j)
{
	return (struct result_error){
		.rule = text_of(j, "rule"),
		.why = text_of(j, "why"),
		.where = text_of(j, "where"),
		.what = text_of(j, "what"),
		.hint = text_of(j, "hint"),
	};
}

static void read_topology(const json_t *j, struct mpol_result *r)
{
	const json_t *caches = json_object_get(j, "caches"),
		     *rows = json_object_get(j, "distances");

	if (json_array_size(caches) == r->llcs && r->llcs > 0)
		r->caches = calloc(r->llcs, sizeof(*r->caches));
	for (size_t i = 0; r->caches && i < r->llcs; i++) {
		const char *list = json_string_value(json_array_get(caches, i));

		r->caches[i] = list ? strdup(list) : NULL;
	}
	if (json_array_size(rows) == r->n_nodes && r->n_nodes > 0)
		r->distance = calloc(r->n_nodes * r->n_nodes, sizeof(*r->distance));
	for (size_t i = 0; r->distance && i < r->n_nodes * r->n_nodes; i++)
		r->distance[i] = (unsigned)json_integer_value(
			json_array_get(json_array_get(rows, i / r->n_nodes), i % r->n_nodes));
}

static void read_machine(const json_t *j, struct mpol_result *r)
{
	const json_t *nodes = json_object_get(j, "nodes");

	r->place = text_of(j, "place");
	r->asked = text_of(j, "asked");
	r->were = text_of(j, "nodes_were");
	r->release = text_of(j, "release");
	r->accel = text_of(j, "accel");
	r->boot_seconds = json_number_value(json_object_get(j, "boot_seconds"));
	r->console = text_of(j, "console");
	r->llcs = (unsigned)count_of(j, "llcs");
	r->nodes = array_for(nodes, sizeof(*r->nodes), &r->n_nodes);
	for (size_t i = 0; i < r->n_nodes; i++) {
		const json_t *node = json_array_get(nodes, i);

		r->nodes[i] =
			(struct result_node){ (unsigned)count_of(node, "id"), text_of(node, "cpus"),
					      count_of(node, "memory") };
	}
	read_topology(j, r);
}

static enum bound_layer layer_of(const char *name)
{
	for (int l = 0; name && l < N_LAYERS; l++)
		if (STREQ(bound_layer_names[l], name))
			return (enum bound_layer)l;
	return LAYER_NONE;
}

/* False: a metric that this runner does not have. */
static bool read_check(const json_t *j, struct result_check *ret)
{
	const char *metric = json_string_value(json_object_get(j, "metric"));
	const json_t *least = json_object_get(j, "at_least"), *most = json_object_get(j, "at_most");
	const json_t *value = json_object_get(j, "value");

	ret->metric = metric_find(metric ? metric : "");
	if (ret->metric == MPOL_N_METRICS)
		return false;
	ret->bound.kind = least ? MPOL_MINIMUM : MPOL_MAXIMUM;
	ret->bound.value = json_number_value(least ? least : most);
	ret->layer = layer_of(json_string_value(json_object_get(j, "layer")));
	ret->value = (struct metric_value){ json_is_number(value), json_number_value(value) };
	ret->holds = json_is_true(json_object_get(j, "holds"));
	return true;
}

static size_t read_amounts(json_t *bytes, struct result_amount **ret)
{
	struct result_amount *amounts = calloc(json_object_size(bytes) + 1, sizeof(*amounts));
	const char *node;
	json_t *value;
	size_t n = 0;

	*ret = amounts;
	if (!amounts)
		return 0;
	json_object_foreach(bytes, node, value) amounts[n++] =
		(struct result_amount){ (unsigned)strtoul(node, NULL, 10),
					(uint64_t)json_integer_value(value) };
	return n;
}

static void read_points(const json_t *series, struct result_cgroup *c)
{
	c->points = array_for(series, sizeof(*c->points), &c->n_points);
	for (size_t i = 0; i < c->n_points; i++) {
		const json_t *point = json_array_get(series, i);
		const json_t *kinds = json_object_get(point, "kinds");

		c->points[i].seconds = json_number_value(json_object_get(point, "seconds"));
		c->points[i].all.n =
			read_amounts(json_object_get(point, "bytes"), &c->points[i].all.of);
		for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++)
			c->points[i].kinds[kind].n = read_amounts(
				json_object_get(kinds,
						mpol_page_kind_name((enum mpol_page_kind)kind)),
				&c->points[i].kinds[kind].of);
	}
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void read_work(const json_t *j, struct result_work *k)
{
	*k = (struct result_work){
		.kind = text_of(j, "kind"),
		.unit = text_of(j, "unit"),
		.policy = text_of(j, "policy"),
		.workers = (unsigned)count_of(j, "workers"),
		.iterations = count_of(j, "iterations"),
		.units = count_of(j, "units"),
		.cpu_seconds = number_of(j, "cpu_seconds"),
		.has_rate = json_is_number(json_object_get(j, "units_per_second")),
		.rate = number_of(j, "units_per_second"),
		.latency = number_of(j, "latency_ns"),
		.bandwidth = number_of(j, "bytes_per_second"),
		.gap = number_of(j, "gap_seconds"),
		.migrations = count_of(j, "cpu_migrations"),
		.crossings = count_of(j, "node_crossings"),
		.minor_faults = count_of(j, "minor_faults"),
		.major_faults = count_of(j, "major_faults"),
	};
}

static void read_cgroup(const json_t *j, struct result_cgroup *c)
{
	const json_t *checks = json_object_get(j, "checks"), *works = json_object_get(j, "works");

	c->name = text_of(j, "name");
	c->cpus = text_of(j, "cpus");
	c->mems = text_of(j, "mems");
	c->workers = (unsigned)count_of(j, "workers");
	c->policy = text_of(j, "policy");
	c->expected = text_of(j, "expected");
	c->n_amounts = read_amounts(json_object_get(j, "bytes"), &c->amounts);
	c->placed = json_is_object(json_object_get(j, "bytes")) && c->amounts;
	read_points(json_object_get(j, "series"), c);
	c->rest = count_of(j, "rest_bytes");
	c->iterations = count_of(j, "iterations");
	c->units = count_of(j, "units");
	c->unit = text_of(j, "unit");
	c->works = array_for(works, sizeof(*c->works), &c->n_works);
	for (size_t i = 0; i < c->n_works; i++)
		read_work(json_array_get(works, i), &c->works[i]);
	for (size_t i = 0; i < json_array_size(checks) && c->n_checks < MPOL_N_METRICS; i++)
		if (read_check(json_array_get(checks, i), &c->checks[c->n_checks]))
			c->n_checks++;
}

static bool verdict_of(const json_t *j, const char *key, enum verdict *ret)
{
	const char *name = json_string_value(json_object_get(j, key));

	for (int v = 0; name && v < N_VERDICTS; v++)
		if (STREQ(verdict_names[v], name)) {
			*ret = (enum verdict)v;
			return true;
		}
	return false;
}

static void read_all(const json_t *j, struct mpol_result *r)
{
	const json_t *error = json_object_get(j, "error"), *notes = json_object_get(j, "notes");
	const json_t *cgroups = json_object_get(j, "cgroups");

	r->test = text_of(j, "test");
	r->why = text_of(j, "why");
	r->must_end = text_of(j, "must_end");
	r->seconds = json_number_value(json_object_get(j, "seconds"));
	r->has_error = json_is_object(error);
	if (r->has_error)
		r->error = read_error(error);
	r->notes = array_for(notes, sizeof(*r->notes), &r->n_notes);
	for (size_t i = 0; i < r->n_notes; i++)
		r->notes[i] = read_error(json_array_get(notes, i));
	read_machine(json_object_get(j, "machine"), r);
	r->cgroups = array_for(cgroups, sizeof(*r->cgroups), &r->n_cgroups);
	for (size_t i = 0; i < r->n_cgroups; i++)
		read_cgroup(json_array_get(cgroups, i), &r->cgroups[i]);
}

int result_read(const char *text, size_t len, struct mpol_result *ret, struct mpol_error *err)
{
	json_error_t why;
	_cleanup_(json_done) json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	struct mpol_result r = { 0 };

	if (!j)
		return mpol_fail(err, &unreadable, "", "column %d: %s", why.column, why.text);
	if (!verdict_of(j, "verdict", &r.verdict) || !verdict_of(j, "ended", &r.ended) ||
	    !json_is_string(json_object_get(j, "test")))
		return mpol_fail(err, &unreadable, "", "the line has no test or no verdict");
	read_all(j, &r);
	*ret = r;
	return 0;
}
