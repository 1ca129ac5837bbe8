/* SPDX-License-Identifier: MIT */
/* How errors and findings are said to people; see command.h. */
#include <stdarg.h>

#include "base/cleanup.h"
#include "base/error-text.h"
#include "base/no-memory.h"
#include "cli/command.h"

int cli_report(const struct mpol_error *err)
{
	error_print(stderr, "mpol", "", err);
	return CLI_NOT_DONE;
}

static void say(const char *label, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static void say(const char *label, const char *fmt, va_list ap)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 }, shown = { 0 };

	strbuf_vprintf(&text, fmt, ap);
	strbuf_puts_visible(&shown, strbuf_text(&text));
	fprintf(stderr, "%s: %s\n", label, strbuf_text(&shown));
}

void cli_say(const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(label, fmt, ap);
	va_end(ap);
}

int cli_usage(const struct cli_args *args, const char *fmt, ...)
{
	const struct cli_command *c = args->command;
	char label[32];
	va_list ap;

	(void)snprintf(label, sizeof(label), "mpol %s", c->name); /* names are short */
	va_start(ap, fmt);
	say(label, fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try '%s --help'.\n", label);
	return c->usage_exit ? c->usage_exit : CLI_USAGE;
}

int cli_no_memory(void)
{
	struct mpol_error err = { 0 };

	(void)no_memory(&err, "the answer");
	return cli_report(&err);
}

int cli_answer(const struct strbuf *text)
{
	if (text->failed)
		return cli_no_memory();
	fputs(strbuf_text(text), stdout);
	return CLI_DONE;
}

void cli_print_finding(FILE *out, const struct mpol_finding *finding)
{
	static const char *const severities[] = {
		[MPOL_NOTE] = "note: ",
		[MPOL_WARNING] = "warning: ",
		[MPOL_REFUSED] = "refused: ",
	};

	error_print(out, "mpol", severities[finding->severity], &finding->error);
}
