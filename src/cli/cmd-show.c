/* SPDX-License-Identifier: MIT */
/* mpol show: where the pages are, against the policy in force. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/show.h"
#include "machine/read.h"
#include "oci/container.h"

static const struct cli_option options[] = {
	{ "cgroup", 'c', "PATH",
	  "the processes of a cgroup and of those below it, and the memory charged to it" },
	{ "container", 0, "ID", "the processes of a container, by its id" },
	{ "tree", 't', "PID", "a process and all its descendants" },
	{ "exact", 0, NULL, "read every page, also of processes above 2 GiB" },
	{ "sample", 0, "[=N]", "sample N resident pages (16384), also of processes below 2 GiB" },
	{ "root", 0, "DIR", "read a recorded machine: a folder with its sys/ and proc/" },
	{ "json", 'j', NULL, "print JSON" },
	{ NULL },
};

/* What is asked about. Each source of processes is a row; further ones are added here. */
struct show_asked {
	struct show_pids pids;
	struct show_cgroup cgroup;
	bool has_cgroup;
	char container[4096]; /* its cgroup's path */
	bool named; /* a process was named: its absence is an error, not an end meanwhile */
};

static int find_by_cgroup(int root_fd, const char *value, struct show_asked *a,
			  struct mpol_error *err)
{
	a->has_cgroup = true;
	return show_find_cgroup(root_fd, value, &a->pids, &a->cgroup, err);
}

static int find_by_container(int root_fd, const char *value, struct show_asked *a,
			     struct mpol_error *err)
{
	int r = oci_container_cgroup(root_fd, value, a->container, sizeof(a->container), err);

	return r < 0 ? r : find_by_cgroup(root_fd, a->container, a, err);
}

static int find_by_tree(int root_fd, const char *value, struct show_asked *a,
			struct mpol_error *err)
{
	int pid, r = cli_parse_pid(value, &pid, err);

	return r < 0 ? r : show_find_tree(root_fd, pid, &a->pids, err);
}

static const struct {
	const char *option;
	int (*find)(int root_fd, const char *value, struct show_asked *a, struct mpol_error *err);
} sources[] = {
	{ "cgroup", find_by_cgroup },
	{ "container", find_by_container },
	{ "tree", find_by_tree },
};

static int find_operands(const struct cli_args *args, struct show_asked *a, struct mpol_error *err)
{
	a->named = args->argc > 0;
	for (int i = 0; i < args->argc; i++) {
		int pid, r = cli_parse_pid(args->argv[i], &pid, err);

		if (r == 0)
			r = show_pids_add(&a->pids, pid);
		if (r < 0)
			return r;
	}
	return 0;
}

/* How many of the ways to name processes were used. */
static unsigned count_ways(const struct cli_args *args)
{
	unsigned n = args->argc > 0;

	for (size_t i = 0; i < ELEMENTSOF(sources); i++)
		n += cli_has(args, sources[i].option);
	return n;
}

static int find(const struct cli_args *args, int root_fd, struct show_asked *a,
		struct mpol_error *err)
{
	for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
		const char *value = cli_value(args, sources[i].option);

		if (value)
			return sources[i].find(root_fd, value, a, err);
	}
	return find_operands(args, a, err);
}

static int parse_options(const struct cli_args *args, struct show_options *ret)
{
	const char *n = cli_value(args, "sample");
	unsigned long long pages = 0;
	char *end;

	if (cli_has(args, "exact") && cli_has(args, "sample"))
		return cli_usage(args, "--exact and --sample exclude each other");
	if (n) {
		errno = 0;
		pages = strtoull(n, &end, 10);
		if (*n < '1' || *n > '9' || *end || errno || pages > 100000000)
			return cli_usage(args,
					 "--sample: '%s' is no number of pages, 1 to 100000000", n);
	}
	ret->method = cli_has(args, "exact")	? SHOW_EXACT
		      : cli_has(args, "sample") ? SHOW_SAMPLE
						: SHOW_AUTO;
	ret->pages = pages;
	return 0;
}

static void answer_done(struct show_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		show_process_done(&a->processes[i]);
	free(a->processes);
}

static void asked_done(struct show_asked *a)
{
	show_pids_done(&a->pids);
}

/* Processes of a group that ended meanwhile are no failure; those that one may not look at are. */
static int report_failures(const struct show_answer *a, bool named)
{
	int code = CLI_DONE;

	for (size_t i = 0; i < a->n; i++) {
		const struct mpol_error *e = &a->processes[i].err;

		if (e->errnum && (e->errnum != ESRCH || named))
			code = cli_report(e);
	}
	return code;
}

static int show_processes(const struct cli_args *args, int root_fd, const struct show_asked *asked,
			  const struct show_options *how)
{
	_cleanup_(mpol_machine_done) struct mpol_machine machine = { 0 };
	_cleanup_(answer_done) struct show_answer a = { .cgroup = asked->has_cgroup ? &asked->cgroup
										    : NULL };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	struct view_style style = view_style_of(STDOUT_FILENO);
	struct mpol_error err = { 0 };
	int failures, code;

	if (machine_read_topology(root_fd, &machine, &err) < 0)
		return cli_report(&err);
	a.processes = calloc(asked->pids.n + 1, sizeof(*a.processes));
	if (!a.processes)
		return cli_no_memory();
	for (; a.n < asked->pids.n; a.n++)
		show_collect(root_fd, asked->pids.pids[a.n], how, &machine, &a.processes[a.n]);
	if (cli_has(args, "json"))
		show_json(&a, &out);
	else
		show_text(&a, &style, &out);
	code = cli_answer(&out);
	failures = report_failures(&a, asked->named);
	return failures ? failures : code;
}

static int run(const struct cli_args *args)
{
	_cleanup_(asked_done) struct show_asked asked = { 0 };
	_cleanup_close_ int root = -1;
	struct show_options how;
	struct mpol_error err = { 0 };
	int r = parse_options(args, &how);

	if (r)
		return r;
	if (count_ways(args) > 1)
		return cli_usage(
			args, "name processes in one way: PIDs, --cgroup, --container or --tree");
	root = cli_root(args);
	if (root < 0)
		return CLI_USAGE;
	if (count_ways(args) == 0) {
		_cleanup_(strbuf_done) struct strbuf out = { 0 };
		struct view_style style = view_style_of(STDOUT_FILENO);

		if (show_nodes(root, cli_has(args, "json"), &style, &out, &err) < 0)
			return cli_report(&err);
		return cli_answer(&out);
	}
	r = find(args, root, &asked, &err);
	if (r < 0 && err.rule && STREQ(err.rule->id, "pid-syntax"))
		return cli_usage(args, "%s", err.what);
	if (r < 0)
		return cli_report(&err);
	return show_processes(args, root, &asked, &how);
}

const struct cli_command cmd_show = {
	.name = "show",
	.synopsis = "[PID… | --cgroup PATH | --container ID | --tree PID] [--exact | --sample[=N]] "
		    "[--root DIR] "
		    "[--json]",
	.summary = "tells where the pages are, by node and kind, against the policy in force",
	.details = "Without processes, the nodes: their memory, and where allocations went since "
		   "boot.\n"
		   "Processes above 2 GiB are sampled unless --exact is given, so that they are "
		   "not held up.",
	.options = options,
	.run = run,
};
