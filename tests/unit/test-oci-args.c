/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "oci/args.h"

#define MAX_ARGS 16

static void join(char *const *argv, int n, char *ret)
{
	*ret = '\0';
	for (int i = 0; i < n; i++) {
		strcat(ret, i ? " " : "");
		strcat(ret, argv[i]);
	}
}

static const struct {
	const char *line; /* words */
	const char *passed, *command, *bundle, *operand, *policy, *root;
} lines[] = {
	{ "r state id", "r state id", "state", NULL, "id", NULL, NULL },
	{ "r --mpol=bind:0 --root /x run -b /b id", "r --root /x run -b /b id", "run", "/b", "id",
	  "bind:0", "/x" },
	{ "r --root=/x --mpol bind:0 create --bundle=/b id", "r --root=/x create --bundle=/b id",
	  "create", "/b", "id", "bind:0", "/x" },
	{ "r -root /x create -bundle /b id", "r -root /x create -bundle /b id", "create", "/b",
	  "id", NULL, "/x" },
	{ "r --debug --systemd-cgroup --log run run id --bundle /b",
	  "r --debug --systemd-cgroup --log run run id --bundle /b", "run", "/b", "id", NULL,
	  NULL },
	{ "r run -b/b --pid-file /p id", "r run -b/b --pid-file /p id", "run", "/b", "id", NULL,
	  NULL },
	{ "r exec -u 0:0 --env A=b -t id sh -c --bundle=/x",
	  "r exec -u 0:0 --env A=b -t id sh -c --bundle=/x", "exec", NULL, "id", NULL, NULL },
	{ "r exec --process /p.json --detach id", "r exec --process /p.json --detach id", "exec",
	  NULL, "id", NULL, NULL },
	{ "r exec -- id -x", "r exec -- id -x", "exec", NULL, "id", NULL, NULL },
	{ "r --cgroup-manager disabled run id", "r --cgroup-manager disabled run id", "run", NULL,
	  "id", NULL, NULL },
	{ "r run --mpol=bind:0 id", "r run --mpol=bind:0 id", "run", NULL, "id", NULL, NULL },
	{ "r --version", "r --version", "", NULL, NULL, NULL, NULL },
	{ "r", "r", "", NULL, NULL, NULL, NULL },
	{ "r --root", "r --root", "", NULL, NULL, NULL, NULL },
};

/* The words of a line as argv; the line is cut up. */
static int split(char *line, char *argv[MAX_ARGS])
{
	char *save = NULL;
	int n = 0;

	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[n++] = word;
	argv[n] = NULL;
	return n;
}

TEST(everything_but_our_own_options_is_passed_on_as_it_came)
{
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		_cleanup_(oci_args_done) struct oci_args a = { 0 };
		char *argv[MAX_ARGS], text[512], line[512];

		strcpy(line, lines[i].line);
		check_row(i, lines[i].line);
		CHECK_EQ(oci_args_parse(split(line, argv), argv, &a, NULL), 0);
		join(a.argv, a.argc, text);
		CHECK_STR(text, lines[i].passed);
		CHECK(a.argv[a.argc] == NULL);
		CHECK_STR(a.command, lines[i].command);
		CHECK_STR(a.bundle, lines[i].bundle);
		CHECK_STR(a.policy, lines[i].policy);
		CHECK_STR(a.root, lines[i].root);
		if (*a.command)
			CHECK_STR(oci_args_operand(&a, 0), lines[i].operand);
	}
}

TEST(a_wrong_option_of_ours_is_refused)
{
	char *missing[] = { (char[]){ "r" }, (char[]){ "--mpol" }, NULL };
	char *unknown[] = { (char[]){ "r" }, (char[]){ "--mpol-x=1" }, (char[]){ "run" }, NULL };
	struct mpol_error err = { 0 };
	struct oci_args a;

	CHECK_EQ(oci_args_parse(2, missing, &a, &err), -EINVAL);
	CHECK_STR(err.what, "needs a value");
	CHECK_EQ(oci_args_parse(3, unknown, &a, &err), -EINVAL);
	CHECK_STR(err.where, "--mpol-x=1");
}

TEST(an_argument_is_put_behind_the_command)
{
	char *argv[] = { (char[]){ "r" }, (char[]){ "--debug" }, (char[]){ "run" },
			 (char[]){ "id" }, NULL };
	_cleanup_(oci_args_done) struct oci_args a = { 0 };
	char text[128];

	CHECK_EQ(oci_args_parse(4, argv, &a, NULL), 0);
	CHECK_EQ(oci_args_insert(&a, (char[]){ "--config=x" }), 0);
	join(a.argv, a.argc, text);
	CHECK_STR(text, "r --debug run --config=x id");
	CHECK(a.argv[a.argc] == NULL);
}

static const struct {
	const char *line, *passed, *operand;
} spoken[] = {
	{ "r --cgroup-manager cgroupfs --root /x run id", "r --root /x run id", "id" },
	{ "r --root /x --cgroup-manager=cgroupfs run -b b id", "r --root /x run -b b id", "id" },
	{ "r --cgroup-manager systemd run id", "r --systemd-cgroup run id", "id" },
	{ "r --debug --cgroup-manager=systemd exec id x", "r --debug --systemd-cgroup exec id x",
	  "id" },
	{ "r --cgroup-manager disabled run id", "r --cgroup-manager disabled run id", "id" },
	{ "r --root /x run id", "r --root /x run id", "id" },
};

TEST(what_crun_is_told_runc_is_told_in_its_own_words)
{
	for (size_t i = 0; i < ELEMENTSOF(spoken); i++) {
		_cleanup_(oci_args_done) struct oci_args a = { 0 };
		char *argv[MAX_ARGS], text[512], line[512];

		strcpy(line, spoken[i].line);
		check_row(i, spoken[i].line);
		CHECK_EQ(oci_args_parse(split(line, argv), argv, &a, NULL), 0);
		oci_args_speak_runc(&a);
		join(a.argv, a.argc, text);
		CHECK_STR(text, spoken[i].passed);
		CHECK(a.argv[a.argc] == NULL);
		CHECK_STR(a.argv[a.command_at], a.command);
		CHECK_STR(oci_args_operand(&a, 0), spoken[i].operand);
	}
}

static const struct {
	const char *line, *passed;
} dropped[] = {
	{ "r run --config c.json id", "r run id" },
	{ "r run --config=c.json -b /b id", "r run -b /b id" },
	{ "r run -f c.json id", "r run id" },
	{ "r run id", "r run id" },
};

TEST(an_option_is_taken_out_with_its_value)
{
	for (size_t i = 0; i < ELEMENTSOF(dropped); i++) {
		_cleanup_(oci_args_done) struct oci_args a = { 0 };
		char *argv[MAX_ARGS], text[512], line[512];

		strcpy(line, dropped[i].line);
		check_row(i, dropped[i].line);
		CHECK_EQ(oci_args_parse(split(line, argv), argv, &a, NULL), 0);
		oci_args_drop(&a, a.config);
		join(a.argv, a.argc, text);
		CHECK_STR(text, dropped[i].passed);
		CHECK(a.argv[a.argc] == NULL);
		CHECK_EQ(a.command_at, 1);
	}
}
