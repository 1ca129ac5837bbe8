/* SPDX-License-Identifier: MIT */
/*
 * Unit tests: TEST(the_sentence_it_proves) { CHECK(…); }. A failing check prints the expression,
 * both values, the row and file:line, and the test goes on. Output is TAP 14. Each test runs in a
 * child of its own, so that a crash is one failed test.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct check_test {
	const char *name;
	void (*run)(void);
	int line;
};

#define TEST(id)                                                                               \
	static void id(void);                                                                  \
	static const struct check_test id##_test_ = { #id, id, __LINE__ };                     \
	__attribute__((section("check_tests"), used,                                           \
		       retain)) static const struct check_test *const id##_ref_ = &id##_test_; \
	static void id(void)

/* The row being looked at, named in every failure until the next call; rows are numbered by the
 * caller. */
void check_row(size_t row, const char *name);
/* Ends this test as skipped, naming what is missing. */
_Noreturn void check_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool check_true(const char *file, int line, const char *expr, bool value);
bool check_int(const char *file, int line, const char *expr, long long got, long long expected);
bool check_text(const char *file, int line, const char *expr, const char *got,
		const char *expected);
bool check_has(const char *file, int line, const char *expr, const char *text, const char *part);

#define CHECK(expr) check_true(__FILE__, __LINE__, #expr, (expr))
#define CHECK_EQ(got, expected)                                                \
	check_int(__FILE__, __LINE__, #got " == " #expected, (long long)(got), \
		  (long long)(expected))
#define CHECK_STR(got, expected) \
	check_text(__FILE__, __LINE__, #got, (got), (expected)) /* NULL is a value, too */
#define CHECK_HAS(text, part) \
	check_has(__FILE__, __LINE__, #text, (text), (part)) /* part stands in text */

/* The project's own folder, for test data. */
const char *check_source(void);

#endif
