/* SPDX-License-Identifier: MIT */
/* Random numbers that a seed decides: the same seed, the same accesses. */
#ifndef WORK_RANDOM_H
#define WORK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The next one; any state is a seed. SplitMix64 (Steele, Lea, Flood 2014), whose every 64-bit state
 * is as good as another. */
uint64_t work_random(uint64_t *state);
/* 0 to n - 1, n above 0; the bias is below n / 2^64. */
uint64_t work_random_below(uint64_t *state, uint64_t n);
/* One cycle through all of 0 to n - 1: next[i] follows i (Sattolo 1986). */
void work_cycle(uint32_t *next, size_t n, uint64_t seed);

#endif
