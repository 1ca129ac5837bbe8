/* SPDX-License-Identifier: MIT */
/*
 * Kubernetes: the part of a pod that gives its containers the policy, through the runtime class
 * "mpol" (see mpol-runtime(1)) and an annotation. YAML: the text is quoted as JSON is, which YAML
 * reads the same.
 */
#include "json/write.h"
#include "notation/notation.h"

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf policy = { 0 };
	struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_LINE);
	int r = notation_check_known(p, "kubernetes", err);

	if (r == 0)
		r = notation_check_carried(p, "kubernetes", err);
	if (r < 0)
		return r;
	kernel_words(p, false, &policy);
	strbuf_puts(&b, "metadata:\n  annotations:\n    " MPOL_ANNOTATION ": ");
	json_write_string(&w, strbuf_text(&policy));
	strbuf_puts(&b, "\nspec:\n  runtimeClassName: mpol");
	b.failed = b.failed || policy.failed;
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_kubernetes = {
	.name = "kubernetes",
	.summary = "the annotation and runtime class of a pod",
	.print = print,
};
