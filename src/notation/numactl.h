/* SPDX-License-Identifier: MIT */
/* numactl's options where they are options already, not a text: our own command lines. */
#ifndef NOTATION_NUMACTL_H
#define NOTATION_NUMACTL_H

#include <mpol/notation.h>

struct numactl_given {
	const char *name;  /* "membind" */
	const char *value; /* NULL when it takes none */
};

/* The policy that the options name together; errors have "--membind, column 3" as where. */
int numactl_from_options(const struct numactl_given *given, size_t n, struct mpol_policy_expr *ret,
			 struct mpol_error *err);

#endif
