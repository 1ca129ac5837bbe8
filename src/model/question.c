/* SPDX-License-Identifier: MIT */
/* Taking a request apart as the kernel does before it judges; see question.h. */
#include <string.h>

#include "base/macros.h"
#include "model/question.h"
#include "model/rebind.h"
#include "model/words.h"

bool question_without_nodes(const struct question *q)
{
	return mpol_nodes_empty(&q->nodes) && q->too_high < 0 && !q->too_long && !q->unreadable;
}

bool question_mode_has_nodes(const struct question *q)
{
	return q->mode >= 0 && q->mode < MPOL_N_MODES && q->mode != MPOL_MODE_DEFAULT &&
	       q->mode != MPOL_MODE_LOCAL;
}

/* A kernel of which nothing is known is taken for the newest. */
static void know_kernel(struct question *q, const struct mpol_situation *situation)
{
	if (situation && situation->kernel.known)
		q->kernel = situation->kernel;
	else
		q->kernel = *kernel_newest();
}

static void split_mode(struct question *q, int mode)
{
	q->flags = (unsigned)mode & MPOL_ALL_FLAGS;
	q->mode = (int)((unsigned)mode & ~(unsigned)MPOL_ALL_FLAGS);
}

/* Keeps the bits 0 to bits - 1 of a word. */
static uint64_t low_bits(uint64_t word, uint64_t bits)
{
	return bits >= 64 ? word : word & (((uint64_t)1 << bits) - 1);
}

/* Keeps the bits below `bits` of word w of the mask. */
static uint64_t word_below(const uint64_t *mask, uint64_t w, uint64_t bits)
{
	return low_bits(mask[w], bits - w * 64);
}

/* The lowest bit at or above MAX_NUMNODES in words below `words`, or -1. */
static int bit_too_high(const uint64_t *mask, uint64_t words, uint64_t bits)
{
	for (uint64_t w = MPOL_MAX_NODES / 64; w < words; w++) {
		uint64_t word = word_below(mask, w, bits);

		if (word)
			return (int)(w * 64 + (unsigned)__builtin_ctzll(word));
	}
	return -1;
}

/*
 * get_nodes(): maxnode is one more than the bits there are, and wraps around at 0. Beyond
 * MAX_NUMNODES newer kernels begin with the last word, which they look at as a whole; older ones
 * begin with the first.
 */
static void read_mask(struct question *q, const struct mpol_request *request)
{
	uint64_t bits = request->maxnode - 1, words = bits / 64 + (bits % 64 != 0),
		 readable = words;
	bool whole = q->kernel.mask_checks_whole_words;

	q->too_high = -1;
	if (!request->mask || bits == 0)
		return;
	q->too_long = bits > QUESTION_LONGEST_MASK;
	if (q->too_long)
		return;
	if (request->readable)
		readable = MIN(words, request->readable);
	q->unreadable = readable < words;
	if (q->unreadable && whole)
		return;
	for (uint64_t w = 0; w < MIN(readable, (uint64_t)MPOL_MAX_NODES / 64); w++)
		q->nodes.word[w] = word_below(request->mask, w, bits);
	q->too_high = bit_too_high(request->mask, readable, whole ? words * 64 : bits);
}

/* mpol_set_nodemask(): which nodes are left of those given. */
static void find_usable(struct question *q, const struct mpol_situation *situation)
{
	q->situated = situation && !mpol_nodes_empty(&situation->mems_allowed);
	if (!q->situated)
		return;
	q->situation = situation;
	q->allowed = situation->mems_allowed;
	if (q->flags & MPOL_FLAG_RELATIVE_NODES)
		q->usable = nodes_relative(&q->nodes, &q->allowed);
	else
		q->usable = mpol_nodes_and(&q->nodes, &q->allowed);
}

void question_from_request(struct question *q, const struct mpol_request *request,
			   const struct mpol_situation *situation)
{
	*q = (struct question){ 0 };
	know_kernel(q, situation);
	split_mode(q, request->mode);
	read_mask(q, request);
	find_usable(q, situation);
}

void question_from_policy(struct question *q, const struct mpol_policy *p,
			  const struct mpol_situation *situation)
{
	const struct mpol_request request = {
		.mode = (int)((unsigned)p->mode | p->flags),
		.mask = p->nodes.word,
		.maxnode = MPOL_MAX_NODES + 1,
	};

	question_from_request(q, &request, situation);
}

const struct refusal *question_first_refusal(const struct question *q)
{
	for (size_t i = 0; i < n_kernel_refusals; i++)
		if (kernel_refusals[i].broken(q))
			return &kernel_refusals[i];
	return NULL;
}

int question_refuse(const struct question *q, const struct refusal *refusal, struct mpol_error *err)
{
	const struct mpol_rule *rule = &policy_rules[refusal->rule];

	if (err) {
		words_begin(err, rule, refusal->where);
		refusal->describe(q, err);
	}
	return -rule->errnum;
}
