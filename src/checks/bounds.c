/* SPDX-License-Identifier: MIT */
/* Merging layers of bounds, and judging a measurement against one; see bounds.h. */
#include "checks/bounds.h"

const char *const bound_layer_names[N_LAYERS] = {
	[LAYER_NONE] = "",     [LAYER_LIBRARY] = "library", [LAYER_SUITE] = "suite",
	[LAYER_TEST] = "test", [LAYER_CGROUP] = "cgroup",
};

const struct mpol_bound library_expect[MPOL_N_METRICS] = {
	[STARVED_WORKERS] = AT_MOST(0),
	[KILLED_WORKERS] = AT_MOST(0),
};

/*
 * Computed values carry rounding: 0.1 + 0.2 is not 0.3. A bound is missed only by more than this,
 * far below one page of the largest machine.
 */
#define ROUNDING 1e-9

void bounds_merge(struct bounds *into, const struct mpol_bound *over, enum bound_layer layer)
{
	if (!over)
		return;
	for (size_t m = 0; m < MPOL_N_METRICS; m++) {
		if (over[m].kind == MPOL_INHERIT)
			continue;
		into->bound[m] = over[m];
		into->layer[m] = layer;
	}
}

static bool holds(const struct mpol_bound *bound, double value)
{
	switch (bound->kind) {
	case MPOL_MINIMUM:
		return value >= bound->value - ROUNDING;
	case MPOL_MAXIMUM:
		return value <= bound->value + ROUNDING;
	case MPOL_INHERIT:
	case MPOL_DISABLED:
		break;
	}
	return true;
}

struct bound_verdict bound_judge(const struct mpol_bound *bound, const struct metric *metric,
				 const struct measures *m)
{
	struct bound_verdict v = { .value = metric->read(m) };

	v.checked = bound->kind == MPOL_MINIMUM || bound->kind == MPOL_MAXIMUM;
	v.holds = !v.checked || (v.value.known && holds(bound, v.value.value));
	return v;
}
