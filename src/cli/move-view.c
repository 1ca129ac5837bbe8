/* SPDX-License-Identifier: MIT */
/* What `mpol move` shows; see move-view.h. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "cli/command.h"
#include "cli/move-view.h"
#include "view/bar.h"
#include "view/table.h"

#define LINE_EVERY_NS 100000000u
#define BAR_WIDTH     24

static uint64_t now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void move_view_begin(struct move_view *v, bool json, bool plan)
{
	*v = (struct move_view){ .json = json, .plan = plan };
	v->out_style = view_style_of(STDOUT_FILENO);
	v->err_style = view_style_of(STDERR_FILENO);
	if (!json)
		return;
	v->writer = json_writer(&v->out, JSON_INDENTED);
	json_begin_object(&v->writer);
	json_member_int(&v->writer, "schema", 1);
	json_member_string(&v->writer, "command", "move");
	json_member_bool(&v->writer, "dry_run", plan);
	json_key(&v->writer, "processes");
	json_begin_array(&v->writer);
}

static double share(uint64_t part, uint64_t all)
{
	return all ? MIN((double)part / (double)all, 1.0) : 1.0;
}

static void add_process(struct strbuf *out, const struct mpol_move_result *r)
{
	strbuf_printf(out, "%d (", r->pid);
	strbuf_puts_visible(out, r->name);
	strbuf_puts(out, ")");
}

void move_view_progress(struct move_view *v, const struct mpol_move_result *r, bool stopping)
{
	char moved[VIEW_BYTES_TEXT], rate[VIEW_BYTES_TEXT];
	struct strbuf line = { 0 };
	uint64_t t = now();

	if (!v->err_style.width || (t - v->last_line_ns < LINE_EVERY_NS && !stopping))
		return;
	v->last_line_ns = t;
	strbuf_puts(&line, "\r");
	add_process(&line, r);
	strbuf_puts(&line, " ");
	view_bar(&line, &v->err_style, share(r->seen, r->total), BAR_WIDTH);
	strbuf_printf(&line, " %3.0f%%, %s moved, %s/s%s\033[K", share(r->seen, r->total) * 100,
		      view_bytes(moved, r->moved),
		      view_bytes(rate, r->elapsed_ns ? (uint64_t)((double)r->moved /
								  (double)r->elapsed_ns * 1e9)
						     : 0),
		      stopping ? ", stopping" : "");
	fputs(strbuf_text(&line), stderr);
	strbuf_done(&line);
}

void move_view_progress_end(struct move_view *v)
{
	if (v->last_line_ns)
		fputs("\r\033[K", stderr);
	v->last_line_ns = 0;
}

static uint64_t bytes_on(const struct mpol_placement *p, unsigned node)
{
	struct mpol_nodeset one = { { 0 } };

	mpol_nodes_add(&one, node);
	return mpol_placement_on(p, &one);
}

/* The nodes that have anything to show. */
static struct mpol_nodeset nodes_of(const struct mpol_move_result *r)
{
	struct mpol_nodeset nodes = { { 0 } };

	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		if (bytes_on(&r->before, n) || bytes_on(&r->after, n))
			mpol_nodes_add(&nodes, n);
	return nodes;
}

static void json_placement(struct json_writer *w, const char *key, const struct mpol_placement *p)
{
	json_key(w, key);
	if (!p->known) {
		json_write_null(w);
		return;
	}
	json_begin_array(w);
	for (unsigned n = 0; n < MPOL_MAX_NODES; n++) {
		if (!bytes_on(p, n))
			continue;
		json_begin_object(w);
		json_member_uint(w, "node", n);
		json_member_uint(w, "bytes", bytes_on(p, n));
		json_end_object(w);
	}
	json_end_array(w);
}

static void json_result(struct json_writer *w, const struct mpol_move_result *r,
			const struct mpol_error *err)
{
	json_begin_object(w);
	json_member_int(w, "pid", r->pid);
	json_member_string(w, "name", *r->name ? r->name : NULL);
	json_member_bool(w, "finished", r->finished);
	json_member_uint(w, "total", r->total);
	json_member_uint(w, "seen", r->seen);
	json_member_uint(w, "moved", r->moved);
	json_key(w, "left");
	json_begin_object(w);
	for (unsigned i = 0; i < MPOL_N_LEFT; i++)
		json_member_uint(w, mpol_left_name((enum mpol_left)i), r->left[i]);
	json_end_object(w);
	json_member_uint(w, "elapsed_ns", r->elapsed_ns);
	json_member_uint(w, "longest_batch_ns", r->longest_batch_ns);
	json_placement(w, "before", &r->before);
	json_placement(w, "after", &r->after);
	json_member_string(w, "error", err->errnum ? err->what : NULL);
	json_end_object(w);
}

static void text_table(struct strbuf *out, const struct view_style *style,
		       const struct mpol_move_result *r)
{
	const struct mpol_placement *rows[] = { &r->before, &r->after };
	const char *const titles[] = { "before", "after" };
	struct mpol_nodeset nodes = nodes_of(r);
	struct view_table t = { .indent = 2 };
	char bytes[VIEW_BYTES_TEXT];

	view_table_column(&t, VIEW_LEFT, "%s", "");
	for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
	     n = mpol_nodes_next(&nodes, (unsigned)n + 1))
		view_table_column(&t, VIEW_RIGHT, "node %d", n);
	for (size_t row = 0; row < ELEMENTSOF(rows); row++) {
		if (!rows[row]->known)
			continue;
		view_table_cell(&t, VIEW_DIM, "%s", titles[row]);
		for (int n = mpol_nodes_next(&nodes, 0); n >= 0;
		     n = mpol_nodes_next(&nodes, (unsigned)n + 1))
			view_table_cell(&t, VIEW_PLAIN, "%s",
					view_bytes(bytes, bytes_on(rows[row], (unsigned)n)));
	}
	view_table_write(&t, style, out);
	view_table_done(&t);
}

static const char *const reasons[MPOL_N_LEFT] = {
	[MPOL_LEFT_SHARED] = "other processes map them as well; --shared moves them",
	[MPOL_LEFT_FULL] = "there is no free page on the target node",
	[MPOL_LEFT_BUSY] = "pinned, under writeback or in use",
};

static void text_result(struct move_view *v, const struct mpol_move_result *r)
{
	char bytes[VIEW_BYTES_TEXT];
	struct strbuf *out = &v->out;

	add_process(out, r);
	if (v->plan)
		strbuf_printf(out, ": %s resident\n", view_bytes(bytes, r->total));
	else
		strbuf_printf(out, ": %s moved in %.1f s%s\n", view_bytes(bytes, r->moved),
			      (double)r->elapsed_ns / 1e9, r->finished ? "" : ", not finished");
	text_table(out, &v->out_style, r);
	for (size_t i = 0; i < MPOL_N_LEFT; i++)
		if (r->left[i])
			strbuf_printf(out, "  %s stayed: %s\n", view_bytes(bytes, r->left[i]),
				      reasons[i]);
}

void move_view_result(struct move_view *v, const struct mpol_move_result *r,
		      const struct mpol_error *err)
{
	if (v->json)
		json_result(&v->writer, r, err);
	else if (r->before.known)
		text_result(v, r);
}

bool move_view_end(struct move_view *v)
{
	int code;

	if (v->json) {
		json_end_array(&v->writer);
		json_end_object(&v->writer);
		json_newline(&v->writer);
	}
	code = cli_answer(&v->out);
	strbuf_done(&v->out);
	return code == CLI_DONE;
}
