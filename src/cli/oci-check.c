/* SPDX-License-Identifier: MIT */
/* mpol oci check: the findings about a configuration, and what each known runtime does with it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/oci.h"
#include "json/write.h"
#include "notation/notation.h"
#include "oci/check.h"
#include "oci/runtimes.h"

static const char *const does[] = {
	[OCI_IGNORES] = "ignores it",
	[OCI_APPLIES] = "applies it",
	[OCI_DIFFERS] = "may apply another",
};
static const char *const does_json[] = {
	[OCI_IGNORES] = "ignores",
	[OCI_APPLIES] = "applies",
	[OCI_DIFFERS] = "differs",
};
static const char *const severities[] = {
	[MPOL_NOTE] = "note",
	[MPOL_WARNING] = "warning",
	[MPOL_REFUSED] = "refused",
};

/* What a runtime does with this very policy. */
static enum oci_does really(const struct oci_runtime *r, enum oci_does in_general,
			    const struct oci_check *c)
{
	if (in_general == OCI_IGNORES || !r->right || !c->source.found)
		return in_general;
	if (!c->source.in_config) /* an annotation is nothing to a runtime itself */
		return OCI_IGNORES;
	return r->right(&c->policy) ? OCI_APPLIES : OCI_DIFFERS;
}

static void versions(const struct oci_runtime *r, char *buf, size_t size)
{
	if (!r->from)
		(void)snprintf(buf, size, "to %s", r->to);
	else if (!r->to)
		(void)snprintf(buf, size, "from %s", r->from);
	else
		(void)snprintf(buf, size, "%s to %s", r->from, r->to);
}

static bool is_accepted(const struct cli_args *args, const struct oci_check *c)
{
	bool strict = cli_has(args, "strict");

	for (size_t i = 0; i < c->n_findings; i++)
		if (c->findings[i].severity == MPOL_REFUSED ||
		    (strict && c->findings[i].severity == MPOL_WARNING))
			return false;
	return true;
}

static void print_text(const struct cli_args *args, const struct oci_check *c)
{
	char text[MPOL_POLICY_TEXT], range[64];

	for (size_t i = 0; i < c->n_findings; i++)
		cli_print_finding(stdout, &c->findings[i]);
	if (!c->source.found) {
		if (!c->n_findings)
			printf("%s: no memory policy\n", args->argv[1]);
		return;
	}
	(void)mpol_policy_print(&c->policy, text, sizeof(text));
	printf("%s: %s: %s: %s\n\n", args->argv[1], c->source.where, text,
	       is_accepted(args, c) ? "accepted" : "refused");
	if (!c->source.in_config)
		printf("Annotations are read by mpol-runtime; a runtime itself ignores them.\n\n");
	printf("%-7s %-24s %-18s %-18s\n", "runtime", "versions", "run", "exec");
	for (size_t i = 0; i < n_oci_runtimes; i++) {
		const struct oci_runtime *r = &oci_runtimes[i];

		versions(r, range, sizeof(range));
		printf("%-7s %-24s %-18s %s\n", r->name, range, does[really(r, r->run, c)],
		       does[really(r, r->exec, c)]);
		if (really(r, r->run, c) == OCI_DIFFERS)
			printf("        %s\n", r->what);
	}
	printf("%-7s %-24s %-18s %s\n", "mpol-runtime", "over any of them", does[OCI_APPLIES],
	       does[OCI_APPLIES]);
}

static void write_findings(struct json_writer *w, const struct oci_check *c)
{
	json_key(w, "findings");
	json_begin_array(w);
	for (size_t i = 0; i < c->n_findings; i++) {
		const struct mpol_error *e = &c->findings[i].error;

		json_begin_object(w);
		json_member_string(w, "severity", severities[c->findings[i].severity]);
		json_member_string(w, "rule", e->rule ? e->rule->id : NULL);
		json_member_string(w, "where", e->where);
		json_member_string(w, "what", e->what);
		json_member_string(w, "hint", mpol_error_hint(e));
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_runtimes(struct json_writer *w, const struct oci_check *c)
{
	json_key(w, "runtimes");
	json_begin_array(w);
	for (size_t i = 0; i < n_oci_runtimes; i++) {
		const struct oci_runtime *r = &oci_runtimes[i];

		json_begin_object(w);
		json_member_string(w, "name", r->name);
		json_member_string(w, "from", r->from);
		json_member_string(w, "to", r->to);
		json_member_string(w, "run", does_json[really(r, r->run, c)]);
		json_member_string(w, "exec", does_json[really(r, r->exec, c)]);
		json_member_string(w, "what", r->what);
		json_end_object(w);
	}
	json_end_array(w);
}

static void print_json(const struct cli_args *args, const struct oci_check *c)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_INDENTED);
	char text[MPOL_POLICY_TEXT];

	(void)mpol_policy_print(&c->policy, text, sizeof(text));
	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "oci check");
	json_member_string(&w, "file", args->argv[1]);
	json_member_bool(&w, "accepted", is_accepted(args, c));
	json_member_string(&w, "source", c->source.found ? c->source.where : NULL);
	json_member_string(&w, "policy", c->source.found ? text : NULL);
	write_findings(&w, c);
	write_runtimes(&w, c);
	json_end_object(&w);
	json_newline(&w);
	fputs(strbuf_text(&b), stdout);
}

static int read_machine(const struct cli_args *args, struct mpol_machine *ret)
{
	_cleanup_close_ int root_fd = cli_root(args);
	struct mpol_error err = { 0 };

	if (root_fd < 0)
		return CLI_USAGE;
	if (mpol_machine_read(root_fd, 0, ret, &err) >= 0)
		return 0;
	(void)cli_report(&err);
	return CLI_USAGE;
}

int oci_run_check(const struct cli_args *args)
{
	static struct oci_check check; /* too large for a stack */
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	bool asked = !cli_has(args, "no-machine");
	struct mpol_error err = { 0 };
	int r;

	if (args->argc != 2)
		return cli_usage(args, "check takes one BUNDLE or config.json");
	if (asked) {
		r = read_machine(args, &m);
		if (r)
			return r;
	}
	if (oci_check(args->argv[1], asked ? &m : NULL, &check, &err) < 0) {
		(void)cli_report(&err);
		return CLI_USAGE;
	}
	if (cli_has(args, "json"))
		print_json(args, &check);
	else
		print_text(args, &check);
	return is_accepted(args, &check) ? CLI_DONE : CLI_NOT_DONE;
}
