/* SPDX-License-Identifier: MIT */
/* Steps of a scenario: which keys there may be depends on the kind. */
#include <errno.h>
#include <string.h>

#include "base/macros.h"
#include "cli/scenario-read.h"
#include "harness/step-kinds.h"

static int take_step_kind(struct reader *r, yaml_node_t *node, void *to)
{
	const char *text = reader_text(r, node, "a kind of step");
	struct nearest nearest = { 0 };
	enum mpol_step_kind kind;
	int code;

	if (!text)
		return -EINVAL;
	kind = step_kind_find(text);
	if (kind == MPOL_STEP_CALL)
		return reader_fail(r, &scenario_value, node,
				   "a function can only be declared in C");
	*(enum mpol_step_kind *)to = kind;
	if (kind != MPOL_N_STEP_KINDS)
		return 0;
	code = reader_fail(r, &scenario_value, node, "there is no kind of step \"%.60s\"", text);
	for (size_t i = MPOL_STEP_CALL + 1; i < MPOL_N_STEP_KINDS; i++)
		nearest_offer(&nearest, text, strlen(text), step_kinds[i].name);
	return reader_meant(r, &nearest, code);
}

static const struct field step_fields[] = {
	FIELD(mpol_step, kind, take_step_kind),	 FIELD(mpol_step, cgroup, take_text),
	FIELD(mpol_step, group, take_unsigned),	 FIELD(mpol_step, other, take_text),
	FIELD(mpol_step, cpuset, take_cpuset),	 FIELD(mpol_step, mems, take_nodes),
	FIELD(mpol_step, policy, take_policy),	 FIELD(mpol_step, cpus, take_text),
	FIELD(mpol_step, node, take_unsigned),	 FIELD(mpol_step, bytes, take_bytes),
	FIELD(mpol_step, seconds, take_seconds), FIELD(mpol_step, rounds, take_unsigned),
	FIELD(mpol_step, weights, take_weights),
};

/* The key's node; NULL: it is not there. */
static yaml_node_t *find_key(struct reader *r, const yaml_node_t *mapping, const char *key)
{
	for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(r->document, pair->key);

		if (STREQ((const char *)k->data.scalar.value, key))
			return k;
	}
	return NULL;
}

static int take_step(struct reader *r, yaml_node_t *node, struct mpol_step *step)
{
	int code = reader_mapping(r, node, "a step", step_fields, ELEMENTSOF(step_fields), step);
	const struct step_kind *kind = &step_kinds[step->kind];

	if (code < 0)
		return code;
	if (step->kind == MPOL_STEP_NONE)
		return reader_fail(r, &scenario_value, node, "a step needs a kind");
	for (size_t i = 0; i < STEP_N_MEMBERS; i++) {
		const struct step_member_row *m = &step_members[i];
		const yaml_node_t *key = find_key(r, node, m->name);

		if (key && !(kind->takes & m->member))
			return reader_fail(r, &scenario_key, key, "a step %s has no %s", kind->name,
					   m->name);
		if (!key && kind->needs & m->member)
			return reader_fail(r, &scenario_key, node, "a step %s needs %s", kind->name,
					   m->name);
	}
	return 0;
}

int take_steps(struct reader *r, yaml_node_t *node, void *to)
{
	struct mpol_step *steps = to;
	int code = reader_sequence(r, node, "steps", MPOL_MAX_STEPS);

	for (size_t i = 0; code == 0 && i < reader_length(node); i++)
		code = take_step(r, reader_item(r, node, i), &steps[i]);
	return code;
}
