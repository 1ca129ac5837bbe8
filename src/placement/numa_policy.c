/* SPDX-License-Identifier: MIT */
/* The text of a policy in numa_maps, as mm/mempolicy.c mpol_to_str() writes it; see numa_maps.h. */
#include <string.h>

#include "placement/numa_maps.h"
#include "base/macros.h"

#define CUT_LENGTH \
	63 /* fs/proc/task_mmu.c show_numa_map(): char buffer[64], filled by snprintf() */

/* mm/mempolicy.c policy_modes[]; the two with a space stand first, as "prefer" begins "prefer
 * (many)". */
static const struct {
	const char *name;
	enum mpol_mode mode;
} modes[] = {
	{ "prefer (many)", MPOL_MODE_PREFERRED_MANY },
	{ "weighted interleave", MPOL_MODE_WEIGHTED_INTERLEAVE },
	{ "default", MPOL_MODE_DEFAULT },
	{ "prefer", MPOL_MODE_PREFERRED },
	{ "bind", MPOL_MODE_BIND },
	{ "interleave", MPOL_MODE_INTERLEAVE },
	{ "local", MPOL_MODE_LOCAL },
};

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	{ "static", MPOL_FLAG_STATIC_NODES },
	{ "relative", MPOL_FLAG_RELATIVE_NODES },
	{ "balancing", MPOL_FLAG_NUMA_BALANCING },
};

static bool ends_name(char c)
{
	return c == '\0' || c == ' ' || c == '=' || c == ':';
}

/* The length of a name at the beginning of text, 0 when it is none that we know. */
static size_t mode_at(const char *text, enum mpol_mode *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
		size_t len = strlen(modes[i].name);

		if (strncmp(text, modes[i].name, len) == 0 && ends_name(text[len])) {
			*ret = modes[i].mode;
			return len;
		}
	}
	return 0;
}

size_t numa_policy_length(const char *text)
{
	enum mpol_mode mode;
	size_t name = mode_at(text, &mode);

	return name + strcspn(text + name, " ");
}

/* "static|balancing"; returns its length, 0 when something is unknown. */
static size_t flags_at(const char *text, unsigned *ret)
{
	const char *p = text;

	*ret = 0;
	for (;;) {
		size_t len = strcspn(p, "|:"), i;

		for (i = 0; i < ELEMENTSOF(flags); i++)
			if (strlen(flags[i].name) == len && strncmp(p, flags[i].name, len) == 0)
				break;
		if (i == ELEMENTSOF(flags))
			return 0;
		*ret |= flags[i].flag;
		p += len;
		if (*p != '|')
			return (size_t)(p - text);
		p++;
	}
}

/* Drops what may have been cut: everything behind the last comma. */
static void drop_last_item(char *list)
{
	char *comma = strrchr(list, ',');

	if (comma)
		*comma = '\0';
	else
		*list = '\0';
}

struct numa_policy numa_policy_parse(const char *text, size_t len)
{
	struct numa_policy p = { .text = text, .cut = len >= CUT_LENGTH };
	struct mpol_policy policy = { 0 };
	char copy[512];
	size_t at;

	if (len >= sizeof(copy))
		return p;
	memcpy(copy, text, len);
	copy[len] = '\0';
	at = mode_at(copy, &policy.mode);
	if (at == 0)
		return p;
	if (copy[at] == '=') {
		size_t flags_len = flags_at(copy + at + 1, &policy.flags);

		if (flags_len == 0)
			return p;
		at += 1 + flags_len;
	}
	if (copy[at] == ':') {
		if (p.cut)
			drop_last_item(copy + at + 1);
		if (mpol_nodes_parse(copy + at + 1, &policy.nodes, NULL) < 0)
			return p;
	} else if (copy[at]) {
		return p;
	}
	p.known = true;
	p.policy = policy;
	return p;
}
