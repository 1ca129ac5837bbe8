/* SPDX-License-Identifier: MIT */
/* Out of memory: one rule, one sentence, wherever it happens. */
#ifndef BASE_NO_MEMORY_H
#define BASE_NO_MEMORY_H

#include <mpol/error.h>

extern const struct mpol_rule rule_out_of_memory;

/* For whom there was none: "the list of mappings". Returns -ENOMEM. */
int no_memory(struct mpol_error *err, const char *whom);

#endif
