/* SPDX-License-Identifier: MIT */
/*
 * OCI's notation, {"mode":"MPOL_BIND","nodes":"0-1","flags":["MPOL_F_STATIC_NODES"]}; see oci.h.
 * Source: runtime-spec 1.3, config-linux.md, "Memory policy".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
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
	const struct json_doc *doc;
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

static void wrong_type(struct reading *in, const struct json_path *path, const char *what,
		       const char *wanted, const json_t *value)
{
	(void)json_fail(found(in, MPOL_REFUSED), &rule_oci_type, in->doc, path, JSON_VALUE,
			"%s is %s, not %s", what, json_kind(value), wanted);
}

/* Offers a name without the prefix that all share: it would make every two of them near. */
static void offer(struct nearest *near, const char *name, const char *known, const char *prefix)
{
	size_t skip = strlen(prefix);

	if (strncasecmp(name, prefix, skip) == 0)
		nearest_offer(near, name + skip, strlen(name + skip), known + skip);
}

static void unknown_mode(struct reading *in, const struct json_path *path, const char *name)
{
	struct mpol_error *err = found(in, MPOL_REFUSED);
	int meant = mode_of_any_name(name, strlen(name));
	struct nearest near = { 0 };

	for (int m = 0; m < MPOL_N_MODES; m++)
		offer(&near, name, mode_names[m].oci, "MPOL_");
	if (near.best)
		near.best -= strlen("MPOL_");
	if (meant >= 0)
		near.best = mode_names[meant].oci;
	(void)json_fail(err, &rule_oci_mode, in->doc, path, JSON_VALUE, "\"%.60s\" is no mode",
			name);
	hint_near(err, &near);
}

static void read_mode(struct reading *in, const json_t *value, const struct json_path *path)
{
	if (!json_is_string(value)) {
		wrong_type(in, path, "the mode", "a string", value);
		return;
	}
	for (int m = 0; m < MPOL_N_MODES; m++)
		if (STREQ(json_string_value(value), mode_names[m].oci)) {
			in->ret->mode = (enum mpol_mode)m;
			return;
		}
	unknown_mode(in, path, json_string_value(value));
}

static void read_nodes(struct reading *in, const json_t *value, const struct json_path *path)
{
	struct mpol_error err = { 0 }, *ret_err;

	if (!json_is_string(value)) {
		wrong_type(in, path, "nodes", "a string with a node list", value);
		return;
	}
	if (nodes_expr_parse(json_string_value(value), 1, false, &in->ret->nodes, &err) == 0)
		return;
	json_error_in_string(&err, in->doc, path);
	ret_err = found(in, MPOL_REFUSED);
	if (ret_err)
		*ret_err = err;
}

static void unknown_flag(struct reading *in, const struct json_path *path, const char *name)
{
	struct mpol_error *err = found(in, MPOL_REFUSED);
	struct nearest near = { 0 };

	for (size_t i = 0; i < N_FLAGS; i++)
		offer(&near, name, flag_names[i].oci, "MPOL_F_");
	if (near.best)
		near.best -= strlen("MPOL_F_");
	for (size_t i = 0; i < N_FLAGS; i++)
		if (STREQ(name, flag_names[i].kernel))
			near.best = flag_names[i].oci;
	(void)json_fail(err, &rule_oci_flag, in->doc, path, JSON_VALUE, "\"%.60s\" is no flag",
			name);
	hint_near(err, &near);
}

static void read_flag(struct reading *in, const json_t *value, const struct json_path *path)
{
	if (!json_is_string(value)) {
		wrong_type(in, path, "a flag", "a string", value);
		return;
	}
	for (size_t i = 0; i < N_FLAGS; i++)
		if (STREQ(json_string_value(value), flag_names[i].oci)) {
			in->ret->flags |= flag_names[i].flag;
			return;
		}
	unknown_flag(in, path, json_string_value(value));
}

static void read_flags(struct reading *in, const json_t *value, const struct json_path *path)
{
	size_t i;
	json_t *flag;

	if (!json_is_array(value)) {
		wrong_type(in, path, "flags", "an array", value);
		return;
	}
	json_array_foreach(value, i, flag)
	{
		struct json_path at = json_path_index(path, i);

		read_flag(in, flag, &at);
	}
}

static const struct {
	const char *key;
	void (*read)(struct reading *in, const json_t *value, const struct json_path *path);
} members[] = {
	{ "mode", read_mode },
	{ "nodes", read_nodes },
	{ "flags", read_flags },
};

static void unknown_key(struct reading *in, const struct json_path *path, const char *key)
{
	struct mpol_error *err = found(in, MPOL_WARNING);
	struct nearest near = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(members); i++)
		nearest_offer(&near, key, strlen(key), members[i].key);
	(void)json_fail(err, &rule_oci_key, in->doc, path, JSON_KEY,
			"a memory policy has no member \"%.60s\"", key);
	hint_near(err, &near);
}

static void read_member(struct reading *in, const char *key, const json_t *value,
			const struct json_path *parent)
{
	struct json_path path = json_path_key(parent, key);

	for (size_t i = 0; i < ELEMENTSOF(members); i++) {
		if (!STREQ(key, members[i].key))
			continue;
		if (!json_is_null(value))
			members[i].read(in, value, &path);
		return;
	}
	unknown_key(in, &path, key);
}

size_t oci_policy_findings(const struct json_doc *doc, json_t *object, const struct json_path *path,
			   struct mpol_policy_expr *ret, struct mpol_finding *findings, size_t max)
{
	struct mpol_policy_expr p = { 0 };
	struct reading in = { doc, findings, 0, max, false, &p };
	const char *key;
	json_t *value;

	if (!json_is_object(object)) {
		wrong_type(&in, path, "a memory policy", "an object", object);
		return in.n;
	}
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		key = json_object_iter_key(i);
		read_member(&in, key, json_object_iter_value(i), path);
	}
	value = json_object_get(object, "mode");
	if (!value || json_is_null(value))
		(void)json_fail(found(&in, MPOL_REFUSED), &rule_oci_mode_missing, doc, path,
				JSON_VALUE, "the memory policy has no mode");
	if (!in.refused)
		*ret = p;
	return in.n;
}

int oci_policy_read(const struct json_doc *doc, json_t *object, const struct json_path *path,
		    struct mpol_policy_expr *ret, struct mpol_error *err)
{
	struct mpol_policy_expr p;
	struct mpol_finding first;

	if (oci_policy_findings(doc, object, path, &p, &first, 1) == 0) {
		*ret = p;
		return 0;
	}
	if (err)
		*err = first.error;
	return -first.error.errnum;
}

/* The policy within a config.json, within its "linux", or by itself. */
static json_t *find_policy(const struct json_doc *doc, struct json_path *path,
			   struct mpol_error *err)
{
	static const char *const steps[] = { "linux", "memoryPolicy" };
	json_t *at = doc->root;
	size_t first = 0;

	if (json_object_get(at, "memoryPolicy"))
		first = 1;
	else if (!json_object_get(at, "linux") && !json_object_get(at, "ociVersion"))
		return at;
	for (size_t i = first; i < ELEMENTSOF(steps); i++) {
		json_t *next = json_object_get(at, steps[i]);

		if (!next) {
			(void)json_fail(err, &rule_oci_no_policy, doc, path, JSON_VALUE,
					"there is no member \"%s\"", steps[i]);
			return NULL;
		}
		*path = json_path_key(path, steps[i]);
		at = next;
	}
	return at;
}

static int parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	_cleanup_(json_doc_done) struct json_doc doc = { 0 };
	struct json_path path = { 0 };
	json_t *object;
	int r = json_read(text, strlen(text), &doc, err);

	if (r < 0)
		return r;
	object = find_policy(&doc, &path, err);
	if (!object)
		return -ENOENT;
	return oci_policy_read(&doc, object, &path, ret, err);
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
