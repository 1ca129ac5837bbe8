/* SPDX-License-Identifier: MIT */
/*
 * Errors: what is wrong here, why it is a rule at all, and what to do instead.
 *
 * Doing returns the first error: functions return 0 (or a count) or a negative errno, and describe
 * the failure in a struct mpol_error, when one was given. The struct is owned by the caller, holds
 * no pointers to free, and is usable after fork and out of memory.
 *
 * The library never prints, exits or changes global state.
 */
#ifndef MPOL_ERROR_H
#define MPOL_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why something is refused or worth a warning. Rules are const tables; they are never freed. */
struct mpol_rule {
	const char *id;       /* "bind-needs-nodes": stable, greppable, an anchor in the man page */
	int errnum;           /* positive; what the kernel or our own function answers: EINVAL, ENOENT, … */
	const char *why;      /* a sentence: why this is a rule at all */
	const char *hint;     /* a sentence: what to write instead; may be NULL */
	const char *source;   /* kernel function, man page or spec section behind it; may be NULL */
	const char *versions; /* kernel versions it holds for, "5.12-"; NULL: all */
};

struct mpol_error {
	int errnum;                   /* positive; 0: no error */
	const struct mpol_rule *rule; /* NULL only where no rule is known */
	char where[96];               /* "config.json: linux.memoryPolicy.nodes", "--membind, column 3"; may be "" */
	char what[200];               /* "node 7 is not online (online: 0-3)" */
	char hint[200];               /* sharper than rule->hint where we know more; "" : use rule->hint */
};

/*
 * Describes a failure. Text that does not fit is cut at a character. Both err and where may be NULL.
 * Returns -rule->errnum, so that `return mpol_fail(…)` is the usual line.
 */
int mpol_fail(struct mpol_error *err, const struct mpol_rule *rule, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same, with an errno other than the rule's (a positive one): open(2) knows better than a table. */
int mpol_fail_errno(struct mpol_error *err, const struct mpol_rule *rule, int errnum, const char *where,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Adds the hint that only the caller knows to what mpol_fail() described just before; returns the same negative errno as
 * that did, also when err is NULL.
 */
int mpol_hint(struct mpol_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts context in front of where: "config.json" + "linux.memoryPolicy" = "config.json: linux.memoryPolicy". */
void mpol_error_within(struct mpol_error *err, const char *where);

/* The hint to show: the error's own, or its rule's, or NULL. */
const char *mpol_error_hint(const struct mpol_error *err);

#ifdef __cplusplus
}
#endif
#endif
