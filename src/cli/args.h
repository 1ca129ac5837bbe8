/* SPDX-License-Identifier: MIT */
/* Parsing a command's options and printing its help; only main.c and the tests need this. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/command.h"

#define CLI_PARSED_HELP (-1)

/*
 * 0: ret is filled, to be run. CLI_PARSED_HELP: the help was printed. Otherwise the exit code of a
 * usage error, which was reported. argv[0] is the command's own name; argv is permuted unless the
 * command execs.
 */
int cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_args *ret);
void cli_help(const struct cli_command *c);

#endif
