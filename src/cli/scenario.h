/* SPDX-License-Identifier: MIT */
/*
 * Scenario files: tests as YAML, with the names of the structs' members as keys. What `show` prints
 * of a test in C can be read back here. Everything wrong is told with file, line and column, and
 * with what was expected.
 */
#ifndef CLI_SCENARIO_H
#define CLI_SCENARIO_H

#include "harness/registry.h"

/*
 * Reads the tests of a file: one per YAML document. Rules: scenario-file, scenario-syntax,
 * scenario-key, scenario-value. What ret points to lives as long as the process.
 */
int scenario_read(const char *path, struct registry *ret, struct mpol_error *err);

#endif
