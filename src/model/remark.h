/* SPDX-License-Identifier: MIT */
/* Findings about a policy that is accepted: what it silently becomes, and what it does not do. */
#ifndef MODEL_REMARK_H
#define MODEL_REMARK_H

#include "model/question.h"

struct remark {
	enum policy_rule rule;
	enum mpol_severity severity;
	const char *where; /* "mode", "flags", "nodes" or "" */
	bool (*applies)(const struct question *q, const struct mpol_kept *kept);
	void (*describe)(const struct question *q, const struct mpol_kept *kept,
			 struct mpol_error *err);
};
extern const struct remark remarks[]; /* warnings first */
extern const size_t n_remarks;

#endif
