/* SPDX-License-Identifier: MIT */
/* mpol machine: what is here to place memory on. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/machine-view.h"
#include "harness/host.h"

static const struct cli_option options[] = {
	{ "root", 0, "DIR", "read a recorded machine: a folder with its sys/ and proc/" },
	{ "pid", 'p', "PID", "tell what that process may use, instead of this one" },
	{ "json", 'j', NULL, "print JSON" },
	{ "shape", 0, NULL, "print the shape of the nearest virtual machine, for mpol vm" },
	{ NULL },
};

/* A file for mpol vm and mpol test --on: what became of the machine as comments, and the shape. */
static int print_shape(const struct mpol_machine *m)
{
	_cleanup_close_ int here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ struct vm_nearest *nearest = calloc(1, sizeof(*nearest));
	const struct vm_shape_limits limits = host_limits(here, VM_ACCEL_AUTO);
	_cleanup_(strbuf_done) struct strbuf told = { 0 };
	_cleanup_free_ char *shape = NULL;
	struct mpol_error err = { 0 };
	int r = nearest ? vm_shape_nearest(m, &limits, nearest, &err) : -ENOMEM;

	if (nearest && r == 0) {
		shape = vm_shape_print(&nearest->shape);
		vm_nearest_tell(nearest, &told);
		vm_nearest_done(nearest);
	}
	if (r < 0)
		return cli_report(&err);
	if (!shape || told.failed)
		return cli_no_memory();
	fputs("# ", stdout);
	for (const char *p = strbuf_text(&told); *p; p++) {
		putchar(*p);
		if (*p == '\n')
			fputs("# ", stdout);
	}
	printf("\n%s\n", shape);
	return CLI_DONE;
}

static int print(const struct cli_args *args, const struct mpol_machine *m, pid_t pid)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	struct view_style style = view_style_of(STDOUT_FILENO);

	if (cli_has(args, "json"))
		machine_view_json(m, pid, &out);
	else
		machine_view_text(m, pid, &style, &out);
	return cli_answer(&out);
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
	if (cli_has(args, "shape") && cli_has(args, "json"))
		return cli_usage(args, "--shape and --json exclude each other");
	root = cli_root(args);
	if (root < 0)
		return CLI_USAGE;
	if (mpol_machine_read(root, pid, &m, &err) < 0)
		return cli_report(&err);
	if (cli_has(args, "shape"))
		return print_shape(&m);
	return print(args, &m, pid);
}

const struct cli_command cmd_machine = {
	.name = "machine",
	.synopsis = "[--root DIR] [--pid PID] [--json|--shape]",
	.summary = "tells the nodes, CPUs, memory, distances, and what may be used",
	.options = options,
	.run = run,
};
