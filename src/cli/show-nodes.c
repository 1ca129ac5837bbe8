/* SPDX-License-Identifier: MIT */
/* `mpol show` without arguments: each node's memory, and where allocations went that were meant for
 * it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/show.h"
#include "json/write.h"
#include "machine/read.h"
#include "view/bar.h"
#include "view/table.h"

struct node {
	unsigned id;
	bool memory_only;
	struct mpol_node_counters counters;
};

struct nodes {
	size_t n;
	struct node *list;
	struct mpol_migration migration; /* of the machine, since boot; nothing known where it could
					    not be read */
};

static void nodes_done(struct nodes *s)
{
	free(s->list);
}

static const struct mpol_rule no_nodes = {
	"no-nodes",
	ENOENT,
	"The nodes of a machine are the folders nodeN in /sys/devices/system/node.",
	"a kernel without NUMA (CONFIG_NUMA) has none, nor has a container whose /sys is masked; "
	"there is one node then",
	"Documentation/ABI/stable/sysfs-devices-node",
	NULL,
};

static int read_nodes(int root_fd, struct nodes *ret, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_nodeset memory_only;
	int r = machine_read_topology(root_fd, &m, err);

	if (r < 0)
		return r;
	if (m.n_nodes == 0)
		return mpol_fail(err, &no_nodes, "/sys/devices/system/node", "there are no nodes");
	memory_only = mpol_machine_memory_only(&m);
	ret->list = calloc(m.n_nodes, sizeof(*ret->list));
	if (!ret->list)
		return mpol_fail_errno(err, &no_nodes, ENOMEM, "",
				       "there is no memory to read nodes into");
	for (size_t i = 0; i < m.n_nodes; i++) {
		struct node *n = &ret->list[ret->n];

		n->id = m.nodes[i].id;
		n->memory_only = mpol_nodes_has(&memory_only, n->id);
		/* An offline node has no counters. */
		ret->n += mpol_node_counters_read(root_fd, n->id, &n->counters, NULL) == 0;
	}
	(void)mpol_migration_read(root_fd, &ret->migration, NULL); /* stays unknown otherwise */
	return 0;
}

static void cell_counter(struct view_table *t, const struct node *n, enum mpol_node_counter c)
{
	char buf[VIEW_COUNT_TEXT];

	if (!n->counters.known[c])
		view_table_cell(t, VIEW_WARN, "?");
	else
		view_table_cell(t, n->counters.value[c] ? VIEW_PLAIN : VIEW_DIM, "%s",
				view_count(buf, n->counters.value[c]));
}

static void cell_memory(struct view_table *t, const struct node *n, enum mpol_node_counter c)
{
	char buf[VIEW_BYTES_TEXT];

	if (!n->counters.known[c])
		view_table_cell(t, VIEW_WARN, "?");
	else
		view_table_cell(t, n->counters.value[c] ? VIEW_PLAIN : VIEW_DIM, "%s",
				view_bytes(buf, n->counters.value[c]));
}

struct column {
	const char *title;
	enum mpol_node_counter counter;
};

static const struct column memory_columns[] = {
	{ "total", MPOL_NODE_MEM_TOTAL }, { "free", MPOL_NODE_MEM_FREE },
	{ "anon", MPOL_NODE_ANON },	  { "file", MPOL_NODE_FILE },
	{ "shared", MPOL_NODE_SHARED },	  { "slab", MPOL_NODE_SLAB },
};

static const struct column allocation_columns[] = {
	{ "hit", MPOL_NODE_HIT },	    { "miss", MPOL_NODE_MISS },
	{ "foreign", MPOL_NODE_FOREIGN },   { "interleaved", MPOL_NODE_INTERLEAVE_HIT },
	{ "by its CPUs", MPOL_NODE_LOCAL }, { "by others", MPOL_NODE_OTHER },
};

static void cell_used(struct view_table *t, const struct view_style *style, const struct node *n)
{
	_cleanup_(strbuf_done) struct strbuf bar = { 0 };
	const uint64_t *v = n->counters.value;

	if (v[MPOL_NODE_MEM_TOTAL])
		view_bar(&bar, style,
			 (double)(v[MPOL_NODE_MEM_TOTAL] -
				  MIN(v[MPOL_NODE_MEM_FREE], v[MPOL_NODE_MEM_TOTAL])) /
				 (double)v[MPOL_NODE_MEM_TOTAL],
			 12);
	view_table_cell(t, VIEW_PLAIN, "%s", strbuf_text(&bar));
}

static void print_memory(const struct nodes *s, const struct view_style *style, struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };

	view_table_column(&t, VIEW_LEFT, "node");
	view_table_column(&t, VIEW_LEFT, "used");
	for (size_t c = 0; c < ELEMENTSOF(memory_columns); c++)
		view_table_column(&t, VIEW_RIGHT, "%s", memory_columns[c].title);
	view_table_column(&t, VIEW_RIGHT, "huge pages");
	view_table_column(&t, VIEW_LEFT, "%s", "");
	for (size_t i = 0; i < s->n; i++) {
		const struct node *n = &s->list[i];

		view_table_cell(&t, VIEW_PLAIN, "%u", n->id);
		cell_used(&t, style, n);
		for (size_t c = 0; c < ELEMENTSOF(memory_columns); c++)
			cell_memory(&t, n, memory_columns[c].counter);
		cell_counter(&t, n, MPOL_NODE_HUGE_TOTAL);
		view_table_cell(&t, VIEW_DIM, "%s", n->memory_only ? "memory only" : "");
	}
	view_tone(out, style, VIEW_BOLD, "Memory");
	strbuf_putc(out, '\n');
	view_table_write(&t, style, out);
}

static void print_allocations(const struct nodes *s, const struct view_style *style,
			      struct strbuf *out)
{
	_cleanup_(view_table_done) struct view_table t = { .indent = 2 };

	view_table_column(&t, VIEW_LEFT, "node");
	for (size_t c = 0; c < ELEMENTSOF(allocation_columns); c++)
		view_table_column(&t, VIEW_RIGHT, "%s", allocation_columns[c].title);
	for (size_t i = 0; i < s->n; i++) {
		view_table_cell(&t, VIEW_PLAIN, "%u", s->list[i].id);
		for (size_t c = 0; c < ELEMENTSOF(allocation_columns); c++)
			cell_counter(&t, &s->list[i], allocation_columns[c].counter);
	}
	strbuf_putc(out, '\n');
	view_tone(out, style, VIEW_BOLD, "Pages allocated since boot");
	strbuf_putc(out, '\n');
	view_table_write(&t, style, out);
}

static void print_migration(const struct mpol_migration *m, const struct view_style *style,
			    struct strbuf *out)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	char buf[VIEW_COUNT_TEXT];

	for (size_t i = 0; i < MPOL_N_MIGRATIONS; i++)
		if (m->known[i])
			strbuf_printf(&text, "%s%s %s", text.len ? ", " : "  ",
				      mpol_migration_name((enum mpol_migration_id)i),
				      view_count(buf, m->count[i]));
	if (!text.len)
		return;
	strbuf_putc(out, '\n');
	view_tone(out, style, VIEW_BOLD, "Pages migrated since boot");
	strbuf_printf(out, "\n%s\n", strbuf_text(&text));
}

static void print_text(const struct nodes *s, const struct view_style *style, struct strbuf *out)
{
	print_memory(s, style, out);
	print_allocations(s, style, out);
	print_migration(&s->migration, style, out);
}

static void write_known(struct json_writer *w, const char *key, bool known, uint64_t value)
{
	if (known)
		json_member_uint(w, key, value);
	else
		json_member_null(w, key);
}

static void print_json(const struct nodes *s, struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_INDENTED);

	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "show");
	json_key(&w, "nodes");
	json_begin_array(&w);
	for (size_t i = 0; i < s->n; i++) {
		const struct mpol_node_counters *c = &s->list[i].counters;

		json_begin_object(&w);
		json_member_uint(&w, "node", s->list[i].id);
		json_member_bool(&w, "memory_only", s->list[i].memory_only);
		for (size_t k = 0; k < MPOL_N_NODE_COUNTERS; k++)
			write_known(&w, mpol_node_counter_name((enum mpol_node_counter)k),
				    c->known[k], c->value[k]);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_key(&w, "migration");
	json_begin_object(&w);
	for (size_t i = 0; i < MPOL_N_MIGRATIONS; i++)
		write_known(&w, mpol_migration_name((enum mpol_migration_id)i),
			    s->migration.known[i], s->migration.count[i]);
	json_end_object(&w);
	json_end_object(&w);
	json_newline(&w);
}

int show_nodes(int root_fd, bool json, const struct view_style *style, struct strbuf *out,
	       struct mpol_error *err)
{
	_cleanup_(nodes_done) struct nodes s = { 0 };
	int r = read_nodes(root_fd, &s, err);

	if (r < 0)
		return r;
	if (json)
		print_json(&s, out);
	else
		print_text(&s, style, out);
	return 0;
}
