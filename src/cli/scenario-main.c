/* SPDX-License-Identifier: MIT */
/*
 * mpol-scenario: what an executable of tests is for tests in C, this is for those in a file:
 * `mpol-scenario FILE run|list|show …`. A program of its own, so that nothing else loads the YAML
 * library; `mpol test FILE.yaml` runs it. Also process 1 of a guest.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error-text.h"
#include "cli/scenario.h"
#include "harness/guest.h"
#include "harness/harness.h"
#include "harness/report.h"

static int refuse(const struct mpol_error *err)
{
	error_print(stderr, "mpol", "", err);
	return REPORT_USAGE;
}

int main(int argc, char **argv)
{
	static struct registry registry; /* lives as long as the process */
	struct mpol_error err = { 0 };
	char path[PATH_MAX];

	if (guest_is_init(argc, argv))
		return guest_main();
	if (harness_answers("mpol-scenario FILE", argc, argv))
		return REPORT_PASSED;
	if (argc < 3) {
		fprintf(stderr, "Usage: mpol-scenario FILE run|list|show [OPTION…] [NAME…]\n");
		return REPORT_USAGE;
	}
	if (scenario_read(argv[1], &registry, &err) < 0)
		return refuse(&err);
	/* A guest finds the file at its real path. */
	return harness_run("mpol test", &registry, realpath(argv[1], path), argc - 2, argv + 2);
}
