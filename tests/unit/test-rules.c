/* SPDX-License-Identifier: MIT */
/*
 * The rules as both of the project's founding documents state them (memory policy in an OCI
 * runtime, a memory policy in a scheduler test harness), one row each, named after the statement;
 * and the rules table itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpol/check.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "check.h"

#define STATIC	  MPOL_FLAG_STATIC_NODES
#define RELATIVE  MPOL_FLAG_RELATIVE_NODES
#define BALANCING MPOL_FLAG_NUMA_BALANCING

static const struct {
	const char *statement;
	struct mpol_policy policy;
	const char *refused_by; /* by --profile oci; NULL: accepted */
} oci_statements[] = {
	{ "MPOL_F_NUMA_BALANCING can be used with MPOL_BIND",
	  mpol_policy(MPOL_MODE_BIND, .flags = BALANCING, .nodes = MPOL_NODES(0)), NULL },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not INTERLEAVE",
	  mpol_policy(MPOL_MODE_INTERLEAVE, .flags = BALANCING, .nodes = MPOL_NODES(0)),
	  "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not PREFERRED",
	  mpol_policy(MPOL_MODE_PREFERRED, .flags = BALANCING, .nodes = MPOL_NODES(0)),
	  "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not PREFERRED without nodes",
	  mpol_policy(MPOL_MODE_PREFERRED, .flags = BALANCING), "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not WEIGHTED_INTERLEAVE",
	  mpol_policy(MPOL_MODE_WEIGHTED_INTERLEAVE, .flags = BALANCING, .nodes = MPOL_NODES(0)),
	  "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not LOCAL",
	  mpol_policy(MPOL_MODE_LOCAL, .flags = BALANCING), "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not DEFAULT",
	  mpol_policy(MPOL_MODE_DEFAULT, .flags = BALANCING), "balancing-needs-bind" },
	{ "MPOL_F_NUMA_BALANCING only with MPOL_BIND: not PREFERRED_MANY",
	  mpol_policy(MPOL_MODE_PREFERRED_MANY, .flags = BALANCING, .nodes = MPOL_NODES(0)),
	  "oci-balancing-only-bind" },
	{ "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES cannot be used together",
	  mpol_policy(MPOL_MODE_BIND, .flags = STATIC | RELATIVE, .nodes = MPOL_NODES(0)),
	  "static-excludes-relative" },
	{ "MPOL_F_STATIC_NODES alone can be used",
	  mpol_policy(MPOL_MODE_BIND, .flags = STATIC, .nodes = MPOL_NODES(0)), NULL },
	{ "MPOL_F_RELATIVE_NODES alone can be used",
	  mpol_policy(MPOL_MODE_BIND, .flags = RELATIVE, .nodes = MPOL_NODES(0)), NULL },
	{ "DEFAULT: nodes must be empty", mpol_policy(MPOL_MODE_DEFAULT, .nodes = MPOL_NODES(0)),
	  "default-takes-no-nodes" },
	{ "DEFAULT: flags must be empty: STATIC", mpol_policy(MPOL_MODE_DEFAULT, .flags = STATIC),
	  "oci-default-takes-no-flags" },
	{ "DEFAULT: flags must be empty: RELATIVE",
	  mpol_policy(MPOL_MODE_DEFAULT, .flags = RELATIVE), "oci-default-takes-no-flags" },
	{ "DEFAULT: without nodes and flags", mpol_default(), NULL },
	{ "LOCAL: nodes must be empty", mpol_policy(MPOL_MODE_LOCAL, .nodes = MPOL_NODES(0)),
	  "local-takes-no-nodes" },
	{ "LOCAL: flags must be empty: STATIC", mpol_policy(MPOL_MODE_LOCAL, .flags = STATIC),
	  "local-takes-no-flags" },
	{ "LOCAL: flags must be empty: RELATIVE", mpol_policy(MPOL_MODE_LOCAL, .flags = RELATIVE),
	  "local-takes-no-flags" },
	{ "LOCAL: without nodes and flags", mpol_local(), NULL },
	{ "PREFERRED + empty nodes: STATIC prohibited",
	  mpol_policy(MPOL_MODE_PREFERRED, .flags = STATIC), "empty-preferred-takes-no-flags" },
	{ "PREFERRED + empty nodes: RELATIVE prohibited",
	  mpol_policy(MPOL_MODE_PREFERRED, .flags = RELATIVE), "empty-preferred-takes-no-flags" },
	{ "PREFERRED + empty nodes: without flags", mpol_policy(MPOL_MODE_PREFERRED), NULL },
	{ "PREFERRED with a node takes STATIC",
	  mpol_policy(MPOL_MODE_PREFERRED, .flags = STATIC, .nodes = MPOL_NODES(0)), NULL },
	{ "BIND: must have at least one node", mpol_policy(MPOL_MODE_BIND), "bind-needs-nodes" },
	{ "INTERLEAVE: must have at least one node", mpol_policy(MPOL_MODE_INTERLEAVE),
	  "interleave-needs-nodes" },
	{ "PREFERRED_MANY: must have at least one node", mpol_policy(MPOL_MODE_PREFERRED_MANY),
	  "preferred-many-needs-nodes" },
	{ "WEIGHTED_INTERLEAVE: must have at least one node",
	  mpol_policy(MPOL_MODE_WEIGHTED_INTERLEAVE), "weighted-interleave-needs-nodes" },
	{ "BIND with a node", mpol_bind(0), NULL },
	{ "INTERLEAVE with a node", mpol_interleave(0), NULL },
	{ "PREFERRED_MANY with a node", mpol_preferred_many(0), NULL },
	{ "WEIGHTED_INTERLEAVE with a node", mpol_weighted_interleave(0), NULL },
};

static const char *first_refusal(const struct mpol_policy *p, enum mpol_profile profile)
{
	static struct mpol_finding f;

	if (mpol_check_profile(p, NULL, profile, &f, 1) == 0 || f.severity != MPOL_REFUSED)
		return NULL;
	CHECK(f.error.what[0] && f.error.where[0]);
	return f.error.rule->id;
}

TEST(the_oci_rules_are_those_stated)
{
	for (size_t i = 0; i < ELEMENTSOF(oci_statements); i++) {
		check_row(i, oci_statements[i].statement);
		CHECK_STR(first_refusal(&oci_statements[i].policy, MPOL_PROFILE_OCI),
			  oci_statements[i].refused_by);
	}
}

TEST(the_kernel_differs_from_the_oci_rules_in_two_places_only)
{
	for (size_t i = 0; i < ELEMENTSOF(oci_statements); i++) {
		const char *expected = oci_statements[i].refused_by;

		if (expected && strncmp(expected, "oci-", 4) == 0)
			expected = NULL;
		check_row(i, oci_statements[i].statement);
		CHECK_STR(first_refusal(&oci_statements[i].policy, MPOL_PROFILE_KERNEL), expected);
	}
}

TEST(rules_have_unique_ids_and_reasons)
{
	size_t n;
	const struct mpol_rule *rules = mpol_rules(&n);

	for (size_t i = 0; i < n; i++) {
		check_row(i, rules[i].id);
		CHECK(rules[i].id && strlen(rules[i].id) > 3 &&
		      strspn(rules[i].id, "abcdefghijklmnopqrstuvwxyz-") == strlen(rules[i].id));
		CHECK(rules[i].errnum > 0);
		CHECK(rules[i].why && strlen(rules[i].why) > 20 &&
		      rules[i].why[strlen(rules[i].why) - 1] == '.');
		CHECK(mpol_rule_find(rules[i].id) == &rules[i]);
	}
	CHECK(n > 30);
	CHECK(mpol_rule_find("no-such-rule") == NULL);
}

/* The page without scdoc's backslashes. */
static char *read_page(void)
{
	_cleanup_close_ int root = open(check_source(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *text = NULL, *to;

	if (file_read_at(root, FILE_MAX_SIZE, &text, NULL, "man/mpol-rules.1.scd") < 0)
		return NULL;
	to = text;
	for (const char *from = text; *from; from++)
		if (*from != '\\')
			*to++ = *from;
	*to = '\0';
	return text;
}

TEST(every_policy_rule_stands_in_the_manual)
{
	_cleanup_free_ char *page = read_page();
	size_t n;
	const struct mpol_rule *rules = mpol_rules(&n);

	if (!CHECK(page != NULL))
		return;
	for (size_t i = 0; i < n; i++) {
		char anchor[80];

		check_row(i, rules[i].id);
		(void)snprintf(anchor, sizeof(anchor), "\n*%s*\n", rules[i].id);
		CHECK(strstr(page, anchor) != NULL);
		CHECK(strstr(page, rules[i].why) != NULL);
	}
}
