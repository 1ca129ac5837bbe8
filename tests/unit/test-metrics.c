/* SPDX-License-Identifier: MIT */
#include "base/macros.h"
#include "check.h"
#include "checks/metrics.h"

static const float halves[] = { 0.5F, 0.5F };

#define MIB (UINT64_C(1) << 20)
/* clang-format off */
static const struct {
	const char *name;
	enum mpol_metric_id metric;
	struct measures m;
	bool known;
	double value;
} rows[] = {
	{ "all pages where they belong", PAGE_LOCALITY,
	  { .placed = true, .judged = 8 * MIB, .local = 8 * MIB }, true, 1.0 },
	{ "a quarter elsewhere", PAGE_LOCALITY, { .placed = true, .judged = 8 * MIB, .local = 6 * MIB }, true, 0.75 },
	{ "no pages is unknown, never 1.0", PAGE_LOCALITY, { .placed = true }, false, 0 },
	{ "a placement that was not read is unknown", PAGE_LOCALITY, { .judged = MIB, .local = MIB }, false, 0 },
	{ "pages are counted in base pages", PAGES_OUTSIDE_NODES,
	  { .placed = true, .judged = 8 * MIB, .local = 7 * MIB, .page_size = 4096 }, true, 256 },
	{ "pages of 64 KiB", PAGES_OUTSIDE_NODES,
	  { .placed = true, .judged = 8 * MIB, .local = 7 * MIB, .page_size = 65536 }, true, 16 },
	{ "no pages, none outside: unknown", PAGES_OUTSIDE_NODES, { .placed = true, .page_size = 4096 }, false, 0 },
	{ "as declared", SHARE_DEVIATION,
	  { .placed = true, .judged = 4 * MIB, .on = { 2 * MIB, 2 * MIB }, .shares = halves, .n_shares = 2 }, true, 0 },
	{ "all on one node", SHARE_DEVIATION,
	  { .placed = true, .judged = 4 * MIB, .on = { 4 * MIB }, .shares = halves, .n_shares = 2 }, true, 0.5 },
	{ "all on a node that no share speaks of", SHARE_DEVIATION,
	  { .placed = true, .judged = 4 * MIB, .on = { [1023] = 4 * MIB }, .shares = halves, .n_shares = 2 }, true, 1 },
	{ "no shares declared", SHARE_DEVIATION, { .placed = true, .judged = 4 * MIB, .on = { 4 * MIB } }, false, 0 },
	{ "half on the memory-only node", SLOW_TIER,
	  { .placed = true, .judged = 4 * MIB, .on = { 2 * MIB, 0, 2 * MIB }, .tiers_known = true,
	    .slow = MPOL_NODES(2) }, true, 0.5 },
	{ "no memory-only node: nothing is on it", SLOW_TIER,
	  { .placed = true, .judged = 4 * MIB, .on = { 4 * MIB }, .tiers_known = true }, true, 0 },
	{ "an unknown machine", SLOW_TIER, { .placed = true, .judged = 4 * MIB, .on = { 4 * MIB } }, false, 0 },
	{ "two of eight starved", STARVED_WORKERS, { .n_workers = 8, .worked = true, .starved = 2 }, true, 2 },
	{ "counts that were not taken", STARVED_WORKERS, { .n_workers = 8 }, false, 0 },
	{ "one of eight killed", KILLED_WORKERS, { .n_workers = 8, .worked = true, .killed = 1 }, true, 1 },
	{ "deaths that nobody counted", KILLED_WORKERS, { .n_workers = 8, .killed = 1 }, false, 0 },
	{ "one page of four changed its node", MIGRATED_SHARE, { .followed = true, .stayed = 3, .moved = 1 }, true, 0.25 },
	{ "pages that nobody followed", MIGRATED_SHARE, { .stayed = 3 }, false, 0 },
	{ "followed, but none is there", MIGRATED_SHARE, { .followed = true }, false, 0 },
	{ "spread, measured", FAIRNESS_SPREAD, { .spread = { true, 0.5 } }, true, 0.5 },
	{ "spread, not measured", FAIRNESS_SPREAD, { .spread = { false, 0.5 } }, false, 0 },
	{ "gap, measured", SCHED_GAP, { .gap = { true, 0.5 } }, true, 0.5 },
	{ "gap, not measured", SCHED_GAP, { .gap = { false, 0.5 } }, false, 0 },
	{ "escapes, measured", CPUSET_ESCAPES, { .escapes = { true, 0.5 } }, true, 0.5 },
	{ "escapes, not measured", CPUSET_ESCAPES, { .escapes = { false, 0.5 } }, false, 0 },
	{ "rate, measured", WORK_RATE, { .rate = { true, 0.5 } }, true, 0.5 },
	{ "rate, not measured", WORK_RATE, { .rate = { false, 0.5 } }, false, 0 },
	{ "variation, measured", RATE_VARIATION, { .variation = { true, 0.5 } }, true, 0.5 },
	{ "variation, not measured", RATE_VARIATION, { .variation = { false, 0.5 } }, false, 0 },
	{ "latency, measured", LATENCY, { .latency = { true, 0.5 } }, true, 0.5 },
	{ "latency, not measured", LATENCY, { .latency = { false, 0.5 } }, false, 0 },
	{ "bandwidth, measured", BANDWIDTH, { .bandwidth = { true, 0.5 } }, true, 0.5 },
	{ "bandwidth, not measured", BANDWIDTH, { .bandwidth = { false, 0.5 } }, false, 0 },
};
/* clang-format on */

TEST(each_metric_reads_its_measures_or_says_that_it_does_not_know)
{
	bool seen[MPOL_N_METRICS] = { false };

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct metric_value v = metrics[rows[i].metric].read(&rows[i].m);

		check_row(i, rows[i].name);
		CHECK_EQ(v.known, rows[i].known);
		CHECK(!v.known || v.value == rows[i].value);
		seen[rows[i].metric] = true;
	}
	for (size_t id = 0; id < MPOL_N_METRICS; id++) {
		check_row(id, metrics[id].key);
		CHECK(seen[id]); /* a new metric needs a row here */
	}
}

TEST(metrics_are_found_by_key_and_alias_and_keys_are_unique)
{
	CHECK_EQ(metric_find("page-locality"), PAGE_LOCALITY);
	CHECK_EQ(metric_find("locality"), PAGE_LOCALITY);
	CHECK_EQ(metric_find("outside-pages"), PAGES_OUTSIDE_NODES);
	CHECK_EQ(metric_find(""), MPOL_N_METRICS);
	CHECK_EQ(metric_find("page locality"), MPOL_N_METRICS);
	for (size_t id = 0; id < MPOL_N_METRICS; id++) {
		check_row(id, metrics[id].symbol);
		CHECK_EQ(metric_find(metrics[id].key), id);
		CHECK(!metrics[id].alias || metric_find(metrics[id].alias) == id);
		CHECK(metrics[id].name && metrics[id].unit && metrics[id].symbol &&
		      metrics[id].read);
	}
}
