/* SPDX-License-Identifier: MIT */
/* What the notations share. */
#ifndef NOTATION_NOTATION_H
#define NOTATION_NOTATION_H

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

extern const struct mpol_notation notation_kernel, notation_oci, notation_numactl, notation_systemd,
	notation_c, notation_podman, notation_docker, notation_kubernetes;

/* The key under which mpol-runtime finds a policy, in the kernel's notation, among a container's
 * annotations. */
#define MPOL_ANNOTATION "org.mpol.memory-policy"

/* "column N" of p within text. */
const char *text_column(const char *text, const char *p, char buf[32]);
/* What stands at p, for a sentence: 'x', or "the end". */
const char *text_shown(const char *p, char buf[16]);

/*
 * The policy in the kernel's notation with words for names ("preferred-many"), so without spaces;
 * with a plus for every comma when plus is true. Nodes may be unresolved.
 */
void kernel_words(const struct mpol_policy_expr *p, bool plus, struct strbuf *out);
/* The kernel's own text, "prefer (many):0-1". */
void kernel_text(const struct mpol_policy_expr *p, struct strbuf *out);

/*
 * The end of every print(): hands the text over, or says that memory ran out.
 */
int notation_take(struct strbuf *b, char **ret, struct mpol_error *err);

/* Refuses modes and flags that are no known ones: every print() begins with it. */
int notation_check_known(const struct mpol_policy_expr *p, const char *notation,
			 struct mpol_error *err);
/* Refuses nodes that are not numbers alone, for notations that know only those. */
int notation_check_literal(const struct mpol_policy_expr *p, const char *notation,
			   struct mpol_error *err);

/*
 * Refuses nodes that mpol-runtime could not make sense of later: "same" has no previous list there.
 */
int notation_check_carried(const struct mpol_policy_expr *p, const char *notation,
			   struct mpol_error *err);

#endif
