/* SPDX-License-Identifier: MIT */
/* What is measured: one row per metric, and how each is read from measures. "No data" is never a
 * number. */
#include <math.h>

#include "base/macros.h"
#include "checks/metrics.h"

static const struct metric_value unknown = { .known = false };

static struct metric_value known(double value)
{
	return (struct metric_value){ .known = true, .value = value };
}

static struct metric_value share_of_judged(const struct measures *m, uint64_t bytes)
{
	if (!m->placed || m->judged == 0)
		return unknown;
	return known((double)bytes / (double)m->judged);
}

static struct metric_value page_locality(const struct measures *m)
{
	return share_of_judged(m, m->local);
}

static struct metric_value pages_outside(const struct measures *m)
{
	if (!m->placed || m->judged == 0 || m->page_size == 0)
		return unknown;
	return known((double)((m->judged - m->local) / m->page_size));
}

static struct metric_value share_deviation(const struct measures *m)
{
	double largest = 0;

	if (!m->placed || m->judged == 0 || !m->shares)
		return unknown;
	for (size_t node = 0; node < MPOL_MAX_NODES; node++) {
		double expected = node < m->n_shares ? (double)m->shares[node] : 0;
		double share = (double)m->on[node] / (double)m->judged;

		largest = MAX(largest, fabs(share - expected));
	}
	return known(largest);
}

static struct metric_value slow_tier(const struct measures *m)
{
	uint64_t bytes = 0;

	if (!m->tiers_known)
		return unknown;
	for (int node = mpol_nodes_next(&m->slow, 0); node >= 0;
	     node = mpol_nodes_next(&m->slow, (unsigned)node + 1))
		bytes += m->on[node];
	return share_of_judged(m, bytes);
}

static struct metric_value starved_workers(const struct measures *m)
{
	return m->worked ? known((double)m->starved) : unknown;
}

static struct metric_value killed_workers(const struct measures *m)
{
	return m->worked ? known((double)m->killed) : unknown;
}

static struct metric_value migrated_share(const struct measures *m)
{
	if (!m->followed || m->stayed + m->moved == 0)
		return unknown;
	return known((double)m->moved / (double)(m->stayed + m->moved));
}

static struct metric_value of(const struct measured *m)
{
	return m->known ? known(m->value) : unknown;
}

static struct metric_value fairness_spread(const struct measures *m)
{
	return of(&m->spread);
}

static struct metric_value sched_gap(const struct measures *m)
{
	return of(&m->gap);
}

static struct metric_value cpuset_escapes(const struct measures *m)
{
	return of(&m->escapes);
}

static struct metric_value work_rate(const struct measures *m)
{
	return of(&m->rate);
}

static struct metric_value rate_variation(const struct measures *m)
{
	return of(&m->variation);
}

static struct metric_value latency(const struct measures *m)
{
	return of(&m->latency);
}

static struct metric_value bandwidth(const struct measures *m)
{
	return of(&m->bandwidth);
}

/* clang-format off */
const struct metric metrics[MPOL_N_METRICS] = {
	[PAGE_LOCALITY] = {
		"page-locality", "locality", "page locality", "share", "PAGE_LOCALITY", METRIC_HIGHER, page_locality },
	[PAGES_OUTSIDE_NODES] = {
		"outside-pages", NULL, "pages outside the expected nodes", "pages", "PAGES_OUTSIDE_NODES", METRIC_LOWER,
		pages_outside },
	[SHARE_DEVIATION] = {
		"share-deviation", NULL, "deviation from the expected shares", "share", "SHARE_DEVIATION", METRIC_LOWER,
		share_deviation },
	[SLOW_TIER] = {
		"slow-tier", NULL, "share on memory-only nodes", "share", "SLOW_TIER", METRIC_LOWER, slow_tier },
	[STARVED_WORKERS] = {
		"starved-workers", NULL, "workers that never completed an iteration", "workers", "STARVED_WORKERS",
		METRIC_LOWER, starved_workers },
	[KILLED_WORKERS] = {
		"killed-workers", NULL, "workers that the OOM killer ended", "workers", "KILLED_WORKERS", METRIC_LOWER,
		killed_workers },
	[MIGRATED_SHARE] = {
		"migrated-share", NULL, "pages that changed their node", "share", "MIGRATED_SHARE", METRIC_LOWER,
		migrated_share },
	[FAIRNESS_SPREAD] = {
		"fairness-spread", NULL, "spread of CPU shares", "share", "FAIRNESS_SPREAD", METRIC_LOWER, fairness_spread },
	[SCHED_GAP] = {
		"sched-gap", NULL, "longest scheduling gap", "seconds", "SCHED_GAP", METRIC_LOWER, sched_gap },
	[CPUSET_ESCAPES] = {
		"cpuset-escapes", NULL, "times outside the cpuset", "times", "CPUSET_ESCAPES", METRIC_LOWER, cpuset_escapes },
	[WORK_RATE] = {
		"work-rate", NULL, "rate of the slowest worker", "units/s", "WORK_RATE", METRIC_HIGHER, work_rate },
	[RATE_VARIATION] = {
		"rate-variation", NULL, "variation of the rate over time", "share", "RATE_VARIATION", METRIC_LOWER,
		rate_variation },
	[LATENCY] = { "latency", NULL, "latency of a load", "ns", "LATENCY", METRIC_LOWER, latency },
	[BANDWIDTH] = { "bandwidth", NULL, "bandwidth of a worker", "bytes/s", "BANDWIDTH", METRIC_HIGHER, bandwidth },
};
/* clang-format on */

enum mpol_metric_id metric_find(const char *key)
{
	for (int id = 0; id < MPOL_N_METRICS; id++)
		if (STREQ(metrics[id].key, key) ||
		    (metrics[id].alias && STREQ(metrics[id].alias, key)))
			return (enum mpol_metric_id)id;
	return MPOL_N_METRICS;
}
