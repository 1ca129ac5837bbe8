/* SPDX-License-Identifier: MIT */
/*
 * OCI's notation, {"mode":"MPOL_BIND","nodes":"0-1","flags":["MPOL_F_STATIC_NODES"]}; see oci.h.
 * Source: runtime-spec 1.3, config-linux.md, "Memory policy".
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "base/no-memory.h"
#include "json/write.h"
#include "model/nodes-expr.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/oci.h"
#include "notation/rules.h"

const struct mpol_rule rule_oci_type = {
	"oci-type",
	EINVAL,
	"A memory policy is an object; its mode and nodes are strings, its flags an array of "
	"strings.",
	"write it like "
	"{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\",\"flags\":[\"MPOL_F_STATIC_NODES\"]}",
	"runtime-spec config-linux.md memoryPolicy",
	NULL,
};
const struct mpol_rule rule_oci_key = {
	"oci-unknown-key",
	EINVAL,
	"A memory policy has the members mode, nodes and flags; runtimes ignore others without a "
	"word, so that a misspelt one has no effect.",
	"use mode, nodes and flags",
	"runtime-spec config-linux.md memoryPolicy, config.md Extensibility",
	NULL,
};
const struct mpol_rule rule_oci_mode_missing = {
	"oci-mode-missing",
	EINVAL,
	"The mode is the one member that a memory policy must have.",
	"add \"mode\":\"MPOL_BIND\", or another mode",
	"runtime-spec config-linux.md memoryPolicy",
	NULL,
};
const struct mpol_rule rule_oci_mode = {
	"oci-unknown-mode",
	EINVAL,
	"OCI knows seven modes, under the kernel's own names.",
	"the modes are MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_LOCAL, "
	"MPOL_PREFERRED_MANY and MPOL_WEIGHTED_INTERLEAVE",
	"runtime-spec config-linux.md memoryPolicy",
	NULL,
};
const struct mpol_rule rule_oci_flag = {
	"oci-unknown-flag",
	EINVAL,
	"OCI knows three flags, under the kernel's own names.",
	"the flags are MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES and MPOL_F_NUMA_BALANCING",
	"runtime-spec config-linux.md memoryPolicy",
	NULL,
};
const struct mpol_rule rule_oci_no_policy = {
	"oci-no-policy",
	ENOENT,
	"In a config.json the policy stands at linux.memoryPolicy.",
	"add it there; `mpol convert --to oci` writes one",
	"runtime-spec config-linux.md memoryPolicy",
	NULL,
};

struct reading {
	const char *text; /* the whole document */
	struct mpol_finding *findings;
	size_t n, max;
	bool refused;
	struct mpol_policy_expr *ret;
};

/* The next finding's error to fill; NULL when there is no more room. */
static struct mpol_error *found(struct reading *in, enum mpol_severity severity)
{
	struct mpol_finding *f = in->n < in->max ? &in->findings[in->n] : NULL;

	in->n++;
	in->refused = in->refused || severity == MPOL_REFUSED;
	if (!f)
		return NULL;
	*f = (struct mpol_finding){ .severity = severity };
	return &f->error;
}

static void hint_near(struct mpol_error *err, const struct nearest *near)
{
	if (near->best)
		(void)mpol_hint(err, "did you mean \"%s\"?", near->best);
}

/* "PATH, line L, column C"; of the root the path is left out. */
static void describe(const char *text, const struct json_path *path, size_t at, char where[128])
{
	size_t len = MIN(json_path_print(path, where, 80), (size_t)79);
	char place[SCAN_PLACE];

	(void)snprintf(where + len, 128 - len, "%s%s", len ? ", " : "",
		       scan_place(text, at, place));
}

/* mpol_fail() about what stands at an offset of the text. */
__attribute__((format(printf, 6, 7))) static void
fail(struct mpol_error *err, const struct mpol_rule *rule, const char *text,
     const struct json_path *path, size_t at, const char *fmt, ...)
{
	char where[128], what[256];
	va_list ap;

	if (!err) /* looking for the place would be in vain, and costs as much as the text is long
		   */
		return;
	describe(text, path, at, where);
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap); /* cut is fine */
	va_end(ap);
	(void)mpol_fail(err, rule, where, "%s", what);
}

static void wrong_type(struct reading *in, const struct json_path *path, const char *what,
		       const char *wanted, struct span value)
{
	enum scan_kind kind = scan_kind(in->text, value);
	const char *is = scan_kind_name(kind);

	if (kind == SCAN_BOOLEAN)
		is = in->text[value.start] == 't' ? "true" : "false";
	fail(found(in, MPOL_REFUSED), &rule_oci_type, in->text, path, value.start,
	     "%s is %s, not %s", what, is, wanted);
}

/* A string decoded, freed by the caller; NULL, and a finding, when memory ran out. */
static char *string_of(struct reading *in, struct span value)
{
	char *string = scan_string(in->text, value);

	if (!string)
		(void)no_memory(found(in, MPOL_REFUSED), "the memory policy");
	return string;
}

/* Offers a name without the prefix that all share: it would make every two of them near. */
static void offer(struct nearest *near, const char *name, const char *known, const char *prefix)
{
	size_t skip = strlen(prefix);

	if (strncasecmp(name, prefix, skip) == 0)
		nearest_offer(near, name + skip, strlen(name + skip), known + skip);
}

static void unknown_mode(struct reading *in, const struct json_path *path, struct span value)
{
	_cleanup_free_ char *name = string_of(in, value);
	struct nearest near = { 0 };
	struct mpol_error *err;
	int meant;

	if (!name)
		return;
	err = found(in, MPOL_REFUSED);
	meant = mode_of_any_name(name, strlen(name));
	for (int m = 0; m < MPOL_N_MODES; m++)
		offer(&near, name, mode_names[m].oci, "MPOL_");
	if (near.best)
		near.best -= strlen("MPOL_");
	if (meant >= 0)
		near.best = mode_names[meant].oci;
	fail(err, &rule_oci_mode, in->text, path, value.start, "\"%.60s\" is no mode", name);
	hint_near(err, &near);
}

static void read_mode(struct reading *in, struct span value, const struct json_path *path)
{
	if (scan_kind(in->text, value) != SCAN_STRING) {
		wrong_type(in, path, "the mode", "a string", value);
		return;
	}
	for (int m = 0; m < MPOL_N_MODES; m++)
		if (scan_is(in->text, value, mode_names[m].oci)) {
			in->ret->mode = (enum mpol_mode)m;
			return;
		}
	unknown_mode(in, path, value);
}

/* The place of an error whose where was "column N" within a string: its own column, unless an
 * escape before it makes the string's columns another count. */
static size_t place_in_string(const char *text, struct span string, const char *where)
{
	size_t column = 0;

	if (sscanf(where, "column %zu", &column) != 1 || column >= string.end - string.start ||
	    memchr(text + string.start, '\\', column + 1))
		return string.start;
	return string.start + column;
}

static void read_nodes(struct reading *in, struct span value, const struct json_path *path)
{
	_cleanup_free_ char *nodes = NULL;
	struct mpol_error err = { 0 }, *ret_err;
	char where[128];

	if (scan_kind(in->text, value) != SCAN_STRING) {
		wrong_type(in, path, "nodes", "a string with a node list", value);
		return;
	}
	nodes = string_of(in, value);
	if (!nodes || nodes_expr_parse(nodes, 1, false, &in->ret->nodes, &err) == 0)
		return;
	describe(in->text, path, place_in_string(in->text, value, err.where), where);
	(void)snprintf(err.where, sizeof(err.where), "%.*s", (int)sizeof(err.where) - 1, where);
	ret_err = found(in, MPOL_REFUSED);
	if (ret_err)
		*ret_err = err;
}

static void unknown_flag(struct reading *in, const struct json_path *path, struct span value)
{
	_cleanup_free_ char *name = string_of(in, value);
	struct nearest near = { 0 };
	struct mpol_error *err;

	if (!name)
		return;
	err = found(in, MPOL_REFUSED);
	for (size_t i = 0; i < N_FLAGS; i++)
		offer(&near, name, flag_names[i].oci, "MPOL_F_");
	if (near.best)
		near.best -= strlen("MPOL_F_");
	for (size_t i = 0; i < N_FLAGS; i++)
		if (STREQ(name, flag_names[i].kernel))
			near.best = flag_names[i].oci;
	fail(err, &rule_oci_flag, in->text, path, value.start, "\"%.60s\" is no flag", name);
	hint_near(err, &near);
}

static void read_flag(struct reading *in, struct span value, const struct json_path *path)
{
	if (scan_kind(in->text, value) != SCAN_STRING) {
		wrong_type(in, path, "a flag", "a string", value);
		return;
	}
	for (size_t i = 0; i < N_FLAGS; i++)
		if (scan_is(in->text, value, flag_names[i].oci)) {
			in->ret->flags |= flag_names[i].flag;
			return;
		}
	unknown_flag(in, path, value);
}

static void read_flags(struct reading *in, struct span value, const struct json_path *path)
{
	struct scan_member flag;
	size_t pos = 0;

	if (scan_kind(in->text, value) != SCAN_ARRAY) {
		wrong_type(in, path, "flags", "an array", value);
		return;
	}
	for (size_t i = 0; scan_next(in->text, value, &pos, &flag); i++) {
		struct json_path at = json_path_index(path, i);

		read_flag(in, flag.value, &at);
	}
}

enum { MODE, NODES, FLAGS, N_MEMBERS };
static const struct {
	const char *key;
	void (*read)(struct reading *in, struct span value, const struct json_path *path);
} members[N_MEMBERS] = {
	[MODE] = { "mode", read_mode },
	[NODES] = { "nodes", read_nodes },
	[FLAGS] = { "flags", read_flags },
};

static void unknown_key(struct reading *in, struct span key, const struct json_path *parent)
{
	_cleanup_free_ char *name = string_of(in, key);
	struct nearest near = { 0 };
	struct json_path path;
	struct mpol_error *err;

	if (!name)
		return;
	err = found(in, MPOL_WARNING);
	path = json_path_key(parent, name);
	for (size_t i = 0; i < N_MEMBERS; i++)
		nearest_offer(&near, name, strlen(name), members[i].key);
	fail(err, &rule_oci_key, in->text, &path, key.start,
	     "a memory policy has no member \"%.60s\"", name);
	hint_near(err, &near);
}

static void read_member(struct reading *in, struct scan_member m, const struct json_path *parent)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		struct json_path path = json_path_key(parent, members[i].key);

		if (!scan_is(in->text, m.key, members[i].key))
			continue;
		if (scan_kind(in->text, m.value) != SCAN_NULL)
			members[i].read(in, m.value, &path);
		return;
	}
	unknown_key(in, m.key, parent);
}

/* Each member stands at most once, and the mode is there. */
static bool check_members(struct reading *in, struct span object, const struct json_path *path)
{
	struct scan_wanted wanted[N_MEMBERS] = { 0 };
	struct mpol_error err, *ret_err;
	char text[80];

	for (size_t i = 0; i < N_MEMBERS; i++)
		wanted[i].key = members[i].key;
	(void)json_path_print(path, text, sizeof(text));
	if (scan_find_each(in->text, object, text, wanted, N_MEMBERS, &err) == 0)
		return true;
	ret_err = found(in, MPOL_REFUSED);
	if (ret_err)
		*ret_err = err;
	return false;
}

size_t oci_policy_findings(const char *text, struct span object, const struct json_path *path,
			   struct mpol_policy_expr *ret, struct mpol_finding *findings, size_t max)
{
	struct mpol_policy_expr p = { 0 };
	struct reading in = { text, findings, 0, max, false, &p };
	struct scan_member m;
	bool has_mode = false;

	if (scan_kind(text, object) != SCAN_OBJECT) {
		wrong_type(&in, path, "a memory policy", "an object", object);
		return in.n;
	}
	if (!check_members(&in, object, path))
		return in.n;
	for (size_t pos = 0; scan_next(text, object, &pos, &m);) {
		has_mode |= scan_is(text, m.key, members[MODE].key) &&
			    scan_kind(text, m.value) != SCAN_NULL;
		read_member(&in, m, path);
	}
	if (!has_mode)
		fail(found(&in, MPOL_REFUSED), &rule_oci_mode_missing, text, path, object.start,
		     "the memory policy has no mode");
	if (!in.refused)
		*ret = p;
	return in.n;
}

int oci_policy_read(const char *text, struct span object, const struct json_path *path,
		    struct mpol_policy_expr *ret, struct mpol_error *err)
{
	struct mpol_policy_expr p;
	struct mpol_finding first;

	if (oci_policy_findings(text, object, path, &p, &first, 1) == 0) {
		*ret = p;
		return 0;
	}
	if (err)
		*err = first.error;
	return -first.error.errnum;
}

/* The policy within a config.json, within its "linux", or by itself. */
static int find_policy(const char *text, struct span root, struct span *ret, struct json_path *path,
		       struct mpol_error *err)
{
	static const char *const steps[] = { "linux", "memoryPolicy" };
	struct scan_wanted top[] = { { .key = steps[0] },
				     { .key = steps[1] },
				     { .key = "ociVersion" } };
	size_t first = 0;
	int r;

	*ret = root;
	if (scan_kind(text, root) != SCAN_OBJECT)
		return 0;
	r = scan_find_each(text, root, "", top, ELEMENTSOF(top), err);
	if (r < 0)
		return r;
	if (!span_absent(top[1].member.value))
		first = 1;
	else if (span_absent(top[0].member.value) && span_absent(top[2].member.value))
		return 0;
	for (size_t i = first; i < ELEMENTSOF(steps); i++) {
		struct scan_member next = { 0 };

		if (scan_kind(text, *ret) == SCAN_OBJECT)
			r = scan_find(text, *ret, steps[i], "", &next, err);
		if (r < 0)
			return r;
		if (span_absent(next.value)) {
			fail(err, &rule_oci_no_policy, text, path, ret->start,
			     "there is no member \"%s\"", steps[i]);
			return -rule_oci_no_policy.errnum;
		}
		*path = json_path_key(path, steps[i]);
		*ret = next.value;
	}
	return 0;
}

static int parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	struct json_path path = { 0 };
	struct span root, object;
	int r = scan_document(text, strlen(text), &root, err);

	if (r >= 0)
		r = find_policy(text, root, &object, &path, err);
	return r < 0 ? r : oci_policy_read(text, object, &path, ret, err);
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_LINE);
	char nodes[MPOL_NODES_TEXT];
	int r = notation_check_known(p, "OCI", err);

	if (r == 0)
		r = notation_check_literal(p, "OCI", err);
	if (r < 0)
		return r;
	json_begin_object(&w);
	json_member_string(&w, "mode", mode_names[p->mode].oci);
	if (mpol_nodes_print(&p->nodes.nodes, nodes, sizeof(nodes)))
		json_member_string(&w, "nodes", nodes);
	if (p->flags) {
		json_key(&w, "flags");
		json_begin_array(&w);
		for (size_t i = 0; i < N_FLAGS; i++)
			if (p->flags & flag_names[i].flag)
				json_write_string(&w, flag_names[i].oci);
		json_end_array(&w);
	}
	json_end_object(&w);
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_oci = {
	.name = "oci",
	.summary = "linux.memoryPolicy of a config.json",
	.parse = parse,
	.print = print,
};
