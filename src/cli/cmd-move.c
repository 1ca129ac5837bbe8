/* SPDX-License-Identifier: MIT */
/* mpol move: the pages of running processes go to other nodes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpol/live.h>
#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/move-view.h"
#include "cli/size.h"

static const struct cli_option options[] = {
	{ "to", 't', "NODES", "where the pages are to be: one node, or several in turn" },
	{ "from", 'f', "NODES",
	  "move only the pages that lie there; all: spread them evenly over --to" },
	{ "rate", 'r', "RATE",
	  "at most so much a second: 2GiB/s; otherwise half the time is left to the process" },
	{ "shared", 0, NULL, "also pages that other processes map (CAP_SYS_NICE)" },
	{ "dry-run", 'n', NULL, "check and tell where the pages are, and move nothing" },
	{ "json", 'j', NULL, "print JSON" },
	{ NULL },
};

static const struct mpol_rule rule_full = {
	"move-node-full",
	ENOMEM,
	"A page is moved only to a free page of the target node; the kernel does not make room for "
	"it.",
	"free memory there, name more nodes, or move in the other direction what is not needed "
	"there",
	"mm/migrate.c alloc_migration_target(), __GFP_THISNODE",
	NULL,
};

static const struct mpol_rule rule_from = {
	"move-from-absent",
	EINVAL,
	"Pages lie on nodes that exist; from another one there would be nothing to move.",
	"mpol show PID tells where the pages are; --from all names every node",
	NULL,
	NULL,
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static int on_progress(void *context, const struct mpol_move_result *so_far)
{
	move_view_progress(context, so_far, interrupted);
	return interrupted;
}

struct request {
	int root_fd;
	bool dry_run;
	bool has_from;
	int n, *pids;
	struct mpol_nodes_expr to, from;
	struct mpol_move_options options;
};

static void request_done(struct request *q)
{
	free(q->pids);
}

/* 0, or the exit code. */
static int parse_nodes(const char *text, const char *option, struct mpol_nodes_expr *ret)
{
	struct mpol_error err = { 0 };

	if (mpol_nodes_expr_parse(text, ret, &err) == 0)
		return 0;
	mpol_error_within(&err, option);
	(void)cli_report(&err); /* our code is another */
	return CLI_USAGE;
}

/* All of them, before anything is moved. */
static int parse_pids(const struct cli_args *args, struct request *q)
{
	struct mpol_error err = { 0 };

	if (args->argc == 0)
		return cli_usage(args, "a PID is missing");
	q->pids = calloc((size_t)args->argc, sizeof(*q->pids));
	if (!q->pids)
		return cli_no_memory();
	for (; q->n < args->argc; q->n++)
		if (cli_parse_pid(args->argv[q->n], &q->pids[q->n], &err) < 0)
			return cli_usage(args, "%s", err.what);
	return 0;
}

static int parse(const struct cli_args *args, struct request *q)
{
	const char *rate = cli_value(args, "rate"), *to = cli_value(args, "to"),
		   *from = cli_value(args, "from");
	int code;

	q->has_from = from != NULL;
	q->dry_run = cli_has(args, "dry-run");
	q->options.shared = cli_has(args, "shared");
	if (!to)
		return cli_usage(args, "--to is missing: where should the pages go?");
	if (rate && !cli_parse_size(rate, true, &q->options.rate))
		return cli_usage(args, "--rate is an amount of memory a second, 2GiB/s, not '%s'",
				 rate);
	code = parse_pids(args, q);
	if (code)
		return code;
	code = parse_nodes(to, "--to", &q->to);
	return code || !from ? code : parse_nodes(from, "--from", &q->from);
}

/* Pages lie only on nodes that there can be. */
static int check_from(const struct mpol_nodeset *from, const struct mpol_nodeset *possible,
		      struct mpol_error *err)
{
	struct mpol_nodeset absent = mpol_nodes_minus(from, possible);
	char rest[MPOL_NODES_TEXT], all[MPOL_NODES_TEXT];

	if (mpol_nodes_empty(&absent))
		return 0;
	(void)mpol_nodes_print(&absent, rest, sizeof(rest)); /* these fit by definition */
	(void)mpol_nodes_print(possible, all, sizeof(all));
	return mpol_fail(err, &rule_from, "", "there is no node %s (possible: %s)", rest, all);
}

/* "all" in --from is every node there is, not only those the process may use: it may have pages
 * there from before. */
static int resolve(const struct request *q, pid_t pid, struct mpol_nodeset *ret_to,
		   struct mpol_nodeset *ret_from, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	const char *option = "--to";
	int r = mpol_machine_read(q->root_fd, pid, &m, err);

	*ret_from = (struct mpol_nodeset){ { 0 } };
	if (r < 0)
		return r;
	r = mpol_nodes_resolve(q->root_fd, &m, NULL, &q->to, ret_to, err);
	if (r == 0 && q->has_from) {
		option = "--from";
		m.mems_allowed = m.possible;
		r = mpol_nodes_resolve(q->root_fd, &m, NULL, &q->from, ret_from, err);
		if (r == 0)
			r = check_from(ret_from, &m.possible, err);
	}
	if (r < 0)
		mpol_error_within(err, option);
	return r;
}

static int move_one(const struct request *q, pid_t pid, struct move_view *view,
		    struct mpol_move_result *ret, struct mpol_error *err)
{
	struct mpol_move_options how = q->options;
	struct mpol_nodeset to;
	int r = resolve(q, pid, &to, &how.from, err);

	memset(ret, 0, sizeof(*ret));
	ret->pid = pid;
	if (r < 0)
		return r;
	how.progress = on_progress;
	how.context = view;
	r = (q->dry_run ? mpol_move_plan : mpol_move)(q->root_fd, pid, &to, &how, ret, err);
	move_view_progress_end(view);
	if (r == 0 && ret->left[MPOL_LEFT_FULL])
		return mpol_fail(err, &rule_full, "",
				 "process %d: there was no free page for %llu MiB", pid,
				 (unsigned long long)ret->left[MPOL_LEFT_FULL] >> 20);
	return r;
}

static int move_all(const struct request *q, struct move_view *view)
{
	_cleanup_free_ struct mpol_move_result *result = malloc(sizeof(*result));
	int code = CLI_DONE;

	if (!result)
		return cli_no_memory();
	for (int i = 0; i < q->n && !interrupted; i++) {
		struct mpol_error err = { 0 };

		(void)move_one(q, q->pids[i], view, result, &err); /* err tells */
		move_view_result(view, result, &err);
		if (err.errnum)
			code = cli_report(&err);
	}
	return code;
}

static int run(const struct cli_args *args)
{
	_cleanup_close_ int root = -1;
	struct sigaction action = { .sa_handler = on_interrupt };
	_cleanup_(request_done) struct request q = { 0 };
	struct move_view view;
	int code = parse(args, &q);

	if (code)
		return code;
	root = cli_root(args);
	if (root < 0)
		return CLI_USAGE;
	q.root_fd = root;
	(void)sigaction(SIGINT, &action, NULL); /* these cannot fail for these signals */
	(void)sigaction(SIGTERM, &action, NULL);
	move_view_begin(&view, cli_has(args, "json"), q.dry_run);
	code = move_all(&q, &view);
	return move_view_end(&view) ? code : CLI_NOT_DONE;
}

const struct cli_command cmd_move = {
	.name = "move",
	.synopsis = "--to NODES [--from NODES] [--rate RATE] [--shared] [--dry-run] [--json] PID…",
	.summary =
		"moves the pages of running processes to other nodes, and verifies where they are",
	.details = "Pages move in batches, with pauses, while the process runs. Interrupted, start "
		   "it again: what has arrived is "
		   "not moved twice.",
	.options = options,
	.run = run,
};
