/* SPDX-License-Identifier: MIT */
/* `mpol check`: the kernel's answer to a policy, with its reason, before it is asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpol/check.h>
#include <mpol/notation.h>
#include <mpol/predict.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/check-answer.h"
#include "cli/check-batch.h"
#include "cli/commands.h"
#include "cli/policy.h"

static const struct mpol_rule rule_then_mems = {
	"then-mems",
	EINVAL,
	"What follows each change of the cpuset is told, and there is room for so many answers.",
	"ask about fewer changes at once",
	NULL,
	NULL,
};

static int read_profile(const struct cli_args *args, enum mpol_profile *ret)
{
	static const char *const names[] = {
		[MPOL_PROFILE_KERNEL] = "kernel", [MPOL_PROFILE_OCI] = "oci"
	};
	const char *name = cli_value(args, "profile");

	*ret = MPOL_PROFILE_KERNEL;
	if (!name)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (STREQ(names[i], name)) {
			*ret = (enum mpol_profile)i;
			return 0;
		}
	return cli_usage(args, "there is no profile '%s': kernel, oci", name);
}

/* --mems: what the cpuset allows is there, and has memory. */
static int assume_mems(const char *text, struct mpol_machine *m, struct mpol_error *err)
{
	struct mpol_nodeset mems;
	int r = mpol_nodes_parse(text, &mems, err);

	if (r < 0) {
		mpol_error_within(err, "--mems");
		return r;
	}
	m->mems_allowed = mems;
	m->with_memory = mpol_nodes_or(&m->with_memory, &mems);
	m->online = mpol_nodes_or(&m->online, &mems);
	m->possible = mpol_nodes_or(&m->possible, &mems);
	return 0;
}

static int assume(const struct cli_args *args, struct mpol_machine *m, struct mpol_error *err)
{
	const char *kernel = cli_value(args, "kernel"), *mems = cli_value(args, "mems"),
		   *cpus = cli_value(args, "cpus");
	int r = 0;

	if (kernel) {
		r = mpol_kernel_from_version(kernel, &m->kernel, err);
		if (r < 0)
			mpol_error_within(err, "--kernel");
	}
	if (r == 0 && mems)
		r = assume_mems(mems, m, err);
	if (r == 0 && cpus) {
		r = mpol_cpus_parse(cpus, &m->cpus_allowed, err);
		if (r < 0)
			mpol_error_within(err, "--cpus");
	}
	return r;
}

static int read_then_mems(const struct cli_args *args, struct check_context *c,
			  struct mpol_error *err)
{
	const char *text;

	for (; (text = cli_value_n(args, "then-mems", c->n_moves)); c->n_moves++) {
		int r;

		if (c->n_moves == ELEMENTSOF(c->moves))
			return mpol_fail(err, &rule_then_mems, "--then-mems", "more than %zu times",
					 ELEMENTSOF(c->moves));
		r = mpol_nodes_parse(text, &c->moves[c->n_moves], err);
		if (r < 0) {
			mpol_error_within(err, "--then-mems");
			return r;
		}
	}
	return 0;
}

static bool may_warn(const struct cli_args *args, const struct mpol_finding *f)
{
	const char *id;

	for (size_t i = 0; (id = cli_value_n(args, "allow", i)); i++)
		if (STREQ(id, f->error.rule->id))
			return true;
	return false;
}

/* With --strict a warning refuses, unless it is one of --allow. */
static bool is_refused(const struct cli_args *args, const struct check_answer *a)
{
	for (size_t i = 0; i < a->n_findings; i++) {
		if (a->findings[i].severity == MPOL_REFUSED)
			return true;
		if (cli_has(args, "strict") && a->findings[i].severity == MPOL_WARNING &&
		    !may_warn(args, &a->findings[i]))
			return true;
	}
	return false;
}

/* Answers one policy; worse is the exit code so far. */
static int check_one(const struct cli_args *args, struct check_context *c, struct check_output *out,
		     const char *text, const struct mpol_policy_expr *e, int worse)
{
	static struct check_answer a; /* large */

	check_policy(c, text, e, &a);
	a.refused = is_refused(args, &a);
	check_print(out, c, &a);
	return a.refused && worse == CLI_DONE ? CLI_NOT_DONE : worse;
}

/* numactl's options, as they were given. */
static void options_text(const struct cli_args *args, struct strbuf *text)
{
	for (size_t i = 0; i < args->n_given; i++) {
		const struct cli_given *g = &args->given[i];

		if (cli_is_policy_option(g->option->name))
			strbuf_printf(text, "%s--%s%s%s", text->len ? " " : "", g->option->name,
				      g->value ? "=" : "", g->value ? g->value : "");
	}
}

static int check_all(const struct cli_args *args, struct check_context *c, struct check_output *out)
{
	static struct mpol_policy_expr e; /* large */
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	struct mpol_error err;
	int code = CLI_DONE;

	if (cli_has_policy_options(args)) {
		options_text(args, &text);
		if (cli_policy_of_options(args, &e, &err) < 0) {
			(void)cli_report(&err);
			code = CLI_USAGE;
		} else {
			code = check_one(args, c, out, strbuf_text(&text), &e, code);
		}
	}
	for (int i = 0; i < args->argc; i++) {
		if (mpol_policy_parse(args->argv[i], &e, &err) < 0) {
			(void)cli_report(&err);
			code = CLI_USAGE;
			continue;
		}
		code = check_one(args, c, out, args->argv[i], &e, code);
	}
	return code;
}

static int answer_all(const struct cli_args *args, struct check_context *c)
{
	struct check_output out;
	int code;

	check_begin(&out, c, cli_has(args, "json"));
	code = check_all(args, c, &out);
	if (check_end(&out) == 0)
		return code;
	return cli_no_memory();
}

/* A recording cannot be asked: its kernel's version was given with it. */
static void know_recorded_kernel(struct mpol_machine *m)
{
	char release[sizeof(m->kernel.release)];

	memcpy(release, m->kernel.release, sizeof(release));
	(void)mpol_kernel_from_version(release, &m->kernel, NULL); /* else it stays unknown */
}

static int run_batch(const struct cli_args *args, enum mpol_profile profile)
{
	int r;

	if (args->argc > 0)
		return cli_usage(
			args,
			"--jsonl reads its questions from standard input, and takes no POLICY");
	r = batch_run(STDIN_FILENO, STDOUT_FILENO, profile);
	if (r < 0)
		fprintf(stderr, "mpol check: --jsonl: %s\n", strerror(-r));
	return r == 0 ? CLI_DONE : CLI_USAGE;
}

static int run(const struct cli_args *args)
{
	_cleanup_(mpol_machine_done) struct mpol_machine machine = { 0 };
	_cleanup_close_ int root_fd = -1;
	struct check_context c = { .machine = &machine };
	struct mpol_error err;
	const char *id;
	int r = read_profile(args, &c.profile);

	if (r)
		return r;
	if (cli_has(args, "jsonl"))
		return run_batch(args, c.profile);
	if (args->argc == 0 && !cli_has_policy_options(args))
		return cli_usage(args, "a POLICY is missing");
	for (size_t i = 0; (id = cli_value_n(args, "allow", i)); i++)
		if (!mpol_rule_find(id))
			return cli_usage(args, "there is no rule '%s': see mpol rules", id);
	root_fd = cli_root(args);
	if (root_fd < 0)
		return CLI_USAGE;
	c.root_fd = root_fd;
	r = mpol_machine_read(root_fd, 0, &machine, &err);
	if (r == 0 && !machine.kernel.known && *machine.kernel.release && cli_has(args, "root"))
		know_recorded_kernel(&machine);
	if (r == 0)
		r = assume(args, &machine, &err);
	if (r == 0)
		r = read_then_mems(args, &c, &err);
	if (r < 0) {
		(void)cli_report(&err);
		return CLI_USAGE;
	}
	return answer_all(args, &c);
}

static const struct cli_option options[] = {
	CLI_POLICY_OPTIONS,
	{ "profile", 0, "NAME",
	  "whose rules decide: kernel (set_mempolicy(2), the default) or oci (container "
	  "runtimes)" },
	{ "then-mems", 't', "LIST",
	  "the cpuset's nodes change to LIST afterwards; may be repeated, in order" },
	{ "strict", 's', NULL, "a warning refuses, too" },
	{ "allow", 'a', "RULE", "with --strict, this rule may warn; may be repeated" },
	{ "kernel", 'k', "VERSION", "assume this kernel instead of asking the running one" },
	{ "mems", 0, "LIST",
	  "assume that the cpuset allows these nodes, and that they have memory" },
	{ "cpus", 0, "LIST", "assume that the task may run on these CPUs" },
	{ "root", 0, "DIR", "read the machine below DIR (a recording) instead of /" },
	{ "json", 'j', NULL, "answer as JSON" },
	{ "jsonl", 0, NULL,
	  "batch: a JSON question a line on standard input, an answer a line; see mpol-check(1)" },
	{ NULL, 0, NULL, NULL },
};

const struct cli_command cmd_check = {
	.name = "check",
	.synopsis = "[OPTION…] [POLICY…]",
	.summary =
		"says whether a policy may be applied, what the kernel would make of it, and why",
	.details = "Nothing is applied. The running kernel is asked what it supports, in a scratch "
		   "process, and the cpuset of this\n"
		   "process counts. A POLICY is written as mpol-policy(7) says: bind:0-1, "
		   "interleave=static:all, @config.json.",
	.options = options,
	.run = run,
};
