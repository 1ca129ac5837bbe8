/* SPDX-License-Identifier: MIT */
/* A declared test as YAML, in the form of a scenario file: what a C test says can be kept, changed
 * and run as a file. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include <mpol/test.h>

#include "base/strbuf.h"

void show_test(const struct mpol_test_entry *entry, struct strbuf *out);

#endif
