/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "check.h"
#include "harness/result.h"

static const struct mpol_rule some_rule = { .id = "some-rule",
					    .errnum = EINVAL,
					    .why = "Because." };

static struct mpol_result full_result(void)
{
	static const struct result_amount amounts[] = { { 0, UINT64_C(3) << 40 }, { 1023, 4096 } };
	struct mpol_error err = { .errnum = EINVAL,
				  .rule = &some_rule,
				  .where = "cgroup \"a\"",
				  .what = "tab\t and \\" };
	struct mpol_result r = {
		.test = strdup("a_test"),
		.why = strdup("a sentence"),
		.must_end = strdup("fail"),
		.verdict = VERDICT_PASS,
		.ended = VERDICT_FAIL,
		.has_error = true,
		.place = strdup("2n4l4c1t"),
		.release = strdup("6.1.0"),
		.llcs = 1,
		.caches = calloc(1, sizeof(*r.caches)),
		.distance = calloc(1, sizeof(*r.distance)),
		.seconds = 1.5,
		.n_nodes = 1,
		.nodes = calloc(1, sizeof(*r.nodes)),
		.n_notes = 1,
		.notes = calloc(1, sizeof(*r.notes)),
		.n_cgroups = 1,
		.cgroups = calloc(1, sizeof(*r.cgroups)),
	};
	struct result_cgroup *c = r.cgroups;

	result_error_set(&r.error, &err);
	result_error_set(&r.notes[0], &err);
	r.caches[0] = strdup("0-3");
	r.distance[0] = 10;
	r.nodes[0] = (struct result_node){ 7, strdup("0-3"), UINT64_C(1) << 33 };
	c->name = strdup("a");
	c->cpus = strdup("0-3");
	c->mems = strdup("0,1023");
	c->workers = 4;
	c->policy = strdup("bind=static:0");
	c->expected = strdup("0");
	c->placed = true;
	c->n_amounts = ELEMENTSOF(amounts);
	c->amounts = malloc(sizeof(amounts));
	memcpy(c->amounts, amounts, sizeof(amounts));
	c->rest = 12345;
	c->iterations = 37;
	c->units = UINT64_C(1) << 50;
	c->unit = strdup("pages");
	c->n_points = 2;
	c->points = calloc(2, sizeof(*c->points));
	c->points[1] = (struct result_point){ .seconds = 0.5 };
	c->points[1].all = (struct result_amounts){ 1, calloc(1, sizeof(struct result_amount)) };
	c->points[1].kinds[MPOL_PAGE_HUGE] =
		(struct result_amounts){ 1, calloc(1, sizeof(struct result_amount)) };
	c->points[1].kinds[MPOL_PAGE_HUGE].of[0] = (struct result_amount){ 3, 4096 };
	c->points[1].all.of[0] = (struct result_amount){ 3, 8192 };
	c->n_works = 1;
	c->works = calloc(1, sizeof(*c->works));
	c->works[0] = (struct result_work){
		.kind = strdup("chase"),
		.unit = strdup("loads"),
		.policy = strdup("bind=static:0"),
		.workers = 4,
		.iterations = 1,
		.units = 2,
		.cpu_seconds = 0.25,
		.has_rate = true,
		.rate = 3.5,
		.latency = 85.5,
		.bandwidth = 1e9,
		.gap = 0.125,
		.migrations = 6,
		.crossings = 5,
		.minor_faults = 7,
		.major_faults = 8,
	};
	c->n_checks = 2;
	c->checks[0] = (struct result_check){
		PAGE_LOCALITY, AT_LEAST(0.8), LAYER_TEST, { .known = true, .value = 1.0 / 3 }, false
	};
	c->checks[1] = (struct result_check){
		PAGES_OUTSIDE_NODES, AT_MOST(0), LAYER_CGROUP, { .known = false }, false
	};
	return r;
}

TEST(a_result_survives_its_json)
{
	_cleanup_(result_done) struct mpol_result r = full_result(), again = { 0 };
	_cleanup_(strbuf_done) struct strbuf first = { 0 }, second = { 0 };
	struct mpol_error err = { 0 };

	result_write(&r, &first);
	CHECK(strchr(strbuf_text(&first), '\n') == NULL); /* one line */
	CHECK_EQ(result_read(strbuf_text(&first), first.len, &again, &err), 0);
	result_write(&again, &second);
	CHECK_STR(strbuf_text(&second), strbuf_text(&first));
	CHECK_EQ(again.cgroups[0].amounts[1].node, 1023);
	CHECK_EQ(again.cgroups[0].works[0].crossings, 5);
	CHECK_EQ(again.distance ? again.distance[0] : 0, 10);
	CHECK_STR(again.caches ? again.caches[0] : NULL, "0-3");
	CHECK_EQ(again.cgroups[0].n_points, 2);
	CHECK_EQ(again.cgroups[0].points[1].all.of[0].bytes, 8192);
	CHECK_EQ(again.cgroups[0].points[1].kinds[MPOL_PAGE_ANON].n, 0);
	CHECK_EQ(again.cgroups[0].points[1].kinds[MPOL_PAGE_HUGE].n, 1);
	CHECK_EQ(again.cgroups[0].points[1].kinds[MPOL_PAGE_HUGE].of[0].node, 3);
	CHECK_EQ(again.cgroups[0].points[1].kinds[MPOL_PAGE_HUGE].of[0].bytes, 4096);
	CHECK(again.cgroups[0].works[0].latency == 85.5);
	CHECK_EQ(again.cgroups[0].checks[1].value.known, false);
	CHECK(again.cgroups[0].checks[0].value.value == 1.0 / 3); /* to the last bit */
}

/* Every member of the object and of those in it stands in the manual; nodes are numbers. */
static void check_members(json_t *value, const char *page)
{
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member)
	{
		char marked[64];

		if (key[0] < '0' || key[0] > '9') {
			(void)snprintf(marked, sizeof(marked), "_%s_", key);
			check_row(0, key);
			CHECK(strstr(page, marked) != NULL);
		}
		check_members(member, page);
	}
	json_array_foreach(value, i, member) check_members(member, page);
}

TEST(every_member_stands_in_the_manual)
{
	_cleanup_(result_done) struct mpol_result r = full_result();
	_cleanup_close_ int root = open(check_source(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	_cleanup_free_ char *page = NULL;
	json_t *result;

	CHECK_EQ(file_read_at(root, FILE_MAX_SIZE, &page, NULL, "man/mpol-test.7.scd"), 0);
	result_write(&r, &text);
	result = json_loads(strbuf_text(&text), 0, NULL);
	CHECK(json_is_object(result));
	check_members(result, page ? page : "");
	json_decref(result);
}

TEST(what_was_not_observed_is_null)
{
	_cleanup_(result_done) struct mpol_result r = full_result();
	_cleanup_(strbuf_done) struct strbuf text = { 0 };

	r.cgroups[0].placed = false;
	result_write(&r, &text);
	CHECK_HAS(strbuf_text(&text), "\"bytes\":null");
	CHECK_HAS(strbuf_text(&text), "\"value\":null");
}

static const char *const unreadable[] = {
	"",
	"{",
	"null",
	"[]",
	"{}",
	"{\"verdict\":\"pass\"}",
	"{\"verdict\":\"maybe\",\"ended\":\"pass\",\"test\":\"x\"}",
	"{\"verdict\":\"pass\",\"ended\":\"pass\",\"test\":7}",
	"{\"test\":\"x\",\"test\":\"y\",\"verdict\":\"pass\",\"ended\":\"pass\"}",
};

TEST(a_line_that_is_no_result_is_refused)
{
	for (size_t i = 0; i < ELEMENTSOF(unreadable); i++) {
		struct mpol_result r = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, unreadable[i]);
		CHECK_EQ(result_read(unreadable[i], strlen(unreadable[i]), &r, &err), -EBADMSG);
		CHECK_STR(err.rule ? err.rule->id : "", "result-unreadable");
		CHECK(r.test == NULL);
	}
}

TEST(strange_members_do_not_harm)
{
	static const char text[] =
		"{\"test\":\"x\",\"verdict\":\"fail\",\"ended\":\"fail\",\"cgroups\":[7,{"
		"\"checks\":[{\"metric\":\"no-such\"},{}],"
		"\"bytes\":{\"abc\":-5},\"workers\":-1}],\"machine\":[],\"notes\":{},\"error\":[]}";
	_cleanup_(result_done) struct mpol_result r = { 0 };

	CHECK_EQ(result_read(text, sizeof(text) - 1, &r, NULL), 0);
	CHECK_EQ(r.n_cgroups, 2);
	CHECK_EQ(r.cgroups[1].n_checks, 0);
	CHECK_EQ(r.cgroups[1].workers, 0);
	CHECK(!r.has_error);
}

static const struct {
	const char *must_end;
	enum verdict ended;
	const char *rule; /* of its error; NULL: none */
	enum verdict verdict;
} ends[] = {
	{ NULL, VERDICT_PASS, NULL, VERDICT_PASS },
	{ NULL, VERDICT_FAIL, NULL, VERDICT_FAIL },
	{ "fail", VERDICT_FAIL, NULL, VERDICT_PASS },
	{ "fail", VERDICT_PASS, NULL, VERDICT_FAIL },
	{ "fail", VERDICT_BROKEN, "some-rule", VERDICT_BROKEN },
	{ "fail", VERDICT_SKIP, "need-missing", VERDICT_SKIP },
	{ "broken", VERDICT_BROKEN, "some-rule", VERDICT_PASS },
	{ "broken: some-rule", VERDICT_BROKEN, "some-rule", VERDICT_PASS },
	{ "broken: other-rule", VERDICT_BROKEN, "some-rule", VERDICT_FAIL },
	{ "broken:some-rule", VERDICT_BROKEN, "some-rule", VERDICT_PASS },
	{ "broken", VERDICT_PASS, NULL, VERDICT_FAIL },
	{ "brok", VERDICT_BROKEN, "some-rule", VERDICT_BROKEN },
};

TEST(a_test_that_must_end_badly_passes_only_then)
{
	for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
		_cleanup_(result_done) struct mpol_result r = {
			.ended = ends[i].ended,
			.must_end = ends[i].must_end ? strdup(ends[i].must_end) : NULL,
			.has_error = ends[i].rule != NULL,
		};

		check_row(i, ends[i].must_end);
		if (ends[i].rule)
			r.error.rule = strdup(ends[i].rule);
		result_decide(&r);
		CHECK_EQ(r.verdict, ends[i].verdict);
		/* A failure always says why. */
		CHECK(r.verdict == r.ended || r.verdict == VERDICT_PASS || r.has_error);
	}
}
