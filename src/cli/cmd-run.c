/* SPDX-License-Identifier: MIT */
/*
 * mpol run: sets the state, then execs. No child, no output, the command's own exit code.
 * Everything is parsed before anything is applied.
 *
 * Start-up is short because nothing is read that is not asked about: a policy of numbered nodes
 * costs the system calls that apply it and two that ask what it became. Only when the kernel
 * refused it, or made less of it than was asked, are files read to say why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/apply.h>
#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/policy-where.h"
#include "cli/policy.h"
#include "cli/run-cpus.h"
#include "machine/read.h"

#define EXIT_OURS	    125 /* our failure before exec, as env(1) and timeout(1) have it */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND	    127

static const struct mpol_rule rule_not_found = {
	"command-not-found",
	ENOENT,
	"A command without a slash is looked for in the folders of $PATH.",
	"check the name, or give the path",
	"execvp(3)",
	NULL,
};
static const struct mpol_rule rule_not_executable = {
	"command-not-executable",
	EACCES,
	"A command is a file that may be executed and whose format the kernel knows.",
	"check its permissions, and the architecture it was built for",
	"execve(2)",
	NULL,
};

static const struct cli_option options[] = {
	{ "policy", 'p', "POLICY",
	  "the memory policy: bind:0-1, interleave:all, … see mpol-policy(7)" },
	{ "cpus", 'c', "LIST", "run on these CPUs only, 0-3,7" },
	{ "node", 'n', "NODES", "run on the CPUs of these nodes only" },
	{ "dry-run", 0, NULL, "check and tell what would be done, and do nothing" },
	{ "verbose", 'v', NULL, "tell every finding, not only what the kernel silently changes" },
	{ NULL },
};

struct plan {
	int root_fd;
	bool has_policy, has_cpus, verbose;
	const char *place; /* the option that named the CPUs, for messages */
	const char *text;  /* of the policy */
	struct mpol_policy_expr expr;
	struct mpol_policy policy; /* resolved */
	struct mpol_cpus cpus;
};

static int refuse(struct mpol_error *err, const char *where)
{
	mpol_error_within(err, where);
	(void)cli_report(err); /* our code is another */
	return EXIT_OURS;
}

/* 0, or the exit code. */
static int parse(const struct cli_args *args, struct plan *plan)
{
	const char *policy = cli_value(args, "policy"), *cpus = cli_value(args, "cpus"),
		   *node = cli_value(args, "node");
	struct mpol_error err = { 0 };

	if (cpus && node)
		return cli_usage(args, "--cpus and --node exclude one another");
	plan->verbose = cli_has(args, "verbose");
	plan->has_policy = policy != NULL;
	plan->text = policy;
	plan->has_cpus = cpus || node;
	plan->place = node ? "--node" : "--cpus";
	if (policy && mpol_policy_parse(policy, &plan->expr, &err) < 0)
		return refuse(&err, "--policy");
	if (cpus && mpol_cpus_parse(cpus, &plan->cpus, &err) < 0)
		return refuse(&err, "--cpus");
	if (node && run_cpus_of_nodes(plan->root_fd, node, &plan->cpus, &err) < 0)
		return refuse(&err, "--node");
	return 0;
}

/* Sets such as "all" and "cpu" mean what this task may use, on the CPUs it will run on. */
static int resolve(struct plan *plan)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_error err = { 0 };
	int r;

	if (mpol_nodes_expr_is_literal(&plan->expr.nodes)) {
		plan->policy = (struct mpol_policy){ .mode = plan->expr.mode,
						     .flags = plan->expr.flags,
						     .nodes = plan->expr.nodes.nodes };
		return 0;
	}
	r = machine_read_topology(plan->root_fd, &m, &err);
	if (r == 0)
		r = machine_read_task(plan->root_fd, 0, &m, &err);
	if (r == 0 && plan->has_cpus)
		m.cpus_allowed = mpol_cpus_and(&plan->cpus, &m.cpus_online);
	if (r == 0)
		r = mpol_policy_resolve(plan->root_fd, &m, &plan->expr, &plan->policy, &err);
	return r < 0 ? refuse(&err, "--policy") : 0;
}

/* What the kernel keeps is less than what was asked for; by two system calls, and no file. */
static bool silently_reduced(const struct mpol_policy *p)
{
	struct mpol_nodeset mems;
	struct mpol_policy now;

	if (mpol_current_mems(&mems, NULL) < 0 || mpol_current(&now, NULL) < 0)
		return false;
	if (p->mode == MPOL_MODE_DEFAULT)
		return p->flags != 0;
	if (p->flags & MPOL_FLAG_RELATIVE_NODES)
		return mpol_nodes_last(&p->nodes) >= (int)mpol_nodes_count(&mems) ||
		       (p->mode == MPOL_MODE_PREFERRED && mpol_nodes_count(&p->nodes) > 1);
	if (!mpol_nodes_subset(&p->nodes, &mems))
		return true;
	return !mpol_nodes_equal(&p->nodes, &now.nodes);
}

#define MAX_FINDINGS 32

/* Prints findings to stderr; whether one of them refuses. */
static bool print_findings(const struct plan *plan, const struct mpol_machine *m, bool all)
{
	struct mpol_finding findings[MAX_FINDINGS];
	int n = mpol_check(&plan->policy, m, findings, ELEMENTSOF(findings));
	bool refused = false;

	for (int i = 0; i < n && i < MAX_FINDINGS; i++) {
		struct mpol_finding *f = &findings[i];

		refused = refused || f->severity == MPOL_REFUSED;
		if (!all && f->severity != MPOL_REFUSED && !cli_tells_reduction(f->error.rule))
			continue;
		policy_where(plan->text, &f->error);
		mpol_error_within(&f->error, "--policy");
		cli_print_finding(stderr, f);
	}
	return refused;
}

static void warn(const struct plan *plan)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_error err = { 0 };

	if (mpol_machine_read(plan->root_fd, 0, &m, &err) == 0)
		(void)print_findings(plan, &m, plan->verbose); /* accepted already */
	else
		(void)cli_report(&err); /* the policy is in force; only the reason is missing */
}

static int apply(const struct plan *plan)
{
	struct mpol_error err = { 0 };
	int r = plan->has_cpus ? run_cpus_apply(plan->root_fd, &plan->cpus, &err) : 0;

	if (r < 0)
		return refuse(&err, plan->place);
	if (r > 0) {
		mpol_error_within(&err, plan->place);
		cli_print_finding(stderr, &(struct mpol_finding){ MPOL_WARNING, err });
	}
	if (!plan->has_policy)
		return 0;
	if (mpol_apply(&plan->policy, &err) < 0) {
		policy_where(plan->text, &err);
		return refuse(&err, "--policy");
	}
	if (plan->verbose || silently_reduced(&plan->policy))
		warn(plan);
	return 0;
}

static int exec(char **argv)
{
	struct mpol_error err = { 0 };
	int errnum;

	execvp(argv[0], argv);
	errnum = errno;
	if (errnum != ENOENT && errnum != ENOTDIR) {
		(void)mpol_fail_errno(&err, &rule_not_executable, errnum, argv[0], "%s",
				      strerror(errnum));
		(void)cli_report(&err); /* our code is another */
		return EXIT_NOT_EXECUTABLE;
	}
	(void)mpol_fail_errno(&err, &rule_not_found, errnum, argv[0], "there is no such command");
	if (strchr(argv[0], '/') && access(argv[0], F_OK) == 0)
		(void)mpol_hint(&err, "the file is there, but the interpreter that its first line "
				      "or header names is not");
	(void)cli_report(&err);
	return EXIT_NOT_FOUND;
}

static void print_plan(const struct plan *plan, char **argv)
{
	char policy[MPOL_POLICY_TEXT], cpus[MPOL_CPUS_TEXT];

	if (plan->has_cpus) {
		(void)mpol_cpus_print(&plan->cpus, cpus, sizeof(cpus)); /* fit by definition */
		printf("CPUs     %s\n", cpus);
	}
	if (plan->has_policy) {
		(void)mpol_policy_print(&plan->policy, policy, sizeof(policy));
		printf("policy   %s\n", policy);
	}
	printf("command ");
	for (; *argv; argv++)
		printf(" %s", *argv);
	printf("\n");
}

static int dry_run(const struct plan *plan, char **argv)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_error err = { 0 };

	if (mpol_machine_read(plan->root_fd, 0, &m, &err) < 0)
		return refuse(&err, "");
	if (plan->has_cpus)
		m.cpus_allowed = mpol_cpus_and(&plan->cpus, &m.cpus_online);
	print_plan(plan, argv);
	return plan->has_policy && print_findings(plan, &m, true) ? EXIT_OURS : 0;
}

static int run(const struct cli_args *args)
{
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct plan plan = { .root_fd = root_fd };
	int code;

	if (args->argc == 0)
		return cli_usage(args, "a command is missing");
	code = parse(args, &plan);
	if (code == 0 && plan.has_policy)
		code = resolve(&plan);
	if (code == 0 && cli_has(args, "dry-run"))
		return dry_run(&plan, args->argv);
	if (code == 0)
		code = apply(&plan);
	return code ? code : exec(args->argv);
}

const struct cli_command cmd_run = {
	.name = "run",
	.synopsis = "[--policy POLICY] [--cpus LIST | --node NODES] [--dry-run] [-v] [--] CMD "
		    "[ARGUMENT…]",
	.summary = "runs a command under a memory policy, on given CPUs",
	.details = "Ends as the command does. 125: not started, the policy or the CPUs were "
		   "refused; 126: the command "
		   "cannot be executed; 127: there is no such command.",
	.options = options,
	.execs = true,
	.usage_exit = EXIT_OURS,
	.run = run,
};
