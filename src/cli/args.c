/* SPDX-License-Identifier: MIT */
/* Options of a command, from its table: parsed by getopt_long(3), printed as --help. See command.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "base/strbuf.h"
#include "cli/args.h"
#include "view/style.h"

#define MAX_OPTIONS 32
#define HELP_COLUMN 28	/* behind the indent of 2 */
#define FIRST_LONG  256 /* getopt's value of the first option; letters stay below */

static const struct cli_option *find(const struct cli_command *c, const char *name)
{
	for (const struct cli_option *o = c->options; o && o->name; o++)
		if (STREQ(o->name, name))
			return o;
	return NULL;
}

bool cli_has(const struct cli_args *args, const char *name)
{
	for (size_t i = 0; i < args->n_given; i++)
		if (STREQ(args->given[i].option->name, name))
			return true;
	return false;
}

const char *cli_value_n(const struct cli_args *args, const char *name, size_t n)
{
	for (size_t i = 0; i < args->n_given; i++)
		if (STREQ(args->given[i].option->name, name) && n-- == 0)
			return args->given[i].value;
	return NULL;
}

const char *cli_value(const struct cli_args *args, const char *name)
{
	for (size_t i = args->n_given; i-- > 0;)
		if (STREQ(args->given[i].option->name, name))
			return args->given[i].value;
	return NULL;
}

void cli_help(const struct cli_command *c)
{
	printf("Usage: mpol %s %s\n\n%s.\n", c->name, c->synopsis, c->summary);
	if (c->details)
		printf("\n%s\n", c->details);
	printf("\nOptions:\n");
	for (const struct cli_option *o = c->options; o && o->name; o++) {
		char left[80];
		int gap;

		(void)snprintf(left, sizeof(left), "%s%c%s--%s%s%s", o->letter ? "-" : " ",
			       o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			       o->arg && *o->arg != '[' ? " " : "", o->arg ? o->arg : "");
		gap = HELP_COLUMN - (int)view_width(left);
		if (gap > 0)
			printf("  %s%*s%s\n", left, gap, "", o->help);
		else
			printf("  %s\n  %*s%s\n", left, HELP_COLUMN, "", o->help);
	}
	printf("      %-24s%s\n", "--help", "print this");
	printf("\nSee mpol-%s(1).\n", c->name);
}

/* getopt's word for an option of the table; "[=N]" may be left out. */
static int takes_argument(const struct cli_option *o)
{
	return !o->arg ? no_argument : *o->arg == '[' ? optional_argument : required_argument;
}

/* A long option that getopt does not know, or that several begin with. */
static int refuse_name(const struct cli_args *args, const char *text)
{
	_cleanup_(strbuf_done) struct strbuf several = { 0 };
	struct nearest nearest = { 0 };
	size_t len = strcspn(text, "="), n = 0;

	for (const struct cli_option *o = args->command->options; o && o->name; o++) {
		nearest_offer(&nearest, text + 2, len - 2, o->name);
		if (strncmp(o->name, text + 2, len - 2) == 0)
			strbuf_printf(&several, "%s --%s", n++ ? " or" : "", o->name);
	}
	if (n > 1)
		return cli_usage(args, "option %.*s may be%s", (int)len, text,
				 strbuf_text(&several));
	if (nearest.best)
		return cli_usage(args, "there is no option %.*s; did you mean --%s?", (int)len,
				 text, nearest.best);
	return cli_usage(args, "there is no option %.*s", (int)len, text);
}

/* What getopt stumbled over, as it was written. */
static int refuse(const struct cli_args *args, char **argv, int index, int letter, bool missing)
{
	char shown[3] = { '-', (char)letter, '\0' };
	const char *text = letter && letter < FIRST_LONG ? shown : argv[index];
	int len = (int)strcspn(text, "=");

	if (missing)
		return cli_usage(args, "option %.*s needs an argument", len, text);
	if (letter >= FIRST_LONG)
		return cli_usage(args, "option %.*s takes no argument", len, text);
	return letter ? cli_usage(args, "there is no option %s", text) : refuse_name(args, text);
}

/* How many words stand behind the first "--"; 0 when there is none. */
static int count_behind_dashes(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (STREQ(argv[i], "--"))
			return argc - 1 - i;
	return 0;
}

int cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_args *ret)
{
	struct option longs[MAX_OPTIONS + 2] = { { "help", no_argument, NULL,
						   FIRST_LONG + MAX_OPTIONS } };
	char letters[4 * MAX_OPTIONS] = ":", *l;
	int behind = count_behind_dashes(argc, argv); /* getopt moves what stands before */
	size_t n = 1;

	*ret = (struct cli_args){ .command = c };
	l = letters;
	if (c->execs)
		*l++ = '+';
	*l++ = ':'; /* a missing argument is told from an unknown option */
	for (const struct cli_option *o = c->options; o && o->name && n <= MAX_OPTIONS; o++, n++) {
		longs[n] = (struct option){ o->name, takes_argument(o), NULL,
					    FIRST_LONG + (int)(o - c->options) };
		if (o->letter) {
			*l++ = o->letter;
			for (int i = takes_argument(o); i > 0; i--)
				*l++ = ':'; /* "x:" takes one, "x::" may */
		}
	}
	*l = '\0';
	opterr = 0;
	optind = 0; /* GNU: start anew */
	for (;;) {
		int at = optind ? optind : 1;
		int v = getopt_long(argc, argv, letters, longs, NULL);
		const struct cli_option *o = NULL;

		if (v < 0)
			break;
		if (v == '?' || v == ':')
			return refuse(ret, argv, at, optopt, v == ':');
		if (v == FIRST_LONG + MAX_OPTIONS) {
			cli_help(c);
			return CLI_PARSED_HELP;
		}
		if (v >= FIRST_LONG)
			o = &c->options[v - FIRST_LONG];
		for (const struct cli_option *p = c->options; !o && p && p->name; p++)
			if (p->letter == v)
				o = p;
		if (!o || ret->n_given == ELEMENTSOF(ret->given))
			return cli_usage(ret, "too many options");
		if (optarg && !*optarg && !o->empty)
			return cli_usage(ret, "option --%s needs an argument, and '' is none",
					 o->name);
		ret->given[ret->n_given++] = (struct cli_given){ o, optarg };
	}
	ret->argc = argc - optind;
	ret->argv = argv + optind;
	ret->n_before = ret->argc - behind;
	return 0;
}

int cli_root(const struct cli_args *args)
{
	static const struct mpol_rule rule = {
		"root-unreadable",
		ENOENT,
		"A machine is read from a directory that contains sys and proc.",
		"name the directory that a recording was unpacked into",
		NULL,
		NULL,
	};
	const char *dir = find(args->command, "root") ? cli_value(args, "root") : NULL;
	_cleanup_close_ int fd = open(dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_error err;
	int r;

	if (fd < 0)
		r = mpol_fail_errno(&err, &rule, errno, "--root", "%s: %m", dir ? dir : "/");
	else if (!file_exists_at(fd, "sys"))
		r = mpol_fail(&err, &rule, "--root", "there is no sys in %s", dir ? dir : "/");
	else
		return TAKE_FD(fd);
	(void)cli_report(&err);
	return r;
}

int cli_parse_pid(const char *text, int *ret, struct mpol_error *err)
{
	static const struct mpol_rule rule = {
		"pid-syntax",
		EINVAL,
		"Processes are named by their number, 1 to 4194304.",
		"see ps(1) or pidof(1) for the number",
		"proc(5) /proc/sys/kernel/pid_max",
		NULL,
	};
	char *end;
	long pid = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || pid < 1 || pid > 4194304)
		return mpol_fail(err, &rule, "", "'%s' is not a process ID", text);
	*ret = (int)pid;
	return 0;
}
