/* SPDX-License-Identifier: MIT */
/* A declared test as YAML, in the form of a scenario file: what a C test says can be kept, changed
 * and run as a file. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include <mpol/test.h>

#include "base/strbuf.h"

/*
 * The test as a document. One with a function, which a file cannot declare, becomes comments that
 * say so: what a scenario would refuse, or take for something else, is never printed. False then.
 */
bool show_test(const struct mpol_test_entry *entry, struct strbuf *out);
/* The document with the bounds of the whole file; false: there are none. */
bool show_suite(const struct mpol_bound *expect, struct strbuf *out);

#endif
