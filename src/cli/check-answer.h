/* SPDX-License-Identifier: MIT */
/* One policy's answer for `mpol check`, and how it is printed. */
#ifndef CLI_CHECK_ANSWER_H
#define CLI_CHECK_ANSWER_H

#include <mpol/check.h>
#include <mpol/notation.h>
#include <mpol/predict.h>

#include "base/strbuf.h"
#include "json/write.h"

#define CHECK_MAX_FINDINGS	24
#define CHECK_MAX_MOVES		16
#define CHECK_MAX_MOVE_FINDINGS 6

/* What all policies of one command are checked against. */
struct check_context {
	int root_fd; /* where the machine was read */
	const struct mpol_machine *machine;
	enum mpol_profile profile;
	size_t n_moves;
	struct mpol_nodeset moves[CHECK_MAX_MOVES];
};

struct check_move {
	struct mpol_kept kept;
	struct mpol_policy readback;
	size_t n_findings;
	struct mpol_finding findings[CHECK_MAX_MOVE_FINDINGS];
};

struct check_answer {
	const char *text;	   /* the policy as written */
	struct mpol_policy policy; /* resolved */
	char resolution[256];	   /* "all = 0-1"; "" when there was nothing to resolve */
	bool accepted;		   /* by the profile; then kept and readback are filled */
	bool refused;		   /* in the end, with --strict */
	struct mpol_kept kept;
	struct mpol_policy readback;
	size_t n_findings;
	struct mpol_finding findings[CHECK_MAX_FINDINGS];
	struct check_move moves[CHECK_MAX_MOVES];
};

/* The answer to a policy; text is as it was written, and must live as long as the answer. */
void check_policy(const struct check_context *c, const char *text, const struct mpol_policy_expr *e,
		  struct check_answer *ret);

/* To standard output: text as it goes, JSON as one object. */
struct check_output {
	struct strbuf text;
	struct json_writer json;
	bool as_json;
};
void check_begin(struct check_output *out, const struct check_context *c, bool as_json);
void check_print(struct check_output *out, const struct check_context *c,
		 const struct check_answer *a);
/* 0, or -ENOMEM. */
int check_end(struct check_output *out);

#endif
