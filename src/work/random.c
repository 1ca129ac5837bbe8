/* SPDX-License-Identifier: MIT */
/* Random numbers that a seed decides; see random.h. */
#include "work/random.h"

uint64_t work_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t work_random_below(uint64_t *state, uint64_t n)
{
	return work_random(state) % n;
}

void work_cycle(uint32_t *next, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++)
		next[i] = (uint32_t)i;
	for (size_t i = n; i-- > 1;) {
		size_t k = (size_t)work_random_below(&seed, i);
		uint32_t t = next[i];

		next[i] = next[k];
		next[k] = t;
	}
}
