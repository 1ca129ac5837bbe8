/* SPDX-License-Identifier: MIT */
/* The NRI plugins' annotations; see nri.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/nri.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "notation/names.h"
#include "notation/notation.h"

static const struct mpol_rule rule_nri = {
	"nri-policy",
	EINVAL,
	"The annotation is a mapping of mode, nodes and flags, as the NRI memory-policy plugin "
	"documents it.",
	"or use the annotation " MPOL_ANNOTATION ": bind=static:0-1",
	"containers/nri-plugins, memory-policy",
	NULL,
};

#define VALUE_TEXT 512

struct reading {
	unsigned line;
	const char *mode; /* the kernel's word; NULL: not seen */
	char nodes[VALUE_TEXT];
	bool in_flags;
	struct strbuf flags; /* "static|balancing" */
};

static int wrong(const struct reading *r, struct mpol_error *err, const char *what,
		 const char *value)
{
	char where[32];

	(void)snprintf(where, sizeof(where), "line %u", r->line);
	return mpol_fail(err, &rule_nri, where, "%s \"%.80s\"", what, value);
}

/* Cuts spaces and one pair of quotes off. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	if (len >= 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
		text[len - 1] = '\0';
		text++;
	}
	return text;
}

static int add_flag(struct reading *r, char *text, struct mpol_error *err)
{
	const char *name = trim(text);

	for (size_t i = 0; i < N_FLAGS; i++)
		if (STREQ(flag_names[i].oci, name)) {
			strbuf_printf(&r->flags, "%s%s", r->flags.len ? "|" : "",
				      flag_names[i].kernel);
			return 0;
		}
	return wrong(r, err, "there is no flag", name);
}

/* "[A, B]" */
static int add_flow(struct reading *r, char *text, struct mpol_error *err)
{
	char *save = NULL;
	size_t len = strlen(text);
	int res = 0;

	if (text[len - 1] != ']')
		return wrong(r, err, "a list ends with ], not", text);
	text[len - 1] = '\0';
	for (char *item = strtok_r(text + 1, ",", &save); item && res == 0;
	     item = strtok_r(NULL, ",", &save))
		if (*trim(item))
			res = add_flag(r, item, err);
	return res;
}

static int set_mode(struct reading *r, const char *name, struct mpol_error *err)
{
	for (size_t i = 0; i < MPOL_N_MODES; i++)
		if (STREQ(mode_names[i].oci, name)) {
			r->mode = mode_names[i].word;
			return 0;
		}
	return wrong(r, err, "there is no mode", name);
}

/* The plugins' names for sets, in our words. */
static int set_nodes(struct reading *r, const char *text, struct mpol_error *err)
{
	if (strlen(text) >= VALUE_TEXT)
		return wrong(r, err, "too long a node list,", text);
	if (STREQ(text, "cpu-packages"))
		return wrong(r, err,
			     "there is no set for the nodes of the CPUs' packages here:", text);
	if (STREQ(text, "allowed-mems"))
		text = "all";
	else if (STREQ(text, "cpu-nodes"))
		text = "cpu";
	if (STARTS(text, "max-dist:"))
		(void)snprintf(r->nodes, VALUE_TEXT, "dist<=%s", text + strlen("max-dist:"));
	else
		(void)snprintf(r->nodes, VALUE_TEXT, "%s", text);
	return 0;
}

static int read_line(struct reading *r, char *line, struct mpol_error *err)
{
	char *text = trim(line), *colon = strchr(text, ':'), *value;

	if (!*text || *text == '#' || STREQ(text, "---"))
		return 0;
	if (*text == '-' && r->in_flags)
		return add_flag(r, text + 1, err);
	r->in_flags = false;
	if (!colon)
		return wrong(r, err, "\"key: value\" is expected, not", text);
	*colon = '\0';
	value = trim(colon + 1);
	text = trim(text);
	if (STREQ(text, "mode"))
		return set_mode(r, value, err);
	if (STREQ(text, "nodes"))
		return set_nodes(r, value, err);
	if (!STREQ(text, "flags"))
		return wrong(r, err, "there is no key", text);
	r->in_flags = !*value;
	return *value == '[' ? add_flow(r, value, err)
	       : *value	     ? wrong(r, err, "a list is expected, not", value)
			     : 0;
}

static int finish(struct reading *r, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	struct strbuf text = { 0 };
	int res;

	if (!r->mode)
		return mpol_fail(err, &rule_nri, "mode", "the mode is missing");
	strbuf_printf(&text, "%s%s%s%s%s", r->mode, r->flags.len ? "=" : "", strbuf_text(&r->flags),
		      *r->nodes ? ":" : "", r->nodes);
	res = text.failed ? mpol_fail_errno(err, &rule_nri, ENOMEM, "", "out of memory")
			  : notation_kernel.parse(strbuf_text(&text), ret, err);
	strbuf_done(&text);
	return res;
}

int nri_parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	_cleanup_free_ char *copy = NULL;
	struct reading r = { 0 };
	int res = 0;

	text += strspn(text, " \t\r\n");
	if (*text == '{')
		return mpol_policy_parse(text, ret, err);
	copy = strdup(text);
	if (!copy)
		return mpol_fail_errno(err, &rule_nri, ENOMEM, "", "out of memory");
	for (char *line = copy, *next; line && res == 0; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		r.line++;
		res = read_line(&r, line, err);
	}
	if (res == 0)
		res = finish(&r, ret, err);
	strbuf_done(&r.flags);
	return res;
}
