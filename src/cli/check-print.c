/* SPDX-License-Identifier: MIT */
/* How `mpol check` says its answer: for people, and as JSON with the same facts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/check-answer.h"
#include "cli/check-print.h"
#include "cli/command.h"
#include "notation/names.h"

const char *check_errno_name(int errnum)
{
	return errnum == EFAULT ? "EFAULT" : errnum == EINVAL ? "EINVAL" : strerror(errnum);
}

void check_write_nodes(struct json_writer *w, const char *key, const struct mpol_nodeset *nodes)
{
	char text[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(nodes, text, sizeof(text)); /* fits by definition */
	json_member_string(w, key, text);
}

void check_write_kept(struct json_writer *w, const struct mpol_kept *kept,
		      const struct mpol_policy *readback, const struct mpol_kernel *kernel)
{
	static const char *const keys[] = { "mode", "flags", "nodes", "numa_maps", "effective" };
	char text[MPOL_KEPT_TEXT];

	if (!kept) {
		for (size_t i = 0; i < ELEMENTSOF(keys); i++)
			json_member_null(w, keys[i]);
		return;
	}
	json_member_string(w, "mode", mode_names[readback->mode].oci);
	json_key(w, "flags");
	json_begin_array(w);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (readback->flags & flag_names[i].flag)
			json_write_string(w, flag_names[i].oci);
	json_end_array(w);
	check_write_nodes(w, "nodes", &readback->nodes);
	(void)mpol_kept_text(kept, kernel, text);
	json_member_string(w, "numa_maps", text);
	check_write_nodes(w, "effective", &kept->nodes);
}

void check_write_finding(struct json_writer *w, const struct mpol_finding *f, bool why)
{
	static const char *const severities[] = {
		[MPOL_NOTE] = "note", [MPOL_WARNING] = "warning", [MPOL_REFUSED] = "refused"
	};

	json_begin_object(w);
	json_member_string(w, "severity", severities[f->severity]);
	json_member_string(w, "rule", f->error.rule ? f->error.rule->id : NULL);
	json_member_string(w, "where", f->error.where);
	json_member_string(w, "what", f->error.what);
	if (why)
		json_member_string(w, "why", f->error.rule ? f->error.rule->why : NULL);
	json_member_string(w, "hint", mpol_error_hint(&f->error));
	json_end_object(w);
}

static void write_findings(struct json_writer *w, const struct mpol_finding *findings, size_t n)
{
	json_key(w, "findings");
	json_begin_array(w);
	for (size_t i = 0; i < n; i++)
		check_write_finding(w, &findings[i], true);
	json_end_array(w);
}

static void write_moves(struct json_writer *w, const struct check_context *c,
			const struct check_answer *a)
{
	if (c->n_moves == 0)
		return;
	json_key(w, "then");
	if (!a->accepted) {
		json_write_null(w);
		return;
	}
	json_begin_array(w);
	for (size_t i = 0; i < c->n_moves; i++) {
		json_begin_object(w);
		check_write_nodes(w, "mems", &c->moves[i]);
		check_write_kept(w, &a->moves[i].kept, &a->moves[i].readback, &c->machine->kernel);
		write_findings(w, a->moves[i].findings, a->moves[i].n_findings);
		json_end_object(w);
	}
	json_end_array(w);
}

static void print_json(struct check_output *out, const struct check_context *c,
		       const struct check_answer *a)
{
	struct json_writer *w = &out->json;

	json_begin_object(w);
	json_member_string(w, "policy", a->text);
	json_member_string(w, "resolution", *a->resolution ? a->resolution : NULL);
	json_member_bool(w, "accepted", a->accepted);
	json_member_bool(w, "refused", a->refused);
	json_member_string(w, "errno",
			   a->accepted ? NULL : check_errno_name(a->findings[0].error.errnum));
	check_write_kept(w, a->accepted ? &a->kept : NULL, &a->readback, &c->machine->kernel);
	write_findings(w, a->findings, a->n_findings);
	write_moves(w, c, a);
	json_end_object(w);
}

static void print_row(const char *name, const char *value)
{
	_cleanup_(strbuf_done) struct strbuf shown = { 0 };

	strbuf_puts_visible(&shown, value);
	printf("  %-16s%s\n", name, strbuf_text(&shown));
}

static void print_readback(const struct mpol_policy *p)
{
	char text[MPOL_POLICY_TEXT];

	(void)mpol_policy_print(p, text, sizeof(text));
	print_row("get_mempolicy", text);
}

static void print_findings(const struct mpol_finding *findings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cli_print_finding(stdout, &findings[i]);
}

/* As it was written; the lines of a unit as one. */
static void print_policy(const char *text)
{
	_cleanup_(strbuf_done) struct strbuf shown = { 0 };
	_cleanup_free_ char *line = strdup(text);

	for (char *p = line; p && *p; p++)
		if (*p == '\n')
			*p = ' ';
	strbuf_puts_visible(&shown, line ? line : text);
	fputs(strbuf_text(&shown), stdout);
}

static void print_verdict(const struct check_context *c, const struct check_answer *a)
{
	struct mpol_nodeset mems =
		mpol_nodes_and(&c->machine->mems_allowed, &c->machine->with_memory);
	char list[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(&mems, list, sizeof(list));
	print_policy(a->text);
	printf(": ");
	if (!a->accepted)
		printf("refused (%s)", check_errno_name(a->findings[0].error.errnum));
	else
		printf("accepted%s", a->refused ? ", but refused by --strict" : "");
	printf(" with mems %s, kernel %s\n", list,
	       *c->machine->kernel.release ? c->machine->kernel.release : "unknown");
}

static void print_text(const struct check_context *c, const struct check_answer *a)
{
	char text[MPOL_KEPT_TEXT];

	print_verdict(c, a);
	if (*a->resolution)
		print_row("nodes", a->resolution);
	if (a->accepted) {
		(void)mpol_kept_text(&a->kept, &c->machine->kernel, text);
		print_row("numa_maps", text);
		print_readback(&a->readback);
	}
	print_findings(a->findings, a->n_findings);
	for (size_t i = 0; i < c->n_moves && a->accepted; i++) {
		char mems[MPOL_NODES_TEXT];

		(void)mpol_nodes_print(&c->moves[i], mems, sizeof(mems));
		printf("then with mems %s:\n", mems);
		(void)mpol_kept_text(&a->moves[i].kept, &c->machine->kernel, text);
		print_row("numa_maps", text);
		print_readback(&a->moves[i].readback);
		print_findings(a->moves[i].findings, a->moves[i].n_findings);
	}
}

void check_begin(struct check_output *out, const struct check_context *c, bool as_json)
{
	struct mpol_nodeset mems =
		mpol_nodes_and(&c->machine->mems_allowed, &c->machine->with_memory);

	*out = (struct check_output){ .as_json = as_json };
	if (!as_json)
		return;
	out->json = json_writer(&out->text, JSON_INDENTED);
	json_begin_object(&out->json);
	json_member_int(&out->json, "schema", 1);
	json_member_string(&out->json, "command", "check");
	json_member_string(&out->json, "profile",
			   c->profile == MPOL_PROFILE_OCI ? "oci" : "kernel");
	json_member_string(&out->json, "kernel",
			   *c->machine->kernel.release ? c->machine->kernel.release : NULL);
	check_write_nodes(&out->json, "mems_allowed", &mems);
	json_key(&out->json, "policies");
	json_begin_array(&out->json);
}

void check_print(struct check_output *out, const struct check_context *c,
		 const struct check_answer *a)
{
	if (out->as_json)
		print_json(out, c, a);
	else
		print_text(c, a);
}

int check_end(struct check_output *out)
{
	bool failed;

	if (!out->as_json)
		return 0;
	json_end_array(&out->json);
	json_end_object(&out->json);
	json_newline(&out->json);
	failed = out->text.failed;
	if (!failed)
		fputs(strbuf_text(&out->text), stdout);
	strbuf_done(&out->text);
	return failed ? -ENOMEM : 0;
}
