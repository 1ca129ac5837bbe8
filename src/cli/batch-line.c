/* SPDX-License-Identifier: MIT */
/*
 * Decoding a line of the batch. Lines are taken apart by the quick reader where it understands
 * them, and by jansson otherwise; both end in the same struct fields, and what these mean is
 * decided once.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/macros.h"
#include "cli/batch-line.h"
#include "json/quick.h"
#include "json/read.h"
#include "notation/names.h"

static const struct mpol_rule rule_line = {
	"batch-line",
	EINVAL,
	"A line of the batch is a JSON object with a mode, and optionally flags, nodes, "
	"mems_allowed, possible, kernel "
	"and then_mems.",
	"write it like "
	"{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\",\"mems_allowed\":\"0-3\",\"kernel\":\"6.12."
	"107\"}",
	"mpol-check(1)",
	NULL,
};

#define MAX_FLAGS 16

/* A name or a number; strings end with NUL and live as long as the line. */
struct name_or_number {
	const char *name; /* NULL: a number */
	int64_t number;
};

/* The members as they were written; a NULL string is null, or absent. */
struct fields {
	bool has_mode, has_moves;
	struct name_or_number mode, flags[MAX_FLAGS];
	size_t n_flags, n_moves;
	const char *nodes, *mems_allowed, *possible, *kernel, *moves[BATCH_MAX_MOVES];
};

enum key { MODE, FLAGS, NODES, MEMS_ALLOWED, POSSIBLE, KERNEL, THEN_MEMS, N_KEYS };
static const char *const key_names[N_KEYS] = { "mode",	   "flags",  "nodes",	 "mems_allowed",
					       "possible", "kernel", "then_mems" };

/* Where a member that is a string or null goes; NULL: the member is something else. */
static const char **string_field(struct fields *f, enum key key)
{
	switch (key) {
	case NODES:
		return &f->nodes;
	case MEMS_ALLOWED:
		return &f->mems_allowed;
	case POSSIBLE:
		return &f->possible;
	case KERNEL:
		return &f->kernel;
	case MODE:
	case FLAGS:
	case THEN_MEMS:
	case N_KEYS:
		break;
	}
	return NULL;
}

/*
 * The quick way. The line stays as it is, for the slow way; strings are ended in a copy of it.
 */
#define QUICK_LINE 4096

struct quick {
	struct json_quick q;
	const char *line;
	char copy[QUICK_LINE];
	struct fields *f;
};

/* A string, which ends in the copy where its closing quote is; or null. */
static bool quick_text(struct quick *in, const char **ret)
{
	struct json_slice s;

	*ret = NULL;
	if (json_quick_peek(&in->q) == 'n')
		return json_quick_null(&in->q);
	if (!json_quick_string(&in->q, &s))
		return false;
	in->copy[s.text - in->line + (ptrdiff_t)s.len] = '\0';
	*ret = in->copy + (s.text - in->line);
	return true;
}

static bool quick_name_or_number(struct quick *in, struct name_or_number *ret)
{
	if (json_quick_peek(&in->q) == '"')
		return quick_text(in, &ret->name);
	return json_quick_integer(&in->q, &ret->number);
}

static void quick_flags(struct quick *in)
{
	struct fields *f = in->f;

	if (json_quick_peek(&in->q) == 'n') {
		(void)json_quick_null(&in->q); /* as none; q remembers a failure */
		return;
	}
	for (json_quick_array(&in->q); json_quick_element(&in->q);) {
		in->q.failed = f->n_flags == MAX_FLAGS;
		if (in->q.failed || !quick_name_or_number(in, &f->flags[f->n_flags++]))
			return;
	}
}

static void quick_moves(struct quick *in)
{
	struct fields *f = in->f;

	f->has_moves = true;
	for (json_quick_array(&in->q); json_quick_element(&in->q);) {
		in->q.failed = f->n_moves == BATCH_MAX_MOVES || json_quick_peek(&in->q) != '"';
		if (in->q.failed || !quick_text(in, &f->moves[f->n_moves++]))
			return;
	}
}

static void quick_member(struct quick *in, enum key key)
{
	const char **text = string_field(in->f, key);

	if (text) {
		(void)quick_text(in, text); /* q remembers a failure, here and below */
	} else if (key == MODE) {
		in->f->has_mode = true;
		(void)quick_name_or_number(in, &in->f->mode);
	} else if (key == FLAGS) {
		quick_flags(in);
	} else {
		quick_moves(in);
	}
}

static enum key find_key(struct json_slice name)
{
	enum key key = 0;

	while (key < N_KEYS && !json_slice_is(name, key_names[key]))
		key++;
	return key;
}

static bool read_quickly(const char *line, size_t len, struct quick *in, struct fields *f)
{
	unsigned seen = 0;
	struct json_slice name;

	if (len >= QUICK_LINE)
		return false;
	in->q = json_quick(line, len);
	in->line = line;
	in->f = f;
	memcpy(in->copy, line, len);
	for (json_quick_object(&in->q); json_quick_key(&in->q, &name);) {
		enum key key = find_key(name);

		if (key == N_KEYS || seen >> key & 1)
			return false; /* unknown ones are skipped, and twice the same is refused, by
					 the slow way */
		seen |= 1u << key;
		quick_member(in, key);
	}
	return json_quick_end(&in->q);
}

/* The slow way: everything that JSON is, and all that can be wrong with it. */
static int slow_name_or_number(const json_t *value, const char *key, struct name_or_number *ret,
			       struct mpol_error *err)
{
	if (!json_is_string(value) && !json_is_integer(value))
		return mpol_fail(err, &rule_line, key, "is %s, neither a name nor a number",
				 json_kind(value));
	*ret = (struct name_or_number){ json_string_value(value), json_integer_value(value) };
	return 0;
}

static int slow_flags(const json_t *value, struct fields *f, struct mpol_error *err)
{
	json_t *flag;
	size_t i;

	if (json_is_null(value))
		return 0;
	if (!json_is_array(value) || json_array_size(value) > MAX_FLAGS)
		return mpol_fail(err, &rule_line, "flags", "is %s, not an array of flags",
				 json_kind(value));
	json_array_foreach(value, i, flag)
	{
		int r = slow_name_or_number(flag, "flags", &f->flags[f->n_flags++], err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int slow_moves(const json_t *value, struct fields *f, struct mpol_error *err)
{
	json_t *mems;
	size_t i;

	if (json_is_null(value))
		return 0;
	if (!json_is_array(value))
		return mpol_fail(err, &rule_line, "then_mems", "is %s, not an array of node lists",
				 json_kind(value));
	if (json_array_size(value) > BATCH_MAX_MOVES)
		return mpol_fail(err, &rule_line, "then_mems", "has more than %d cpusets",
				 BATCH_MAX_MOVES);
	f->has_moves = true;
	json_array_foreach(value, i, mems)
	{
		if (!json_is_string(mems))
			return mpol_fail(err, &rule_line, "then_mems", "has %s, not a node list",
					 json_kind(mems));
		f->moves[f->n_moves++] = json_string_value(mems);
	}
	return 0;
}

static int slow_member(const json_t *value, enum key key, struct fields *f, struct mpol_error *err)
{
	const char **text = string_field(f, key);

	if (key == MODE) {
		f->has_mode = true;
		return slow_name_or_number(value, key_names[key], &f->mode, err);
	}
	if (key == FLAGS)
		return slow_flags(value, f, err);
	if (key == THEN_MEMS)
		return slow_moves(value, f, err);
	if (!json_is_string(value) && !json_is_null(value))
		return mpol_fail(err, &rule_line, key_names[key],
				 "is %s, neither a string nor null", json_kind(value));
	*text = json_string_value(value);
	return 0;
}

static int read_slowly(const json_t *line, struct fields *f, struct mpol_error *err)
{
	*f = (struct fields){ 0 };
	if (!json_is_object(line))
		return mpol_fail(err, &rule_line, "", "the line is %s, not an object",
				 json_kind(line));
	for (enum key key = 0; key < N_KEYS; key++) {
		const json_t *value = json_object_get(line, key_names[key]);
		int r = value ? slow_member(value, key, f, err) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* What the members mean. */
static void mean_mode(const struct name_or_number *mode, struct batch_line *ret)
{
	if (!mode->name) {
		ret->request.mode = (int)(unsigned)mode->number;
		return;
	}
	for (int m = 0; m < MPOL_N_MODES; m++)
		if (STREQ(mode_names[m].oci, mode->name)) {
			ret->request.mode = m;
			return;
		}
	(void)snprintf(ret->unknown_mode, sizeof(ret->unknown_mode), "%.60s", mode->name);
}

static void mean_flag(const struct name_or_number *flag, struct batch_line *ret)
{
	if (!flag->name) {
		ret->request.mode |= (int)(unsigned)flag->number;
		return;
	}
	for (size_t i = 0; i < N_FLAGS; i++)
		if (STREQ(flag_names[i].oci, flag->name)) {
			ret->request.mode |= (int)flag_names[i].flag;
			return;
		}
	(void)snprintf(ret->unknown_flag, sizeof(ret->unknown_flag), "%.60s", flag->name);
}

/* null is a NULL mask, "" an empty one; a node beyond the longest mask makes one that is too long.
 */
static int mean_mask(const char *nodes, struct batch_line *ret, struct mpol_error *err)
{
	unsigned highest[] = { MPOL_MAX_NODES - 1, QUESTION_LONGEST_MASK - 1 };
	struct mpol_error why;

	if (!nodes)
		return 0;
	ret->request.mask = ret->mask;
	ret->request.maxnode = UINT64_MAX;
	for (size_t i = 0; i < ELEMENTSOF(highest); i++) {
		int r = list_parse(nodes, highest[i], "node", ret->mask, &why);

		if (r == 0) {
			ret->request.maxnode = (uint64_t)highest[i] + 2;
			return 0;
		}
		if (!STREQ(why.rule->id, "list-number-too-large")) {
			mpol_error_within(&why, "nodes");
			*err = why;
			return r;
		}
	}
	return 0;
}

static int mean_nodes(const char *text, const char *key, struct mpol_nodeset *ret,
		      struct mpol_error *err)
{
	int r = mpol_nodes_parse(text, ret, err);

	if (r == 0 && mpol_nodes_empty(ret))
		return mpol_fail(err, &rule_line, key, "names no node");
	if (r < 0)
		mpol_error_within(err, key);
	return r;
}

/* Batches name the same kernel over and over. */
static int mean_kernel(const char *version, struct mpol_kernel *ret, struct mpol_error *err)
{
	static struct mpol_kernel last;
	int r = 0;

	if (!version)
		return 0;
	if (!last.known || !STREQ(last.release, version))
		r = mpol_kernel_from_version(version, &last, err);
	if (r < 0)
		mpol_error_within(err, "kernel");
	else
		*ret = last;
	return r;
}

static int mean_situation(const struct fields *f, struct batch_line *ret, struct mpol_error *err)
{
	struct mpol_situation *s = &ret->situation;
	int r = mean_kernel(f->kernel, &s->kernel, err);

	ret->situated = f->mems_allowed;
	if (r == 0 && f->mems_allowed)
		r = mean_nodes(f->mems_allowed, "mems_allowed", &s->mems_allowed, err);
	if (r == 0 && f->possible)
		r = mean_nodes(f->possible, "possible", &s->possible, err);
	if (r == 0)
		s->possible = mpol_nodes_or(&s->possible, &s->mems_allowed);
	return r;
}

static int mean_moves(const struct fields *f, struct batch_line *ret, struct mpol_error *err)
{
	if (f->has_moves && !f->mems_allowed)
		return mpol_fail(err, &rule_line, "then_mems",
				 "needs mems_allowed, where the policy was set");
	ret->moved = f->has_moves;
	for (; ret->n_moves < f->n_moves; ret->n_moves++) {
		int r = mean_nodes(f->moves[ret->n_moves], "then_mems", &ret->moves[ret->n_moves],
				   err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int mean(const struct fields *f, struct batch_line *ret, struct mpol_error *err)
{
	int r;

	if (!f->has_mode)
		return mpol_fail(err, &rule_line, "mode", "is missing");
	mean_mode(&f->mode, ret);
	for (size_t i = 0; i < f->n_flags; i++)
		mean_flag(&f->flags[i], ret);
	r = mean_mask(f->nodes, ret, err);
	if (r == 0)
		r = mean_situation(f, ret, err);
	return r < 0 ? r : mean_moves(f, ret, err);
}

int batch_line_read(const char *text, size_t len, struct batch_line *ret, struct mpol_error *err)
{
	_cleanup_(json_doc_done) struct json_doc doc = { 0 };
	struct fields f = { 0 };
	struct quick quick;
	int r = 0;

	memset(ret, 0, offsetof(struct batch_line, mask));
	if (!read_quickly(text, len, &quick, &f)) {
		r = json_read(text, len, &doc, err);
		if (r == 0)
			r = read_slowly(doc.root, &f, err);
	}
	return r < 0 ? r : mean(&f, ret, err);
}
