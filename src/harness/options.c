/* SPDX-License-Identifier: MIT */
/* Reading the options of `run`; see options.h. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "harness/options.h"

enum option_id {
	OPTION_HERE = 256,
	OPTION_ON,
	OPTION_KERNEL,
	OPTION_ACCEL,
	OPTION_FORMAT,
	OPTION_TIMEOUT,
	OPTION_GUEST,
	OPTION_LINES,
	OPTION_MACHINES = 'j',
	OPTION_FILE = 'f',
};

static const struct option options[] = {
	{ "here", no_argument, NULL, OPTION_HERE },
	{ "on", required_argument, NULL, OPTION_ON },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "file", required_argument, NULL, OPTION_FILE },
	{ "machines", required_argument, NULL, OPTION_MACHINES },
	{ "accel", required_argument, NULL, OPTION_ACCEL },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	/* Between ourselves: this is the guest, a machine of that shape, and the host wants the
	   results as lines. */
	{ "guest", required_argument, NULL, OPTION_GUEST },
	/* A program that runs several of us wants the results as lines. */
	{ "lines", no_argument, NULL, OPTION_LINES },
	{ NULL, 0, NULL, 0 },
};

int options_usage(const char *self, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", self);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry '%s --help'.\n", self);
	return REPORT_USAGE;
}

static bool parse_seconds(const char *text, double *ret)
{
	char *end;

	errno = 0;
	*ret = strtod(text, &end);
	return !errno && end != text && !*end && *ret > 0 && *ret <= 86400;
}

/* Where the host, or the program that collates, listens: the descriptor that the environment names.
 */
static int take_lines(const char *self, struct reporter *reporter)
{
	const char *fd = getenv("MPOL_RESULTS");

	if (!fd || *fd < '0' || *fd > '9')
		return options_usage(self,
				     "results are wanted as lines, and MPOL_RESULTS is not set");
	reporter->lines_fd = atoi(fd);
	return 0;
}

static int take_format(const char *self, const char *value, struct reporter *reporter)
{
	struct mpol_error err = { 0 };

	if (reporter_add(reporter, value, &err) == 0)
		return 0;
	return options_usage(self, "%s: %s", err.where, err.what);
}

static int take_item(const char *self, const char *name, const char *value,
		     const char *list[RUNNER_MAX_LISTS], size_t *n)
{
	if (*n == RUNNER_MAX_LISTS)
		return options_usage(self, "--%s can be given %d times", name, RUNNER_MAX_LISTS);
	list[(*n)++] = value;
	return 0;
}

static int take_machines(const char *self, const char *value, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n < 1 || n > 1000)
		return options_usage(self, "--machines takes a number, 1 to 1000, not '%s'", value);
	*ret = (unsigned)n;
	return 0;
}

static int take(const char *self, int id, const char *value, struct runner_options *ret,
		struct reporter *reporter)
{
	switch (id) {
	case OPTION_HERE:
		ret->here = true;
		return 0;
	case OPTION_ON:
		return take_item(self, "on", value, ret->on, &ret->n_on);
	case OPTION_KERNEL:
		return take_item(self, "kernel", value, ret->kernels, &ret->n_kernels);
	case OPTION_FILE:
		return take_item(self, "file", value, ret->files, &ret->n_files);
	case OPTION_MACHINES:
		return take_machines(self, value, &ret->machines);
	case OPTION_ACCEL:
		ret->accel = value;
		return 0;
	case OPTION_FORMAT:
		return take_format(self, value, reporter);
	case OPTION_TIMEOUT:
		if (parse_seconds(value, &ret->limit))
			return 0;
		return options_usage(
			self, "--timeout takes seconds, above 0 and up to 86400, not '%s'", value);
	case OPTION_GUEST:
		ret->here = true;
		ret->place = value;
		return take_lines(self, reporter);
	case OPTION_LINES:
		return take_lines(self, reporter);
	}
	return options_usage(self, "unknown option");
}

int options_parse(const char *self, int argc, char **argv, struct runner_options *ret,
		  struct reporter *reporter, int *ret_first)
{
	int id, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (id = getopt_long(argc, argv, ":f:j:", options, NULL)) != -1) {
		if (id == '?')
			return options_usage(self, "unknown option '%s'", argv[optind - 1]);
		if (id == ':')
			return options_usage(self, "option '%s' takes an argument",
					     argv[optind - 1]);
		r = take(self, id, optarg, ret, reporter);
	}
	if (r == 0 && ret->here && ret->n_on)
		return options_usage(self, "--here and --on exclude each other");
	*ret_first = optind;
	return r;
}
