/* SPDX-License-Identifier: MIT */
/* What `mpol show` collected, as JSON; documented in mpol-show(1). */
#include "cli/show.h"
#include "json/write.h"
#include "notation/names.h"

static void member_nodes(struct json_writer *w, const char *key, const struct mpol_nodeset *nodes)
{
	char text[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(nodes, text, sizeof(text)); /* fits by definition */
	json_member_string(w, key, text);
}

static void write_placement(struct json_writer *w, const struct mpol_placement *p)
{
	struct mpol_nodeset nodes = mpol_placement_nodes(p);

	json_key(w, "nodes");
	if (!p->known) {
		json_write_null(w);
		return;
	}
	json_begin_array(w);
	for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
	     n = mpol_nodes_next(&nodes, (unsigned)n + 1)) {
		json_begin_object(w);
		json_member_int(w, "node", n);
		for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
			json_member_uint(w, mpol_page_kind_name((enum mpol_page_kind)k),
					 p->bytes[k][n]);
		if (p->own_known)
			json_member_uint(w, "own", p->own[n]);
		else
			json_member_null(w, "own");
		json_end_object(w);
	}
	json_end_array(w);
}

/* A policy in the words of the OCI specification, and as numa_maps has it. */
static void write_policy(struct json_writer *w, const char *text, const struct numa_policy *p)
{
	json_key(w, "policy");
	json_begin_object(w);
	json_member_string(w, "numa_maps", *text ? text : NULL);
	json_member_string(w, "mode", p->known ? mode_names[p->policy.mode].oci : NULL);
	json_key(w, "flags");
	json_begin_array(w);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (p->policy.flags & flag_names[i].flag)
			json_write_string(w, flag_names[i].oci);
	json_end_array(w);
	if (p->known && !p->cut)
		member_nodes(w, "nodes", &p->policy.nodes);
	else
		json_member_null(w, "nodes");
	json_end_object(w);
}

static void write_judged(struct json_writer *w, const struct show_judged *j, bool sampled)
{
	json_member_uint(w, "governed", j->governed);
	if (j->known)
		json_member_double(w, "locality", j->locality);
	else
		json_member_null(w, "locality");
	if (!sampled)
		return;
	json_key(w, "interval");
	if (!j->known) {
		json_write_null(w);
		return;
	}
	json_begin_array(w);
	json_write_double(w, j->low);
	json_write_double(w, j->high);
	json_end_array(w);
}

static void write_expected(struct json_writer *w, const struct show_judged *j)
{
	static const char *const sources[] = {
		[SHOW_BY_POLICY] = "policy",
		[SHOW_BY_CPUS] = "cpus",
		[SHOW_UNKNOWN] = NULL,
	};

	if (j->from == SHOW_UNKNOWN)
		json_member_null(w, "expected");
	else
		member_nodes(w, "expected", &j->expected);
	json_member_string(w, "expected_from", sources[j->from]);
}

static void write_policies(struct json_writer *w, const struct show_process *s)
{
	json_key(w, "policies");
	json_begin_array(w);
	for (size_t i = 0; i < s->groups.n; i++) {
		const struct policy_group *g = &s->groups.groups[i];

		json_begin_object(w);
		write_policy(w, g->text, &g->policy);
		if (s->sampled)
			json_member_null(w, "mappings");
		else
			json_member_uint(w, "mappings", g->mappings);
		write_expected(w, &s->judged[i]);
		write_judged(w, &s->judged[i], s->sampled);
		write_placement(w, &g->placement);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_threads(struct json_writer *w, const struct thread_policies *t)
{
	json_member_uint(w, "threads", t->n_threads);
	json_key(w, "thread_policies");
	json_begin_array(w);
	for (size_t i = 0; i < t->n; i++) {
		json_begin_object(w);
		write_policy(w, t->policies[i].text, &t->policies[i].policy);
		json_member_uint(w, "threads", t->policies[i].threads);
		json_member_int(w, "first", t->policies[i].first);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_error(struct json_writer *w, const struct mpol_error *e)
{
	json_key(w, "error");
	json_begin_object(w);
	json_member_string(w, "rule", e->rule ? e->rule->id : NULL);
	json_member_string(w, "where", e->where);
	json_member_string(w, "what", e->what);
	json_member_string(w, "hint", mpol_error_hint(e));
	json_end_object(w);
}

static void write_process(struct json_writer *w, const struct show_process *s)
{
	json_begin_object(w);
	json_member_int(w, "pid", s->pid);
	json_member_string(w, "name", *s->name ? s->name : NULL);
	if (s->err.errnum) {
		write_error(w, &s->err);
		json_end_object(w);
		return;
	}
	json_member_string(w, "method", s->sampled ? "sample" : "exact");
	if (s->sampled) {
		json_member_uint(w, "sampled_pages", s->sampled_pages);
		json_member_double(w, "margin", mpol_sample_margin(s->sampled_pages));
	}
	json_member_uint(w, "resident", mpol_placement_on(&s->total, NULL));
	write_placement(w, &s->total);
	write_judged(w, &s->all, s->sampled);
	write_policies(w, s);
	write_threads(w, &s->threads);
	json_end_object(w);
}

static void write_cgroup(struct json_writer *w, const struct show_cgroup *c)
{
	json_key(w, "cgroup");
	json_begin_object(w);
	json_member_string(w, "path", c->path);
	json_key(w, "charged");
	if (!c->memory_known) {
		json_write_null(w);
		json_end_object(w);
		return;
	}
	json_begin_array(w);
	for (unsigned n = 0; n < MPOL_MAX_NODES; n++) {
		bool any = false;

		for (size_t k = 0; k < MPOL_N_MEMORY_CLASSES; k++)
			any |= c->memory.bytes[k][n] > 0;
		if (!any)
			continue;
		json_begin_object(w);
		json_member_uint(w, "node", n);
		for (size_t k = 0; k < MPOL_N_MEMORY_CLASSES; k++) {
			const char *key = mpol_memory_class_name((enum mpol_memory_class)k);

			if (c->memory.known[k])
				json_member_uint(w, key, c->memory.bytes[k][n]);
			else
				json_member_null(w, key);
		}
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

void show_json(const struct show_answer *a, struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_INDENTED);

	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "show");
	if (a->cgroup)
		write_cgroup(&w, a->cgroup);
	json_key(&w, "processes");
	json_begin_array(&w);
	for (size_t i = 0; i < a->n; i++)
		write_process(&w, &a->processes[i]);
	json_end_array(&w);
	json_end_object(&w);
	json_newline(&w);
}
