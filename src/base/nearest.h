/* SPDX-License-Identifier: MIT */
/* "Did you mean …?": the name that a misspelt word was probably meant to be. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *best; /* NULL: nothing is near */
	unsigned distance;
	size_t prefix; /* so many letters are the same at the start */
};

/*
 * Offers a name for the word of len bytes; the nearest one offered stays in n->best; of equals the
 * one with the same beginning, then the first. Letters' case and the characters '-', '_' and ' '
 * count as equal. Names further away than a third of their length, and words longer than 64 bytes,
 * are not near.
 */
void nearest_offer(struct nearest *n, const char *word, size_t len, const char *name);

#endif
