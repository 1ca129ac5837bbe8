/* SPDX-License-Identifier: MIT */
/* What an executable of tests understands on its command line; see harness.h. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/guest.h"
#include "harness/harness.h"
#include "harness/runner.h"
#include "harness/show.h"

#define USAGE                                                                                     \
	"Usage: %s list\n"                                                                        \
	"       %s run [OPTION…] [NAME…]\n"                                                   \
	"       %s show NAME\n"                                                                   \
	"\n"                                                                                      \
	"Runs the tests linked into this program; NAME may be a pattern, \"bind*\".\n"            \
	"\n"                                                                                      \
	"  --here             on this machine; a test whose needs it does not meet is skipped\n"  \
	"  --on SHAPE         on a virtual machine of this shape: 2n4l4c1t, nodes=3,cpus=2:2:0\n" \
	"  --kernel KERNEL    the virtual machine's: a file, or a version\n"                      \
	"  --accel NAME       kvm or tcg; what works is found out otherwise\n"                    \
	"  --format FORMAT    text, tap, json\n"                                                  \
	"  --timeout SECONDS  for each test; 60\n"                                                \
	"  --help, --version\n"                                                                   \
	"\n"                                                                                      \
	"Exit status: 0 all passed or were skipped, 1 something failed, 2 usage, 4 nothing "      \
	"failed, something broke.\n"

static int say_usage(const char *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int say_usage(const char *self, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", self);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry '%s --help'.\n", self);
	return RUNNER_USAGE;
}

static int say_error(const char *self, const struct mpol_error *err)
{
	const char *hint = mpol_error_hint(err);

	fprintf(stderr, "%s: %s%s%s   [%s]\n", self, err->where, *err->where ? ": " : "", err->what,
		err->rule ? err->rule->id : "?");
	if (hint)
		fprintf(stderr, "      Hint: %s\n", hint);
	return RUNNER_USAGE;
}

enum option_id {
	OPTION_HERE = 256,
	OPTION_ON,
	OPTION_KERNEL,
	OPTION_ACCEL,
	OPTION_FORMAT,
	OPTION_TIMEOUT,
	OPTION_GUEST
};

static const struct option options[] = {
	{ "here", no_argument, NULL, OPTION_HERE },
	{ "on", required_argument, NULL, OPTION_ON },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "accel", required_argument, NULL, OPTION_ACCEL },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	/* For ourselves: this is the guest, a machine of this shape, and the host wants the
	   results. */
	{ "guest", required_argument, NULL, OPTION_GUEST },
	{ NULL, 0, NULL, 0 },
};

static bool parse_seconds(const char *text, double *ret)
{
	char *end;

	errno = 0;
	*ret = strtod(text, &end);
	return !errno && end != text && !*end && *ret > 0 && *ret <= 86400;
}

/* Where the host listens: the descriptor that the environment names. */
static int results_of_guest(void)
{
	const char *fd = getenv("MPOL_RESULTS");

	return fd && *fd >= '0' && *fd <= '9' ? atoi(fd) : -1;
}

static int take_guest(const char *self, const char *place, struct runner_options *ret)
{
	ret->here = true;
	ret->place = place;
	ret->results_fd = results_of_guest();
	return ret->results_fd < 0
		       ? say_usage(self, "--guest is for virtual machines: MPOL_RESULTS is not set")
		       : 0;
}

/* 0, or the exit code of a usage error, which was said. */
static int take_option(const char *self, int id, const char *value, struct runner_options *ret)
{
	switch (id) {
	case OPTION_HERE:
		ret->here = true;
		return 0;
	case OPTION_ON:
		ret->on = value;
		return 0;
	case OPTION_KERNEL:
		ret->kernel = value;
		return 0;
	case OPTION_ACCEL:
		ret->accel = value;
		return 0;
	case OPTION_FORMAT:
		ret->format = report_format_find(value);
		return ret->format ? 0
				   : say_usage(self, "there is no format '%s' (%s)", value,
					       report_format_names());
	case OPTION_TIMEOUT:
		return parse_seconds(value, &ret->limit)
			       ? 0
			       : say_usage(self, "--timeout takes seconds, 0 to 86400, not '%s'",
					   value);
	case OPTION_GUEST:
		return take_guest(self, value, ret);
	}
	return say_usage(self, "unknown option");
}

static int parse(const char *self, int argc, char **argv, struct runner_options *ret)
{
	int id, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (id = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (id == '?')
			return say_usage(self, "unknown option '%s'", argv[optind - 1]);
		if (id == ':')
			return say_usage(self, "option '%s' takes an argument", argv[optind - 1]);
		r = take_option(self, id, optarg, ret);
	}
	if (r == 0 && ret->here && ret->on)
		return say_usage(self, "--here and --on exclude each other");
	return r;
}

static int run(const struct registry *registry, const char *self, int argc, char **argv)
{
	struct runner_options o = { .format = &report_text,
				    .results_fd = -1,
				    .executable = "/proc/self/exe" };
	_cleanup_free_ const struct mpol_test_entry **selected =
		calloc(registry->n + 1, sizeof(*selected));
	struct mpol_error err = { 0 };
	size_t n = 0;
	int r = parse(self, argc, argv, &o);

	if (r)
		return r;
	if (!selected)
		return RUNNER_BROKEN;
	if (registry_select(registry, argv + optind, (size_t)(argc - optind), selected, &n, &err) <
	    0)
		return say_error(self, &err);
	return runner_run(registry, selected, n, &o);
}

static int list(const struct registry *registry, const char *self, int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return say_usage(self, "list takes no arguments");
	for (size_t i = 0; i < registry->n; i++)
		printf("%-40s %s\n", registry->tests[i]->name,
		       registry->tests[i]->test->why ? registry->tests[i]->test->why : "");
	return RUNNER_PASSED;
}

static int show(const struct registry *registry, const char *self, int argc, char **argv)
{
	_cleanup_free_ const struct mpol_test_entry **selected =
		calloc(registry->n + 1, sizeof(*selected));
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	struct mpol_error err = { 0 };
	size_t n = 0;

	if (argc < 2)
		return say_usage(self, "show takes the name of a test");
	if (!selected)
		return RUNNER_BROKEN;
	if (registry_select(registry, argv + 1, (size_t)argc - 1, selected, &n, &err) < 0)
		return say_error(self, &err);
	for (size_t i = 0; i < n; i++)
		show_test(selected[i], &text);
	fputs(strbuf_text(&text), stdout);
	return RUNNER_PASSED;
}

static const struct {
	const char *name;
	int (*run)(const struct registry *registry, const char *self, int argc, char **argv);
} commands[] = { { "list", list }, { "run", run }, { "show", show } };

static int run_command(const char *self, int argc, char **argv)
{
	_cleanup_(registry_done) struct registry registry = { 0 };
	struct mpol_error err = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
		if (!STREQ(argv[1], commands[i].name))
			continue;
		if (registry_own(&registry, &err) < 0) {
			(void)say_error(self, &err);
			return RUNNER_BROKEN;
		}
		return commands[i].run(&registry, self, argc - 1, argv + 1);
	}
	return say_usage(self, "there is no command '%s': list, run, show", argv[1]);
}

int harness_main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argc > 0 ? argv[0] : "tests";
	int code;

	if (guest_is_init(argc, argv))
		return guest_main();
	if (argc < 2)
		return say_usage(self, "a command is missing: list, run, show");
	for (int i = 1; i < argc && !STREQ(argv[i], "--"); i++)
		if (STREQ(argv[i], "--help") || (i == 1 && STREQ(argv[i], "help"))) {
			printf(USAGE, self, self, self);
			return RUNNER_PASSED;
		}
	if (STREQ(argv[1], "--version")) {
		puts("mpol " MPOL_VERSION);
		return RUNNER_PASSED;
	}
	code = run_command(self, argc, argv);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: standard output: %s\n", self, strerror(errno));
	return code ? code : RUNNER_BROKEN;
}
