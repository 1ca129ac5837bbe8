/* SPDX-License-Identifier: MIT */
/*
 * Commands as data: one const struct per command, from which parsing, --help and the list of
 * commands come. stdout is the answer, stderr the conversation.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <mpol/check.h>
#include <stdio.h>

#include "base/strbuf.h"

struct cli_option {
	const char *name; /* "policy", given as --policy; NULL ends the table */
	char letter;	  /* 'p', or 0 */
	const char *arg;  /* "LIST": takes an argument; "[=N]": may take one; NULL: takes none */
	const char *help; /* one sentence, without a full stop */
	bool empty; /* '' is an argument, too; otherwise it is an unset variable, and refused */
};

enum cli_exit {
	CLI_DONE = 0,
	CLI_NOT_DONE = 1, /* refused, not done */
	CLI_USAGE = 2,	  /* usage, unreadable input */
};

struct cli_given {
	const struct cli_option *option;
	const char *value; /* NULL when it takes none */
};

struct cli_args {
	const struct cli_command *command;
	int argc; /* operands: what is left after the options */
	char **argv;
	int n_before; /* operands that stood before "--"; argc when there was none */
	size_t n_given;
	struct cli_given given[64]; /* options in the order they were given */
};

struct cli_command {
	const char *name;
	const char *synopsis; /* after the name: "[OPTION…] POLICY…" */
	const char *summary;  /* one line, for the list of commands */
	const char *details;  /* more for --help; may be NULL */
	const struct cli_option *options;
	bool execs;	/* options end at the first operand, as what follows is another command */
	bool hidden;	/* not in the list of commands */
	int usage_exit; /* exit code of a usage error; 0: CLI_USAGE */
	int (*run)(const struct cli_args *args);
};

/* The value of an option's last occurrence; NULL when not given (or it takes none, or was given
 * none). */
const char *cli_value(const struct cli_args *args, const char *name);
bool cli_has(const struct cli_args *args, const char *name);
/* The n-th occurrence's value, from 0; NULL when there are fewer. */
const char *cli_value_n(const struct cli_args *args, const char *name, size_t n);

/*
 * A descriptor of the root to read machines from: --root DIR where given, else "/". Reports and
 * returns -errno when it cannot be opened.
 */
int cli_root(const struct cli_args *args);

/* A PID operand: digits only, 1 to 2^22. Describes what is wrong otherwise. */
int cli_parse_pid(const char *text, int *ret, struct mpol_error *err);

/* error_print() to stderr, label "mpol"; returns CLI_NOT_DONE. */
int cli_report(const struct mpol_error *err);
/* "LABEL: WHAT", to stderr, on one line. */
void cli_say(const char *label, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As cli_report(), when an answer could not be put together. */
int cli_no_memory(void);
/* The whole answer, to stdout; CLI_NOT_DONE when it ran out of memory. */
int cli_answer(const struct strbuf *text);
/* A finding, as "mpol: refused: …", "mpol: warning: …", "mpol: note: …". */
void cli_print_finding(FILE *out, const struct mpol_finding *finding);
/* "mpol CMD: WHAT", "Try 'mpol CMD --help'."; returns the command's usage exit code. */
int cli_usage(const struct cli_args *args, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
