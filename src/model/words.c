/* SPDX-License-Identifier: MIT */
/* How policies are said in findings; see words.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "model/words.h"

void words_begin(struct mpol_error *err, const struct mpol_rule *rule, const char *where)
{
	err->errnum = rule->errnum;
	err->rule = rule;
	memcpy(err->where, where, MIN(strlen(where) + 1, sizeof(err->where))); /* short */
	err->what[0] = '\0';
	err->hint[0] = '\0';
}

void words_what(struct mpol_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
}

void words_hint(struct mpol_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

const char *words_mode(int mode)
{
	static const char *const modes[MPOL_N_MODES] = {
		[MPOL_MODE_DEFAULT] = "default",
		[MPOL_MODE_PREFERRED] = "preferred",
		[MPOL_MODE_BIND] = "bind",
		[MPOL_MODE_INTERLEAVE] = "interleave",
		[MPOL_MODE_LOCAL] = "local",
		[MPOL_MODE_PREFERRED_MANY] = "preferred-many",
		[MPOL_MODE_WEIGHTED_INTERLEAVE] = "weighted-interleave",
	};

	return mode >= 0 && mode < MPOL_N_MODES ? modes[mode] : "an unknown mode";
}

const char *words_flags(unsigned flags)
{
	static const char *const texts[8] = {
		"no flags",
		"NUMA_BALANCING",
		"RELATIVE_NODES",
		"RELATIVE_NODES and NUMA_BALANCING",
		"STATIC_NODES",
		"STATIC_NODES and NUMA_BALANCING",
		"STATIC_NODES and RELATIVE_NODES",
		"STATIC_NODES, RELATIVE_NODES and NUMA_BALANCING",
	};

	return texts[flags >> 13 & 7];
}

const char *words_kernel(const struct mpol_kernel *k)
{
	return k->release[0] ? k->release : "(unknown)";
}

const char *words_list(const struct mpol_nodeset *s, char buf[WORDS_LIST])
{
	static const char ellipsis[] = "…";
	size_t len = mpol_nodes_print(s, buf, WORDS_LIST), cut = WORDS_LIST - sizeof(ellipsis);

	if (len < WORDS_LIST)
		return len ? buf : "none";
	while (cut > 0 && buf[cut - 1] != ',')
		cut--;
	(void)snprintf(buf + cut, WORDS_LIST - cut, "%s", ellipsis);
	return buf;
}

const char *words_policy(int mode, unsigned flags, const struct mpol_nodeset *nodes,
			 char buf[WORDS_POLICY])
{
	static const char *const texts[8] = {
		"",	   "=balancing",	"=relative",	    "=relative|balancing",
		"=static", "=static|balancing", "=static|relative", "=static|relative|balancing",
	};
	char list[WORDS_LIST];

	(void)snprintf(buf, WORDS_POLICY, "%s%s%s%s", words_mode(mode), texts[flags >> 13 & 7],
		       mpol_nodes_empty(nodes) ? "" : ":",
		       mpol_nodes_empty(nodes) ? "" : words_list(nodes, list));
	return buf;
}

/* Adds "5,7 are absent (possible: 0-4)" when there are such nodes. */
static size_t add_reason(char *buf, size_t size, size_t len, const struct mpol_nodeset *nodes,
			 const char *one, const char *several)
{
	char list[WORDS_LIST];

	if (mpol_nodes_empty(nodes) || len >= size)
		return len;
	return len + (size_t)snprintf(buf + len, size - len, "%s%s %s", len ? ", " : "",
				      words_list(nodes, list),
				      mpol_nodes_count(nodes) == 1 ? one : several);
}

const char *words_why_unusable(const struct question *q, const struct mpol_nodeset *nodes,
			       char buf[128])
{
	const struct mpol_machine *m = q->machine;
	struct mpol_nodeset rest = mpol_nodes_minus(nodes, &q->allowed), some;
	char list[WORDS_LIST];
	size_t len = 0;

	/* Where only the allowed nodes are known, they say nothing about the others. */
	if (m || !mpol_nodes_equal(&q->situation->possible, &q->allowed)) {
		some = mpol_nodes_minus(&rest, &q->situation->possible);
		rest = mpol_nodes_minus(&rest, &some);
		len = add_reason(buf, 128, len, &some, "does not exist", "do not exist");
	}
	if (m) {
		some = mpol_nodes_minus(&rest, &m->online);
		rest = mpol_nodes_minus(&rest, &some);
		len = add_reason(buf, 128, len, &some, "is offline", "are offline");
		some = mpol_nodes_minus(&rest, &m->with_memory);
		rest = mpol_nodes_minus(&rest, &some);
		len = add_reason(buf, 128, len, &some, "has no memory", "have no memory");
	}
	len = add_reason(buf, 128, len, &rest, m ? "is outside the cpuset" : "is not allowed",
			 m ? "are outside the cpuset" : "are not allowed");
	if (len < 128)
		(void)snprintf(buf + len, 128 - len, "; this task may use %s",
			       words_list(&q->allowed, list));
	return buf;
}
