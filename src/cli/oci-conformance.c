/* SPDX-License-Identifier: MIT */
/* mpol oci conformance: a table of what a runtime does against what set_mempolicy(2) does. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/oci.h"
#include "json/write.h"
#include "oci/conform.h"

#define OUR_FAILURE 3

struct tally {
	bool json;
	struct json_writer w;
	unsigned asked[CONFORM_N_ACTIONS], same[CONFORM_N_ACTIONS], skipped;
};

/* "bind:1", "refused" (no container), or get_mempolicy's answer where numa_maps is the same. */
static void describe(const struct oci_probe *p, bool whole, char *buf, size_t size)
{
	char nodes[MPOL_NODES_TEXT];

	if (!p->answered) {
		(void)snprintf(buf, size, "refused");
		return;
	}
	(void)mpol_nodes_print(&p->nodes, nodes, sizeof(nodes));
	if (whole)
		(void)snprintf(buf, size, "%s (mode %d, nodes %.60s)", p->text, p->mode, nodes);
	else
		(void)snprintf(buf, size, "%s", p->text);
}

static void print_row(const struct conform_result *r)
{
	char expected[192], got[192];

	if (r->skipped)
		return;
	describe(&r->expected, false, expected, sizeof(expected));
	printf("%-28s %-7s %-7s %-28s", r->c->policy, r->c->mems ? r->c->mems : "-",
	       r->c->engine ? r->c->engine : "-", expected);
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++)
		printf(" %-6s", !r->action[a].asked ? "-" : r->action[a].same ? "same" : "DIFFER");
	printf("\n");
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++) {
		if (!r->action[a].asked || r->action[a].same)
			continue;
		describe(&r->expected, true, expected, sizeof(expected));
		describe(&r->action[a].got, true, got, sizeof(got));
		printf("        %s: %s, expected %s\n", conform_actions[a], got, expected);
	}
	if (*r->said)
		printf("        it said: %s\n", r->said);
	fflush(stdout);
}

static void write_probe(struct json_writer *w, const char *key, const struct oci_probe *p)
{
	char nodes[MPOL_NODES_TEXT];

	json_key(w, key);
	if (!p->answered) {
		json_write_null(w);
		return;
	}
	(void)mpol_nodes_print(&p->nodes, nodes, sizeof(nodes));
	json_begin_object(w);
	json_member_int(w, "mode", p->mode);
	json_member_string(w, "nodes", nodes);
	json_member_string(w, "numa_maps", p->text);
	json_end_object(w);
}

static void write_row(struct json_writer *w, const struct conform_result *r)
{
	json_begin_object(w);
	json_member_string(w, "policy", r->c->policy);
	json_member_string(w, "mems", r->c->mems);
	json_member_string(w, "engine_mems", r->c->engine);
	json_member_string(w, "skipped", r->skipped);
	json_member_int(w, "errno", r->expected_errno);
	write_probe(w, "expected", &r->expected);
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++) {
		json_key(w, conform_actions[a]);
		if (!r->action[a].asked) {
			json_write_null(w);
			continue;
		}
		json_begin_object(w);
		json_member_bool(w, "same", r->action[a].same);
		write_probe(w, "got", &r->action[a].got);
		json_end_object(w);
	}
	json_member_string(w, "said", *r->said ? r->said : NULL);
	json_end_object(w);
}

static void on_result(void *ctx, const struct conform_result *r)
{
	struct tally *t = ctx;

	t->skipped += r->skipped != NULL;
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++) {
		t->asked[a] += r->action[a].asked;
		t->same[a] += r->action[a].asked && r->action[a].same;
	}
	if (t->json)
		write_row(&t->w, r);
	else
		print_row(r);
}

static bool all_same(const struct tally *t)
{
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++)
		if (t->same[a] != t->asked[a])
			return false;
	return t->asked[CONFORM_RUN] > 0;
}

static void print_sum(const struct tally *t)
{
	printf("\nidentical to set_mempolicy(2) inside the cpuset:");
	for (size_t a = 0; a < CONFORM_N_ACTIONS; a++)
		if (t->asked[a])
			printf(" %s %u of %u", conform_actions[a], t->same[a], t->asked[a]);
	printf("; %u not asked here\n", t->skipped);
}

/* The static program mpol-runtime beside this one, or where it was installed. */
static int find_program(char ret[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 32);
	char *slash;

	if (n > 0) {
		ret[n] = '\0';
		slash = strrchr(ret, '/');
		strcpy(slash + 1, "mpol-runtime");
		if (access(ret, X_OK) == 0)
			return 0;
	}
	(void)snprintf(ret, PATH_MAX, "%s/mpol-runtime", MPOL_BINDIR);
	return access(ret, X_OK) < 0 ? -errno : 0;
}

static int run_here(const struct cli_args *args, const char *program)
{
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	struct tally t = { .json = cli_has(args, "json"), .w = json_writer(&b, JSON_LINE) };
	struct conform_options o = {
		.runtime = (const char *const *)args->argv + 1,
		.program = program,
		.only = cli_value(args, "only"),
		.no_exec = cli_has(args, "no-exec"),
		.result = on_result,
		.ctx = &t,
	};
	struct mpol_error err = { 0 };
	int r;

	if (t.json) {
		json_begin_object(&t.w);
		json_member_int(&t.w, "schema", 1);
		json_member_string(&t.w, "command", "oci conformance");
		json_member_string(&t.w, "runtime", args->argv[1]);
		json_key(&t.w, "cases");
		json_begin_array(&t.w);
	} else {
		printf("%-28s %-7s %-7s %-28s %-6s %-6s %-6s\n", "policy", "mems", "engine",
		       "set_mempolicy(2)", "run", "create", "exec");
	}
	r = conform_run(&o, &err);
	if (r < 0) {
		(void)cli_report(&err);
		return OUR_FAILURE;
	}
	if (t.json) {
		json_end_array(&t.w);
		json_member_bool(&t.w, "identical", all_same(&t));
		json_end_object(&t.w);
		json_newline(&t.w);
		fputs(strbuf_text(&b), stdout);
	} else {
		print_sum(&t);
	}
	return all_same(&t) ? CLI_DONE : CLI_NOT_DONE;
}

#define MAX_ARGUMENTS 64
/* Where the guest has what it runs: mounts of the guest cover /tmp and the like. */
#define GUEST_DIR "/opt/mpol"

struct argv {
	size_t n;
	const char *arg[MAX_ARGUMENTS];
};

static void push(struct argv *a, const char *arg)
{
	if (arg && a->n + 1 < MAX_ARGUMENTS)
		a->arg[a->n++] = arg;
}

static void push_option(struct argv *a, const char *option, const char *value)
{
	if (value) {
		push(a, option);
		push(a, value);
	}
}

/* Packs a program under its own name into GUEST_DIR; it stays allocated until exec. */
static void push_file(struct argv *a, const char *path)
{
	char *text;

	if (asprintf(&text, "%s:" GUEST_DIR "%s", path, strrchr(path, '/')) >= 0)
		push_option(a, "--file", text);
}

/* The path in an argument that names a program here: "/usr/bin/crun", "--real=/usr/bin/crun". */
static const char *program_in(const char *argument)
{
	const char *path = strchr(argument, '/');

	return path && access(path, X_OK) == 0 ? path : NULL;
}

/* The argument as it is said in the guest. */
static void push_moved(struct argv *a, const char *argument)
{
	const char *path = program_in(argument);
	char *text;

	if (!path)
		push(a, argument);
	else if (asprintf(&text, "%.*s" GUEST_DIR "%s", (int)(path - argument), argument,
			  strrchr(path, '/')) >= 0)
		push(a, text);
}

/* Becomes `mpol vm`, which runs this command again with --here in the machine. */
static int run_in_machine(const struct cli_args *args, const char *program)
{
	static char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct argv a = { 0 };

	if (n < 0)
		return OUR_FAILURE;
	push(&a, self);
	push(&a, "vm");
	push_option(&a, "--kernel", cli_value(args, "kernel"));
	push_option(&a, "--cgroup", cli_value(args, "cgroup"));
	push_file(&a, self);
	push_file(&a, program);
	for (int i = 1; i < args->argc; i++)
		if (program_in(args->argv[i]) && !STREQ(program_in(args->argv[i]), program))
			push_file(&a, program_in(args->argv[i]));
	push(&a, cli_value(args, "on") ? cli_value(args, "on") : "4n");
	push(&a, "--");
	push_moved(&a, self);
	push(&a, "oci");
	push(&a, "conformance");
	push(&a, "--here");
	push_option(&a, "--only", cli_value(args, "only"));
	push(&a, cli_has(args, "no-exec") ? "--no-exec" : NULL);
	push(&a, cli_has(args, "json") ? "--json" : NULL);
	push(&a, "--");
	for (int i = 1; i < args->argc; i++)
		push_moved(&a, args->argv[i]);
	execv(self, (char *const *)(uintptr_t)a.arg);
	perror("mpol: vm");
	return OUR_FAILURE;
}

int oci_run_conformance(const struct cli_args *args)
{
	static char program[PATH_MAX];

	if (args->argc < 2 || args->argv[1][0] != '/')
		return cli_usage(args, "conformance needs a runtime's absolute path");
	if (access(args->argv[1], X_OK) < 0)
		return cli_usage(args, "%s: %m", args->argv[1]);
	if (find_program(program) < 0)
		return cli_usage(args, "mpol-runtime, which containers of the kit run, is missing");
	return cli_has(args, "here") ? run_here(args, program) : run_in_machine(args, program);
}
