/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own notation, as numa_maps has it and the tmpfs option mpol= takes it:
 *
 *	policy := name ["=" flag ("|" flag)*] [":" nodes]
 *
 * Two names contain a space, "prefer (many)" and "weighted interleave"; "preferred-many" and
 * "weighted-interleave" are read as well, and written where a space would be in the way.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/nearest.h"
#include "model/nodes-expr.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/rules.h"

static int unknown_mode(const char *text, size_t len, struct mpol_error *err)
{
	int meant = mode_of_any_name(text, len);
	struct nearest near = { 0 };

	for (int m = 0; m < MPOL_N_MODES; m++)
		nearest_offer(&near, text, len, mode_names[m].word);
	if (meant >= 0)
		near.best = mode_names[meant].word;
	(void)mpol_fail(err, &rule_policy_mode, "column 1", "\"%.*s\" is no mode",
			(int)MIN(len, 60), text);
	return near.best ? mpol_hint(err, "did you mean %s?", near.best) : -EINVAL;
}

static int read_flag(const char *text, const char *flag, size_t len, unsigned *flags,
		     struct mpol_error *err)
{
	struct nearest near = { 0 };
	char where[32];

	if (!len)
		return mpol_fail(err, &rule_policy_flag, text_column(text, flag, where),
				 "a flag is expected");
	for (size_t i = 0; i < N_FLAGS; i++) {
		const struct flag_names *f = &flag_names[i];

		if (strlen(f->kernel) == len && memcmp(f->kernel, flag, len) == 0) {
			*flags |= f->flag;
			return 0;
		}
		nearest_offer(&near, flag, len, f->kernel);
		if (strlen(f->oci) == len && memcmp(f->oci, flag, len) == 0)
			near = (struct nearest){ .best = f->kernel };
	}
	(void)mpol_fail(err, &rule_policy_flag, text_column(text, flag, where),
			"\"%.*s\" is no flag", (int)MIN(len, 60), flag);
	if (near.best)
		return mpol_hint(err, "did you mean %s?", near.best);
	if (memchr(flag, ',', len) || memchr(flag, '+', len))
		return mpol_hint(err, "put | between flags: static|balancing");
	return -EINVAL;
}

/* After the "=": ret_end is the ":" or the end. */
static int read_flags(const char *text, const char *p, unsigned *ret, const char **ret_end,
		      struct mpol_error *err)
{
	unsigned flags = 0;

	for (;; p++) {
		size_t len = strcspn(p, "|:");
		int r = read_flag(text, p, len, &flags, err);

		if (r < 0)
			return r;
		p += len;
		if (*p != '|')
			break;
	}
	*ret = flags;
	*ret_end = p;
	return 0;
}

static int parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	const char *p = text + strcspn(text, "=:");
	int mode = mode_of_kernel_name(text, (size_t)(p - text)), r;
	unsigned flags = 0;

	if (p == text)
		return mpol_fail(err, &rule_policy_syntax, "column 1",
				 *p ? "a mode is expected before '%c'" : "the text is empty", *p);
	if (mode < 0)
		return unknown_mode(text, (size_t)(p - text), err);
	if (*p == '=') {
		r = read_flags(text, p + 1, &flags, &p, err);
		if (r < 0)
			return r;
	}
	p += *p == ':';
	r = nodes_expr_parse(p, (size_t)(p - text) + 1, false, &ret->nodes, err);
	if (r < 0)
		return r;
	ret->mode = (enum mpol_mode)mode;
	ret->flags = flags;
	return 0;
}

/* "=static|balancing", or nothing. */
static void add_flags(unsigned flags, struct strbuf *out)
{
	char separator = '=';

	for (size_t i = 0; i < N_FLAGS; i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		strbuf_putc(out, separator);
		strbuf_puts(out, flag_names[i].kernel);
		separator = '|';
	}
	if (flags & ~(unsigned)MPOL_ALL_FLAGS)
		strbuf_printf(out, "%c0x%x", separator, flags & ~(unsigned)MPOL_ALL_FLAGS);
}

static void add_nodes(const struct mpol_nodes_expr *e, bool plus, struct strbuf *out)
{
	char text[MPOL_NODES_EXPR_TEXT];
	size_t len = mpol_nodes_expr_print(e, text, sizeof(text));
	/* A device's name is taken as it stands. */
	size_t items = e->device == MPOL_DEVICE_NONE ? len : len - strlen(e->device_name);

	if (!len)
		return;
	for (size_t i = 0; plus && i < items; i++)
		if (text[i] == ',')
			text[i] = '+';
	strbuf_putc(out, ':');
	strbuf_puts(out, text);
}

static void add_policy(const struct mpol_policy_expr *p, const char *name, bool plus,
		       struct strbuf *out)
{
	strbuf_puts(out, name);
	add_flags(p->flags, out);
	add_nodes(&p->nodes, plus, out);
}

void kernel_words(const struct mpol_policy_expr *p, bool plus, struct strbuf *out)
{
	add_policy(p, mode_names[p->mode].word, plus, out);
}

void kernel_text(const struct mpol_policy_expr *p, struct strbuf *out)
{
	add_policy(p, mode_names[p->mode].kernel, false, out);
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	struct strbuf b = { 0 };
	int r = notation_check_known(p, "kernel", err);

	if (r < 0)
		return r;
	kernel_text(p, &b);
	return notation_take(&b, ret, err);
}

size_t mpol_policy_print(const struct mpol_policy *p, char *buf, size_t size)
{
	const char *name = mpol_mode_name(p->mode), *separator = "=";
	unsigned unknown = p->flags & ~(unsigned)MPOL_ALL_FLAGS;
	char head[128], nodes[MPOL_NODES_TEXT];
	size_t len = 0;

	len += (size_t)(name ? snprintf(head, sizeof(head), "%s", name)
			     : snprintf(head, sizeof(head), "%d", (int)p->mode));
	for (size_t i = 0; i < N_FLAGS; i++) {
		if (!(p->flags & flag_names[i].flag))
			continue;
		len += (size_t)snprintf(head + len, sizeof(head) - len, "%s%s", separator,
					flag_names[i].kernel);
		separator = "|";
	}
	if (unknown)
		(void)snprintf(head + len, sizeof(head) - len, "%s0x%x", separator, unknown);
	len = mpol_nodes_print(&p->nodes, nodes, sizeof(nodes));
	return (size_t)snprintf(buf, size, "%s%s%s", head, len ? ":" : "", nodes);
}

const struct mpol_notation notation_kernel = {
	.name = "kernel",
	.summary = "as numa_maps shows it and tmpfs takes it: bind=static:0-1",
	.parse = parse,
	.print = print,
};
