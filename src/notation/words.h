/* SPDX-License-Identifier: MIT */
/* Words as a shell splits them: quotes and backslashes, no expansion of any kind. */
#ifndef NOTATION_WORDS_H
#define NOTATION_WORDS_H

#include <mpol/error.h>

#include "base/strbuf.h"

struct words {
	size_t n;
	struct word {
		const char *text;
		size_t column; /* of its first character in the text split, from 1 */
	} * word;
	char *memory;
};

/* An open quote, or a backslash at the end, is an error that names its column. */
int words_split(const char *text, struct words *ret, struct mpol_error *err);
void words_done(struct words *w);

/* Adds the word so that a shell reads it back as it is: in single quotes where it must be. */
void words_quote(struct strbuf *out, const char *word);

#endif
