/* SPDX-License-Identifier: MIT */
/* Values with a grammar of their own, from YAML nodes to members; see scenario-read.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "checks/metrics.h"
#include "cli/scenario-read.h"
#include "work/kinds.h"
#include "work/placing.h"

int take_nodes(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a list of nodes, as \"0-1,3\"");
	struct mpol_error why = { 0 };

	if (!text)
		return -EINVAL;
	return mpol_nodes_parse(text, to, &why) < 0 ? reader_refused(r, node, &why) : 0;
}

int take_policy(struct reader *r, yaml_node_t *node, void *to)
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

int take_cpuset(struct reader *r, yaml_node_t *node, void *to)
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

int take_affinity(struct reader *r, yaml_node_t *node, void *to)
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

int take_sched(struct reader *r, yaml_node_t *node, void *to)
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

int take_kind(struct reader *r, yaml_node_t *node, void *to)
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
	return reader_meant(r, &nearest, code);
}

int take_command(struct reader *r, yaml_node_t *node, void *to)
{
	int code = reader_sequence(r, node, "words of a command", MPOL_MAX_ARGUMENTS - 1);
	const char **words;

	if (code < 0)
		return code;
	words = reader_keep((reader_length(node) + 1) * sizeof(*words));
	if (!words)
		return reader_fail(r, &scenario_value, node, "no memory for a command");
	*(const char *const **)to = words; /* lives as long as the test */
	for (size_t i = 0; code == 0 && i < reader_length(node); i++)
		code = take_text(r, reader_item(r, node, i), &words[i]);
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

int take_weights(struct reader *r, yaml_node_t *node, void *to)
{
	return take_by_node(r, node, "weights", take_weight, to);
}

static int take_number(struct reader *r, yaml_node_t *value, void *to, long long node)
{
	return take_unsigned(r, value, (unsigned *)to + node);
}

int take_hugepages(struct reader *r, yaml_node_t *node, void *to)
{
	return take_by_node(r, node, "huge pages", take_number, to);
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

int take_shares(struct reader *r, yaml_node_t *node, void *to)
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

int take_bounds(struct reader *r, yaml_node_t *node, void *to)
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
			return reader_meant(r, &nearest, code);
		}
		code = take_bound(r, yaml_document_get_node(r->document, pair->value), &bounds[id]);
		if (code < 0)
			return code;
	}
	return 0;
}
