/* SPDX-License-Identifier: MIT */
/*
 * Sets of NUMA nodes.
 *
 * nodeset: the structure. nodelist: its text, "0-3,7". nodemask: the kernel's array of words.
 * A nodeset is a plain value of 128 bytes: copy it, keep it in const tables, compare it with
 * mpol_nodes_equal(). Nodes are numbered 0 to 1023, the kernel's largest NODES_SHIFT (10).
 */
#ifndef MPOL_NODES_H
#define MPOL_NODES_H

#include <mpol/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPOL_MAX_NODES 1024

struct mpol_nodeset {
	uint64_t word[MPOL_MAX_NODES / 64];
};

/* Large enough for the text of any nodeset, with its NUL: "0,2,4,…,1022". */
#define MPOL_NODES_TEXT 2560

#ifndef __cplusplus
/*
 * MPOL_NODES(0, 3): a brace initialiser for a nodeset, of 1 to 16 literal nodes, each 0 to 63, checked at
 * compile time. For every other set: mpol_nodes_from, mpol_nodes_range, mpol_nodes_parse.
 * C only: g++ refuses a type defined inside sizeof.
 */
/* The list is padded with -1, which stands for "no node" and sets no bit. */
#define MPOL_NODES(...)                                                                             \
	{ { MPOL_NODES_PICK_(__VA_ARGS__, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,   \
			     -1, -1, -1) } }
#define MPOL_NODES_PICK_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ...)                    \
	(MPOL_NODE_BIT_(a) | MPOL_NODE_BIT_(b) | MPOL_NODE_BIT_(c) | MPOL_NODE_BIT_(d) |            \
	 MPOL_NODE_BIT_(e) | MPOL_NODE_BIT_(f) | MPOL_NODE_BIT_(g) | MPOL_NODE_BIT_(h) |            \
	 MPOL_NODE_BIT_(i) | MPOL_NODE_BIT_(j) | MPOL_NODE_BIT_(k) | MPOL_NODE_BIT_(l) |            \
	 MPOL_NODE_BIT_(m) | MPOL_NODE_BIT_(n) | MPOL_NODE_BIT_(o) | MPOL_NODE_BIT_(p) |            \
	 MPOL_REQUIRE_((q) == -1, "MPOL_NODES takes at most 16 nodes: use mpol_nodes_parse") |      \
	 MPOL_REQUIRE_((a) >= 0, "MPOL_NODES takes at least one node, 0 to 63"))
#define MPOL_NODE_BIT_(n)                                                                           \
	(MPOL_REQUIRE_((n) >= -1 && (n) < 64, "MPOL_NODES takes nodes 0 to 63: use mpol_nodes_parse") | \
	 ((n) == -1 ? 0 : (uint64_t)1 << ((n) & 63)))
/* 0, or a compile error that says why. */
#define MPOL_REQUIRE_(cond, message)                                                                \
	(0 * (uint64_t)sizeof(struct { _Static_assert(cond, message); int unused_; }))
#endif

static inline bool mpol_nodes_has(const struct mpol_nodeset *s, unsigned node)
{
	return node < MPOL_MAX_NODES && (s->word[node / 64] >> (node % 64) & 1);
}

/* Does nothing when node is above 1023. */
static inline void mpol_nodes_add(struct mpol_nodeset *s, unsigned node)
{
	if (node < MPOL_MAX_NODES)
		s->word[node / 64] |= (uint64_t)1 << (node % 64);
}

static inline void mpol_nodes_remove(struct mpol_nodeset *s, unsigned node)
{
	if (node < MPOL_MAX_NODES)
		s->word[node / 64] &= ~((uint64_t)1 << (node % 64));
}

bool mpol_nodes_empty(const struct mpol_nodeset *s);
bool mpol_nodes_equal(const struct mpol_nodeset *a, const struct mpol_nodeset *b);
bool mpol_nodes_subset(const struct mpol_nodeset *part, const struct mpol_nodeset *whole);
unsigned mpol_nodes_count(const struct mpol_nodeset *s);

/* The lowest node that is >= from; -1 when there is none. `for (n = mpol_nodes_next(s, 0); n >= 0; n = mpol_nodes_next(s, n + 1))` */
int mpol_nodes_next(const struct mpol_nodeset *s, unsigned from);
/* The highest node; -1 when the set is empty. */
int mpol_nodes_last(const struct mpol_nodeset *s);

struct mpol_nodeset mpol_nodes_and(const struct mpol_nodeset *a, const struct mpol_nodeset *b);
struct mpol_nodeset mpol_nodes_or(const struct mpol_nodeset *a, const struct mpol_nodeset *b);
struct mpol_nodeset mpol_nodes_minus(const struct mpol_nodeset *a, const struct mpol_nodeset *b);

/* Sets built at run time. Nodes above 1023: -EINVAL, and ret is untouched. n may be 0: the empty set. */
int mpol_nodes_from(const unsigned *nodes, size_t n, struct mpol_nodeset *ret, struct mpol_error *err);
/* first to last, both included; first > last is -EINVAL. */
int mpol_nodes_range(unsigned first, unsigned last, struct mpol_nodeset *ret, struct mpol_error *err);

/*
 * A nodelist as the kernel prints it: numbers and ranges, separated by single commas: "0-3,7". "" is the empty
 * set. Items may overlap and come in any order. "0-", "3-1", "0,,2", "-1", "+1", " 0", and numbers above 1023 are
 * errors that name the column (1-based) in err->where. Time and memory do not grow with the numbers written.
 */
int mpol_nodes_parse(const char *text, struct mpol_nodeset *ret, struct mpol_error *err);

/* Prints the nodelist, "0-3,7", or "" for the empty set; returns its length, cut to size - 1 as snprintf does. */
size_t mpol_nodes_print(const struct mpol_nodeset *s, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
