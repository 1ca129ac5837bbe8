/* SPDX-License-Identifier: MIT */
/*
 * systemd's unit files: NUMAPolicy= and NUMAMask= of systemd.exec(5), in a section that has them or
 * without one. A whole unit is read, too: other settings are none of our business. Several
 * NUMAMask= add up and an empty one begins afresh, as everywhere in systemd.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "base/no-memory.h"
#include "model/nodes-expr.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/rules.h"

const struct mpol_rule rule_systemd_policy = {
	"systemd-unknown-policy",
	EINVAL,
	"NUMAPolicy= takes a mode by systemd's name, and no flags.",
	"the policies are default, preferred, bind, interleave, local, preferred-many and "
	"weighted-interleave",
	"systemd.exec(5) NUMAPolicy=",
	NULL,
};
const struct mpol_rule rule_systemd_missing = {
	"systemd-no-policy",
	EINVAL,
	"NUMAPolicy= says which policy; NUMAMask= alone has no effect.",
	"add NUMAPolicy=bind, or another",
	"systemd.exec(5) NUMAPolicy=",
	NULL,
};
const struct mpol_rule rule_systemd_line = {
	"systemd-line",
	EINVAL,
	"A unit file has sections, settings with \"=\", comments and empty lines.",
	"write [Service], NUMAPolicy=bind, NUMAMask=0-1, a line each",
	"systemd.syntax(7)",
	NULL,
};
const struct mpol_rule rule_systemd_section = {
	"systemd-section",
	EINVAL,
	"systemd reads NUMAPolicy= and NUMAMask= in the sections of what it executes, and ignores "
	"them elsewhere.",
	"put them below [Service] (or [Socket], [Mount], [Swap]; in system.conf [Manager])",
	"systemd.exec(5)",
	NULL,
};
const struct mpol_rule rule_systemd_mask = {
	"systemd-mask",
	EINVAL,
	"NUMAMask= takes node numbers and ranges, with commas or spaces between them, or \"all\".",
	"write NUMAMask=0-1,3",
	"systemd.exec(5) NUMAMask=",
	NULL,
};
const struct mpol_rule rule_systemd_flags = {
	"systemd-no-flags",
	ENOTSUP,
	"systemd has no words for flags: a NUMAPolicy= is a mode alone.",
	"leave the flags out, or start the service through `mpol run`",
	"systemd.exec(5) NUMAPolicy=, src/shared/numa-util.c",
	NULL,
};
const struct mpol_rule rule_systemd_preferred = {
	"systemd-preferred-one",
	ENOTSUP,
	"systemd refuses a preferred policy whose NUMAMask= names several nodes.",
	"name one node, or use preferred-many",
	"systemd src/shared/numa-util.c numa_policy_is_valid()",
	NULL,
};
const struct mpol_rule rule_systemd_needs_mask = {
	"systemd-needs-mask",
	ENOTSUP,
	"systemd refuses a policy with nodes whose NUMAMask= is empty.",
	"name the nodes",
	"systemd src/shared/numa-util.c numa_policy_is_valid()",
	NULL,
};
const struct mpol_rule rule_systemd_drops = {
	"systemd-drops-mask",
	ENOTSUP,
	"With default and local, systemd drops NUMAMask= without a word.",
	"leave the nodes out",
	"systemd src/shared/numa-util.c numa_policy_to_mempolicy()",
	NULL,
};

struct reader {
	const char *text; /* as given */
	const char *copy; /* of the same length, being cut up */
	struct mpol_policy_expr *p;
	struct mpol_error *err;
	bool elsewhere; /* in a section that has no such settings */
	bool has_policy;
	char where[64];
};

static const char *const sections[] = { "Service", "Socket", "Mount", "Swap", "Manager" };

/* "line L, column C" of a place in the copy, skip characters further right. */
static const char *place(struct reader *in, const char *p, size_t skip)
{
	const char *end = in->text + (p - in->copy), *start = in->text;
	unsigned line = 1;

	for (const char *q = in->text; q < end; q++)
		if (*q == '\n') {
			line++;
			start = q + 1;
		}
	(void)snprintf(in->where, sizeof(in->where), "line %u, column %zu", line,
		       (size_t)(end - start) + 1 + skip);
	return in->where;
}

static int set_policy(struct reader *in, char *value)
{
	struct nearest near = { 0 };

	for (int m = 0; m < MPOL_N_MODES; m++) {
		if (STREQ(value, mode_names[m].systemd)) {
			in->p->mode = (enum mpol_mode)m;
			in->has_policy = true;
			return 0;
		}
		nearest_offer(&near, value, strlen(value), mode_names[m].systemd);
	}
	(void)mpol_fail(in->err, &rule_systemd_policy, place(in, value, 0),
			"\"%.60s\" is no NUMA policy of systemd", value);
	return near.best ? mpol_hint(in->err, "did you mean %s?", near.best) : -EINVAL;
}

/* One item of NUMAMask=. */
static int add_to_mask(struct reader *in, const char *item)
{
	struct mpol_nodes_expr *nodes = &in->p->nodes;
	struct mpol_error error = { 0 };
	struct mpol_nodeset more;
	unsigned column = 1;

	if (mpol_nodes_parse(item, &more, &error) < 0) {
		(void)sscanf(error.where, "column %u", &column);
		return mpol_fail(in->err, &rule_systemd_mask, place(in, item, column - 1), "%s",
				 error.what);
	}
	nodes->nodes = mpol_nodes_or(&nodes->nodes, &more);
	return 0;
}

/* systemd splits at commas and spaces alike, any number of them. */
static int set_mask(struct reader *in, char *value)
{
	char *item;

	if (!*value) { /* begins afresh */
		in->p->nodes = (struct mpol_nodes_expr){ 0 };
		return 0;
	}
	if (STREQ(value, "all")) {
		in->p->nodes.sets = MPOL_SET_ALL;
		return 0;
	}
	while ((item = strsep(&value, ", \t"))) {
		int r = *item ? add_to_mask(in, item) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int enter_section(struct reader *in, const char *line)
{
	size_t len = strcspn(line + 1, "]");

	if (line[len + 1] != ']' || line[len + 2])
		return mpol_fail(in->err, &rule_systemd_line, place(in, line, 0),
				 "\"%.60s\" is no section", line);
	in->elsewhere = true;
	for (size_t i = 0; i < ELEMENTSOF(sections); i++)
		if (strlen(sections[i]) == len && memcmp(sections[i], line + 1, len) == 0)
			in->elsewhere = false;
	return 0;
}

/* Cuts white space at both ends; returns what is left. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int read_setting(struct reader *in, char *text)
{
	char *equals = strchr(text, '='), *value;
	bool policy, mask;

	if (!equals)
		return mpol_fail(in->err, &rule_systemd_line, place(in, text, 0),
				 "\"%.60s\" is no setting", text);
	*equals = '\0';
	value = trim(equals + 1);
	(void)trim(text); /* it has no space in front any more */
	policy = STREQ(text, "NUMAPolicy");
	mask = STREQ(text, "NUMAMask");
	if (!policy && !mask)
		return 0;
	if (in->elsewhere)
		return mpol_fail(in->err, &rule_systemd_section, place(in, text, 0),
				 "%s= has no effect in this section", text);
	return policy ? set_policy(in, value) : set_mask(in, value);
}

static int read_line(struct reader *in, char *line)
{
	char *text = trim(line);

	if (!*text || *text == '#' || *text == ';')
		return 0;
	return *text == '[' ? enter_section(in, text) : read_setting(in, text);
}

/* Makes a backslash at the end of a line, but for comments, a space: systemd.syntax(7). */
static void join_lines(char *text)
{
	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		char first = line[strspn(line, " \t")];

		if (first != '#' && first != ';' && len && line[len] && line[len - 1] == '\\')
			line[len - 1] = line[len] = ' ';
		line += len + (line[len] != '\0');
	}
}

static int read_lines(struct reader *in, char *copy)
{
	char *line;
	int r = 0;

	join_lines(copy);
	while (r == 0 && (line = strsep(&copy, "\n")))
		r = read_line(in, line);
	if (r == 0 && !in->has_policy)
		return mpol_fail(in->err, &rule_systemd_missing, "", "there is no NUMAPolicy=");
	return r;
}

static int parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	_cleanup_free_ char *copy = strdup(text);
	struct mpol_policy_expr p = { 0 };
	struct reader in = { .text = text, .copy = copy, .p = &p, .err = err };
	int r;

	if (!copy)
		return no_memory(err, "the policy's text");
	r = read_lines(&in, copy);
	if (r == 0)
		*ret = p;
	return r;
}

static int check_sayable(const struct mpol_policy_expr *p, struct mpol_error *err)
{
	const char *mode = mode_names[p->mode].systemd;
	bool all = p->nodes.sets == MPOL_SET_ALL;
	unsigned nodes = mpol_nodes_count(&p->nodes.nodes);

	if (p->flags)
		return mpol_fail(err, &rule_systemd_flags, "", "systemd cannot say the flags of %s",
				 mode);
	if (!mode_names[p->mode].takes_nodes && (all || nodes))
		return mpol_fail(err, &rule_systemd_drops, "", "systemd drops the nodes of %s",
				 mode);
	if (p->mode == MPOL_MODE_PREFERRED && (all || nodes > 1))
		return mpol_fail(err, &rule_systemd_preferred, "",
				 "preferred takes one node, and here are several");
	if (mode_names[p->mode].takes_nodes && p->mode != MPOL_MODE_PREFERRED && !all && !nodes)
		return mpol_fail(err, &rule_systemd_needs_mask, "", "%s has no nodes", mode);
	return 0;
}

/* NUMAMask= knows "all" alone. */
static int check_nodes_sayable(const struct mpol_policy_expr *p, struct mpol_error *err)
{
	struct mpol_nodes_expr all = { .sets = MPOL_SET_ALL };

	if (mpol_nodes_expr_equal(&p->nodes, &all))
		return 0;
	return notation_check_literal(p, "systemd", err);
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	char nodes[MPOL_NODES_EXPR_TEXT];
	struct strbuf b = { 0 };
	int r = notation_check_known(p, "systemd", err);

	if (r == 0)
		r = check_nodes_sayable(p, err);
	if (r == 0)
		r = check_sayable(p, err);
	if (r < 0)
		return r;
	strbuf_puts(&b, "[Service]\n");
	if (p->mode > MPOL_MODE_LOCAL)
		strbuf_puts(&b, "# Known to systemd since June 2026; older ones ignore it with a "
				"warning.\n");
	strbuf_printf(&b, "NUMAPolicy=%s", mode_names[p->mode].systemd);
	if (mpol_nodes_expr_print(&p->nodes, nodes, sizeof(nodes)))
		strbuf_printf(&b, "\nNUMAMask=%s", nodes);
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_systemd = {
	.name = "systemd",
	.summary = "a drop-in for a unit: NUMAPolicy= and NUMAMask=",
	.parse = parse,
	.print = print,
};
