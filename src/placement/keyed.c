/* SPDX-License-Identifier: MIT */
/* Files of lines that begin with a key; see keyed.h. */
#include <string.h>

#include <mpol/nodes.h>

#include "placement/keyed.h"
#include "base/macros.h"

bool keyed_line(char **text, char **ret_line)
{
	char *newline;

	if (!**text)
		return false;
	*ret_line = *text;
	newline = strchr(*text, '\n');
	if (newline)
		*newline = '\0';
	*text = newline ? newline + 1 : *text + strlen(*text);
	return true;
}

bool keyed_number(char **p, uint64_t *ret)
{
	char *at = *p + strspn(*p, " \t");
	uint64_t value = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return false;
	*ret = value;
	*p = at;
	return true;
}

bool keyed_node(char **p, unsigned *ret_node, uint64_t *ret_value)
{
	char *at = *p + strspn(*p, " ");
	uint64_t node;

	if (*at++ != 'N' || !keyed_number(&at, &node) || node >= MPOL_MAX_NODES || *at++ != '=' ||
	    !keyed_number(&at, ret_value))
		return false;
	*ret_node = (unsigned)node;
	*p = at;
	return true;
}

/* "Node 0 " of a node's meminfo. */
static char *behind_node(char *line)
{
	char *p = line + 4;
	uint64_t node;

	return STARTS(line, "Node") && keyed_number(&p, &node) && *p == ' ' ? p + 1 : line;
}

void keyed_sum(char *text, const struct keyed_row *rows, size_t n_rows, bool *known, uint64_t *sums)
{
	char *line;

	while (keyed_line(&text, &line)) {
		char *key = behind_node(line), *p = key + strcspn(key, " :");
		size_t len = (size_t)(p - key);
		uint64_t value;

		p += *p == ':';
		if (!keyed_number(&p, &value))
			continue;
		if (STREQ(p, " kB"))
			value *= 1024;
		for (size_t i = 0; i < n_rows; i++) {
			if (strlen(rows[i].key) != len || strncmp(rows[i].key, key, len) != 0)
				continue;
			sums[rows[i].into] += value;
			known[rows[i].into] = true;
		}
	}
}
