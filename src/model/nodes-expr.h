/* SPDX-License-Identifier: MIT */
/* What notations and the machine room need of node expressions, beyond mpol/notation.h. */
#ifndef MODEL_NODES_EXPR_H
#define MODEL_NODES_EXPR_H

#include <mpol/notation.h>

/*
 * mpol_nodes_expr_parse() for text that stands within a longer one: column is that of its first
 * byte, from 1. numactl: a leading zero means octal, as numactl(8) reads it; elsewhere "010" is
 * refused, as the kernel would read 10 and numactl 8.
 */
int nodes_expr_parse(const char *text, size_t column, bool numactl, struct mpol_nodes_expr *ret,
		     struct mpol_error *err);

/*
 * The nodes meant, once the device (if there is one) is known to be attached to device_nodes. Pure.
 * previous as for mpol_nodes_resolve().
 */
int nodes_expr_evaluate(const struct mpol_nodes_expr *e, const struct mpol_machine *m,
			const struct mpol_nodeset *previous,
			const struct mpol_nodeset *device_nodes, struct mpol_nodeset *ret,
			struct mpol_error *err);

/* "netdev:", "ip:", …: the prefix of a device. */
const char *nodes_expr_device_prefix(enum mpol_device device);

/* The rules of reading, and of asking a machine; each ends with NULL. */
extern const struct mpol_rule *const nodes_expr_rules[], *const nodes_meant_rules[];

#endif
