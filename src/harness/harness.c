/* SPDX-License-Identifier: MIT */
/* What an executable of tests understands on its command line; see harness.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error-text.h"
#include "base/macros.h"
#include "harness/guest.h"
#include "harness/harness.h"
#include "harness/options.h"
#include "harness/show.h"

#define USAGE                                                                                   \
	"Usage: %s list\n"                                                                      \
	"       %s run [OPTION…] [NAME…]\n"                                                 \
	"       %s show [NAME…]\n"                                                            \
	"\n"                                                                                    \
	"Runs declared tests of memory placement, each where its needs are met: here, or on a " \
	"virtual machine.\n"                                                                    \
	"NAME may be a pattern, \"bind*\".\n"                                                   \
	"\n" OPTIONS_HELP "  --help, --version\n"                                               \
	"\n"                                                                                    \
	"Exit status: 0 all passed or were skipped, 1 something failed, 2 usage, 4 nothing "    \
	"failed, something broke.\n"

struct invocation {
	const char *self;
	const struct registry *registry;
	const char *scenario; /* the file that the tests came from; NULL: from this executable */
	int argc;	      /* argv[0] is the command */
	char **argv;
};

static int say_error(const char *self, const struct mpol_error *err)
{
	error_print(stderr, self, "", err);
	return REPORT_USAGE;
}

static int run(const struct invocation *i)
{
	struct runner_options o = { .executable = "/proc/self/exe", .scenario = i->scenario };
	_cleanup_(reporter_done) struct reporter reporter = REPORTER_NONE;
	_cleanup_free_ const struct mpol_test_entry **selected =
		calloc(i->registry->n + 1, sizeof(*selected));
	struct mpol_error err = { 0 };
	size_t n = 0;
	int first, r = options_parse(i->self, i->argc, i->argv, &o, &reporter, &first);

	if (r)
		return r;
	if (!selected)
		return REPORT_BROKEN;
	if (registry_select(i->registry, i->argv + first, (size_t)(i->argc - first), selected, &n,
			    &err) < 0)
		return say_error(i->self, &err);
	return runner_run(i->registry, selected, n, &o, &reporter);
}

static int list(const struct invocation *i)
{
	if (i->argc > 1)
		return options_usage(i->self, "list takes no arguments");
	for (size_t t = 0; t < i->registry->n; t++) {
		const struct mpol_test_entry *e = i->registry->tests[t];

		printf("%-40s %s\n", e->name, e->test->why ? e->test->why : "");
	}
	return REPORT_PASSED;
}

static int show(const struct invocation *i)
{
	_cleanup_free_ const struct mpol_test_entry **selected =
		calloc(i->registry->n + 1, sizeof(*selected));
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	struct mpol_error err = { 0 };
	bool begun;
	size_t n = 0;

	if (!selected)
		return REPORT_BROKEN;
	if (registry_select(i->registry, i->argv + 1, (size_t)i->argc - 1, selected, &n, &err) < 0)
		return say_error(i->self, &err);
	begun = show_suite(i->registry->suite, &text);
	for (size_t t = 0; t < n; t++) {
		_cleanup_(strbuf_done) struct strbuf one = { 0 };
		bool whole = show_test(selected[t], &one);

		/* Comments are no document. */
		if (whole && begun)
			strbuf_puts(&text, "---\n");
		begun = begun || whole;
		strbuf_add(&text, strbuf_text(&one), one.len);
	}
	fputs(strbuf_text(&text), stdout);
	return REPORT_PASSED;
}

static const struct {
	const char *name;
	int (*run)(const struct invocation *i);
} commands[] = { { "list", list }, { "run", run }, { "show", show } };

int harness_run(const char *self, const struct registry *registry, const char *scenario, int argc,
		char **argv)
{
	struct invocation inv = { self, registry, scenario, argc, argv };
	int code = -1;

	if (argc < 1)
		return options_usage(self, "a command is missing: list, run, show");
	for (size_t i = 0; code < 0 && i < ELEMENTSOF(commands); i++)
		if (STREQ(argv[0], commands[i].name))
			code = commands[i].run(&inv);
	if (code < 0)
		return options_usage(self, "there is no command '%s': list, run, show", argv[0]);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: standard output: %s\n", self, strerror(errno));
	return code ? code : REPORT_BROKEN;
}

bool harness_answers(const char *self, int argc, char **argv)
{
	for (int i = 1; i < argc && !STREQ(argv[i], "--"); i++)
		if (STREQ(argv[i], "--help") || (i == 1 && STREQ(argv[i], "help"))) {
			printf(USAGE, self, self, self);
			return true;
		}
	if (argc != 2 || !STREQ(argv[1], "--version"))
		return false;
	puts("mpol " MPOL_VERSION);
	return true;
}

int harness_main(int argc, char **argv)
{
	_cleanup_(registry_done) struct registry registry = { 0 };
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argc > 0 ? argv[0] : "tests";
	struct mpol_error err = { 0 };

	if (guest_is_init(argc, argv))
		return guest_main();
	if (harness_answers(self, argc, argv))
		return REPORT_PASSED;
	if (registry_own(&registry, &err) < 0) {
		(void)say_error(self, &err);
		return REPORT_BROKEN;
	}
	return harness_run(self, &registry, NULL, argc - 1, argv + 1);
}
