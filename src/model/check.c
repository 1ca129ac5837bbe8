/* SPDX-License-Identifier: MIT */
/*
 * All findings about a policy: every refusal that applies (not only the first), or, when there is
 * none, what the kernel silently makes of it. The rows are in refuse.c and remark.c; here they are
 * walked.
 */
#include <string.h>

#include "base/macros.h"
#include "model/check.h"
#include "model/remark.h"
#include "model/words.h"

struct findings {
	struct mpol_finding *out;
	size_t max, n;
};

/* The error to fill of the next finding; NULL when there is no room, though it is counted. */
static struct mpol_error *add(struct findings *f, enum mpol_severity severity,
			      enum policy_rule rule, const char *where)
{
	struct mpol_finding *finding = f->n < f->max ? &f->out[f->n] : NULL;

	f->n++;
	if (!finding)
		return NULL;
	finding->severity = severity;
	words_begin(&finding->error, &policy_rules[rule], where);
	return &finding->error;
}

/* Where container runtimes are stricter than the kernel. */
static bool oci_refuses_balancing(const struct question *q)
{
	return q->flags & MPOL_FLAG_NUMA_BALANCING && q->mode == MPOL_MODE_PREFERRED_MANY;
}
static void describe_oci_balancing(const struct question *q, struct mpol_error *err)
{
	char list[WORDS_LIST];

	words_what(err, "MPOL_F_NUMA_BALANCING is set with MPOL_PREFERRED_MANY");
	words_hint(err, "use MPOL_BIND with the nodes \"%s\", or leave MPOL_F_NUMA_BALANCING out",
		   words_list(&q->nodes, list));
}
static bool oci_refuses_default_flags(const struct question *q)
{
	return q->mode == MPOL_MODE_DEFAULT &&
	       q->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES);
}
static void describe_oci_default_flags(const struct question *q, struct mpol_error *err)
{
	words_what(err, "MPOL_DEFAULT is given %s", words_flags(q->flags));
}

static const struct refusal oci_refusals[] = {
	{ RULE_OCI_BALANCING_ONLY_BIND, oci_refuses_balancing, "flags", describe_oci_balancing },
	{ RULE_OCI_DEFAULT_TAKES_NO_FLAGS, oci_refuses_default_flags, "flags",
	  describe_oci_default_flags },
};

static void add_refusals(struct findings *f, const struct question *q, const struct refusal *rows,
			 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct mpol_error *err;

		if (!rows[i].broken(q))
			continue;
		err = add(f, MPOL_REFUSED, rows[i].rule, rows[i].where);
		if (err)
			rows[i].describe(q, err);
	}
}

static void add_remarks(struct findings *f, const struct question *q, const struct mpol_kept *kept,
			enum mpol_severity severity)
{
	for (size_t i = 0; i < n_remarks; i++) {
		struct mpol_error *err;

		if (remarks[i].severity != severity || !remarks[i].applies(q, kept))
			continue;
		err = add(f, severity, remarks[i].rule, remarks[i].where);
		if (err)
			remarks[i].describe(q, kept, err);
	}
}

/* The two profiles disagree about this policy: one finding says so, whichever was asked. */
static void add_difference(struct findings *f, const struct question *q, enum mpol_profile profile)
{
	for (size_t i = 0; i < ELEMENTSOF(oci_refusals); i++) {
		struct mpol_error *err;

		if (!oci_refusals[i].broken(q))
			continue;
		err = add(f, MPOL_NOTE, RULE_PROFILES_DIFFER, oci_refusals[i].where);
		words_what(err,
			   profile == MPOL_PROFILE_OCI
				   ? "the kernel would accept this (profile kernel)"
				   : "container runtimes refuse this (profile oci, rule %s)",
			   policy_rules[oci_refusals[i].rule].id);
	}
}

size_t question_check(const struct question *q, const struct mpol_kept *kept,
		      enum mpol_profile profile, struct mpol_finding *out, size_t max)
{
	struct findings f = { .out = out, .max = max };
	size_t by_kernel, refusals;

	add_refusals(&f, q, kernel_refusals, n_kernel_refusals);
	by_kernel = f.n;
	if (profile == MPOL_PROFILE_OCI)
		add_refusals(&f, q, oci_refusals, ELEMENTSOF(oci_refusals));
	refusals = f.n;
	if (refusals == 0)
		add_remarks(&f, q, kept, MPOL_WARNING);
	if (by_kernel == 0)
		add_difference(&f, q, profile);
	if (refusals == 0)
		add_remarks(&f, q, kept, MPOL_NOTE);
	return f.n;
}

/* The situation of the task that the machine was read for. */
struct mpol_situation machine_situation(const struct mpol_machine *m)
{
	return (struct mpol_situation){
		.mems_allowed = mpol_nodes_and(&m->mems_allowed, &m->with_memory),
		.possible = m->possible,
		.kernel = m->kernel,
	};
}

int mpol_check_profile(const struct mpol_policy *p, const struct mpol_machine *machine,
		       enum mpol_profile profile, struct mpol_finding *findings, size_t max)
{
	struct mpol_situation situation;
	struct mpol_kept kept;
	struct question q;

	if (machine)
		situation = machine_situation(machine);
	question_from_policy(&q, p, machine ? &situation : NULL);
	q.machine = machine;
	question_keep(&q, &kept);
	return (int)question_check(&q, &kept, profile, findings, max);
}

int mpol_check(const struct mpol_policy *p, const struct mpol_machine *machine,
	       struct mpol_finding *findings, size_t max)
{
	return mpol_check_profile(p, machine, MPOL_PROFILE_KERNEL, findings, max);
}
