/* SPDX-License-Identifier: MIT */
/* Sets of nodes; see mpol/nodes.h. */
#include <errno.h>
#include <string.h>

#include <mpol/nodes.h>

#include "base/list.h"
#include "base/macros.h"

#define N_WORDS ELEMENTSOF(((struct mpol_nodeset *)0)->word)

static const struct mpol_rule rule_node_number = {
	"node-number",
	EINVAL,
	"Node numbers end at 1023, the largest NODES_SHIFT of any Linux kernel.",
	"name nodes between 0 and 1023, the lower one first",
	"mm/Kconfig NODES_SHIFT",
	NULL,
};

bool mpol_nodes_empty(const struct mpol_nodeset *s)
{
	return mpol_nodes_next(s, 0) < 0;
}

bool mpol_nodes_equal(const struct mpol_nodeset *a, const struct mpol_nodeset *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool mpol_nodes_subset(const struct mpol_nodeset *part, const struct mpol_nodeset *whole)
{
	struct mpol_nodeset rest = mpol_nodes_minus(part, whole);

	return mpol_nodes_empty(&rest);
}

unsigned mpol_nodes_count(const struct mpol_nodeset *s)
{
	return bits_count(s->word, N_WORDS);
}

int mpol_nodes_next(const struct mpol_nodeset *s, unsigned from)
{
	return bits_next(s->word, N_WORDS, from);
}

int mpol_nodes_last(const struct mpol_nodeset *s)
{
	for (size_t w = N_WORDS; w-- > 0;)
		if (s->word[w])
			return (int)(w * 64 + 63 - (unsigned)__builtin_clzll(s->word[w]));
	return -1;
}

struct mpol_nodeset mpol_nodes_and(const struct mpol_nodeset *a, const struct mpol_nodeset *b)
{
	struct mpol_nodeset s;

	for (size_t w = 0; w < N_WORDS; w++)
		s.word[w] = a->word[w] & b->word[w];
	return s;
}

struct mpol_nodeset mpol_nodes_or(const struct mpol_nodeset *a, const struct mpol_nodeset *b)
{
	struct mpol_nodeset s;

	for (size_t w = 0; w < N_WORDS; w++)
		s.word[w] = a->word[w] | b->word[w];
	return s;
}

struct mpol_nodeset mpol_nodes_minus(const struct mpol_nodeset *a, const struct mpol_nodeset *b)
{
	struct mpol_nodeset s;

	for (size_t w = 0; w < N_WORDS; w++)
		s.word[w] = a->word[w] & ~b->word[w];
	return s;
}

int mpol_nodes_from(const unsigned *nodes, size_t n, struct mpol_nodeset *ret,
		    struct mpol_error *err)
{
	struct mpol_nodeset s = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		if (nodes[i] >= MPOL_MAX_NODES)
			return mpol_fail(err, &rule_node_number, "",
					 "node %u is above %u, the highest there can be", nodes[i],
					 MPOL_MAX_NODES - 1);
		mpol_nodes_add(&s, nodes[i]);
	}
	*ret = s;
	return 0;
}

int mpol_nodes_range(unsigned first, unsigned last, struct mpol_nodeset *ret,
		     struct mpol_error *err)
{
	struct mpol_nodeset s = { { 0 } };

	if (last >= MPOL_MAX_NODES)
		return mpol_fail(err, &rule_node_number, "",
				 "node %u is above %u, the highest there can be", last,
				 MPOL_MAX_NODES - 1);
	if (first > last)
		return mpol_fail(err, &rule_node_number, "", "the range %u-%u is reversed", first,
				 last);
	for (unsigned n = first; n <= last; n++)
		mpol_nodes_add(&s, n);
	*ret = s;
	return 0;
}

int mpol_nodes_parse(const char *text, struct mpol_nodeset *ret, struct mpol_error *err)
{
	return list_parse(text, MPOL_MAX_NODES - 1, "node", ret->word, err);
}

size_t mpol_nodes_print(const struct mpol_nodeset *s, char *buf, size_t size)
{
	return list_print(s->word, N_WORDS, buf, size);
}
