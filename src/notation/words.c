/* SPDX-License-Identifier: MIT */
/* Words as a shell splits them; see words.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/no-memory.h"
#include "notation/notation.h"
#include "notation/rules.h"
#include "notation/words.h"

/* Longer than any options that mean something: the words of a text take memory. */
#define LONGEST ((size_t)64 << 10)

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies one word without its quotes to *out; returns where it ends, or NULL at an open quote. */
static const char *copy_word(const char *p, char **out)
{
	while (*p && !is_space(*p)) {
		char quote = *p;

		if (quote == '\\') {
			if (!p[1])
				return NULL;
			*(*out)++ = p[1];
			p += 2;
			continue;
		}
		if (quote != '\'' && quote != '"') {
			*(*out)++ = *p++;
			continue;
		}
		for (p++; *p && *p != quote; p++) {
			p += quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\');
			*(*out)++ = *p;
		}
		if (!*p)
			return NULL;
		p++;
	}
	*(*out)++ = '\0';
	return p;
}

static size_t count_words(const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; p++)
		n += !is_space(*p) && (p == text || is_space(p[-1]));
	return n;
}

int words_split(const char *text, struct words *ret, struct mpol_error *err)
{
	size_t len = strlen(text), most = count_words(text);
	_cleanup_(words_done) struct words w = { 0 };
	const char *p = text;
	char where[32], *out;

	if (len > LONGEST)
		return mpol_fail(err, &rule_policy_syntax, "",
				 "the text has %zu bytes; options have at most %zu", len, LONGEST);
	w.word = calloc(most + 1, sizeof(*w.word));
	w.memory = out = malloc(len + 1);
	if (!w.word || !w.memory)
		return no_memory(err, "the policy's text");
	for (;;) {
		const char *start;

		while (is_space(*p))
			p++;
		if (!*p)
			break;
		start = p;
		w.word[w.n++] = (struct word){ out, (size_t)(p - text) + 1 };
		p = copy_word(p, &out);
		if (!p)
			return mpol_fail(err, &rule_policy_syntax, text_column(text, start, where),
					 "a quote or backslash of this word is not closed");
	}
	*ret = w;
	w = (struct words){ 0 };
	return 0;
}

void words_done(struct words *w)
{
	free(w->word);
	free(w->memory);
	*w = (struct words){ 0 };
}

static bool is_safe(const char *word)
{
	return *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_=+,.:/@%") == strlen(word);
}

void words_quote(struct strbuf *out, const char *word)
{
	if (is_safe(word)) {
		strbuf_puts(out, word);
		return;
	}
	strbuf_putc(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_puts(out, "'\\''");
		else
			strbuf_putc(out, *word);
	}
	strbuf_putc(out, '\'');
}
