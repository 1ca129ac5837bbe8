/* SPDX-License-Identifier: MIT */
/* mpol set: a running process, or a cgroup of them, gets another policy. */
#include <stdlib.h>
#include <string.h>

#include <mpol/live.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "cli/commands.h"
#include "cli/policy.h"
#include "json/write.h"
#include "live/set.h"
#include "oci/container.h"
#include "view/bar.h"

#define MAX_FINDINGS 32

static const struct cli_option options[] = {
	{ "cgroup", 'g', "PATH",
	  "all processes of a cgroup and of those below it, instead of PID" },
	{ "container", 0, "ID", "all processes of a container, by its id, instead of PID" },
	{ "threads", 't', "all|main", "all threads (the default), or only the first one" },
	{ "mbind-existing", 0, NULL, "also give the policy to the mappings that are there" },
	{ "timeout", 0, "SECONDS", "how long to try to stop a thread; 2" },
	{ "dry-run", 'n', NULL, "check and tell what would be done, and stop and change nothing" },
	{ "json", 'j', NULL, "print JSON" },
	CLI_POLICY_OPTIONS,
	{ NULL },
};

struct request {
	int root_fd, pid;
	const char *cgroup;
	char container[4096]; /* the path of its cgroup */
	bool dry_run;
	struct mpol_policy policy;
	struct mpol_set_options options;
};

struct answer {
	size_t n;
	struct mpol_set_result *results;
};

/* A container is its cgroup. */
static int find_container(const struct cli_args *args, struct request *q)
{
	struct mpol_error err = { 0 };

	if (q->cgroup)
		return cli_usage(args, "--cgroup and --container exclude each other");
	if (oci_container_cgroup(q->root_fd, cli_value(args, "container"), q->container,
				 sizeof(q->container), &err) < 0)
		return cli_report(&err);
	q->cgroup = q->container;
	return 0;
}

/* 0, or the exit code of a usage error. */
static int parse_options(const struct cli_args *args, struct request *q)
{
	const char *threads = cli_value(args, "threads"), *timeout = cli_value(args, "timeout");

	q->cgroup = cli_value(args, "cgroup");
	if (cli_value(args, "container")) {
		int r = find_container(args, q);

		if (r)
			return r;
	}
	q->dry_run = cli_has(args, "dry-run");
	q->options.mbind_existing = cli_has(args, "mbind-existing");
	if (threads && !STREQ(threads, "all") && !STREQ(threads, "main"))
		return cli_usage(args, "--threads is all or main, not '%s'", threads);
	q->options.main_only = threads && STREQ(threads, "main");
	if (timeout) {
		char *end;
		double seconds = strtod(timeout, &end);

		if (end == timeout || *end || !(seconds >= 0.001 && seconds <= 86400))
			return cli_usage(
				args, "--timeout is a number of seconds, 0.001 to 86400, not '%s'",
				timeout);
		q->options.timeout_ms = (unsigned)(seconds * 1000);
	}
	if (q->cgroup && q->dry_run)
		return cli_usage(args,
				 "--dry-run is for one PID: processes of a cgroup come and go");
	return 0;
}

static int parse_pid(const struct cli_args *args, struct request *q)
{
	struct mpol_error err = { 0 };

	if (q->cgroup)
		return 0;
	if (args->argc == 0)
		return cli_usage(args, "a PID is missing, or --cgroup");
	if (cli_parse_pid(args->argv[0], &q->pid, &err) < 0)
		return cli_usage(args, "%s", err.what);
	return 0;
}

/* What "all" means is up to the process's cpuset, as is what the policy will be good for there. */
static int resolve(struct request *q, const struct mpol_policy_expr *expr, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_finding findings[MAX_FINDINGS];
	pid_t pid = q->pid;
	int n, r = q->cgroup ? set_cgroup_member(q->root_fd, q->cgroup, &pid, err) : 0;

	if (r == 0)
		r = mpol_machine_read(q->root_fd, pid, &m, err);
	if (r == 0)
		r = cli_resolve(q->root_fd, &m, expr, &q->policy, err);
	if (r < 0)
		return r;
	n = mpol_check(&q->policy, &m, findings, ELEMENTSOF(findings));
	for (int i = 0; i < MIN(n, MAX_FINDINGS); i++)
		if (findings[i].severity != MPOL_REFUSED &&
		    (q->dry_run || cli_tells_reduction(findings[i].error.rule)))
			cli_print_finding(stderr, &findings[i]);
	return 0;
}

static void json_result(struct json_writer *w, const struct mpol_set_result *s)
{
	json_begin_object(w);
	json_member_int(w, "pid", s->pid);
	json_member_string(w, "name", s->name);
	json_member_string(w, "before", *s->before ? s->before : NULL);
	json_member_string(w, "after", *s->after ? s->after : NULL);
	json_member_uint(w, "threads", s->threads);
	json_member_uint(w, "inherited", s->inherited);
	json_member_uint(w, "unreachable", s->unreachable);
	json_member_uint(w, "rounds", s->rounds);
	json_member_uint(w, "mappings", s->mappings);
	json_member_uint(w, "mapping_bytes", s->mapping_bytes);
	json_member_uint(w, "mappings_left", s->mappings_left);
	json_key(w, "stopped_median_ns");
	s->stopped_median_ns ? json_write_uint(w, s->stopped_median_ns) : json_write_null(w);
	json_key(w, "stopped_max_ns");
	s->stopped_max_ns ? json_write_uint(w, s->stopped_max_ns) : json_write_null(w);
	json_end_object(w);
}

static void json_error(struct json_writer *w, const struct mpol_error *err)
{
	json_key(w, "error");
	if (!err->errnum) {
		json_write_null(w);
		return;
	}
	json_begin_object(w);
	json_member_string(w, "rule", err->rule ? err->rule->id : NULL);
	json_member_string(w, "where", err->where);
	json_member_string(w, "what", err->what);
	json_member_string(w, "hint", mpol_error_hint(err));
	json_end_object(w);
}

static void print_json(const struct request *q, const struct answer *a,
		       const struct mpol_error *err, struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_INDENTED);
	char policy[MPOL_POLICY_TEXT];

	(void)mpol_policy_print(&q->policy, policy, sizeof(policy)); /* fits by definition */
	json_begin_object(&w);
	json_member_int(&w, "schema", 1);
	json_member_string(&w, "command", "set");
	json_member_bool(&w, "dry_run", q->dry_run);
	json_member_bool(&w, "done", !err->errnum && !q->dry_run);
	json_member_string(&w, "policy", policy);
	json_key(&w, "processes");
	json_begin_array(&w);
	for (size_t i = 0; i < a->n; i++)
		json_result(&w, &a->results[i]);
	json_end_array(&w);
	json_error(&w, err);
	json_end_object(&w);
	json_newline(&w);
}

static void print_mappings(const struct mpol_set_result *s, bool plan, struct strbuf *out)
{
	char bytes[VIEW_BYTES_TEXT];

	strbuf_printf(
		out, "  %s %u mapping%s, %s; the other %u hold no pages that a policy places\n",
		plan ? "would get the policy:" : "got the policy as their own:", s->mappings,
		s->mappings == 1 ? "" : "s", view_bytes(bytes, s->mapping_bytes), s->mappings_left);
}

static void print_text(const struct request *q, const struct mpol_set_result *s, struct strbuf *out)
{
	strbuf_printf(out, "%d (", s->pid);
	strbuf_puts_visible(out, s->name);
	strbuf_printf(out, "): %s -> %s\n", *s->before ? s->before : "unknown",
		      *s->after ? s->after : "unchanged");
	if (q->dry_run) {
		strbuf_printf(out,
			      "  would make the call: %u thread%s, one after the other, some 50 us "
			      "each\n",
			      s->threads, s->threads == 1 ? "" : "s");
	} else {
		strbuf_printf(out, "  made the call: %u thread%s", s->threads,
			      s->threads == 1 ? "" : "s");
		if (s->inherited)
			strbuf_printf(out, ", and %u created meanwhile inherited it", s->inherited);
		if (s->stopped_max_ns)
			strbuf_printf(out, "; stopped for %.0f us in the middle, %.0f us at most",
				      (double)s->stopped_median_ns / 1e3,
				      (double)s->stopped_max_ns / 1e3);
		strbuf_puts(out, "\n");
	}
	if (q->options.mbind_existing)
		print_mappings(s, q->dry_run, out);
}

static int print(const struct cli_args *args, const struct request *q, const struct answer *a,
		 const struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	int code;

	if (cli_has(args, "json"))
		print_json(q, a, err, &out);
	else
		for (size_t i = 0; i < a->n; i++)
			if (q->dry_run ? !err->errnum : a->results[i].threads > 0)
				print_text(q, &a->results[i], &out);
	code = cli_answer(&out);
	return err->errnum ? cli_report(err) : code;
}

static int set(const struct request *q, struct answer *a, struct mpol_error *err)
{
	if (q->cgroup)
		return mpol_set_cgroup(q->root_fd, q->cgroup, &q->policy, &q->options, &a->results,
				       &a->n, err);
	a->results = calloc(1, sizeof(*a->results));
	if (!a->results)
		return no_memory(err, "the result");
	a->n = 1;
	return (q->dry_run ? mpol_set_plan : mpol_set)(q->root_fd, q->pid, &q->policy, &q->options,
						       a->results, err);
}

static int run(const struct cli_args *args)
{
	_cleanup_close_ int root = -1;
	struct mpol_policy_expr expr;
	struct mpol_error err = { 0 };
	struct request q = { 0 };
	struct answer a = { 0 };
	int code = parse_options(args, &q);

	if (code == 0)
		code = parse_pid(args, &q);
	if (code == 0)
		code = cli_one_policy(args, q.cgroup ? 0 : 1, &expr);
	if (code)
		return code;
	root = cli_root(args);
	if (root < 0)
		return CLI_USAGE;
	q.root_fd = root;
	if (resolve(&q, &expr, &err) < 0)
		return cli_report(&err);
	(void)set(&q, &a, &err); /* err tells */
	code = print(args, &q, &a, &err);
	free(a.results);
	return code;
}

const struct cli_command cmd_set = {
	.name = "set",
	.synopsis = "[OPTION…] PID|--cgroup PATH|--container ID POLICY",
	.summary = "gives a running process, with all its threads, a policy from outside",
	.details = "Each thread is stopped for some 50 microseconds, makes the call itself, and "
		   "goes on where it was. Needs "
		   "the permission to debug the process.",
	.options = options,
	.run = run,
};
