/* SPDX-License-Identifier: MIT */
/* A growing list of strings that ends with NULL, as execv(2) takes it. Like strbuf, it remembers
 * that memory ran out. */
#ifndef VM_STRV_H
#define VM_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v; /* NULL before anything was added */
	size_t n, cap;
	bool failed;
};

void strv_add(struct strv *s, const char *text);
void strv_addf(struct strv *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_done(struct strv *s);

#endif
