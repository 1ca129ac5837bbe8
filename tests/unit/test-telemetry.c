/* SPDX-License-Identifier: MIT */
/* Which of the workers' reports wake their parent. */
#include "base/macros.h"
#include "check.h"
#include "work/telemetry.h"

static const struct {
	const char *name;
	enum worker_state states[3]; /* that three workers report, one after the other */
	uint32_t due;
	size_t n;
	uint32_t announced[3];
} rows[] = {
	{ "only the last one is waited for",
	  { WORKER_READY, WORKER_READY, WORKER_READY },
	  3,
	  1,
	  { 2 } },
	{ "the second is enough", { WORKER_READY, WORKER_PARKED, WORKER_RUNNING }, 2, 1, { 1 } },
	{ "nobody waits", { WORKER_READY, WORKER_READY, WORKER_READY }, 7, 0, { 0 } },
	{ "who refuses is always heard",
	  { WORKER_REFUSED, WORKER_READY, WORKER_READY },
	  3,
	  2,
	  { 0, 2 } },
	{ "who is stuck, too", { WORKER_READY, WORKER_STUCK, WORKER_READY }, 7, 1, { 1 } },
};

static void check_announced(const struct telemetry *t, size_t row)
{
	uint32_t workers[4] = { 0 };
	size_t n;

	CHECK(telemetry_expect(t, rows[row].due));
	for (size_t i = 0; i < 3; i++)
		telemetry_report(t, &t->slots[i], rows[row].states[i]);
	CHECK_EQ(telemetry_reports(t), 3);
	n = telemetry_next(t, workers, ELEMENTSOF(workers));
	CHECK_EQ(n, rows[row].n);
	for (size_t i = 0; i < n && i < rows[row].n; i++)
		CHECK_EQ(workers[i], rows[row].announced[i]);
}

TEST(of_all_reports_only_the_awaited_one_is_announced)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct telemetry t = TELEMETRY_NONE;

		check_row(i, rows[i].name);
		if (CHECK_EQ(telemetry_init(&t, 3, NULL), 0))
			check_announced(&t, i);
		telemetry_done(&t);
	}
}

/* Else the parent would sleep until somebody else reports. */
TEST(a_report_that_came_before_it_was_expected_is_not_waited_for)
{
	struct telemetry t = TELEMETRY_NONE;

	if (!CHECK_EQ(telemetry_init(&t, 2, NULL), 0))
		return;
	telemetry_report(&t, &t.slots[0], WORKER_READY);
	CHECK(!telemetry_expect(&t, 1));
	CHECK(telemetry_expect(&t, 2));
	telemetry_report(&t, &t.slots[1], WORKER_READY);
	CHECK(!telemetry_expect(&t, 2));
	telemetry_done(&t);
}

/* Before the fork nobody sleeps: the worker finds its command, and does not stop for it. */
TEST(a_command_set_before_the_worker_is_there_is_seen_at_once)
{
	struct telemetry t = TELEMETRY_NONE;

	if (!CHECK_EQ(telemetry_init(&t, 1, NULL), 0))
		return;
	telemetry_set_command(&t.slots[0], WORKER_PREPARE);
	CHECK_EQ(telemetry_meant(telemetry_await(&t.slots[0], WORKER_WAIT)), WORKER_PREPARE);
	telemetry_done(&t);
}
