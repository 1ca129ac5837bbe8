/* SPDX-License-Identifier: MIT */
/* A machine from what `mpol machine --json` printed. */
#ifndef HARNESS_ON_JSON_H
#define HARNESS_ON_JSON_H

#include <mpol/machine.h>

/*
 * Fills what a shape can be made of: nodes with CPUs, memory, distances and accesses, last-level
 * caches. Members that are unknown are left out, as in a later schema. Errors name line and column;
 * rules: json's, machine-json. Release with mpol_machine_done().
 */
int on_json_read(const char *text, size_t len, struct mpol_machine *ret, struct mpol_error *err);

#endif
