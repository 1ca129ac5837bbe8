/* SPDX-License-Identifier: MIT */
/*
 * A growing string. Running out of memory is remembered in `failed` and checked once, at the end,
 * with strbuf_take() or by hand; adding to a failed buffer does nothing.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *data; /* NUL-terminated once anything was added; NULL before */
	size_t len, cap;
	bool failed;
};

void strbuf_add(struct strbuf *b, const char *data, size_t len);
void strbuf_puts(struct strbuf *b, const char *text);
/*
 * Adds text that somebody else chose (a process's name, a policy in a file). Control characters,
 * also those of C1, become '?', so that it cannot write to the terminal.
 */
void strbuf_puts_visible(struct strbuf *b, const char *text);
static inline void strbuf_putc(struct strbuf *b, char c)
{
	if (b->failed || b->len + 1 >= b->cap) {
		strbuf_add(b, &c, 1);
		return;
	}
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}
void strbuf_printf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Keeps the memory, forgets the text. */
void strbuf_clear(struct strbuf *b);
/* The string, which the caller frees; NULL when memory ran out. The buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b);
/* The text so far; never NULL. */
const char *strbuf_text(const struct strbuf *b);
void strbuf_done(struct strbuf *b);

#endif
