/* SPDX-License-Identifier: MIT */
/* How errors and findings are said to people; see command.h. */
#include <string.h>

#include "cli/command.h"

static void print(FILE *out, const char *label, const char *severity, const struct mpol_error *err)
{
	const char *hint = mpol_error_hint(err);

	fprintf(out, "%s: %s%s%s%s\n", label, severity, err->where, *err->where ? ": " : "",
		err->what);
	if (err->rule)
		fprintf(out, "      %s   [%s]\n", err->rule->why, err->rule->id);
	if (hint)
		fprintf(out, "      Hint: %s\n", hint);
}

void cli_print_error(FILE *out, const char *label, const struct mpol_error *err)
{
	print(out, label, "", err);
}

int cli_report(const struct mpol_error *err)
{
	print(stderr, "mpol", "", err);
	return CLI_NOT_DONE;
}

void cli_print_finding(FILE *out, const struct mpol_finding *finding)
{
	static const char *const severities[] = {
		[MPOL_NOTE] = "note: ",
		[MPOL_WARNING] = "warning: ",
		[MPOL_REFUSED] = "refused: ",
	};

	print(out, "mpol", severities[finding->severity], &finding->error);
}
