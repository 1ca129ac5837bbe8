/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing policies when memory runs out: the first, the second, the third … allocation
 * fails until all goes well. Each time the failure is described, and nothing leaks or is half done.
 */
#include <errno.h>
#include <stdlib.h>

#include <mpol/notation.h>

#include "base/macros.h"
#include "check.h"

/* The linker leads all allocations of the code under test here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);

static unsigned long countdown; /* 0: all go well */
static bool fired;

static bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	fired = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* Lets allocation number n fail in body; false when there were not so many. */
static bool with_fault(unsigned long n, int (*body)(const char *text, struct mpol_error *err),
		       const char *text)
{
	struct mpol_error err = { 0 };
	int r;

	fired = false;
	countdown = n;
	r = body(text, &err);
	countdown = 0;
	if (!fired) {
		CHECK_EQ(r, 0);
		return false;
	}
	CHECK(r < 0);
	CHECK_EQ(r, -err.errnum);
	CHECK(err.rule && *err.what);
	return true;
}

static unsigned run_faults(int (*body)(const char *text, struct mpol_error *err), const char *text)
{
	unsigned n = 1;

	check_row(0, text);
	while (n < 1000 && with_fault(n, body, text))
		n++;
	CHECK(n < 1000);
	return n - 1;
}

static int parse(const char *text, struct mpol_error *err)
{
	static struct mpol_policy_expr p;

	return mpol_policy_parse(text, &p, err);
}

TEST(reading_survives_every_failing_allocation)
{
	static const char *const texts[] = {
		"{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\",\"flags\":[\"MPOL_F_STATIC_NODES\"]}",
		"--balancing --membind='0,1'",
		"[Service]\nNUMAPolicy=bind\nNUMAMask=0-1\n",
	};

	for (size_t i = 0; i < ELEMENTSOF(texts); i++)
		CHECK(run_faults(parse, texts[i]) > 0);
	/* These need no memory at all. */
	CHECK_EQ(run_faults(parse, "bind=static:0-1,mem-only"), 0);
	CHECK_EQ(run_faults(parse, "{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\"}}}"), 0);
}

static const struct mpol_notation *to;

static int print(const char *text, struct mpol_error *err)
{
	static struct mpol_policy_expr p;
	unsigned long kept = countdown;
	char *out = NULL;
	int r;

	countdown = 0;
	CHECK_EQ(mpol_policy_parse(text, &p, NULL), 0);
	countdown = kept;
	r = to->print(&p, &out, err);
	CHECK_EQ(r == 0, out != NULL);
	free(out);
	return r;
}

TEST(writing_survives_every_failing_allocation)
{
	for (size_t i = 0; mpol_notations[i]; i++) {
		to = mpol_notations[i];
		CHECK(run_faults(print,
				 "interleave:0-3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37") >
		      0);
	}
}
