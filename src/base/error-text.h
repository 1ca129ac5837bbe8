/* SPDX-License-Identifier: MIT */
/* How an error looks, wherever it is said. */
#ifndef BASE_ERROR_TEXT_H
#define BASE_ERROR_TEXT_H

#include <mpol/error.h>
#include <stdio.h>

#include "base/strbuf.h"

/*
 * Adds, with what came from outside made visible (strbuf_puts_visible()):
 *
 *     LABEL: SEVERITYWHERE: WHAT
 *           WHY   [rule]
 *           Hint: HINT
 *
 * severity is "", or "warning: " and the like. WHERE, and the lines that the error has nothing for,
 * are left out.
 */
void error_text(struct strbuf *out, const char *label, const char *severity,
		const struct mpol_error *err);

/* Writes that to out; when memory has run out, that it has. */
void error_print(FILE *out, const char *label, const char *severity, const struct mpol_error *err);

#endif
