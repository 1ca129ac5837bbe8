/* SPDX-License-Identifier: MIT */
/*
 * podman: the beginning of a `podman run`, with mpol-runtime as the runtime and the policy as an
 * annotation. podman reads --annotation as CSV, so that no comma may stand in it; a plus between
 * items is a comma in our node lists. Unresolved sets are resolved where the container starts.
 */
#include <string.h>

#include "notation/notation.h"
#include "notation/words.h"

/* A field of CSV: in double quotes where a device's name makes it necessary. */
static void add_field(const char *text, struct strbuf *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		strbuf_puts(out, text);
		return;
	}
	strbuf_putc(out, '"');
	for (; *text; text++) {
		strbuf_puts(out, *text == '"' ? "\"" : "");
		strbuf_putc(out, *text);
	}
	strbuf_putc(out, '"');
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf annotation = { 0 }, field = { 0 };
	struct strbuf b = { 0 };
	int r = notation_check_known(p, "podman", err);

	if (r == 0)
		r = notation_check_carried(p, "podman", err);
	if (r < 0)
		return r;
	strbuf_puts(&annotation, MPOL_ANNOTATION "=");
	kernel_words(p, true, &annotation);
	strbuf_puts(&b, "podman --runtime " MPOL_BINDIR "/mpol-runtime run --annotation ");
	add_field(strbuf_text(&annotation), &field);
	words_quote(&b, strbuf_text(&field));
	b.failed = b.failed || annotation.failed || field.failed;
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_podman = {
	.name = "podman",
	.summary = "the options of podman(1) that give a container the policy",
	.print = print,
};
