/* SPDX-License-Identifier: MIT */
/*
 * Between nodesets and nodemasks, the kernel's arrays of unsigned long, on 32 and 64 bits.
 */
#ifndef KERNEL_NODEMASK_H
#define KERNEL_NODEMASK_H

#include <limits.h>

#include <mpol/nodes.h>

#define NODEMASK_WORD_BITS (CHAR_BIT * sizeof(unsigned long))
#define NODEMASK_WORDS	   (MPOL_MAX_NODES / NODEMASK_WORD_BITS)

struct nodemask {
	unsigned long word[NODEMASK_WORDS];
	unsigned long maxnode; /* exact, for calls that set: see nodemask_of() */
};

/*
 * maxnode is the highest node + 2: the highest node h is bit h, h + 1 bits are needed, and the
 * kernel subtracts one from what it is given (mm/mempolicy.c get_nodes()). One less silently loses
 * the highest node; a rounded-up value makes kernels read past the set. 0 for the empty set, which
 * is passed as a NULL mask.
 */
static inline struct nodemask nodemask_of(const struct mpol_nodeset *nodes)
{
	struct nodemask mask = { .maxnode = (unsigned long)(mpol_nodes_last(nodes) + 2) };

	for (size_t w = 0; w < NODEMASK_WORDS; w++) {
		size_t bit = w * NODEMASK_WORD_BITS;

		mask.word[w] = (unsigned long)(nodes->word[bit / 64] >> (bit % 64));
	}
	if (mask.maxnode == 1)
		mask.maxnode = 0;
	return mask;
}

/* The array to pass: NULL for the empty set. */
static inline const unsigned long *nodemask_words(const struct nodemask *mask)
{
	return mask->maxnode ? mask->word : NULL;
}

static inline struct mpol_nodeset nodemask_to_nodes(const unsigned long word[NODEMASK_WORDS])
{
	struct mpol_nodeset nodes = { { 0 } };

	for (size_t w = 0; w < NODEMASK_WORDS; w++) {
		size_t bit = w * NODEMASK_WORD_BITS;

		nodes.word[bit / 64] |= (uint64_t)word[w] << (bit % 64);
	}
	return nodes;
}

#endif
