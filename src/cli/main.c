/* SPDX-License-Identifier: MIT */
/*
 * The command `mpol`: finds the subcommand in a table and runs it. The same binary serves other
 * names (mpol-runtime), looked up in a table as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/nearest.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "harness/guest.h"

static const struct cli_command *const commands[] = {
	&cmd_check,   &cmd_convert, &cmd_run,	&cmd_show, &cmd_set, &cmd_move,
	&cmd_machine, &cmd_doctor,  &cmd_rules, &cmd_test, &cmd_vm,  &cmd_oci,
};

/* In a virtual machine, this binary is process 1. */
static int guest_init(int argc, char **argv)
{
	return guest_is_init(argc, argv) ? guest_main() : CLI_NOT_DONE;
}

/* Other names of this binary, each with a main of its own. */
static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} names[] = {
	{ "init", guest_init },
};

static int no_command(const char *name)
{
	struct nearest nearest = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(commands); i++)
		nearest_offer(&nearest, name, strlen(name), commands[i]->name);
	if (nearest.best)
		cli_say("mpol", "there is no command '%s'; did you mean %s?", name, nearest.best);
	else
		cli_say("mpol", "there is no command '%s'", name);
	fputs("Try 'mpol --help'.\n", stderr);
	return CLI_USAGE;
}

static int list_commands(FILE *out)
{
	fprintf(out, "Usage: mpol COMMAND [ARGUMENT…]\n\n"
		     "Memory placement on NUMA machines: declared, checked, applied, "
		     "proved.\n\nCommands:\n");
	for (size_t i = 0; i < ELEMENTSOF(commands); i++)
		if (!commands[i]->hidden)
			fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "\nmpol COMMAND --help tells more; mpol --version prints the version.\n");
	return out == stderr ? CLI_USAGE : CLI_DONE;
}

static const struct cli_command *find_command(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(commands); i++)
		if (STREQ(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* stdout is the answer: an answer that could not be written is a failure, too. */
static int flush(int code, int failed)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	perror("mpol: standard output");
	return code ? code : failed;
}

static int run_command(const struct cli_command *c, int argc, char **argv)
{
	struct cli_args args;
	int r = cli_parse(c, argc, argv, &args);

	if (r == CLI_PARSED_HELP)
		return CLI_DONE;
	return r ? r : c->run(&args);
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argc > 0 ? argv[0] : "mpol";
	const struct cli_command *c;

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (names[i].name && STREQ(names[i].name, self))
			return names[i].main(argc, argv);
	if (argc < 2)
		return list_commands(stderr);
	if (STREQ(argv[1], "--version")) {
		puts("mpol " MPOL_VERSION);
		return flush(CLI_DONE, CLI_NOT_DONE);
	}
	if (STREQ(argv[1], "--help") || (STREQ(argv[1], "help") && argc == 2))
		return flush(list_commands(stdout), CLI_NOT_DONE);
	c = find_command(STREQ(argv[1], "help") ? argv[2] : argv[1]);
	if (!c)
		return no_command(STREQ(argv[1], "help") ? argv[2] : argv[1]);
	if (STREQ(argv[1], "help")) {
		cli_help(c);
		return flush(CLI_DONE, CLI_NOT_DONE);
	}
	return flush(run_command(c, argc - 1, argv + 1),
		     c->usage_exit ? c->usage_exit : CLI_NOT_DONE);
}
