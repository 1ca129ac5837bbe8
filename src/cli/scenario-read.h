/* SPDX-License-Identifier: MIT */
/* Reading YAML nodes into structs: a table of keys for each struct, and where an error is. */
#ifndef CLI_SCENARIO_READ_H
#define CLI_SCENARIO_READ_H

#include <mpol/test.h>
#include <yaml.h>

#include "base/nearest.h"

struct reader {
	yaml_document_t *document;
	const char *path;
	struct mpol_error *err;
};

/* A key of a mapping, and how its value becomes a member. */
struct field {
	const char *key;
	int (*take)(struct reader *r, yaml_node_t *value, void *to);
	size_t offset; /* of the member */
};

#define FIELD(type, member, take)                            \
	{                                                    \
#member, take, offsetof(struct type, member) \
	}

extern const struct mpol_rule scenario_key, scenario_value;

/* Zeroed memory that lives as long as the process, as tests do; NULL: there is none. */
void *reader_keep(size_t size);

/* The error of a rule at a node. */
int reader_fail(struct reader *r, const struct mpol_rule *rule, const yaml_node_t *at,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What a parser of our own said about a node's text: it is told at the node. */
int reader_refused(struct reader *r, const yaml_node_t *at, const struct mpol_error *why);
/* Adds what was probably meant as the hint, when there is such; returns code. */
int reader_meant(struct reader *r, const struct nearest *nearest, int code);

/* Every key of the mapping into the struct at base; what: "a cgroup", for messages. */
int reader_mapping(struct reader *r, yaml_node_t *node, const char *what,
		   const struct field *fields, size_t n_fields, void *base);
/* A sequence of at most so many; what: "cgroups". Its length, and the i-th of it. */
int reader_sequence(struct reader *r, const yaml_node_t *node, const char *what, size_t most);
size_t reader_length(const yaml_node_t *sequence);
yaml_node_t *reader_item(struct reader *r, const yaml_node_t *sequence, size_t i);
/* The node's text; NULL, with the error told, when it is none. expected: "a number" */
const char *reader_text(struct reader *r, const yaml_node_t *node, const char *expected);
/* A whole number, least to most. */
int reader_integer(struct reader *r, const yaml_node_t *node, long long least, long long most,
		   long long *ret);
int reader_real(struct reader *r, const yaml_node_t *node, double *ret);

/* Takers for members of plain types. */
int take_text(struct reader *r, yaml_node_t *node, void *to);	  /* const char * */
int take_unsigned(struct reader *r, yaml_node_t *node, void *to); /* unsigned */
int take_integer(struct reader *r, yaml_node_t *node, void *to);  /* int */
int take_count(struct reader *r, yaml_node_t *node, void *to);	  /* uint64_t */
int take_bytes(struct reader *r, yaml_node_t *node, void *to);	  /* uint64_t: 4096, 64M, 1GiB */
int take_seconds(struct reader *r, yaml_node_t *node, void *to);  /* double, not negative */
int take_flag(struct reader *r, yaml_node_t *node, void *to);	  /* bool */

/* scenario-values.c: members with a grammar of their own */
int take_nodes(struct reader *r, yaml_node_t *node, void *to);	/* struct mpol_nodeset: "0-1,3" */
int take_policy(struct reader *r, yaml_node_t *node, void *to); /* struct mpol_policy: "bind:0" */
int take_cpuset(struct reader *r, yaml_node_t *node,
		void *to); /* struct mpol_cpuset_spec: "node 0" */
int take_affinity(struct reader *r, yaml_node_t *node, void *to); /* struct mpol_affinity: "one" */
int take_sched(struct reader *r, yaml_node_t *node, void *to);	  /* enum mpol_sched: "batch" */
int take_kind(struct reader *r, yaml_node_t *node, void *to);	  /* enum mpol_work_kind: "chase" */
int take_command(struct reader *r, yaml_node_t *node,
		 void *to); /* const char *const *: [sleep, "1"] */
int take_weights(struct reader *r, yaml_node_t *node,
		 void *to); /* uint8_t by node: { 0: 3, 1: 1 } */
int take_hugepages(struct reader *r, yaml_node_t *node, void *to); /* unsigned by node */
int take_shares(struct reader *r, yaml_node_t *node, void *to);	   /* float by node */
int take_bounds(struct reader *r, yaml_node_t *node, void *to);	   /* struct mpol_bound by metric */
/* scenario-steps.c */
int take_steps(struct reader *r, yaml_node_t *node,
	       void *to); /* struct mpol_step[MPOL_MAX_STEPS] */

#endif
