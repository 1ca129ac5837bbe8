/* SPDX-License-Identifier: MIT */
/*
 * The kernel's list format, "0-3,7", as used for nodes and CPUs: strict, in constant memory, and in
 * time proportional to the text and the set, whatever the numbers.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <mpol/error.h>
#include <stdint.h>

/*
 * Sets the bits of the list in words, which holds numbers 0 to max and is cleared first. noun is
 * "node" or "CPU". On failure words is untouched and err->where is "column N", counted from 1.
 */
int list_parse(const char *text, unsigned max, const char *noun, uint64_t *words,
	       struct mpol_error *err);
/* Prints the bits of n_words words; returns the length, cut to size - 1 as snprintf does. */
size_t list_print(const uint64_t *words, size_t n_words, char *buf, size_t size);

/* Adds the bits first to last, which words has room for. */
void bits_add_range(uint64_t *words, unsigned first, unsigned last);
/* Sets of bits in words: the next one at or after from, or -1. */
int bits_next(const uint64_t *words, size_t n_words, unsigned from);
unsigned bits_count(const uint64_t *words, size_t n_words);

#endif
