/* SPDX-License-Identifier: MIT */
/*
 * Every kind of work, under policies that put its pages where the CPU is not: that they are there shows that the policy
 * governs what the kind maps, and that what it maps is what is judged.
 */
#include <errno.h>
#include <string.h>

#include <mpol/test.h>

#define TWO_NODES { .nodes = 2, .llcs = 2, .cores = 1, .threads = 1 }
#define BYTES	  (UINT64_C(2) << 20)
#define FAR	  mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(1), .flags = MPOL_FLAG_STATIC_NODES)
#define ALL_FAR	  { [PAGE_LOCALITY] = AT_LEAST(1), [PAGES_OUTSIDE_NODES] = AT_MOST(0) }

MPOL_TEST(kinds_of_memory_work_keep_their_policy) = {
	.why = "streaming, chasing, random access, fault churn, growth: all their pages are on the far node they are bound to",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "near", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 1, .policy = FAR,
		  .works = { { .kind = MPOL_WORK_STREAM, .bytes = BYTES }, { .kind = MPOL_WORK_CHASE, .bytes = BYTES, .seed = 7 },
				      { .kind = MPOL_WORK_RANDOM, .bytes = BYTES, .seed = 7 },
				      { .kind = MPOL_WORK_FAULTS, .bytes = BYTES }, { .kind = MPOL_WORK_GROW, .bytes = BYTES } } },
	},
	.expect = ALL_FAR,
};

MPOL_TEST(shared_pages_and_file_pages_keep_the_policy_of_who_touches_them) = {
	.why = "a mapping of three workers, and a file that a worker writes and reads, lie where the policy of the workers says",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = {
		{ "shared", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 3, .policy = FAR,
		  .work = { .kind = MPOL_WORK_SHARED, .bytes = BYTES } },
		{ "file", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 1, .policy = FAR,
		  .work = { .kind = MPOL_WORK_FILE, .bytes = BYTES } },
	},
	.expect = ALL_FAR,
};

MPOL_TEST(huge_pages_are_asked_for_and_placed) = {
	.why = "with .huge the kernel may use transparent huge pages, and places them whole",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "huge", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 1, .policy = FAR,
		       .work = { .bytes = 4 * BYTES, .huge = true } } },
	.expect = ALL_FAR,
};

MPOL_TEST(hugetlb_without_a_reservation_is_broken) = {
	.why = "huge pages that nobody reserved cannot be mapped, and that is said",
	.machine = TWO_NODES,
	.cgroups = { { "huge", .workers = 1, .work = { .kind = MPOL_WORK_HUGETLB, .bytes = UINT64_C(1) << 40 } } },
	.must_end = "broken: worker-hugetlb",
};

/* The scheduler owes an idle worker nothing while others want its CPU: it has one of its own. */
MPOL_TEST(processes_that_compute_sleep_and_fork_are_counted) = {
	.why = "spinning, sleeping and forking workers work side by side, and none starves",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.seconds = 1,
	.cgroups = {
		{ "mixed", .cpuset = cpuset_node(0), .workers = 1,
		  .works = { { .kind = MPOL_WORK_SPIN, .workers = 2, .nice = 5 },
				      { .kind = MPOL_WORK_SLEEP, .busy = 0.002, .pause = 0.004, .affinity = affinity_one() },
				      { .kind = MPOL_WORK_FORK, .bytes = 65536, .affinity = affinity_random(1), .seed = 3 },
				      { .kind = MPOL_WORK_SPIN, .sched = MPOL_SCHED_BATCH } } },
		{ "idle", .cpuset = cpuset_node(1), .workers = 1, .work = { .kind = MPOL_WORK_SPIN, .sched = MPOL_SCHED_IDLE } },
	},
	.expect = { [STARVED_WORKERS] = AT_MOST(0) },
};

MPOL_TEST(a_command_works_under_the_policy) = {
	.why = "what a command has of its own lies on the node that it was bound to before it was executed",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "exec", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 2, .policy = FAR,
		       .work = { .kind = MPOL_WORK_EXEC, .command = mpol_command("sleep", "60") } } },
	.expect = ALL_FAR,
};

MPOL_TEST(a_command_that_fails_is_broken) = {
	.why = "a command's exit status is not lost",
	.cgroups = { { "exec", .workers = 1, .work = { .kind = MPOL_WORK_EXEC, .command = mpol_command("sleep", "no-time") } } },
	.must_end = "broken: worker-command",
};

MPOL_TEST(a_command_that_is_not_there_is_broken) = {
	.why = "a command that cannot be executed says why",
	.cgroups = { { "exec", .workers = 1, .work = { .kind = MPOL_WORK_EXEC, .command = mpol_command("/nowhere/at/all") } } },
	.must_end = "broken: worker-command",
};

static int fill(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_work_spec *spec = mpol_worker_spec(w);
	char *memory = mpol_worker_map(w, spec->bytes, err);

	if (!memory)
		return -err->errnum;
	memset(memory, 1, spec->bytes);
	mpol_worker_touched(w);
	while (mpol_worker_goes_on(w)) {
		memory[mpol_worker_random(w) % spec->bytes] += (char)mpol_worker_index(w);
		mpol_worker_did(w, 1);
	}
	return 0;
}

MPOL_TEST(a_function_of_ones_own_is_judged_as_well) = {
	.why = "memory that a test's own function maps is judged, like that of the kinds that are there",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "own", .cpuset = cpuset_node(0), .mems = MPOL_NODES(0, 1), .workers = 1, .policy = FAR,
		       .work = { .kind = MPOL_WORK_FUNCTION, .function = fill, .bytes = BYTES } } },
	.expect = ALL_FAR,
};

MPOL_TEST(groups_of_one_cgroup_have_policies_of_their_own) = {
	.why = "two groups in a cgroup, each bound to another node: halves",
	.machine = TWO_NODES,
	.needs = { .nodes = 2 },
	.cgroups = { { "both", .cpuset = cpuset_list("0-1"), .workers = 1,
		       .works = { { .bytes = BYTES, .policy = mpol_bind(0) }, { .bytes = BYTES, .policy = mpol_bind(1) } },
		       .shares = { [0] = 0.5F, [1] = 0.5F } } },
	.expect = { [SHARE_DEVIATION] = AT_MOST(0), [PAGE_LOCALITY] = AT_LEAST(1) },
};

MPOL_TEST(realtime_workers_run) = {
	.why = "fifo and rr are taken, where one may",
	.machine = TWO_NODES,
	.needs = { .root = true, .nodes = 2 },
	.cgroups = { { "rt", .workers = 1,
		       .works = { { .kind = MPOL_WORK_SLEEP, .sched = MPOL_SCHED_FIFO, .priority = 10 },
					   { .kind = MPOL_WORK_SLEEP, .sched = MPOL_SCHED_RR, .priority = 5 } } } },
};

MPOL_TEST(a_priority_without_a_realtime_policy_is_refused) = {
	.why = "what would silently mean nothing is refused",
	.cgroups = { { "rt", .workers = 1, .work = { .kind = MPOL_WORK_SPIN, .priority = 10 } } },
	.must_end = "broken: work-spec",
};

static int rest(struct mpol_worker *w, struct mpol_error *err)
{
	if (!mpol_worker_map(w, BYTES, err))
		return -err->errnum;
	mpol_worker_touched(w);
	do
		mpol_worker_did(w, 1);
	while (mpol_worker_rests(w, 1e6));
	return 0;
}

MPOL_TEST(a_function_that_rests_is_woken) = {
	.why = "a function that sleeps for days stands still, goes on and ends when it is told to",
	.cgroups = { { "own", .workers = 2, .work = { .kind = MPOL_WORK_FUNCTION, .function = rest } } },
	.then = { step_until_touched("own"), step_stop("own", 0), step_start("own", 0), step_stop("own", 0), step_start("own", 0) },
	.expect = { [SCHED_GAP] = AT_MOST(60) },
};
