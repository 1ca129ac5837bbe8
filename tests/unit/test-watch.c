/* SPDX-License-Identifier: MIT */
/* How much a rate varies, over made-up moments; and which moments are kept. */
#include <stdlib.h>

#include "base/macros.h"
#include "check.h"
#include "harness/stage.h"

/* clang-format off */
static const struct {
	const char *name;
	size_t n; /* points; the last one is the end, which is no interval */
	double seconds[WATCH_POINTS];
	uint64_t units[WATCH_POINTS];
	bool known;
	double value;
} rows[] = {
	{ "even", 5, { 0, 1, 2, 3, 4 }, { 0, 10, 20, 30, 99 }, true, 0 },
	{ "even, in uneven intervals", 5, { 0, 1, 3, 4, 5 }, { 0, 10, 30, 40, 99 }, true, 0 },
	{ "all in one of four", 6, { 0, 1, 2, 3, 4, 5 }, { 0, 0, 8, 8, 8, 8 }, true, 1.7320508075688772 },
	{ "1, 2, 3", 5, { 0, 1, 2, 3, 4 }, { 0, 1, 3, 6, 7 }, true, 0.40824829046386302 },
	{ "too few", 4, { 0, 1, 2, 3 }, { 0, 10, 20, 30 }, false, 0 },
	{ "nothing done", 5, { 0, 1, 2, 3, 4 }, { 5, 5, 5, 5, 5 }, false, 0 },
	{ "no moments", 0, { 0 }, { 0 }, false, 0 },
};
/* clang-format on */

TEST(a_rate_varies_by_its_deviation_over_its_mean)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct watch w = { .n_points = rows[i].n };
		uint64_t units[WATCH_POINTS][2];
		double value = -1;

		check_row(i, rows[i].name);
		for (size_t p = 0; p < rows[i].n; p++) {
			units[p][0] = 7;
			units[p][1] = rows[i].units[p];
			w.points[p] = (struct watch_point){ .seconds = rows[i].seconds[p],
							    .units = units[p] };
		}
		CHECK_EQ(watch_variation(&w, 1, &value), rows[i].known);
		CHECK(!rows[i].known ||
		      (value > rows[i].value - 1e-6 && value < rows[i].value + 1e-6));
		CHECK(!watch_variation(&w, 0, &value)); /* of another group, which does nothing */
	}
}

/* What steps do to the rate is no variation of the work. */
TEST(moments_while_steps_ran_do_not_vary_the_rate)
{
	static const uint64_t done[] = { 0, 500, 500, 510, 520, 530, 540 };
	struct watch w = { .n_points = ELEMENTSOF(done), .n_steps = 2 };
	uint64_t units[ELEMENTSOF(done)];
	double value = -1;

	for (size_t i = 0; i < ELEMENTSOF(done); i++) {
		units[i] = done[i];
		w.points[i] = (struct watch_point){ .seconds = (double)i, .units = &units[i] };
	}
	CHECK(watch_variation(&w, 0, &value));
	CHECK(value < 1e-6);
}

/* However long steps take, there is room for the next moment. */
TEST(of_too_many_moments_every_second_is_kept)
{
	struct watch w = { .interval = 1 };

	for (size_t i = 0; i < WATCH_STEP_POINTS; i++)
		w.points[w.n_points++] = (struct watch_point){ .seconds = (double)i,
							       .bytes = calloc(1, 8),
							       .units = calloc(1, 8) };
	watch_thin(&w);
	CHECK_EQ(w.n_points, WATCH_STEP_POINTS / 2);
	CHECK_EQ(w.interval, 2);
	for (size_t i = 0; i < w.n_points; i++) {
		check_row(i, "kept");
		CHECK_EQ(w.points[i].seconds, 2 * i);
		CHECK(w.points[i].bytes && w.points[i].units);
	}
	for (size_t i = w.n_points; i < WATCH_STEP_POINTS; i++)
		CHECK(!w.points[i].bytes && !w.points[i].units);
	watch_done(&w, 0);
}
