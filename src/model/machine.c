/* SPDX-License-Identifier: MIT */
/* Questions to a machine that is already known: pure, no files, no system calls; see
 * mpol/machine.h. */
#include <stdlib.h>
#include <string.h>

#include <mpol/machine.h>

#include "base/list.h"
#include "base/macros.h"

#define N_WORDS ELEMENTSOF(((struct mpol_cpus *)0)->word)

bool mpol_cpus_empty(const struct mpol_cpus *s)
{
	return mpol_cpus_next(s, 0) < 0;
}

bool mpol_cpus_equal(const struct mpol_cpus *a, const struct mpol_cpus *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool mpol_cpus_subset(const struct mpol_cpus *part, const struct mpol_cpus *whole)
{
	for (size_t w = 0; w < N_WORDS; w++)
		if (part->word[w] & ~whole->word[w])
			return false;
	return true;
}

bool mpol_cpus_intersect(const struct mpol_cpus *a, const struct mpol_cpus *b)
{
	for (size_t w = 0; w < N_WORDS; w++)
		if (a->word[w] & b->word[w])
			return true;
	return false;
}

unsigned mpol_cpus_count(const struct mpol_cpus *s)
{
	return bits_count(s->word, N_WORDS);
}

int mpol_cpus_next(const struct mpol_cpus *s, unsigned from)
{
	return bits_next(s->word, N_WORDS, from);
}

struct mpol_cpus mpol_cpus_and(const struct mpol_cpus *a, const struct mpol_cpus *b)
{
	struct mpol_cpus s;

	for (size_t w = 0; w < N_WORDS; w++)
		s.word[w] = a->word[w] & b->word[w];
	return s;
}

int mpol_cpus_parse(const char *text, struct mpol_cpus *ret, struct mpol_error *err)
{
	return list_parse(text, MPOL_MAX_CPUS - 1, "CPU", ret->word, err);
}

size_t mpol_cpus_print(const struct mpol_cpus *s, char *buf, size_t size)
{
	return list_print(s->word, N_WORDS, buf, size);
}

void mpol_machine_done(struct mpol_machine *m)
{
	free(m->nodes);
	free(m->distance);
	free(m->llcs);
	*m = (struct mpol_machine){ 0 };
}

const struct mpol_node *mpol_machine_node(const struct mpol_machine *m, unsigned id)
{
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].id == id)
			return &m->nodes[i];
	return NULL;
}

unsigned mpol_machine_distance(const struct mpol_machine *m, unsigned from, unsigned to)
{
	const struct mpol_node *a = mpol_machine_node(m, from), *b = mpol_machine_node(m, to);

	if (!m->distance || !a || !b)
		return 0;
	return m->distance[(size_t)(a - m->nodes) * m->n_nodes + (size_t)(b - m->nodes)];
}

struct mpol_nodeset mpol_machine_memory_only(const struct mpol_machine *m)
{
	return mpol_nodes_minus(&m->with_memory, &m->with_cpus);
}

struct mpol_nodeset mpol_machine_nodes_of_cpus(const struct mpol_machine *m,
					       const struct mpol_cpus *cpus)
{
	struct mpol_nodeset s = { { 0 } };

	for (size_t i = 0; i < m->n_nodes; i++)
		if (mpol_cpus_intersect(&m->nodes[i].cpus, cpus))
			mpol_nodes_add(&s, m->nodes[i].id);
	return s;
}
