/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "vm/console.h"
#include "check.h"

static struct console console;

static void say(const char *text)
{
	console_add(&console, text, strlen(text));
}

static const struct {
	const char *said, *tail; /* the last three lines */
} tails[] = {
	{ "", "" },
	{ "one", "one" },
	{ "one\ntwo\n", "one\ntwo" },
	{ "one\ntwo\nthree\nfour\n", "two\nthree\nfour" },
	{ "one\r\ntwo\r\n\r\n", "one\ntwo" },
	{ "\n\n\n", "" },
	{ "\033[1;31mred\033[0m and\033c plain\n", "red and plain" },
	{ "a\033[", "a" },
	{ "a\033", "a" },
	{ "bell\a nul\x01 del\x7f tab\t.\n", "bell? nul? del? tab\t." },
	{ "\303\274ml\n", "\303\274ml" },
};

TEST(the_tail_is_the_last_lines_printable)
{
	for (size_t i = 0; i < ELEMENTSOF(tails); i++) {
		_cleanup_free_ char *tail = NULL;

		console = (struct console){ .next = 0 };
		say(tails[i].said);
		tail = console_tail(&console, 3);
		check_row(i, tails[i].said);
		CHECK_STR(tail, tails[i].tail);
	}
}

TEST(a_flood_keeps_its_end_in_constant_memory)
{
	_cleanup_free_ char *tail = NULL, *large = malloc(3 * CONSOLE_SIZE);
	char line[32];

	console = (struct console){ .next = 0 };
	for (unsigned n = 0; n < 100000; n++) {
		(void)snprintf(line, sizeof(line), "line %u\n", n);
		say(line);
	}
	tail = console_tail(&console, 2);
	CHECK_STR(tail, "line 99998\nline 99999");
	CHECK(console.seen > CONSOLE_SIZE);

	/* More than fits, in one piece. */
	memset(large, 'x', 3 * CONSOLE_SIZE);
	memcpy(large + 3 * CONSOLE_SIZE - 5, "\nend\n", 5);
	console_add(&console, large, 3 * CONSOLE_SIZE);
	free(TAKE(tail));
	tail = console_tail(&console, 1);
	CHECK_STR(tail, "end");
}

static const struct {
	const char *said, *reason; /* NULL: none */
} reasons[] = {
	{ "all is well\n", NULL },
	{ "[    5.1] Kernel panic - not syncing: sysrq triggered crash\n[    5.2] CPU: 0\n",
	  "Kernel panic - not syncing: sysrq triggered crash" },
	{ "[1] BUG: unable to handle\n[2] Kernel panic - not syncing: Fatal exception\n",
	  "Kernel panic - not syncing: Fatal exception" },
	{ "[1] Out of memory: Killed process 12 (worker)\n[2] BUG: scheduling while atomic\n",
	  "Out of memory: Killed process 12 (worker)" },
	{ "[1] Out of memory: Killed process 1 (a)\n[2] Out of memory: Killed process 2 (b)\n",
	  "Out of memory: Killed process 2 (b)" },
	{ "BUG: no newline", "BUG: no newline" },
};

TEST(the_reason_is_the_most_telling_line)
{
	for (size_t i = 0; i < ELEMENTSOF(reasons); i++) {
		char reason[128];

		console = (struct console){ .next = 0 };
		say(reasons[i].said);
		check_row(i, reasons[i].said);
		CHECK_STR(console_reason(&console, reason, sizeof(reason)), reasons[i].reason);
	}
}
