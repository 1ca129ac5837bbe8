/* SPDX-License-Identifier: MIT */
/* "Did you mean …?": the distance of Damerau and Levenshtein, adjacent letters swapped as one edit;
 * see nearest.h. */
#include <string.h>

#include "base/macros.h"
#include "base/nearest.h"

#define LONGEST 64

static char folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '_' || c == ' ' ? '-' : c;
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned cost = folded(a[i - 1]) != folded(b[j - 1]);

			row[j] = MIN(MIN(last[j], row[j - 1]) + 1, last[j - 1] + cost);
			if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
			    folded(a[i - 2]) == folded(b[j - 1]))
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

void nearest_offer(struct nearest *n, const char *word, size_t len, const char *name)
{
	size_t name_len = strlen(name), prefix = 0;
	unsigned d;

	if (len == 0 || len > LONGEST || name_len > LONGEST)
		return;
	d = distance(word, len, name, name_len);
	while (prefix < MIN(len, name_len) && folded(word[prefix]) == folded(name[prefix]))
		prefix++;
	if (d > (name_len + 2) / 3 || d >= name_len)
		return;
	if (n->best && (d > n->distance || (d == n->distance && prefix <= n->prefix)))
		return;
	*n = (struct nearest){ name, d, prefix };
}
