/* SPDX-License-Identifier: MIT */
/*
 * numactl's options: --membind=0-1, --balancing --membind=0, -i all. numactl applies each option as
 * it comes across it, so that order changes meaning there; here the text is read whole, and what
 * numactl would drop without a word is an error. Node lists are numactl's, and our sets besides.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "model/nodes-expr.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/numactl.h"
#include "notation/rules.h"
#include "notation/words.h"

const struct mpol_rule rule_numactl_option = {
	"numactl-unknown-option",
	EINVAL,
	"A policy in numactl's words is made of numactl's own options.",
	"the options are --membind, --balancing, --interleave, --weighted-interleave, --preferred, "
	"--preferred-many and --localalloc",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_other = {
	"numactl-no-policy-option",
	EINVAL,
	"This option of numactl says something else than which memory policy to use.",
	"leave it out here; `mpol run` takes --cpunodebind and --physcpubind beside the policy",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_argument = {
	"numactl-argument",
	EINVAL,
	"Some of numactl's options take a node list, and some take none.",
	"write --membind=0-1, and --localalloc and --balancing alone",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_conflict = {
	"numactl-conflict",
	EINVAL,
	"A task has one policy; numactl calls two \"Conflicting policies\".",
	"keep one of --membind, --interleave, --weighted-interleave, --preferred, --preferred-many "
	"and "
	"--localalloc",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_balancing = {
	"numactl-balancing",
	ENOTSUP,
	"numactl honours --balancing with --membind only, and drops it beside other policies "
	"without "
	"a word.",
	"use --balancing with --membind, or another notation",
	"numactl 2.0.19 numactl.c, measured",
	NULL,
};
const struct mpol_rule rule_numactl_flags = {
	"numactl-no-node-flags",
	ENOTSUP,
	"numactl has no words for STATIC_NODES and RELATIVE_NODES.",
	"use another notation; `mpol run` takes all flags",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_default = {
	"numactl-no-default",
	ENOTSUP,
	"numactl cannot reset to the default policy: without a policy option it inherits.",
	"use another notation; `mpol run --policy default` makes the call",
	"numactl(8)",
	NULL,
};
const struct mpol_rule rule_numactl_preferred = {
	"numactl-preferred-one",
	ENOTSUP,
	"numactl takes exactly one node with --preferred.",
	"name one node, or use preferred-many; without a node, local is the same",
	"numactl 2.0.19 numactl.c",
	NULL,
};
const struct mpol_rule rule_numactl_local = {
	"numactl-local-nodes",
	ENOTSUP,
	"numactl's --localalloc takes no nodes.",
	"leave the nodes out: local has none",
	"numactl(8)",
	NULL,
};

enum kind {
	A_POLICY,
	BALANCING,
	ANOTHER,
};

/* clang-format off */
static const struct option {
	const char *name; /* NULL: a letter alone */
	char letter;
	enum kind kind;
	bool takes_nodes; /* or another argument */
	enum mpol_mode mode;
} options[] = {
	{ "membind", 'm', A_POLICY, true, MPOL_MODE_BIND },
	{ "balancing", 'b', BALANCING, false, 0 },
	{ "interleave", 'i', A_POLICY, true, MPOL_MODE_INTERLEAVE },
	{ "weighted-interleave", 'w', A_POLICY, true, MPOL_MODE_WEIGHTED_INTERLEAVE },
	{ "preferred", 'p', A_POLICY, true, MPOL_MODE_PREFERRED },
	{ "preferred-many", 'P', A_POLICY, true, MPOL_MODE_PREFERRED_MANY },
	{ "localalloc", 'l', A_POLICY, false, MPOL_MODE_LOCAL },
	{ "all", 'a', ANOTHER, false, 0 },
	{ "cpubind", 'c', ANOTHER, true, 0 },
	{ "cpunodebind", 'N', ANOTHER, true, 0 },
	{ "physcpubind", 'C', ANOTHER, true, 0 },
	{ "show", 's', ANOTHER, false, 0 },
	{ "hardware", 'H', ANOTHER, false, 0 },
	{ "cpu-compress", 0, ANOTHER, false, 0 },
	{ "shm", 'S', ANOTHER, true, 0 },
	{ "file", 'f', ANOTHER, true, 0 },
	{ "offset", 'o', ANOTHER, true, 0 },
	{ "length", 'L', ANOTHER, true, 0 },
	{ "strict", 't', ANOTHER, false, 0 },
	{ "shmmode", 'M', ANOTHER, true, 0 },
	{ "dump", 'd', ANOTHER, false, 0 },
	{ "dump-nodes", 'D', ANOTHER, false, 0 },
	{ "shmid", 'I', ANOTHER, true, 0 },
	{ "huge", 'u', ANOTHER, false, 0 },
	{ "touch", 'T', ANOTHER, false, 0 },
	{ "verify", 'V', ANOTHER, false, 0 },
	{ "version", 0, ANOTHER, false, 0 },
};
/* clang-format on */

struct reader {
	const struct words *words;
	size_t next;	    /* word to look at */
	const char *option; /* of a command line, whose options came one by one; NULL: of a text */
	struct mpol_policy_expr *p;
	const struct option *policy; /* the policy option seen; NULL: none yet */
	size_t balancing_column;     /* of --balancing; 0: not given */
	struct mpol_error *err;
	char where[32];
};

/* Where an option stands: "column N", or on a command line its name. */
static const char *column(struct reader *in, size_t column)
{
	if (in->option)
		(void)snprintf(in->where, sizeof(in->where), "--%s", in->option);
	else
		(void)snprintf(in->where, sizeof(in->where), "column %zu", column);
	return in->where;
}

/* "--membind, column 3": after "column 3" of an option's value on a command line. */
static int within_option(struct reader *in)
{
	char where[sizeof(in->err->where)];

	if (!in->err)
		return -EINVAL;
	(void)snprintf(where, sizeof(where), "--%s, %.60s", in->option, in->err->where);
	memcpy(in->err->where, where, sizeof(where));
	return -in->err->errnum;
}

/* Acts on an option; value is its argument or NULL, and stands at value_column. */
static int take_option(struct reader *in, const struct option *o, size_t at, const char *value,
		       size_t value_column)
{
	if (o->kind == ANOTHER)
		return mpol_fail(in->err, &rule_numactl_other, column(in, at),
				 "--%s is no memory policy", o->name);
	if (o->kind == BALANCING) {
		in->balancing_column = at;
		return 0;
	}
	if (in->policy)
		return mpol_fail(in->err, &rule_numactl_conflict, column(in, at),
				 "--%s comes after --%s", o->name, in->policy->name);
	in->policy = o;
	in->p->mode = o->mode;
	if (!o->takes_nodes ||
	    nodes_expr_parse(value, value_column, true, &in->p->nodes, in->err) == 0)
		return 0;
	return in->option ? within_option(in) : -EINVAL;
}

/* The next word as the argument of an option that takes one; NULL when there is none. */
static const struct word *next_word(struct reader *in, const struct option *o, size_t at)
{
	if (in->next < in->words->n)
		return &in->words->word[in->next++];
	(void)mpol_fail(in->err, &rule_numactl_argument, column(in, at), "--%s needs an argument",
			o->name);
	return NULL;
}

/* An option by its name or, as getopt_long(3) has it, by a beginning that only one has. */
static const struct option *find_option(const char *name, size_t len)
{
	const struct option *found = NULL;

	for (size_t i = 0; i < ELEMENTSOF(options); i++) {
		if (strncmp(options[i].name, name, len) != 0)
			continue;
		if (strlen(options[i].name) == len)
			return &options[i];
		if (found)
			return NULL;
		found = &options[i];
	}
	return len ? found : NULL;
}

static int unknown_option(struct reader *in, size_t at, const char *name, size_t len)
{
	struct nearest near = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(options); i++)
		if (options[i].kind != ANOTHER)
			nearest_offer(&near, name, len, options[i].name);
	(void)mpol_fail(in->err, &rule_numactl_option, column(in, at),
			"numactl has no option --%.*s", (int)MIN(len, 60), name);
	return near.best ? mpol_hint(in->err, "did you mean --%s?", near.best) : -EINVAL;
}

static int read_long(struct reader *in, const struct word *w)
{
	const char *name = w->text + 2;
	size_t len = strcspn(name, "=");
	const struct option *o = find_option(name, len);
	const struct word *value;

	if (!o)
		return unknown_option(in, w->column, name, len);
	if (name[len] == '=') {
		if (!o->takes_nodes)
			return mpol_fail(in->err, &rule_numactl_argument, column(in, w->column),
					 "--%s takes no argument", o->name);
		return take_option(in, o, w->column, name + len + 1, w->column + 2 + len + 1);
	}
	if (!o->takes_nodes)
		return take_option(in, o, w->column, NULL, 0);
	value = next_word(in, o, w->column);
	return value ? take_option(in, o, w->column, value->text, value->column) : -EINVAL;
}

static const struct option *find_letter(char letter)
{
	for (size_t i = 0; i < ELEMENTSOF(options); i++)
		if (letter && options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* "-bm0": letters up to the one that takes an argument, which is the rest or the next word. */
static int read_letters(struct reader *in, const struct word *w)
{
	for (const char *p = w->text + 1; *p; p++) {
		const struct option *o = find_letter(*p);
		size_t at = w->column + (size_t)(p - w->text);
		const struct word *value;
		char what[16];
		int r;

		if (!o)
			return mpol_fail(in->err, &rule_numactl_option, column(in, at),
					 "%s is no option letter of numactl", text_shown(p, what));
		if (!o->takes_nodes) {
			r = take_option(in, o, at, NULL, 0);
			if (r < 0)
				return r;
			continue;
		}
		if (p[1])
			return take_option(in, o, at, p + 1, at + 1);
		value = next_word(in, o, at);
		return value ? take_option(in, o, at, value->text, value->column) : -EINVAL;
	}
	return 0;
}

static int read_words(struct reader *in)
{
	const struct words *words = in->words;

	if (words->n && STREQ(words->word[0].text, "numactl"))
		in->next = 1;
	while (in->next < words->n) {
		const struct word *w = &words->word[in->next++];
		int r;

		if (w->text[0] != '-' || !w->text[1] || STREQ(w->text, "--"))
			return mpol_fail(in->err, &rule_policy_syntax, column(in, w->column),
					 "\"%.60s\" is no option, and a policy has no command",
					 w->text);
		r = w->text[1] == '-' ? read_long(in, w) : read_letters(in, w);
		if (r < 0)
			return r;
	}
	if (!in->policy)
		return mpol_fail(in->err, &rule_policy_syntax,
				 in->balancing_column ? column(in, in->balancing_column) : "",
				 "no option says which policy");
	return 0;
}

/* What the options amount to together. */
static int conclude(struct reader *in)
{
	if (!in->balancing_column)
		return 0;
	if (in->p->mode != MPOL_MODE_BIND) {
		in->option = in->option ? "balancing" : NULL;
		return mpol_fail_errno(in->err, &rule_numactl_balancing, EINVAL,
				       column(in, in->balancing_column),
				       "--balancing has no effect beside --%s", in->policy->name);
	}
	in->p->flags = MPOL_FLAG_NUMA_BALANCING;
	return 0;
}

static int parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	_cleanup_(words_done) struct words words = { 0 };
	struct mpol_policy_expr p = { 0 };
	struct reader in = { .words = &words, .p = &p, .err = err };
	int r = words_split(text, &words, err);

	if (r == 0)
		r = read_words(&in);
	if (r == 0)
		r = conclude(&in);
	if (r == 0)
		*ret = p;
	return r;
}

int numactl_from_options(const struct numactl_given *given, size_t n, struct mpol_policy_expr *ret,
			 struct mpol_error *err)
{
	struct mpol_policy_expr p = { 0 };
	struct reader in = { .p = &p, .err = err };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct option *o = find_option(given[i].name, strlen(given[i].name));

		in.option = given[i].name;
		r = o ? take_option(&in, o, 1, given[i].value, 1)
		      : unknown_option(&in, 1, given[i].name, strlen(given[i].name));
	}
	if (r == 0 && !in.policy)
		return mpol_fail(err, &rule_policy_syntax, in.option ? column(&in, 1) : "",
				 "no option says which policy");
	if (r == 0)
		r = conclude(&in);
	if (r == 0)
		*ret = p;
	return r;
}

/* Why the mode, with its flags and nodes, cannot be said. */
static int check_sayable(const struct mpol_policy_expr *p, struct mpol_error *err)
{
	unsigned nodes = mpol_nodes_count(&p->nodes.nodes);
	bool literal = mpol_nodes_expr_is_literal(&p->nodes);

	if (p->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES))
		return mpol_fail(err, &rule_numactl_flags, "", "numactl cannot say =%s",
				 p->flags & MPOL_FLAG_STATIC_NODES ? "static" : "relative");
	if (!mode_names[p->mode].numactl)
		return mpol_fail(err, &rule_numactl_default, "", "numactl cannot say default");
	if (p->flags && p->mode != MPOL_MODE_BIND)
		return mpol_fail(err, &rule_numactl_balancing, "",
				 "numactl drops --balancing beside --%s",
				 mode_names[p->mode].numactl);
	if (p->mode == MPOL_MODE_PREFERRED && literal && nodes != 1)
		return mpol_fail(err, &rule_numactl_preferred, "",
				 "--preferred takes one node, and here are %u", nodes);
	if (p->mode == MPOL_MODE_LOCAL && (!literal || nodes))
		return mpol_fail(err, &rule_numactl_local, "", "--localalloc takes no nodes");
	return 0;
}

/* numactl knows one symbol, at the end of a list, and none of our own sets. */
static int check_nodes_sayable(const struct mpol_policy_expr *p, struct mpol_error *err)
{
	bool all = p->nodes.sets == MPOL_SET_ALL;

	if (p->nodes.sets & ~(unsigned)MPOL_SET_ALL || (all && p->nodes.device != MPOL_DEVICE_NONE))
		return notation_check_literal(p, "numactl", err);
	return 0;
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	char nodes[MPOL_NODES_EXPR_TEXT];
	struct strbuf b = { 0 };
	int r = notation_check_known(p, "numactl", err);

	if (r == 0)
		r = check_sayable(p, err);
	if (r == 0)
		r = check_nodes_sayable(p, err);
	if (r < 0)
		return r;
	if (p->flags & MPOL_FLAG_NUMA_BALANCING)
		strbuf_puts(&b, "--balancing ");
	strbuf_printf(&b, "--%s", mode_names[p->mode].numactl);
	if (mode_names[p->mode].takes_nodes) {
		size_t len = mpol_nodes_expr_print(&p->nodes, nodes, sizeof(nodes));

		strbuf_putc(&b, '=');
		if (len)
			words_quote(&b, nodes);
	}
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_numactl = {
	.name = "numactl",
	.summary = "options of numactl(8)",
	.parse = parse,
	.print = print,
};
