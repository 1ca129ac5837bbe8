/* SPDX-License-Identifier: MIT */
/*
 * How policies are said in findings: short, and so that it can be given back to `mpol check`.
 * Parsing and printing notations proper is the notation room's.
 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include "model/question.h"

#define WORDS_LIST   48 /* a node list, cut with "…" */
#define WORDS_POLICY 96

/* Begins an error about a rule, its texts still empty: what mpol_fail() does, for those who
 * describe it in steps. */
void words_begin(struct mpol_error *err, const struct mpol_rule *rule, const char *where);
/* err->what and err->hint; err may be NULL. Lists are cut before, so that the sentence ends. */
void words_what(struct mpol_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void words_hint(struct mpol_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *words_mode(int mode);	 /* "preferred-many"; "mode ?" when there is none */
const char *words_flags(unsigned flags); /* "STATIC_NODES and NUMA_BALANCING" */
const char *words_kernel(const struct mpol_kernel *k);
const char *words_list(const struct mpol_nodeset *s, char buf[WORDS_LIST]);
/* "bind=static:0-1" */
const char *words_policy(int mode, unsigned flags, const struct mpol_nodeset *nodes,
			 char buf[WORDS_POLICY]);
/* "5 is absent (possible: 0-4), 2 has no memory; this task may use 0-1" of the nodes that are not
 * usable. */
const char *words_why_unusable(const struct question *q, const struct mpol_nodeset *nodes,
			       char buf[128]);

#endif
