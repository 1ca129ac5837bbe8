/* SPDX-License-Identifier: MIT */
/* From YAML documents to tests: one table of keys for each struct; see scenario.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "checks/metrics.h"
#include "cli/scenario-read.h"
#include "cli/scenario.h"
#include "work/kinds.h"
#include "work/placing.h"

static const struct mpol_rule scenario_file = {
	.id = "scenario-file",
	.errnum = ENOENT,
	.why = "A scenario is a file of YAML with a test in each document.",
	.hint = "`mpol test --show EXECUTABLE` prints tests in this form.",
};

static const struct mpol_rule scenario_syntax = {
	.id = "scenario-syntax",
	.errnum = EINVAL,
	.why = "A scenario is YAML 1.1.",
	.hint = "look at the indentation, at quotes, and at colons.",
};

/* --- Values with a grammar of their own. --- */

static int take_nodes(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a list of nodes, as \"0-1,3\"");
	struct mpol_error why = { 0 };

	if (!text)
		return -EINVAL;
	return mpol_nodes_parse(text, to, &why) < 0 ? reader_refused(r, node, &why) : 0;
}

static int take_policy(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text =
		reader_text(r, node, "a policy, as \"bind:0\" or \"interleave=static:0-1\"");
	_cleanup_free_ struct mpol_policy_expr *expr = calloc(1, sizeof(*expr));
	struct mpol_error why = { 0 };

	if (!text || !expr)
		return -EINVAL;
	if (mpol_policy_parse(text, expr, &why) < 0)
		return reader_refused(r, node, &why);
	if (!mpol_nodes_expr_is_literal(&expr->nodes))
		return reader_fail(r, &scenario_value, node,
				   "expected a policy with nodes as numbers, not \"%.80s\"", text);
	*(struct mpol_policy *)to = (struct mpol_policy){ .mode = expr->mode,
							  .flags = expr->flags,
							  .nodes = expr->nodes.nodes };
	return 0;
}

/* "node 0" with the word "node": 0. False: it begins otherwise. */
static bool word_number(const char *text, const char *word, unsigned *ret)
{
	size_t len = strlen(word);
	char *end;
	unsigned long value;

	if (strncmp(text, word, len) != 0 || text[len] != ' ' || text[len + 1] < '0' ||
	    text[len + 1] > '9')
		return false;
	value = strtoul(text + len + 1, &end, 10);
	*ret = (unsigned)value;
	return !*end && value < 1000000;
}

static int take_cpuset(struct reader *r, yaml_node_t *node, void *to)
{
	static const char expected[] = "a cpuset, as \"node 0\", \"llc 1\" or \"0-3\"";
	struct mpol_cpuset_spec *spec = to;
	const char *text = reader_text(r, node, expected);
	struct mpol_cpus cpus;

	if (!text)
		return -EINVAL;
	if (word_number(text, "node", &spec->index))
		spec->kind = CPUSET_NODE;
	else if (word_number(text, "llc", &spec->index))
		spec->kind = CPUSET_LLC;
	else if (mpol_cpus_parse(text, &cpus, NULL) == 0) {
		spec->kind = CPUSET_LIST;
		return take_text(r, node, &spec->list);
	} else
		return reader_fail(r, &scenario_value, node, "expected %s, not \"%.60s\"", expected,
				   text);
	return 0;
}

static int take_affinity(struct reader *r, yaml_node_t *node, void *to)
{
	static const char expected[] = "an affinity, as \"one\", \"random 2\" or \"0-3\"";
	struct mpol_affinity *a = to;
	const char *text = reader_text(r, node, expected);
	struct mpol_cpus cpus;

	if (!text)
		return -EINVAL;
	if (STREQ(text, "one"))
		a->kind = MPOL_AFFINITY_ONE;
	else if (word_number(text, "random", &a->count))
		a->kind = MPOL_AFFINITY_RANDOM;
	else if (mpol_cpus_parse(text, &cpus, NULL) == 0) {
		a->kind = MPOL_AFFINITY_LIST;
		return take_text(r, node, &a->list);
	} else
		return reader_fail(r, &scenario_value, node, "expected %s, not \"%.60s\"", expected,
				   text);
	return 0;
}

static int take_sched(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a scheduling policy");

	if (!text)
		return -EINVAL;
	for (int i = MPOL_SCHED_NORMAL; i <= MPOL_SCHED_RR; i++)
		if (STREQ(text, sched_names[i])) {
			*(enum mpol_sched *)to = (enum mpol_sched)i;
			return 0;
		}
	return reader_fail(r, &scenario_value, node,
			   "expected normal, batch, idle, fifo or rr, not \"%.60s\"", text);
}

static int take_kind(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a kind of work");
	struct nearest nearest = { 0 };
	enum mpol_work_kind kind;
	int code;

	if (!text)
		return -EINVAL;
	kind = work_kind_find(text);
	if (kind == MPOL_WORK_FUNCTION)
		return reader_fail(r, &scenario_value, node,
				   "a function can only be declared in C");
	*(enum mpol_work_kind *)to = kind;
	if (kind != MPOL_N_WORK_KINDS)
		return 0;
	code = reader_fail(r, &scenario_value, node, "there is no kind of work \"%.60s\"", text);
	for (size_t i = 0; i < MPOL_WORK_FUNCTION; i++)
		nearest_offer(&nearest, text, strlen(text), work_kinds[i].name);
	if (nearest.best)
		(void)snprintf(r->err->hint, sizeof(r->err->hint), "did you mean \"%s\"?",
			       nearest.best);
	return code;
}

/* --- Sequences and mappings. --- */

static size_t length(const yaml_node_t *node)
{
	return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
}

static int check_sequence(struct reader *r, const yaml_node_t *node, const char *what, size_t most)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return reader_fail(r, &scenario_value, node, "expected a sequence of %s", what);
	if (length(node) > most)
		return reader_fail(r, &scenario_value, node, "%zu %s, at most %zu can be",
				   length(node), what, most);
	return 0;
}

static yaml_node_t *item(struct reader *r, const yaml_node_t *node, size_t i)
{
	return yaml_document_get_node(r->document, node->data.sequence.items.start[i]);
}

static int take_command(struct reader *r, yaml_node_t *node, void *to)
{
	int code = check_sequence(r, node, "words of a command", MPOL_MAX_ARGUMENTS - 1);
	const char **words;

	if (code < 0)
		return code;
	words = reader_keep((length(node) + 1) * sizeof(*words));
	if (!words)
		return reader_fail(r, &scenario_value, node, "no memory for a command");
	*(const char *const **)to = words; /* lives as long as the test */
	for (size_t i = 0; code == 0 && i < length(node); i++)
		code = take_text(r, item(r, node, i), &words[i]);
	return code;
}

/* Calls take for each "NODE: VALUE" of the mapping. */
static int take_by_node(struct reader *r, yaml_node_t *node, const char *what,
			int (*take)(struct reader *r, yaml_node_t *value, void *to, long long node),
			void *to)
{
	if (node->type != YAML_MAPPING_NODE)
		return reader_fail(r, &scenario_value, node,
				   "expected %s by node, as { 0: 3, 1: 1 }", what);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		long long number;
		int code = reader_integer(r, yaml_document_get_node(r->document, pair->key), 0,
					  MPOL_MAX_SHARES - 1, &number);

		if (code == 0)
			code = take(r, yaml_document_get_node(r->document, pair->value), to,
				    number);
		if (code < 0)
			return code;
	}
	return 0;
}

static int take_weight(struct reader *r, yaml_node_t *value, void *to, long long node)
{
	long long weight;
	int code = reader_integer(r, value, 1, 255, &weight);

	if (code == 0)
		((uint8_t *)to)[node] = (uint8_t)weight;
	return code;
}

static int take_weights(struct reader *r, yaml_node_t *node, void *to)
{
	return take_by_node(r, node, "weights", take_weight, to);
}

static int take_share(struct reader *r, yaml_node_t *value, void *to, long long node)
{
	double share;
	int code = reader_real(r, value, &share);

	if (code == 0 && (share < 0 || share > 1))
		return reader_fail(r, &scenario_value, value, "expected a share, 0 to 1, not %g",
				   share);
	if (code == 0)
		((float *)to)[node] = (float)share;
	return code;
}

static int take_shares(struct reader *r, yaml_node_t *node, void *to)
{
	return take_by_node(r, node, "shares", take_share, to);
}

static int take_bound(struct reader *r, yaml_node_t *node, struct mpol_bound *ret)
{
	static const char expected[] = "a bound, as \">= 0.8\", \"<= 0\" or unchecked";
	const char *text = reader_text(r, node, expected);
	char *end;

	if (!text)
		return -EINVAL;
	if (STREQ(text, "unchecked")) {
		*ret = (struct mpol_bound)UNCHECKED;
		return 0;
	}
	ret->kind = STARTS(text, ">=")	 ? MPOL_MINIMUM
		    : STARTS(text, "<=") ? MPOL_MAXIMUM
					 : MPOL_INHERIT;
	if (ret->kind != MPOL_INHERIT) {
		ret->value = strtod(text + 2, &end);
		if (end != text + 2 && !*end && ret->value - ret->value == 0)
			return 0;
	}
	return reader_fail(r, &scenario_value, node, "expected %s, not \"%.60s\"", expected, text);
}

static int take_bounds(struct reader *r, yaml_node_t *node, void *to)
{
	struct mpol_bound *bounds = to;

	if (node->type != YAML_MAPPING_NODE)
		return reader_fail(r, &scenario_value, node,
				   "expected bounds, as page-locality: \">= 0.8\"");
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(r->document, pair->key);
		const char *key = reader_text(r, k, "a check");
		enum mpol_metric_id id = key ? metric_find(key) : MPOL_N_METRICS;
		struct nearest nearest = { 0 };
		int code;

		if (!key)
			return -EINVAL;
		if (id == MPOL_N_METRICS) {
			code = reader_fail(r, &scenario_key, k, "there is no check \"%.60s\"", key);
			for (size_t i = 0; i < MPOL_N_METRICS; i++)
				nearest_offer(&nearest, key, strlen(key), metrics[i].key);
			if (nearest.best)
				(void)snprintf(r->err->hint, sizeof(r->err->hint),
					       "did you mean \"%s\"?", nearest.best);
			return code;
		}
		code = take_bound(r, yaml_document_get_node(r->document, pair->value), &bounds[id]);
		if (code < 0)
			return code;
	}
	return 0;
}

/* --- The structs. --- */

#define FIELD(type, member, take)                            \
	{                                                    \
#member, take, offsetof(struct type, member) \
	}

static const struct field work_fields[] = {
	FIELD(mpol_work_spec, kind, take_kind),
	FIELD(mpol_work_spec, bytes, take_bytes),
	FIELD(mpol_work_spec, huge, take_flag),
	FIELD(mpol_work_spec, seed, take_count),
	FIELD(mpol_work_spec, busy, take_seconds),
	FIELD(mpol_work_spec, pause, take_seconds),
	FIELD(mpol_work_spec, file, take_text),
	FIELD(mpol_work_spec, command, take_command),
	FIELD(mpol_work_spec, workers, take_unsigned),
	FIELD(mpol_work_spec, policy, take_policy),
	FIELD(mpol_work_spec, affinity, take_affinity),
	FIELD(mpol_work_spec, sched, take_sched),
	FIELD(mpol_work_spec, priority, take_integer),
	FIELD(mpol_work_spec, nice, take_integer),
};

static int take_work(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "work", work_fields, ELEMENTSOF(work_fields), to);
}

static int take_works(struct reader *r, yaml_node_t *node, void *to)
{
	static const struct mpol_work_spec nothing;
	struct mpol_work_spec *works = to;
	int code = check_sequence(r, node, "groups of workers", MPOL_MAX_WORKS);

	for (size_t i = 0; code == 0 && i < length(node); i++) {
		code = take_work(r, item(r, node, i), &works[i]);
		/* The usual work in the usual size: said, so that the list does not end here. */
		if (code == 0 && memcmp(&works[i], &nothing, sizeof(nothing)) == 0)
			works[i].bytes = WORK_DEFAULT_BYTES;
	}
	return code;
}

static const struct field cgroup_fields[] = {
	FIELD(mpol_cgroup_def, name, take_text),     FIELD(mpol_cgroup_def, cpuset, take_cpuset),
	FIELD(mpol_cgroup_def, mems, take_nodes),    FIELD(mpol_cgroup_def, workers, take_unsigned),
	FIELD(mpol_cgroup_def, work, take_work),     FIELD(mpol_cgroup_def, works, take_works),
	FIELD(mpol_cgroup_def, policy, take_policy), FIELD(mpol_cgroup_def, judge, take_nodes),
	FIELD(mpol_cgroup_def, shares, take_shares), FIELD(mpol_cgroup_def, expect, take_bounds),
};

static int take_cgroups(struct reader *r, yaml_node_t *node, void *to)
{
	struct mpol_cgroup_def *defs = to;
	int code = check_sequence(r, node, "cgroups", MPOL_MAX_CGROUPS);

	for (size_t i = 0; code == 0 && i < length(node); i++) {
		code = reader_mapping(r, item(r, node, i), "a cgroup", cgroup_fields,
				      ELEMENTSOF(cgroup_fields), &defs[i]);
		if (code == 0 && !defs[i].name)
			return reader_fail(r, &scenario_value, item(r, node, i),
					   "a cgroup needs a name");
	}
	return code;
}

static const struct field machine_fields[] = {
	FIELD(mpol_shape, nodes, take_unsigned), FIELD(mpol_shape, llcs, take_unsigned),
	FIELD(mpol_shape, cores, take_unsigned), FIELD(mpol_shape, threads, take_unsigned),
	FIELD(mpol_shape, cpus, take_text),	 FIELD(mpol_shape, memory, take_text),
	FIELD(mpol_shape, distance, take_text),
};

static int take_machine(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "a machine", machine_fields, ELEMENTSOF(machine_fields), to);
}

static const struct field needs_fields[] = {
	FIELD(mpol_needs, nodes, take_unsigned),
	FIELD(mpol_needs, cpus, take_unsigned),
	FIELD(mpol_needs, weighted_interleave, take_flag),
	FIELD(mpol_needs, preferred_many, take_flag),
	FIELD(mpol_needs, cgroup_v2, take_flag),
	FIELD(mpol_needs, cgroup_v1, take_flag),
	FIELD(mpol_needs, cpuset_migrates, take_flag),
	FIELD(mpol_needs, memory_only_node, take_flag),
	FIELD(mpol_needs, root, take_flag),
};

static int take_needs(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "needs", needs_fields, ELEMENTSOF(needs_fields), to);
}

/* A test, and what it is called. */
struct named_test {
	const char *name;
	struct mpol_test test;
};

#define TEST(member, take)                                              \
	{                                                               \
#member, take, offsetof(struct named_test, test.member) \
	}

static const struct field test_fields[] = {
	{ "name", take_text, offsetof(struct named_test, name) },
	TEST(why, take_text),
	TEST(machine, take_machine),
	TEST(needs, take_needs),
	TEST(seconds, take_seconds),
	TEST(weights, take_weights),
	TEST(cgroups, take_cgroups),
	TEST(expect, take_bounds),
	TEST(must_end, take_text),
};

/* --- Documents. --- */

static int add_test(struct reader *r, yaml_node_t *root, struct registry *registry)
{
	struct named_test *named = reader_keep(sizeof(*named));
	struct mpol_test_entry *entry = reader_keep(sizeof(*entry));
	const struct mpol_test_entry **more =
		realloc(registry->tests, (registry->n + 1) * sizeof(*more));
	int code;

	if (more)
		registry->tests = more;
	if (!named || !entry || !more)
		return reader_fail(r, &scenario_value, root, "no memory for a test");
	code = reader_mapping(r, root, "a test", test_fields, ELEMENTSOF(test_fields), named);
	if (code < 0)
		return code;
	if (!named->name)
		return reader_fail(r, &scenario_value, root, "a test needs a name");
	for (size_t i = 0; i < registry->n; i++)
		if (STREQ(registry->tests[i]->name, named->name))
			return reader_fail(r, &scenario_value, root,
					   "there are two tests \"%.80s\"", named->name);
	*entry = (struct mpol_test_entry){ named->name, r->path, (int)root->start_mark.line + 1,
					   &named->test };
	registry->tests[registry->n++] = entry;
	return 0;
}

static int syntax_error(const yaml_parser_t *p, const char *path, struct mpol_error *err)
{
	char where[96];

	/* The reader (bad UTF-8) knows an offset only. */
	if (p->error == YAML_READER_ERROR)
		(void)snprintf(where, sizeof(where), "%.70s: byte %zu", path, p->problem_offset);
	else
		(void)snprintf(where, sizeof(where), "%.70s:%zu:%zu", path,
			       p->problem_mark.line + 1, p->problem_mark.column + 1);
	return mpol_fail(err, &scenario_syntax, where, "%s%s%s",
			 p->problem ? p->problem : "out of memory", p->context ? ", " : "",
			 p->context ? p->context : "");
}

/* One document; 1: there is none left. */
static int read_document(yaml_parser_t *parser, const char *path, struct registry *registry,
			 struct mpol_error *err)
{
	yaml_document_t document;
	yaml_node_t *root;
	int code = 1;

	if (!yaml_parser_load(parser, &document))
		return syntax_error(parser, path, err);
	root = yaml_document_get_root_node(&document);
	if (root)
		code = add_test(&(struct reader){ &document, path, err }, root, registry);
	yaml_document_delete(&document);
	return code;
}

int scenario_read(const char *path, struct registry *ret, struct mpol_error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	yaml_parser_t parser;
	int code = 0;

	*ret = (struct registry){ 0 };
	if (!file)
		return mpol_fail_errno(err, &scenario_file, errno, path, "%s", strerror(errno));
	if (!yaml_parser_initialize(&parser))
		return mpol_fail_errno(err, &scenario_file, ENOMEM, path, "out of memory");
	yaml_parser_set_input_file(&parser, file);
	while (code == 0)
		code = read_document(&parser, path, ret, err);
	yaml_parser_delete(&parser);
	if (code > 0 && ret->n == 0)
		return mpol_fail(err, &scenario_file, path, "it contains no tests");
	return code < 0 ? code : 0;
}
