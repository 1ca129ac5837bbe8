/* SPDX-License-Identifier: MIT */
/*
 * C: an initialiser for a struct mpol_policy, as <mpol/policy.h> wants to be used. Small sets are
 * literals that the compiler checks; others are written as words, since a constant cannot be
 * parsed.
 */
#include "notation/names.h"
#include "notation/notation.h"

#define MOST_LITERALS 16 /* of MPOL_NODES() */

/* Whether MPOL_NODES() can say the set. */
static bool is_literal_set(const struct mpol_nodeset *s)
{
	return !mpol_nodes_empty(s) && mpol_nodes_last(s) < 64 &&
	       mpol_nodes_count(s) <= MOST_LITERALS;
}

/* "0, 1, 5" */
static void add_numbers(const struct mpol_nodeset *s, struct strbuf *out)
{
	const char *comma = "";

	for (int n = mpol_nodes_next(s, 0); n >= 0; n = mpol_nodes_next(s, (unsigned)n + 1)) {
		strbuf_printf(out, "%s%d", comma, n);
		comma = ", ";
	}
}

/* "{ { [0] = 0xffff, [15] = 0x1 } }" */
static void add_words(const struct mpol_nodeset *s, struct strbuf *out)
{
	const char *comma = "";

	strbuf_puts(out, "{ { ");
	for (unsigned w = 0; w < MPOL_MAX_NODES / 64; w++) {
		if (!s->word[w])
			continue;
		strbuf_printf(out, "%s[%u] = 0x%llx", comma, w, (unsigned long long)s->word[w]);
		comma = ", ";
	}
	strbuf_puts(out, " } }");
}

static void add_flags(unsigned flags, struct strbuf *out)
{
	const char *bar = "";

	for (size_t i = 0; i < N_FLAGS; i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		strbuf_printf(out, "%s%s", bar, flag_names[i].c);
		bar = " | ";
	}
}

/* mpol_bind(0, 1), where there is such a macro for exactly this. */
static bool add_short_form(const struct mpol_policy_expr *p, struct strbuf *out)
{
	const struct mode_names *names = &mode_names[p->mode];
	const struct mpol_nodeset *nodes = &p->nodes.nodes;

	if (p->flags || (names->takes_nodes ? !is_literal_set(nodes) : !mpol_nodes_empty(nodes)) ||
	    (p->mode == MPOL_MODE_PREFERRED && mpol_nodes_count(nodes) != 1))
		return false;
	strbuf_printf(out, "%s(", names->make);
	add_numbers(nodes, out);
	strbuf_putc(out, ')');
	return true;
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	const struct mpol_nodeset *nodes = &p->nodes.nodes;
	struct strbuf b = { 0 };
	int r = notation_check_known(p, "C", err);

	if (r == 0)
		r = notation_check_literal(p, "C", err);
	if (r < 0)
		return r;
	if (add_short_form(p, &b))
		return notation_take(&b, ret, err);
	strbuf_printf(&b, "mpol_policy(%s", mode_names[p->mode].c);
	if (p->flags) {
		strbuf_puts(&b, ", .flags = ");
		add_flags(p->flags, &b);
	}
	if (!mpol_nodes_empty(nodes)) {
		strbuf_puts(&b, ", .nodes = ");
		if (is_literal_set(nodes)) {
			strbuf_puts(&b, "MPOL_NODES(");
			add_numbers(nodes, &b);
			strbuf_putc(&b, ')');
		} else {
			add_words(nodes, &b);
		}
	}
	strbuf_putc(&b, ')');
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_c = {
	.name = "c",
	.summary = "an initialiser for a struct mpol_policy of <mpol/mpol.h>",
	.print = print,
};
