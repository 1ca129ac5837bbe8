/* SPDX-License-Identifier: MIT */
/* Reading YAML nodes into structs: a table of keys for each struct, and where an error is. */
#ifndef CLI_SCENARIO_READ_H
#define CLI_SCENARIO_READ_H

#include <mpol/test.h>
#include <yaml.h>

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

extern const struct mpol_rule scenario_key, scenario_value;

/* Zeroed memory that lives as long as the process, as tests do; NULL: there is none. */
void *reader_keep(size_t size);

/* The error of a rule at a node. */
int reader_fail(struct reader *r, const struct mpol_rule *rule, const yaml_node_t *at,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What a parser of our own said about a node's text: it is told at the node. */
int reader_refused(struct reader *r, const yaml_node_t *at, const struct mpol_error *why);

/* Every key of the mapping into the struct at base; what: "a cgroup", for messages. */
int reader_mapping(struct reader *r, yaml_node_t *node, const char *what,
		   const struct field *fields, size_t n_fields, void *base);
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

#endif
