/* SPDX-License-Identifier: MIT */
/* Finding tests: the section that MPOL_TEST fills, sorted, and names chosen from it; see
 * registry.h. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/nearest.h"
#include "harness/registry.h"

static const struct mpol_rule memory = {
	.id = "registry-memory",
	.errnum = ENOMEM,
	.why = "The tests are listed in memory.",
};

static const struct mpol_rule twice = {
	.id = "test-twice",
	.errnum = EEXIST,
	.why = "Tests are chosen by name, on the command line and by a virtual machine's host.",
	.hint = "give one of them another name.",
};

static const struct mpol_rule unknown = {
	.id = "test-unknown",
	.errnum = ENOENT,
	.why = "Only tests that are linked into this executable can be run.",
	.hint = "list them with the command list.",
};

/* The linker's names for the bounds of the section; absent when there is no test at all. */
extern const struct mpol_test_entry *const __start_mpol_tests[] __attribute__((weak));
extern const struct mpol_test_entry *const __stop_mpol_tests[] __attribute__((weak));
extern const struct mpol_bound mpol_suite_expect[MPOL_N_METRICS] __attribute__((weak));

static int by_place(const void *a, const void *b)
{
	const struct mpol_test_entry *x = *(const struct mpol_test_entry *const *)a;
	const struct mpol_test_entry *y = *(const struct mpol_test_entry *const *)b;
	int file = strcmp(x->file, y->file);

	return file ? file : (x->line > y->line) - (x->line < y->line);
}

int registry_read(const struct mpol_test_entry *const *begin,
		  const struct mpol_test_entry *const *end, struct registry *ret,
		  struct mpol_error *err)
{
	size_t n = (size_t)(end - begin);

	*ret = (struct registry){ .tests = calloc(n + 1, sizeof(*ret->tests)) };
	if (!ret->tests)
		return mpol_fail(err, &memory, "", "no memory for %zu tests", n);
	for (size_t i = 0; i < n; i++)
		if (begin[i]) /* linkers may pad a section */
			ret->tests[ret->n++] = begin[i];
	qsort(ret->tests, ret->n, sizeof(*ret->tests), by_place);
	for (size_t i = 0; i < ret->n; i++)
		for (size_t j = 0; j < i; j++)
			if (STREQ(ret->tests[i]->name, ret->tests[j]->name))
				return mpol_fail(err, &twice, "",
						 "two tests are named %.60s: %.40s:%d and %.40s:%d",
						 ret->tests[i]->name, ret->tests[j]->file,
						 ret->tests[j]->line, ret->tests[i]->file,
						 ret->tests[i]->line);
	return 0;
}

int registry_own(struct registry *ret, struct mpol_error *err)
{
	int r = registry_read(__start_mpol_tests, __stop_mpol_tests, ret, err);

	ret->suite = mpol_suite_expect;
	return r;
}

void registry_done(struct registry *r)
{
	free(r->tests);
	*r = (struct registry){ 0 };
}

static int check_name(const struct registry *r, const char *name, struct mpol_error *err)
{
	struct nearest near = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		if (fnmatch(name, r->tests[i]->name, 0) == 0)
			return 0;
		nearest_offer(&near, name, strlen(name), r->tests[i]->name);
	}
	(void)mpol_fail(err, &unknown, "", "there is no test \"%.80s\"", name);
	if (near.best)
		(void)mpol_hint(err, "did you mean %.80s?", near.best);
	return -ENOENT;
}

static bool is_wanted(const char *test, char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (fnmatch(names[i], test, 0) == 0)
			return true;
	return n_names == 0;
}

int registry_select(const struct registry *r, char *const *names, size_t n_names,
		    const struct mpol_test_entry **selected, size_t *ret_n, struct mpol_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < n_names; i++)
		if (check_name(r, names[i], err) < 0)
			return -ENOENT;
	for (size_t i = 0; i < r->n; i++)
		if (is_wanted(r->tests[i]->name, names, n_names))
			selected[n++] = r->tests[i];
	*ret_n = n;
	return 0;
}
