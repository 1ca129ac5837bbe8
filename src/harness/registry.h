/* SPDX-License-Identifier: MIT */
/* The tests that are linked into an executable, in the order of its sources. */
#ifndef HARNESS_REGISTRY_H
#define HARNESS_REGISTRY_H

#include <mpol/test.h>

struct registry {
	size_t n;
	const struct mpol_test_entry *
		*tests; /* by file, then by line: the linker's order is anybody's guess */
	const struct mpol_bound *suite; /* MPOL_SUITE_EXPECT; NULL: there is none */
};

/* Rules: test-twice (two tests of one name), registry-memory. Release with registry_done(). */
int registry_read(const struct mpol_test_entry *const *begin,
		  const struct mpol_test_entry *const *end, struct registry *ret,
		  struct mpol_error *err);
/* Of the running executable. */
int registry_own(struct registry *ret, struct mpol_error *err);
void registry_done(struct registry *r);

/*
 * The tests whose names were given; "bind*" is a pattern (fnmatch(3)). None given: all. The order
 * is the registry's. -ENOENT, naming the nearest, when a name fits none. selected has room for
 * r->n.
 */
int registry_select(const struct registry *r, char *const *names, size_t n_names,
		    const struct mpol_test_entry **selected, size_t *ret_n, struct mpol_error *err);

#endif
