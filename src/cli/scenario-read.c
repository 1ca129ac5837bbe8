/* SPDX-License-Identifier: MIT */
/* Reading YAML nodes into structs; see scenario-read.h. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/nearest.h"
#include "cli/scenario-read.h"
#include "cli/size.h"

const struct mpol_rule scenario_key = {
	.id = "scenario-key",
	.errnum = EINVAL,
	.why = "Keys of a scenario are the names of the structs' members; an unknown one would "
	       "silently mean nothing.",
	.hint = "see SCENARIO FILES in mpol-test(7).",
};

const struct mpol_rule scenario_value = {
	.id = "scenario-value",
	.errnum = EINVAL,
	.why = "Each key of a scenario has values of one kind.",
	.hint = "see SCENARIO FILES in mpol-test(7).",
};

int reader_fail(struct reader *r, const struct mpol_rule *rule, const yaml_node_t *at,
		const char *fmt, ...)
{
	char where[96], what[200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)snprintf(where, sizeof(where), "%.70s:%zu:%zu", r->path, at->start_mark.line + 1,
		       at->start_mark.column + 1);
	return mpol_fail(r->err, rule, where, "%s", what);
}

int reader_refused(struct reader *r, const yaml_node_t *at, const struct mpol_error *why)
{
	char where[96];

	(void)snprintf(where, sizeof(where), "%.70s:%zu:%zu", r->path, at->start_mark.line + 1,
		       at->start_mark.column + 1);
	*r->err = *why;
	(void)snprintf(r->err->where, sizeof(r->err->where), "%s", where);
	return why->errnum ? -why->errnum : -EINVAL;
}

const char *reader_text(struct reader *r, const yaml_node_t *node, const char *expected)
{
	if (node->type == YAML_SCALAR_NODE &&
	    strlen((const char *)node->data.scalar.value) == node->data.scalar.length)
		return (const char *)node->data.scalar.value;
	(void)reader_fail(r, &scenario_value, node, "expected %s, not %s", expected,
			  node->type == YAML_MAPPING_NODE    ? "a mapping"
			  : node->type == YAML_SEQUENCE_NODE ? "a sequence"
							     : "bytes with a NUL");
	return NULL;
}

int reader_integer(struct reader *r, const yaml_node_t *node, long long least, long long most,
		   long long *ret)
{
	const char *text = reader_text(r, node, "a whole number");
	long long value;
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < least || value > most)
		return reader_fail(r, &scenario_value, node,
				   "expected a whole number, %lld to %lld, not \"%.60s\"", least,
				   most, text);
	*ret = value;
	return 0;
}

int reader_real(struct reader *r, const yaml_node_t *node, double *ret)
{
	const char *text = reader_text(r, node, "a number");
	double value;
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value - value == 0)) /* neither infinite nor none */
		return reader_fail(r, &scenario_value, node, "expected a number, not \"%.60s\"",
				   text);
	*ret = value;
	return 0;
}

size_t reader_length(const yaml_node_t *node)
{
	return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
}

int reader_sequence(struct reader *r, const yaml_node_t *node, const char *what, size_t most)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return reader_fail(r, &scenario_value, node, "expected a sequence of %s", what);
	if (reader_length(node) > most)
		return reader_fail(r, &scenario_value, node, "%zu %s, at most %zu can be",
				   reader_length(node), what, most);
	return 0;
}

yaml_node_t *reader_item(struct reader *r, const yaml_node_t *node, size_t i)
{
	return yaml_document_get_node(r->document, node->data.sequence.items.start[i]);
}

static const struct field *find_field(const struct field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (STREQ(fields[i].key, key))
			return &fields[i];
	return NULL;
}

int reader_meant(struct reader *r, const struct nearest *nearest, int code)
{
	if (nearest->best)
		(void)snprintf(r->err->hint, sizeof(r->err->hint), "did you mean \"%s\"?",
			       nearest->best);
	return code;
}

static int unknown_key(struct reader *r, const yaml_node_t *at, const char *what, const char *key,
		       const struct field *fields, size_t n)
{
	struct nearest nearest = { 0 };
	int code = reader_fail(r, &scenario_key, at, "%s has no \"%.60s\"", what, key);
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		nearest_offer(&nearest, key, strlen(key), fields[i].key);
	if (nearest.best)
		return reader_meant(r, &nearest, code);
	used = (size_t)snprintf(r->err->hint, sizeof(r->err->hint), "expected one of");
	for (size_t i = 0; i < n && used < sizeof(r->err->hint); i++)
		used += (size_t)snprintf(r->err->hint + used, sizeof(r->err->hint) - used, "%s %s",
					 i ? "," : "", fields[i].key);
	return code;
}

static int check_once(struct reader *r, const yaml_node_t *node, const yaml_node_pair_t *pair,
		      const char *key)
{
	for (const yaml_node_pair_t *other = node->data.mapping.pairs.start; other < pair;
	     other++) {
		const yaml_node_t *k = yaml_document_get_node(r->document, other->key);

		if (k->type == YAML_SCALAR_NODE && STREQ((const char *)k->data.scalar.value, key))
			return reader_fail(r, &scenario_key,
					   yaml_document_get_node(r->document, pair->key),
					   "\"%.60s\" is here twice, first on line %zu", key,
					   k->start_mark.line + 1);
	}
	return 0;
}

int reader_mapping(struct reader *r, yaml_node_t *node, const char *what,
		   const struct field *fields, size_t n_fields, void *base)
{
	if (node->type != YAML_MAPPING_NODE)
		return reader_fail(r, &scenario_value, node,
				   "expected %s, a mapping of keys to values", what);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(r->document, pair->key);
		const char *key = reader_text(r, k, "a key");
		const struct field *field = key ? find_field(fields, n_fields, key) : NULL;
		int code;

		if (!key)
			return -EINVAL;
		if (!field)
			return unknown_key(r, k, what, key, fields, n_fields);
		code = check_once(r, node, pair, key);
		if (code == 0)
			code = field->take(r, yaml_document_get_node(r->document, pair->value),
					   (char *)base + field->offset);
		if (code < 0)
			return code;
	}
	return 0;
}

static struct kept {
	struct kept *next;
	max_align_t memory[];
} * all_kept;

void *reader_keep(size_t size)
{
	struct kept *k = calloc(1, sizeof(*k) + size);

	if (!k)
		return NULL;
	k->next = all_kept;
	all_kept = k;
	return k->memory;
}

int take_text(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a text");
	char *copy;

	if (!text)
		return -EINVAL;
	copy = reader_keep(strlen(text) + 1);
	*(const char **)to = copy ? strcpy(copy, text) : NULL;
	return *(const char **)to ? 0
				  : reader_fail(r, &scenario_value, node, "no memory for a text");
}

int take_unsigned(struct reader *r, yaml_node_t *node, void *to)
{
	long long value;
	int code = reader_integer(r, node, 0, 1000000, &value);

	if (code == 0)
		*(unsigned *)to = (unsigned)value;
	return code;
}

int take_integer(struct reader *r, yaml_node_t *node, void *to)
{
	long long value;
	int code = reader_integer(r, node, -1000, 1000, &value);

	if (code == 0)
		*(int *)to = (int)value;
	return code;
}

int take_count(struct reader *r, yaml_node_t *node, void *to)
{
	long long value;
	int code = reader_integer(r, node, 0, INT64_MAX, &value);

	if (code == 0)
		*(uint64_t *)to = (uint64_t)value;
	return code;
}

int take_bytes(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "an amount of memory");

	if (!text)
		return -EINVAL;
	if (cli_parse_size(text, false, to))
		return 0;
	return reader_fail(r, &scenario_value, node,
			   "expected an amount of memory, as 4096, 64M or 1GiB, not \"%.60s\"",
			   text);
}

int take_seconds(struct reader *r, yaml_node_t *node, void *to)
{
	double value;
	int code = reader_real(r, node, &value);

	if (code == 0 && value < 0)
		return reader_fail(r, &scenario_value, node, "expected seconds, 0 or more, not %g",
				   value);
	if (code == 0)
		*(double *)to = value;
	return code;
}

int take_flag(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "true or false");

	if (!text)
		return -EINVAL;
	if (!STREQ(text, "true") && !STREQ(text, "false"))
		return reader_fail(r, &scenario_value, node,
				   "expected true or false, not \"%.60s\"", text);
	*(bool *)to = STREQ(text, "true");
	return 0;
}
