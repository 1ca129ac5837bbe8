/* SPDX-License-Identifier: MIT */
/* Describing failures; see mpol/error.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mpol/error.h>

#include "base/macros.h"
#include "base/no-memory.h"

/* Copies text, cut so that no UTF-8 character is broken. */
static void copy_cut(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
	}
	memmove(to, text, len);
	to[len] = '\0';
}

static void format_cut(char *to, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
static void format_cut(char *to, size_t size, const char *fmt, va_list ap)
{
	char text[512];

	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	copy_cut(to, size, text);
}

static int fail(struct mpol_error *err, const struct mpol_rule *rule, int errnum, const char *where,
		const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
/* What mpol_hint() answers to callers that gave no place for the reason: still a failure. */
static _Thread_local int last_errnum;

static int fail(struct mpol_error *err, const struct mpol_rule *rule, int errnum, const char *where,
		const char *fmt, va_list ap)
{
	last_errnum = errnum;
	if (!err)
		return -errnum;
	err->errnum = errnum;
	err->rule = rule;
	copy_cut(err->where, sizeof(err->where), where ? where : "");
	format_cut(err->what, sizeof(err->what), fmt, ap);
	err->hint[0] = '\0';
	return -errnum;
}

int mpol_fail(struct mpol_error *err, const struct mpol_rule *rule, const char *where,
	      const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = fail(err, rule, rule->errnum, where, fmt, ap);
	va_end(ap);
	return r;
}

int mpol_fail_errno(struct mpol_error *err, const struct mpol_rule *rule, int errnum,
		    const char *where, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = fail(err, rule, errnum, where, fmt, ap);
	va_end(ap);
	return r;
}

int mpol_hint(struct mpol_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -last_errnum;
	va_start(ap, fmt);
	format_cut(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -err->errnum;
}

void mpol_error_within(struct mpol_error *err, const char *where)
{
	char text[sizeof(err->where) * 2];

	if (!err || !*where)
		return;
	(void)snprintf(text, sizeof(text), "%s%s%s", where, *err->where ? ": " : "", err->where);
	copy_cut(err->where, sizeof(err->where), text);
}

const char *mpol_error_hint(const struct mpol_error *err)
{
	if (err->hint[0])
		return err->hint;
	return err->rule ? err->rule->hint : NULL;
}

const struct mpol_rule rule_out_of_memory = {
	"out-of-memory",
	ENOMEM,
	"What is read and answered is held in memory, and there was none.",
	"end other processes, or raise the limit (ulimit -v, memory.max)",
	NULL,
	NULL,
};

int no_memory(struct mpol_error *err, const char *whom)
{
	return mpol_fail(err, &rule_out_of_memory, "", "out of memory for %s", whom);
}
