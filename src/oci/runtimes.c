/* SPDX-License-Identifier: MIT */
/* What each runtime does with linux.memoryPolicy; see runtimes.h. */
#include <stdlib.h>
#include <string.h>

#include "oci/runtimes.h"

#include "base/macros.h"

/* Does the set have a node of this remainder by 64: 63, 127, …? */
static bool has_last_of_word(const struct mpol_policy *p)
{
	for (unsigned n = 63; n < MPOL_MAX_NODES; n += 64)
		if (mpol_nodes_has(&p->nodes, n))
			return true;
	return false;
}

/* unix.SetMemPolicy with a set of 1024 bits: maxnode 1024 loses node 1023 only. */
static bool right_below_1023(const struct mpol_policy *p)
{
	return !mpol_nodes_has(&p->nodes, 1023);
}

/* maxnode is the mask's bytes, 8 a word: of one word 7 nodes are left, of two 15. */
static bool right_below_words(const struct mpol_policy *p)
{
	int last = mpol_nodes_last(&p->nodes);

	return last < 0 || last < (last / 64 + 1) * 8 - 1;
}

static bool right_but_last_of_word(const struct mpol_policy *p)
{
	return !has_last_of_word(p) &&
	       (!(p->flags & MPOL_FLAG_NUMA_BALANCING) || p->mode != MPOL_MODE_PREFERRED_MANY);
}

/* Without nodes there is nothing that a move to another cpuset could renumber. */
static bool right_without_nodes(const struct mpol_policy *p)
{
	return mpol_nodes_empty(&p->nodes);
}

/* clang-format off: a table */
const struct oci_runtime oci_runtimes[] = {
	{ "runc", NULL, "1.4.0-rc.1", OCI_IGNORES, OCI_IGNORES,
	  "does not know the field and ignores it without a word", NULL },
	{ "runc", "1.5.0-rc.1+dev", NULL, OCI_DIFFERS, OCI_DIFFERS,
	  "applies it inside the cpuset, but passes the length of the node mask in bytes: only "
	  "nodes 0 to 6 arrive (0 to 14 of two words)",
	  right_below_words },
	{ "runc", "1.4.0-rc.2", "1.5.0", OCI_APPLIES, OCI_APPLIES,
	  "applies it in the container's init, inside its cpuset, and again on exec",
	  right_below_1023 },
	{ "runc", "1.5.1", NULL, OCI_DIFFERS, OCI_DIFFERS,
	  "is newer than what was looked at; the branch it comes from passed the length of the "
	  "node mask in bytes, so that only nodes 0 to 6 arrived",
	  right_below_words },
	{ "crun", NULL, "1.23.999", OCI_IGNORES, OCI_IGNORES,
	  "does not know the field and ignores it without a word", NULL },
	{ "crun", "1.24", NULL, OCI_DIFFERS, OCI_IGNORES,
	  "applies it in its own process, before the container enters its cpuset: the kernel then "
	  "renumbers the nodes (bind:1 becomes bind:2 in mems 1-2); exec does not apply it",
	  right_without_nodes },
	{ "youki", NULL, "0.5.7", OCI_IGNORES, OCI_IGNORES,
	  "does not know the field and ignores it without a word", NULL },
	{ "youki", "0.6.0", NULL, OCI_DIFFERS, OCI_DIFFERS,
	  "applies it inside the cpuset, but loses the last node of each 64 (63, 127), and refuses "
	  "NUMA_BALANCING with PREFERRED_MANY",
	  right_but_last_of_word },
};
/* clang-format on */
const size_t n_oci_runtimes = ELEMENTSOF(oci_runtimes);

static int compare_numbers(const char **a, const char **b)
{
	char *end_a, *end_b;
	unsigned long x = strtoul(*a, &end_a, 10), y = strtoul(*b, &end_b, 10);

	*a = end_a;
	*b = end_b;
	return (x > y) - (x < y);
}

/* "-rc.1" is before the release; what a distribution adds ("+ds1") changes nothing. */
static int rank_of_rest(char c)
{
	return c == '-' || c == '~' ? 0 : 1;
}

int oci_version_compare(const char *a, const char *b)
{
	for (;;) {
		int r = compare_numbers(&a, &b);

		if (r)
			return r;
		if (*a == '.' && *b == '.') {
			a++;
			b++;
			continue;
		}
		if (*a == '.' || *b == '.') { /* 1.24 is 1.24.0 */
			static const char zero[] = "0";
			const char *rest = *a == '.' ? a + 1 : b + 1;
			const char *none = zero;
			bool a_longer = *a == '.';

			r = compare_numbers(&rest, &none);
			if (r)
				return a_longer ? r : -r;
			if (a_longer)
				a = rest;
			else
				b = rest;
			continue;
		}
		break;
	}
	if (rank_of_rest(*a) != rank_of_rest(*b))
		return rank_of_rest(*a) > rank_of_rest(*b) ? 1 : -1;
	if (rank_of_rest(*a) != 0)
		return 0;
	/* "-rc.1" and "-rc.2": by the numbers behind the same word. */
	a += strcspn(a, "0123456789");
	b += strcspn(b, "0123456789");
	return compare_numbers(&a, &b);
}

/* Builds of a development branch are rows of their own. */
static bool is_development(const char *version)
{
	return version && strstr(version, "+dev");
}

const struct oci_runtime *oci_runtime_find(const char *name, const char *version)
{
	for (size_t i = 0; i < n_oci_runtimes; i++) {
		const struct oci_runtime *r = &oci_runtimes[i];

		if (!STREQ(r->name, name) || (is_development(r->from) && !is_development(version)))
			continue;
		if (r->from && oci_version_compare(version, r->from) < 0)
			continue;
		if (r->to && oci_version_compare(version, r->to) > 0)
			continue;
		return r;
	}
	return NULL;
}
