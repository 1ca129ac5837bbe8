/* SPDX-License-Identifier: MIT */
/* Amounts of memory; see size.h. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "cli/size.h"

static const struct {
	const char *suffix;
	double factor;
} units[] = {
	{ "", 1 },	 { "B", 1 },	    { "K", 0x1p10 },   { "KiB", 0x1p10 }, { "KB", 1e3 },
	{ "M", 0x1p20 }, { "MiB", 0x1p20 }, { "MB", 1e6 },     { "G", 0x1p30 },	  { "GiB", 0x1p30 },
	{ "GB", 1e9 },	 { "T", 0x1p40 },   { "TiB", 0x1p40 }, { "TB", 1e12 },
};

bool cli_parse_size(const char *text, bool rate, uint64_t *ret)
{
	char *suffix;
	double value;
	size_t len;

	if (*text < '0' || *text > '9') /* no signs, no "inf" */
		return false;
	value = strtod(text, &suffix);
	len = strlen(suffix);
	if (rate && len >= 2 && STREQ(suffix + len - 2, "/s"))
		len -= 2;
	for (size_t i = 0; i < ELEMENTSOF(units); i++) {
		if (strlen(units[i].suffix) != len || strncmp(units[i].suffix, suffix, len) != 0)
			continue;
		value *= units[i].factor;
		if (!(value >= 1 && value <= 0x1p62))
			return false;
		*ret = (uint64_t)value;
		return true;
	}
	return false;
}
