/* SPDX-License-Identifier: MIT */
/* mpol convert: the same policy in another notation, or the rule that makes it inexpressible there.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/policy.h"
#include "json/write.h"
#include "notation/names.h"
#include "notation/rules.h"

static const struct cli_option options[] = {
	{ "to", 't', "NOTATION", "write it in this notation" },
	{ "from", 'f', "NOTATION", "read it in this notation, instead of telling by looking" },
	{ "root", 0, "DIR", "resolve sets like all against a recorded machine" },
	{ "mems", 0, "LIST", "resolve sets as if these nodes were allowed" },
	CLI_POLICY_OPTIONS,
	{ "json", 'j', NULL, "print JSON" },
	{ NULL },
};

struct conversion {
	const struct mpol_notation *to;
	struct mpol_policy_expr policy;
	bool asked; /* to resolve sets, by --root or --mems */
	bool has_mems;
	struct mpol_nodeset mems;
	int root;						 /* -1: none is needed */
	char resolution[MPOL_NODES_EXPR_TEXT + MPOL_NODES_TEXT]; /* "all = 0-1"; "": nothing was */
	char *text; /* NULL: it cannot be said, see error */
	struct mpol_error error;
};

static int unknown_notation(const struct cli_args *args, const char *name)
{
	_cleanup_(strbuf_done) struct strbuf known = { 0 };
	struct nearest near = { 0 };

	for (size_t i = 0; mpol_notations[i]; i++) {
		nearest_offer(&near, name, strlen(name), mpol_notations[i]->name);
		strbuf_printf(&known, "%s%s", i ? ", " : "", mpol_notations[i]->name);
	}
	if (near.best)
		return cli_usage(args, "there is no notation '%s': did you mean %s?", name,
				 near.best);
	return cli_usage(args, "there is no notation '%s' (known: %s)", name, strbuf_text(&known));
}

static int find_notations(const struct cli_args *args, const struct mpol_notation **to,
			  const struct mpol_notation **from)
{
	const char *to_name = cli_value(args, "to"), *from_name = cli_value(args, "from");

	if (!to_name)
		return cli_usage(args, "--to NOTATION is missing");
	*to = mpol_notation(to_name);
	if (!*to)
		return unknown_notation(args, to_name);
	*from = from_name ? mpol_notation(from_name) : NULL;
	if (from_name && !*from)
		return unknown_notation(args, from_name);
	if (*from && !(*from)->parse)
		return cli_usage(args, "--from %s: this notation is only written", from_name);
	return 0;
}

static int read_policy(const struct cli_args *args, const struct mpol_notation *from,
		       struct mpol_policy_expr *ret)
{
	struct mpol_error err = { 0 };

	if (!from || args->argc != 1 || cli_has_policy_options(args))
		return cli_one_policy(args, 0, ret);
	if (from->parse(args->argv[0], ret, &err) == 0)
		return 0;
	(void)cli_report(&err);
	return CLI_USAGE;
}

/* The machine that sets are resolved against: --root's or this one, with --mems allowed; or --mems
 * alone. */
static int read_machine(const struct conversion *c, struct mpol_machine *ret,
			struct mpol_error *err)
{
	int r;

	if (c->has_mems && c->root < 0) {
		*ret = (struct mpol_machine){ .online = c->mems,
					      .with_memory = c->mems,
					      .mems_allowed = c->mems };
		return 0;
	}
	r = mpol_machine_read(c->root, 0, ret, err);
	if (r == 0 && c->has_mems)
		ret->mems_allowed = c->mems;
	return r;
}

/* Replaces sets by the nodes they mean. */
static int resolve(struct conversion *c)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_policy resolved;
	int r = read_machine(c, &m, &c->error);

	if (r == 0)
		r = mpol_policy_resolve(c->root, &m, &c->policy, &resolved, &c->error);
	if (r < 0)
		return r;
	(void)mpol_nodes_resolution_print(&c->policy.nodes, &resolved.nodes, c->resolution,
					  sizeof(c->resolution));
	mpol_policy_expr_from(&resolved, &c->policy);
	return 0;
}

/* A policy that no kernel takes is not worth writing down: the first rule that says so. */
static int refuse_invalid(struct conversion *c)
{
	struct mpol_policy p = { .mode = c->policy.mode,
				 .flags = c->policy.flags,
				 .nodes = c->policy.nodes.nodes };
	struct mpol_finding first;

	if (!mpol_nodes_expr_is_literal(&c->policy.nodes))
		mpol_nodes_add(&p.nodes,
			       0); /* some node: which one, no rule of the policy alone asks */
	if (mpol_check(&p, NULL, &first, 1) == 0 || first.severity != MPOL_REFUSED)
		return 0;
	c->error = first.error;
	return -c->error.errnum;
}

static int convert(struct conversion *c)
{
	bool literal = mpol_nodes_expr_is_literal(&c->policy.nodes);
	int r = 0;

	if (!literal && c->asked)
		r = resolve(c);
	if (r == 0)
		r = refuse_invalid(c);
	if (r == 0)
		r = c->to->print(&c->policy, &c->text, &c->error);
	if (r == 0 || literal || c->asked || c->error.rule != &rule_needs_numbers)
		return r;
	r = resolve(c);
	return r < 0 ? r : c->to->print(&c->policy, &c->text, &c->error);
}

static void write_policy(struct json_writer *w, const struct mpol_policy_expr *p)
{
	char nodes[MPOL_NODES_EXPR_TEXT];

	(void)mpol_nodes_expr_print(&p->nodes, nodes, sizeof(nodes));
	json_begin_object(w);
	json_member_string(w, "mode", mode_names[p->mode].oci);
	json_key(w, "flags");
	json_begin_array(w);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (p->flags & flag_names[i].flag)
			json_write_string(w, flag_names[i].oci);
	json_end_array(w);
	json_member_string(w, "nodes", nodes);
	json_end_object(w);
}

static void write_error(struct json_writer *w, const struct mpol_error *err)
{
	json_begin_object(w);
	json_member_string(w, "rule", err->rule ? err->rule->id : NULL);
	json_member_string(w, "where", err->where);
	json_member_string(w, "what", err->what);
	json_member_string(w, "why", err->rule ? err->rule->why : NULL);
	json_member_string(w, "hint", mpol_error_hint(err));
	json_end_object(w);
}

static int answer_json(const struct conversion *c, int r)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_INDENTED);

	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "convert");
	json_member_string(&w, "to", c->to->name);
	json_key(&w, "policy");
	write_policy(&w, &c->policy);
	json_member_string(&w, "resolution", *c->resolution ? c->resolution : NULL);
	json_member_string(&w, "text", r < 0 ? NULL : c->text);
	json_key(&w, "error");
	if (r < 0)
		write_error(&w, &c->error);
	else
		json_write_null(&w);
	json_end_object(&w);
	json_newline(&w);
	fputs(strbuf_text(&b), stdout);
	return r < 0 ? CLI_NOT_DONE : CLI_DONE;
}

static int answer(const struct conversion *c, int r)
{
	if (*c->resolution)
		cli_say("mpol", "%s", c->resolution);
	if (r < 0)
		return cli_report(&c->error);
	puts(c->text);
	return CLI_DONE;
}

/* --root and --mems; without them, this machine is at hand. */
static int read_assumptions(const struct cli_args *args, struct conversion *c)
{
	const char *mems = cli_value(args, "mems");
	struct mpol_error err = { 0 };

	c->has_mems = mems;
	c->asked = mems || cli_has(args, "root");
	if (mems && mpol_nodes_parse(mems, &c->mems, &err) < 0)
		return cli_usage(args, "--mems: %s: %s", err.where, err.what);
	if (mems && !cli_has(args, "root"))
		return 0;
	c->root = cli_root(args);
	return c->root < 0 ? CLI_USAGE : 0;
}

static int run(const struct cli_args *args)
{
	const struct mpol_notation *from = NULL;
	struct conversion c = { .root = -1 };
	int r = find_notations(args, &c.to, &from);

	if (r == 0)
		r = read_policy(args, from, &c.policy);
	if (r == 0)
		r = read_assumptions(args, &c);
	if (r == 0) {
		r = convert(&c);
		r = cli_has(args, "json") ? answer_json(&c, r) : answer(&c, r);
	}
	cleanup_close(&c.root);
	free(c.text);
	return r;
}

const struct cli_command cmd_convert = {
	.name = "convert",
	.synopsis = "--to NOTATION [--from NOTATION] [--root DIR] [--mems LIST] [--json] POLICY",
	.summary = "says a policy in another notation, or why it cannot be said there",
	.details = "NOTATION is kernel, oci, numactl or systemd, which are read as well, or c, "
		   "podman, docker\n"
		   "or kubernetes. POLICY is text in any notation that is read, or @FILE, or "
		   "numactl's options.",
	.options = options,
	.run = run,
};
