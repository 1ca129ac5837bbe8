/* SPDX-License-Identifier: MIT */
/* The runner behind check.h: sorts the tests by line, forks each, prints TAP. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define EXIT_SKIP 77

extern const struct check_test *const __start_check_tests[], *const __stop_check_tests[];

static size_t row_number;
static const char *row_name;
static bool failed;

void check_row(size_t row, const char *name)
{
	row_number = row;
	row_name = name;
}

/* The reason travels to the parent as the last diagnostic line. */
void check_skip(const char *fmt, ...)
{
	va_list ap;

	printf("# SKIP: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(EXIT_SKIP);
}

static bool report(bool ok, const char *file, int line, const char *expr)
{
	if (ok)
		return true;
	failed = true;
	printf("# %s:%d: %s", file, line, expr);
	if (row_name)
		printf(" [row %zu: %s]", row_number, row_name);
	printf("\n");
	return false;
}

bool check_true(const char *file, int line, const char *expr, bool value)
{
	return report(value, file, line, expr);
}

bool check_int(const char *file, int line, const char *expr, long long got, long long expected)
{
	if (report(got == expected, file, line, expr))
		return true;
	printf("#   got %lld, expected %lld\n", got, expected);
	return false;
}

bool check_text(const char *file, int line, const char *expr, const char *got, const char *expected)
{
	bool same = got && expected ? strcmp(got, expected) == 0 : got == expected;

	if (report(same, file, line, expr))
		return true;
	printf("#   got      \"%s\"\n#   expected \"%s\"\n", got ? got : "(null)",
	       expected ? expected : "(null)");
	return false;
}

bool check_has(const char *file, int line, const char *expr, const char *text, const char *part)
{
	if (report(text && strstr(text, part), file, line, expr))
		return true;
	printf("#   \"%s\"\n#   has no \"%s\"\n", text ? text : "(null)", part);
	return false;
}

const char *check_source(void)
{
	const char *dir = getenv("MPOL_SOURCE");

	return dir ? dir : ".";
}

static int by_line(const void *a, const void *b)
{
	const struct check_test *x = *(const struct check_test *const *)a,
				*y = *(const struct check_test *const *)b;

	return (x->line > y->line) - (x->line < y->line);
}

/* Runs the test in a child; returns its wait status and, when it skipped, the reason. */
static int run_forked(const struct check_test *t, char *reason, size_t size)
{
	FILE *out = tmpfile();
	char line[1024];
	int status = 0;
	pid_t pid;

	fflush(stdout);
	if (!out)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		t->run();
		fflush(stdout);
		exit(failed ? 1 : 0); /* with atexit, so that leaks are looked for */
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	rewind(out);
	reason[0] = '\0';
	while (fgets(line, sizeof(line), out)) {
		if (strncmp(line, "# SKIP: ", 8) == 0)
			(void)snprintf(reason, size, "%s", line + 8);
		else
			fputs(line, stdout);
	}
	fclose(out);
	return status;
}

int main(int argc, char **argv)
{
	size_t n = (size_t)(__stop_check_tests - __start_check_tests), number = 0, selected = 0;
	const struct check_test **tests = calloc(n, sizeof(*tests));
	bool all_ok = true;
	char reason[1024];

	if (!tests)
		return 99;
	for (size_t i = 0; i < n; i++)
		if (argc < 2 || strcmp(argv[1], __start_check_tests[i]->name) == 0)
			tests[selected++] = __start_check_tests[i];
	qsort(tests, selected, sizeof(*tests), by_line);
	printf("TAP version 13\n1..%zu\n", selected);
	for (size_t i = 0; i < selected; i++) {
		int status = run_forked(tests[i], reason, sizeof(reason));
		bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;
		bool ok = skipped || status == 0;

		if (WIFSIGNALED(status))
			printf("# killed by signal %d (%s)\n", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
		reason[strcspn(reason, "\n")] = '\0';
		printf("%s %zu - %s%s%s\n", ok ? "ok" : "not ok", ++number, tests[i]->name,
		       skipped ? " # SKIP " : "", skipped ? reason : "");
		all_ok = all_ok && ok;
	}
	free(tests);
	return all_ok ? 0 : 1;
}
