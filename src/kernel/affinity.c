/* SPDX-License-Identifier: MIT */
/* The CPUs a thread may run on; see affinity.h. */
#include <limits.h>

#include "kernel/affinity.h"
#include "kernel/sys.h"

#define WORD_BITS (CHAR_BIT * sizeof(unsigned long))
#define WORDS	  (MPOL_MAX_CPUS / WORD_BITS)

int affinity_set(pid_t tid, const struct mpol_cpus *cpus)
{
	unsigned long word[WORDS];

	for (size_t w = 0; w < WORDS; w++)
		word[w] = (unsigned long)(cpus->word[w * WORD_BITS / 64] >> (w * WORD_BITS % 64));
	return sys_sched_setaffinity(tid, sizeof(word), word);
}

int affinity_get(pid_t tid, struct mpol_cpus *ret)
{
	unsigned long word[WORDS] = { 0 };
	int r = sys_sched_getaffinity(tid, sizeof(word), word);

	if (r < 0)
		return r;
	*ret = (struct mpol_cpus){ { 0 } };
	for (size_t w = 0; w < WORDS; w++)
		ret->word[w * WORD_BITS / 64] |= (uint64_t)word[w] << (w * WORD_BITS % 64);
	return 0;
}
