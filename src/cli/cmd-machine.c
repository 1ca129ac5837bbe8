/* SPDX-License-Identifier: MIT */
/* mpol machine: what is here to place memory on. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/machine-view.h"

static const struct cli_option options[] = {
	{ "root", 0, "DIR", "read a recorded machine: a folder with its sys/ and proc/" },
	{ "pid", 'p', "PID", "tell what that process may use, instead of this one" },
	{ "json", 'j', NULL, "print JSON" },
	{ NULL },
};

static int print(const struct cli_args *args, const struct mpol_machine *m, pid_t pid)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	struct view_style style = view_style_of(STDOUT_FILENO);

	if (cli_has(args, "json"))
		machine_view_json(m, pid, &out);
	else
		machine_view_text(m, pid, &style, &out);
	if (out.failed) {
		fprintf(stderr, "mpol: out of memory\n");
		return CLI_NOT_DONE;
	}
	fputs(strbuf_text(&out), stdout);
	return CLI_DONE;
}

static int run(const struct cli_args *args)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = -1;
	struct mpol_error err = { 0 };
	int pid = 0;

	if (args->argc)
		return cli_usage(args, "unexpected '%s'", args->argv[0]);
	if (cli_value(args, "pid") && cli_parse_pid(cli_value(args, "pid"), &pid, &err) < 0)
		return cli_usage(args, "--pid: %s", err.what);
	root = cli_root(args);
	if (root < 0)
		return CLI_USAGE;
	if (mpol_machine_read(root, pid, &m, &err) < 0)
		return cli_report(&err);
	return print(args, &m, pid);
}

const struct cli_command cmd_machine = {
	.name = "machine",
	.synopsis = "[--root DIR] [--pid PID] [--json]",
	.summary = "tells the nodes, CPUs, memory, distances, and what may be used",
	.options = options,
	.run = run,
};
