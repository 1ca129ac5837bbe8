/* SPDX-License-Identifier: MIT */
/* What set_mempolicy(2) makes of a request, and how it is read back; see mpol/predict.h. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "model/question.h"
#include "model/rebind.h"

/* policy_modes[] and the flags as mpol_to_str() prints them: static or relative first. */
static const char *const mode_texts[MPOL_N_MODES] = {
	[MPOL_MODE_DEFAULT] = "default",
	[MPOL_MODE_PREFERRED] = "prefer",
	[MPOL_MODE_BIND] = "bind",
	[MPOL_MODE_INTERLEAVE] = "interleave",
	[MPOL_MODE_LOCAL] = "local",
	[MPOL_MODE_PREFERRED_MANY] = "prefer (many)",
	[MPOL_MODE_WEIGHTED_INTERLEAVE] = "weighted interleave",
};

static struct mpol_nodeset lowest_of(const struct mpol_nodeset *s)
{
	struct mpol_nodeset one = { { 0 } };
	int node = mpol_nodes_next(s, 0);

	if (node >= 0)
		mpol_nodes_add(&one, (unsigned)node);
	return one;
}

/* mpol_new(), mpol_set_nodemask() and the modes' create(), for a question that breaks no rule. */
void question_keep(const struct question *q, struct mpol_kept *ret)
{
	*ret = (struct mpol_kept){ .mode = (enum mpol_mode)q->mode };
	if (q->mode == MPOL_MODE_DEFAULT)
		return; /* no policy at all; flags are forgotten */
	if (!question_mode_has_nodes(q) || mpol_nodes_empty(&q->nodes)) {
		ret->local = !q->kernel.local_is_a_mode;
		ret->mode = q->kernel.local_is_a_mode ? MPOL_MODE_LOCAL : MPOL_MODE_PREFERRED;
		return;
	}
	ret->flags = q->flags;
	ret->nodes = q->situated ? q->usable : q->nodes;
	if (q->mode == MPOL_MODE_PREFERRED)
		ret->nodes = lowest_of(&ret->nodes);
	ret->saved = keeps_user_nodes(q->flags, &q->kernel) ? q->nodes : q->allowed;
}

int mpol_predict(const struct mpol_request *request, const struct mpol_situation *situation,
		 struct mpol_kept *ret, struct mpol_error *err)
{
	const struct refusal *refusal;
	struct question q;

	question_from_request(&q, request, situation);
	refusal = question_first_refusal(&q);
	if (refusal)
		return question_refuse(&q, refusal, err);
	question_keep(&q, ret);
	return 0;
}

int mpol_predict_policy(const struct mpol_policy *p, const struct mpol_situation *situation,
			struct mpol_kept *ret, struct mpol_error *err)
{
	const struct mpol_request request = {
		.mode = (int)((unsigned)p->mode | p->flags),
		.mask = p->nodes.word,
		.maxnode = MPOL_MAX_NODES + 1,
	};

	return mpol_predict(&request, situation, ret, err);
}

/* copy_nodes_to_user(): whole words, as many as hold the possible nodes. */
static struct mpol_nodeset reported(const struct mpol_nodeset *s,
				    const struct mpol_nodeset *possible)
{
	struct mpol_nodeset cut = *s;
	int last = mpol_nodes_last(possible);

	for (size_t w = last < 0 ? ELEMENTSOF(cut.word) : (size_t)last / 64 + 1;
	     w < ELEMENTSOF(cut.word); w++)
		cut.word[w] = 0;
	return cut;
}

struct mpol_policy mpol_kept_readback(const struct mpol_kept *kept,
				      const struct mpol_situation *situation)
{
	const struct mpol_kernel *k =
		situation->kernel.known ? &situation->kernel : kernel_newest();
	struct mpol_policy p = { .mode = kept->mode, .flags = kept->flags };

	if (keeps_user_nodes(kept->flags, k))
		p.nodes = reported(&kept->saved, &situation->possible);
	else if (!kept->local)
		p.nodes = reported(&kept->nodes, &situation->possible);
	return p;
}

int mpol_predict_readback(uint64_t maxnode, const struct mpol_situation *situation,
			  struct mpol_error *err)
{
	const struct mpol_rule *rule = &policy_rules[RULE_READBACK_SIZE];
	int possible = mpol_nodes_last(&situation->possible) + 1;
	uint64_t words = (maxnode - 1) / 64 + ((maxnode - 1) % 64 != 0);

	if (maxnode < (uint64_t)possible)
		return mpol_fail(err, rule, "maxnode",
				 "%llu is less than the %d nodes that are possible",
				 (unsigned long long)maxnode, possible);
	if (words > QUESTION_LONGEST_MASK / 64)
		return mpol_fail(err, rule, "maxnode", "%llu is more than a page of bits",
				 (unsigned long long)maxnode);
	return (int)words;
}

/* Adds text to buf as the kernel does: what goes beyond the end is cut. */
static size_t add(char buf[MPOL_KEPT_TEXT], size_t len, const char *text)
{
	int n = snprintf(buf + len, MPOL_KEPT_TEXT - len, "%s", text);

	return MIN(len + (size_t)n, (size_t)MPOL_KEPT_TEXT - 1);
}

size_t mpol_kept_text(const struct mpol_kept *kept, const struct mpol_kernel *kernel,
		      char buf[MPOL_KEPT_TEXT])
{
	const struct mpol_kernel *k = kernel && kernel->known ? kernel : kernel_newest();
	bool balancing = kept->flags & MPOL_FLAG_NUMA_BALANCING;
	enum mpol_mode mode = kept->local ? MPOL_MODE_LOCAL : kept->mode;
	char list[MPOL_KEPT_TEXT];
	size_t len;

	if (balancing && !k->balancing_is_shown)
		return add(buf, 0, mode_texts[MPOL_MODE_DEFAULT]);
	len = add(buf, 0, mode_texts[mode]);
	if (kept->flags)
		len = add(buf, len, "=");
	if (kept->flags & MPOL_FLAG_STATIC_NODES)
		len = add(buf, len, "static");
	if (kept->flags & MPOL_FLAG_RELATIVE_NODES)
		len = add(buf, len, "relative");
	if (balancing && kept->flags != MPOL_FLAG_NUMA_BALANCING)
		len = add(buf, len, "|");
	if (balancing)
		len = add(buf, len, "balancing");
	if (kept->local || mpol_nodes_empty(&kept->nodes))
		return len;
	len = add(buf, len, ":");
	(void)mpol_nodes_print(&kept->nodes, list, sizeof(list)); /* cut here at the latest */
	return add(buf, len, list);
}
