/* SPDX-License-Identifier: MIT */
/*
 * A question to the rules: one request in one situation, taken apart once. What prediction
 * (predict.c) and checking (check.c) ask is the same, so that they cannot disagree.
 */
#ifndef MODEL_QUESTION_H
#define MODEL_QUESTION_H

#include <mpol/check.h>
#include <mpol/predict.h>

#include "model/rules.h"

#define QUESTION_LONGEST_MASK 32768 /* get_nodes(): one page of bits, with pages of 4096 bytes */

struct question {
	int mode;	 /* without the flags this kernel knows */
	unsigned flags;	 /* those it knows */
	bool too_long;	 /* the mask is longer than the kernel reads */
	bool unreadable; /* a word of the mask that the kernel reads is not mapped */
	int too_high; /* lowest bit set at or above MAX_NUMNODES that the kernel sees; -1: none */
	struct mpol_nodeset nodes;   /* as given, below MAX_NUMNODES */
	bool situated;		     /* the next three are known */
	struct mpol_nodeset allowed; /* nodes with memory in the cpuset */
	struct mpol_nodeset usable;  /* what is left of nodes: after folding, or after dropping */
	const struct mpol_situation *situation;
	const struct mpol_machine *machine; /* for explanations only; may be NULL */
	struct mpol_kernel kernel;
};

/* situation and machine may be NULL. */
void question_from_request(struct question *q, const struct mpol_request *request,
			   const struct mpol_situation *situation);
void question_from_policy(struct question *q, const struct mpol_policy *p,
			  const struct mpol_situation *situation);

/* No node was given, not even one too high. */
bool question_without_nodes(const struct question *q);
/* The mode has a node set that must not be empty (PREFERRED's may be). */
bool question_mode_has_nodes(const struct question *q);

/* A rule that refuses: in the table's order, which is the kernel's. */
struct refusal {
	enum policy_rule rule;
	bool (*broken)(const struct question *q);
	const char *where; /* "mode", "flags" or "nodes" */
	void (*describe)(const struct question *q,
			 struct mpol_error *err); /* fills what, and hint where it can be sharper */
};
extern const struct refusal kernel_refusals[];
extern const size_t n_kernel_refusals;

/* NULL: accepted. */
const struct refusal *question_first_refusal(const struct question *q);
/* What the kernel keeps when no rule is broken; without a situation, with the nodes as given. */
void question_keep(const struct question *q, struct mpol_kept *ret);
/* Describes it in err; returns -errno. */
int question_refuse(const struct question *q, const struct refusal *refusal,
		    struct mpol_error *err);

#endif
