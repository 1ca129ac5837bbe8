/* SPDX-License-Identifier: MIT */
/* The life of a result, and what must_end makes of its end; see result.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "harness/result.h"

const char *const verdict_names[N_VERDICTS] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_FAIL] = "fail",
	[VERDICT_SKIP] = "skip",
	[VERDICT_BROKEN] = "broken",
};

static const struct mpol_rule ended_otherwise = {
	.id = "must-end",
	.errnum = 1, /* never returned */
	.why = "A test that proves that a check can fail passes only when it does.",
	.hint = "change the test, or its .must_end.",
};

static void error_done(struct result_error *e)
{
	free(e->rule);
	free(e->why);
	free(e->where);
	free(e->what);
	free(e->hint);
	*e = (struct result_error){ 0 };
}

static void point_done(struct result_point *p)
{
	free(p->all.of);
	for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++)
		free(p->kinds[kind].of);
}

static void cgroup_result_done(struct result_cgroup *c)
{
	free(c->name);
	free(c->cpus);
	free(c->mems);
	free(c->policy);
	free(c->expected);
	free(c->amounts);
	for (size_t i = 0; i < c->n_works; i++) {
		free(c->works[i].kind);
		free(c->works[i].unit);
		free(c->works[i].policy);
	}
	free(c->works);
	for (size_t i = 0; i < c->n_points; i++)
		point_done(&c->points[i]);
	free(c->points);
	free(c->unit);
}

void result_done(struct mpol_result *r)
{
	free(r->test);
	free(r->why);
	free(r->must_end);
	error_done(&r->error);
	for (size_t i = 0; i < r->n_notes; i++)
		error_done(&r->notes[i]);
	free(r->notes);
	free(r->place);
	free(r->asked);
	free(r->were);
	free(r->release);
	free(r->accel);
	free(r->console);
	for (size_t i = 0; i < r->n_nodes; i++)
		free(r->nodes[i].cpus);
	free(r->nodes);
	for (size_t i = 0; r->caches && i < r->llcs; i++)
		free(r->caches[i]);
	free(r->caches);
	free(r->distance);
	for (size_t i = 0; i < r->n_cgroups; i++)
		cgroup_result_done(&r->cgroups[i]);
	free(r->cgroups);
	*r = (struct mpol_result){ 0 };
}

static char *copy(const char *text)
{
	return text && *text ? strdup(text) : NULL;
}

void result_error_set(struct result_error *to, const struct mpol_error *err)
{
	error_done(to);
	to->rule = copy(err->rule ? err->rule->id : NULL);
	to->why = copy(err->rule ? err->rule->why : NULL);
	to->where = copy(err->where);
	to->what = copy(err->what);
	to->hint = copy(mpol_error_hint(err));
}

void result_set_error(struct mpol_result *r, enum verdict verdict, const struct mpol_error *err)
{
	r->ended = r->verdict = verdict;
	r->has_error = true;
	result_error_set(&r->error, err);
}

unsigned result_kinds(const struct result_point *p)
{
	unsigned n = 0;

	for (size_t kind = 0; kind < MPOL_N_PAGE_KINDS; kind++)
		n += p->kinds[kind].n > 0;
	return n;
}

const char *result_machine(const struct mpol_result *r)
{
	return r->asked ? r->asked : r->place ? r->place : "?";
}

/* "fail"; "broken" with any rule; "broken: RULE" with that one. */
static bool ended_as(const struct mpol_result *r, const char *must_end)
{
	size_t word = strcspn(must_end, ":");
	const char *ended = verdict_names[r->ended];

	if (strlen(ended) != word || strncmp(ended, must_end, word) != 0)
		return false;
	if (!must_end[word])
		return true;
	must_end += word + 1;
	must_end += strspn(must_end, " ");
	return r->has_error && r->error.rule && STREQ(r->error.rule, must_end);
}

void result_decide(struct mpol_result *r)
{
	struct mpol_error err = { 0 };

	r->verdict = r->ended;
	/* A skipped test has shown nothing about its end. */
	if (!r->must_end || r->ended == VERDICT_SKIP)
		return;
	if (ended_as(r, r->must_end)) {
		r->verdict = VERDICT_PASS;
		return;
	}
	/* What broke before it could end so has shown nothing, either. */
	r->verdict = r->ended == VERDICT_BROKEN && !STARTS(r->must_end, "broken") ? VERDICT_BROKEN
										   : VERDICT_FAIL;
	if (r->has_error)
		return; /* the report shows it beside what was declared */
	(void)mpol_fail(&err, &ended_otherwise, "", "declared to end \"%s\", ended \"%s\"",
			r->must_end, verdict_names[r->ended]);
	r->has_error = true;
	result_error_set(&r->error, &err);
}

void result_end_early(struct mpol_result *r, const struct mpol_test_entry *entry,
		      enum verdict verdict, const struct mpol_error *err)
{
	*r = (struct mpol_result){
		.test = copy(entry->name),
		.why = copy(entry->test->why),
		.must_end = copy(entry->test->must_end),
	};
	result_set_error(r, verdict, err);
	result_decide(r);
}
