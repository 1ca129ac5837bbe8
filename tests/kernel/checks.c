/* SPDX-License-Identifier: MIT */
/* Each check over time and CPUs in a test in which it fails, and all of them in tests in which they hold. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <mpol/test.h>

#define BYTES (UINT64_C(1) << 20)
#define SPIN  { .kind = MPOL_WORK_SPIN }
#define OWN(f) { .kind = MPOL_WORK_FUNCTION, .function = (f) }

static void spin_a_little(void)
{
	for (volatile int i = 0; i < 10000; i++)
		;
}

static void sleep_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

MPOL_TEST(generous_bounds_hold) = {
	.why = "what is measured is known, and of the right order",
	.cgroups = {
		{ "stream", .workers = 1, .work = { .kind = MPOL_WORK_STREAM, .bytes = BYTES },
		  .expect = { [BANDWIDTH] = AT_LEAST(1e5), [WORK_RATE] = AT_LEAST(1e5) } },
		{ "chase", .workers = 1, .work = { .kind = MPOL_WORK_CHASE, .bytes = BYTES },
		  .expect = { [LATENCY] = AT_MOST(1e6), [MIGRATED_SHARE] = AT_MOST(1) } },
	},
	.seconds = 0.5,
	.expect = { [FAIRNESS_SPREAD] = AT_MOST(1), [SCHED_GAP] = AT_MOST(30), [RATE_VARIATION] = AT_MOST(10) },
};

/* The second worker is as nice as one can be. */
static int second_is_nice(struct mpol_worker *w, struct mpol_error *err)
{
	(void)err;
	(void)setpriority(PRIO_PROCESS, 0, mpol_worker_index(w) ? 19 : 0);
	mpol_worker_touched(w);
	while (mpol_worker_goes_on(w)) {
		spin_a_little();
		mpol_worker_did(w, 1);
	}
	return 0;
}

MPOL_TEST(unfair_shares_fail) = {
	.why = "two workers on one CPU, one of them nice, get different shares of it",
	.cgroups = { { "pair", .workers = 2,
		       .works = { { .kind = MPOL_WORK_FUNCTION, .function = second_is_nice,
				    .affinity = { MPOL_AFFINITY_LIST, .list = "0" } } } } },
	.seconds = 1,
	/* Shares are of the time that passes: where the host has little of it for the machine, both are small. */
	.expect = { [FAIRNESS_SPREAD] = AT_MOST(0.05), [STARVED_WORKERS] = UNCHECKED },
	.must_end = "fail",
};

static int look_rarely(struct mpol_worker *w, struct mpol_error *err)
{
	(void)err;
	mpol_worker_touched(w);
	while (mpol_worker_goes_on(w)) {
		sleep_ms(100);
		mpol_worker_did(w, 1);
	}
	return 0;
}

MPOL_TEST(a_long_gap_fails) = {
	.why = "a worker that does not look up for a tenth of a second has a gap",
	.cgroups = { { "gap", .workers = 1, .work = OWN(look_rarely) } },
	.seconds = 0.4,
	.expect = { [SCHED_GAP] = AT_MOST(0.09) },
	.must_end = "fail",
};

static int work_now_and_then(struct mpol_worker *w, struct mpol_error *err)
{
	(void)err;
	mpol_worker_touched(w);
	for (unsigned i = 0; mpol_worker_goes_on(w); i++) {
		sleep_ms(5);
		mpol_worker_did(w, i % 40 ? 0 : 1000);
	}
	return 0;
}

MPOL_TEST(a_rate_that_varies_fails) = {
	.why = "who does all work in a few moments has a rate that varies",
	.cgroups = { { "bursts", .workers = 1, .work = OWN(work_now_and_then) } },
	.seconds = 0.7,
	.expect = { [RATE_VARIATION] = AT_MOST(0.3) },
	.must_end = "fail",
};

MPOL_TEST(a_rate_that_is_too_low_fails) = {
	.why = "nobody does a quadrillion rounds a second",
	.cgroups = { { "slow", .workers = 1, .work = SPIN } },
	.expect = { [WORK_RATE] = AT_LEAST(1e15) },
	.must_end = "fail",
};

MPOL_TEST(a_latency_that_is_too_long_fails) = {
	.why = "no load takes a picosecond",
	.cgroups = { { "chase", .workers = 1, .work = { .kind = MPOL_WORK_CHASE, .bytes = BYTES } } },
	.expect = { [LATENCY] = AT_MOST(0.001) },
	.must_end = "fail",
};

MPOL_TEST(a_bandwidth_that_is_too_low_fails) = {
	.why = "nobody streams an exabyte a second",
	.cgroups = { { "stream", .workers = 1, .work = { .kind = MPOL_WORK_STREAM, .bytes = BYTES } } },
	.expect = { [BANDWIDTH] = AT_LEAST(1e18) },
	.must_end = "fail",
};

MPOL_TEST(a_latency_that_nobody_measures_fails) = {
	.why = "spinning workers have no latency of loads: that is unknown, which no bound takes",
	.cgroups = { { "spin", .workers = 1, .work = SPIN } },
	.expect = { [LATENCY] = AT_MOST(1e9) },
	.must_end = "fail",
};

/* Root's way out: to the top of the hierarchy, and onto a CPU of the other node. */
static int escape(struct mpol_worker *w, struct mpol_error *err)
{
	static const struct mpol_rule no_way_out = { .id = "no-way-out", .errnum = EPERM, .why = "This one is to escape." };
	int fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY | O_CLOEXEC);
	cpu_set_t other;

	if (fd < 0 || write(fd, "0", 1) != 1)
		return mpol_fail_errno(err, &no_way_out, errno, "", "leaving the cgroup: %s", strerror(errno));
	(void)close(fd);
	CPU_ZERO(&other);
	CPU_SET(1, &other);
	if (sched_setaffinity(0, sizeof(other), &other) < 0)
		return mpol_fail_errno(err, &no_way_out, errno, "", "going to CPU 1: %s", strerror(errno));
	mpol_worker_touched(w);
	while (mpol_worker_goes_on(w)) {
		spin_a_little();
		mpol_worker_did(w, 1);
	}
	return 0;
}

#define CONFINED(work_, end)                                                                     \
	.machine = { .nodes = 2 }, .needs = { .nodes = 2, .cgroup_v2 = true, .root = true },      \
	.cgroups = { { "cell", .cpuset = cpuset_node(0), .workers = 1, .work = work_ } },         \
	.expect = { [CPUSET_ESCAPES] = AT_MOST(0) }, .must_end = (end)

MPOL_TEST(a_cpuset_that_is_left_fails) = {
	.why = "a worker that left its cgroup for a CPU outside its cpuset is seen there",
	CONFINED(OWN(escape), "fail"),
};

MPOL_TEST(a_cpuset_that_confines_holds) = {
	.why = "a worker that stays is never seen outside",
	CONFINED(SPIN, NULL),
};

static int swap_mems(struct mpol_run *run, struct mpol_error *err)
{
	int r = mpol_run_until_touched(run, "all", err);

	return r < 0 ? r : mpol_run_set_mems(run, "all", (struct mpol_nodeset)MPOL_NODES(1), err);
}

#define MIGRATED(bound, end)                                                                                        \
	.machine = { .nodes = 2 }, .needs = { .nodes = 2, .cpuset_migrates = true },                                       \
	.cgroups = { { "all", .cpuset = cpuset_list("0-1"), .mems = MPOL_NODES(0), .workers = 1,                     \
		       .work = { .bytes = 4 * BYTES } } },                                                           \
	.steps = swap_mems, .expect = { [MIGRATED_SHARE] = bound }, .must_end = (end)

MPOL_TEST(pages_that_changed_their_node_fail) = {
	.why = "pages that followed the mems of their cpuset are on another node than when they were touched",
	MIGRATED(AT_MOST(0.99), "fail"),
};

MPOL_TEST(pages_that_all_changed_their_node_are_all_counted) = {
	.why = "all of them, page by page",
	MIGRATED(AT_LEAST(1), NULL),
};
