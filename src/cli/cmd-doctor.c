/* SPDX-License-Identifier: MIT */
/* `mpol doctor`: what this process may do here, what stops it, and what to change. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/doctor.h"
#include "json/write.h"

static const char *const verdicts[] = {
	[DOCTOR_UNKNOWN] = "not tried: a recording",
	[DOCTOR_WORKS] = "works",
	[DOCTOR_LIMITED] = "limited",
	[DOCTOR_REFUSED] = "refused",
};

static void print_row(const char *name, const char *value)
{
	printf("%-16s%s\n", name, value);
}

static void print_process(const struct doctor_facts *f)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };

	if (!f->status_known) {
		print_row("this process", "not known");
		return;
	}
	strbuf_printf(&text, "user %u", f->uid);
	if (doctor_has_capability(f, DOCTOR_CAP_SYS_NICE))
		strbuf_puts(&text, ", CAP_SYS_NICE");
	if (doctor_has_capability(f, DOCTOR_CAP_SYS_PTRACE))
		strbuf_puts(&text, ", CAP_SYS_PTRACE");
	strbuf_puts(&text, f->seccomp == 2   ? ", under a seccomp filter"
			   : f->seccomp == 1 ? ", under strict seccomp"
					     : ", no seccomp filter");
	if (f->yama >= 0)
		strbuf_printf(&text, ", Yama ptrace_scope %d", f->yama);
	if (f->selinux_deny)
		strbuf_puts(&text, ", SELinux deny_ptrace");
	if (*f->label)
		strbuf_printf(&text, ", confined as %s", f->label);
	print_row("this process", strbuf_text(&text));
}

/* What stands in "syscalls" of a seccomp profile. */
static void write_fragment(struct json_writer *w, const struct doctor_answer *a)
{
	json_begin_object(w);
	json_key(w, "names");
	json_begin_array(w);
	for (size_t i = 0; i < a->n_calls; i++)
		json_write_string(w, a->calls[i]);
	json_end_array(w);
	json_member_string(w, "action", "SCMP_ACT_ALLOW");
	json_end_object(w);
}

static void print_remedies(const struct doctor_answer *a)
{
	if (a->n_remedies)
		printf("\nWhat to change, least privilege first:\n");
	for (size_t i = 0; i < a->n_remedies; i++) {
		_cleanup_(strbuf_done) struct strbuf text = { 0 };
		struct json_writer w = json_writer(&text, JSON_LINE);

		printf("%3zu. %s\n", i + 1, a->remedies[i]);
		if (!doctor_remedy_has_fragment(a->remedies[i]))
			continue;
		write_fragment(&w, a);
		printf("     %s\n", strbuf_text(&text));
	}
}

/* The reason and the hint are said once for all that are refused by the same rule. */
static bool was_said(const struct doctor_answer *a, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (a->checks[j].error.rule == a->checks[i].error.rule)
			return true;
	return false;
}

static void print_findings(const struct doctor_answer *a)
{
	for (size_t i = 0; i < a->n_checks; i++) {
		struct mpol_finding f = { a->checks[i].verdict == DOCTOR_REFUSED ? MPOL_REFUSED
										 : MPOL_NOTE,
					  a->checks[i].error };
		struct mpol_rule shortened;

		if (!f.error.rule)
			continue;
		if (was_said(a, i)) {
			shortened = *f.error.rule;
			shortened.why = "For the same reason.";
			shortened.hint = NULL;
			f.error.rule = &shortened;
		}
		cli_print_finding(stdout, &f);
	}
}

static void print_text(const struct doctor_facts *f, const struct doctor_answer *a)
{
	printf("%-16s%s, %s%u node%s\n", "kernel", *f->kernel ? f->kernel : "unknown",
	       f->has_nodes ? "" : "no NUMA: ", f->n_nodes, f->n_nodes == 1 ? "" : "s");
	print_process(f);
	for (size_t i = 0; i < a->n_checks; i++)
		print_row(a->checks[i].name, verdicts[a->checks[i].verdict]);
	print_findings(a);
	print_remedies(a);
}

static void write_check(struct json_writer *w, const struct doctor_check *c)
{
	bool said = c->error.rule;

	json_begin_object(w);
	json_member_string(w, "name", c->name);
	json_member_string(w, "verdict",
			   c->verdict == DOCTOR_UNKNOWN ? NULL : verdicts[c->verdict]);
	json_member_string(w, "rule", said ? c->error.rule->id : NULL);
	json_member_string(w, "what", said ? c->error.what : NULL);
	json_member_string(w, "why", said ? c->error.rule->why : NULL);
	json_member_string(w, "hint", said ? mpol_error_hint(&c->error) : NULL);
	json_end_object(w);
}

static void write_facts(struct json_writer *w, const struct doctor_facts *f)
{
	static const char *const modes[] = { "none", "strict", "filter" };

	json_member_string(w, "kernel", *f->kernel ? f->kernel : NULL);
	json_member_uint(w, "nodes", f->n_nodes);
	json_member_bool(w, "tried", f->tried);
	json_key(w, "process");
	if (!f->status_known) {
		json_write_null(w);
		return;
	}
	json_begin_object(w);
	json_member_uint(w, "user", f->uid);
	json_member_string(w, "seccomp", modes[MIN(f->seccomp, 2)]);
	json_member_uint(w, "seccomp_filters", f->seccomp_filters);
	json_member_bool(w, "no_new_privs", f->no_new_privs);
	json_member_bool(w, "cap_sys_nice", doctor_has_capability(f, DOCTOR_CAP_SYS_NICE));
	json_member_bool(w, "cap_sys_ptrace", doctor_has_capability(f, DOCTOR_CAP_SYS_PTRACE));
	json_key(w, "yama_ptrace_scope");
	if (f->yama >= 0)
		json_write_int(w, f->yama);
	else
		json_write_null(w);
	json_member_bool(w, "selinux_deny_ptrace", f->selinux_deny);
	json_member_string(w, "label", *f->label ? f->label : NULL);
	json_member_string(w, "cgroup", *f->cgroup ? f->cgroup : NULL);
	json_end_object(w);
}

static void print_json(const struct doctor_facts *f, const struct doctor_answer *a)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	struct json_writer w = json_writer(&text, JSON_INDENTED);

	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "doctor");
	write_facts(&w, f);
	json_key(&w, "checks");
	json_begin_array(&w);
	for (size_t i = 0; i < a->n_checks; i++)
		write_check(&w, &a->checks[i]);
	json_end_array(&w);
	json_key(&w, "remedies");
	json_begin_array(&w);
	for (size_t i = 0; i < a->n_remedies; i++)
		json_write_string(&w, a->remedies[i]);
	json_end_array(&w);
	json_key(&w, "seccomp_fragment");
	if (a->n_calls)
		write_fragment(&w, a);
	else
		json_write_null(&w);
	json_end_object(&w);
	json_newline(&w);
	fputs(strbuf_text(&text), stdout);
}

static bool any_refused(const struct doctor_answer *a)
{
	for (size_t i = 0; i < a->n_checks; i++)
		if (a->checks[i].verdict == DOCTOR_REFUSED)
			return true;
	return false;
}

static int run(const struct cli_args *args)
{
	_cleanup_close_ int root_fd = -1;
	struct doctor_facts facts;
	struct doctor_answer answer;

	if (args->argc)
		return cli_usage(args, "unexpected '%s'", args->argv[0]);
	root_fd = cli_root(args);
	if (root_fd < 0)
		return CLI_USAGE;
	doctor_look(root_fd, &facts);
	doctor_judge(&facts, &answer);
	if (cli_has(args, "json"))
		print_json(&facts, &answer);
	else
		print_text(&facts, &answer);
	return any_refused(&answer) ? CLI_NOT_DONE : CLI_DONE;
}

static const struct cli_option options[] = {
	{ "root", 0, "DIR",
	  "look at a recorded machine: a folder with its sys/ and proc/; no call is made" },
	{ "json", 'j', NULL, "answer as JSON" },
	{ NULL, 0, NULL, NULL },
};

const struct cli_command cmd_doctor = {
	.name = "doctor",
	.synopsis = "[--root DIR] [--json]",
	.summary = "tells what this process may do with memory policies, what stops it, and what to "
		   "change",
	.details = "Each system call is tried in a scratch process. When something is refused, the "
		   "part of the system that refuses it is\n"
		   "named (seccomp filter, capability, Yama, security module, kernel, cgroup), and "
		   "the remedies, least privilege first.",
	.options = options,
	.run = run,
};
