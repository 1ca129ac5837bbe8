/* SPDX-License-Identifier: MIT */
/* Options of a command, from its table: parsed by getopt_long(3), printed as --help. See command.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
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

/* What getopt stumbled over, as it was written. */
static int refuse(const struct cli_args *args, char **argv, int index, int letter, bool argument)
{
	char shown[3] = { '-', (char)letter, '\0' };
	const char *text = letter && letter < FIRST_LONG ? shown : argv[index];
	int len = (int)strcspn(text, "=");

	if (argument)
		return cli_usage(args, "option %.*s needs an argument", len, text);
	return cli_usage(args, "there is no option %.*s, or it takes no argument", len, text);
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
	struct mpol_error err;
	int fd = open(dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int errnum = errno;

	if (fd >= 0)
		return fd;
	(void)mpol_fail_errno(&err, &rule, errnum, "--root", "%s: %s", dir ? dir : "/",
			      strerror(errnum));
	(void)cli_report(&err);
	return -errnum;
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
