/* SPDX-License-Identifier: MIT */
/* The end of what a guest's kernel printed: kept in constant memory, and read for why it died. */
#ifndef VM_CONSOLE_H
#define VM_CONSOLE_H

#include <stddef.h>

#define CONSOLE_SIZE ((size_t)64 << 10)

struct console {
	char data[CONSOLE_SIZE]; /* a ring */
	size_t next;		 /* where the next byte goes */
	unsigned long long seen; /* bytes in all */
};

void console_add(struct console *c, const char *data, size_t len);
/*
 * The last lines, at most max of them, printable: carriage returns and escape sequences left out,
 * other control characters shown as '?'. Freed by the caller; NULL: out of memory.
 */
char *console_tail(const struct console *c, unsigned max);
/*
 * The line that says why the guest ended, without its time stamp: a panic, an out-of-memory kill,
 * an oops, in this order. Returns ret, or NULL when there is none.
 */
const char *console_reason(const struct console *c, char *ret, size_t size);

#endif
