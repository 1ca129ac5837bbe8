/* SPDX-License-Identifier: MIT */
/* Files of lines that begin with a key, as vmstat, memory.stat, numastat and meminfo are. */
#ifndef PLACEMENT_KEYED_H
#define PLACEMENT_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next line of *text, taken apart in place: false at the end. */
bool keyed_line(char **text, char **ret_line);

/*
 * A decimal number at *p, behind spaces, which *p is moved behind. False when there is none, or one
 * above 2^64.
 */
bool keyed_number(char **p, uint64_t *ret);

/* "N<id>=<n>" at *p, behind spaces; ids above 1023 are none. */
bool keyed_node(char **p, unsigned *ret_node, uint64_t *ret_value);

/*
 * A table of keys. The value of each line "key value", "key: value kB" or "Node 0 key: value kB"
 * whose key stands in it is added to sums[into], kB as bytes, and known[into] becomes true. Takes
 * the text apart.
 */
struct keyed_row {
	const char *key;
	size_t into;
};
void keyed_sum(char *text, const struct keyed_row *rows, size_t n_rows, bool *known,
	       uint64_t *sums);

#endif
