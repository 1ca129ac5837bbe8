/* SPDX-License-Identifier: MIT */
/* Shares as small bars, and sizes as people read them. */
#ifndef VIEW_BAR_H
#define VIEW_BAR_H

#include <stdint.h>

#include "view/style.h"

/*
 * A bar for share, 0 to 1, exactly `width` columns wide: blocks in eighths of a column, or '#' and
 * '.' without UTF-8. A share above 0 is never drawn empty and a share below 1 never full: a single
 * stray page is to be seen. Without UTF-8 and width 1 the latter yields to the former. NaN is drawn
 * as '?'.
 */
void view_bar(struct strbuf *out, const struct view_style *s, double share, unsigned width);

/* "0", "4 KiB", "1.5 GiB", "1023 B": binary units, at most one decimal place, and none where it
 * would be a zero. */
#define VIEW_BYTES_TEXT 16
const char *view_bytes(char buf[VIEW_BYTES_TEXT], uint64_t bytes);

/*
 * "100%", "99.9%", "0%", "<0.1%", ">99.9%": 0% and 100% are said of nothing and everything only.
 * "unknown" for NaN.
 */
#define VIEW_PERCENT_TEXT 16
const char *view_percent(char buf[VIEW_PERCENT_TEXT], double share);

/* "1,234,567" */
#define VIEW_COUNT_TEXT 32
const char *view_count(char buf[VIEW_COUNT_TEXT], uint64_t count);

#endif
