/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer takes bytes, hands them to one parser, and aborts when what must hold does not.
 * libFuzzer drives it where clang is there, else driver.c.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <mpol/notation.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it holds in every build. */
#define MUST(expr)                                                                            \
	do {                                                                                  \
		if (!(expr)) {                                                                \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #expr); \
			abort();                                                              \
		}                                                                             \
	} while (0)

/* The input as a text of its own, so that a read past its end is seen; freed by the caller. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* An error says what, and by which rule, with a reason. */
static inline void fuzz_must_explain(int r, const struct mpol_error *err)
{
	MUST(r < 0 && r == -err->errnum);
	MUST(err->rule && err->rule->id && err->rule->why);
	MUST(*err->what && strlen(err->what) < sizeof(err->what));
	MUST(strlen(err->where) < sizeof(err->where));
}

/* A policy goes through every notation: it is read back as it was, or a rule says why it cannot be
 * said. */
static inline void fuzz_round_trips(const struct mpol_policy_expr *p)
{
	static struct mpol_policy_expr again;

	for (size_t i = 0; mpol_notations[i]; i++) {
		const struct mpol_notation *n = mpol_notations[i];
		struct mpol_error err = { 0 };
		char *text = NULL;
		int r = n->print(p, &text, &err);

		if (r < 0) {
			MUST(!text);
			fuzz_must_explain(r, &err);
			continue;
		}
		if (n->parse) {
			r = n->parse(text, &again, &err);
			if (r < 0)
				fprintf(stderr, "%s: %s: %s\n", text, err.where, err.what);
			MUST(r == 0);
			MUST(mpol_policy_expr_equal(p, &again));
		}
		free(text);
	}
}

/* The whole life of a text in one notation. */
static inline int fuzz_notation(const struct mpol_notation *n, const uint8_t *data, size_t size)
{
	static struct mpol_policy_expr p;
	struct mpol_error err = { 0 };
	char *text = fuzz_text(data, size);
	int r = n->parse(text, &p, &err);

	if (r < 0)
		fuzz_must_explain(r, &err);
	else
		fuzz_round_trips(&p);
	free(text);
	return 0;
}

#endif
