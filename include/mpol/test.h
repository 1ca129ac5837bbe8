/* SPDX-License-Identifier: MIT */
/*
 * Tests as data: a test is a const struct that says what machine it needs, which workers run in which cgroups under
 * which policy, and where their pages must be. The same object is listed, checked before it runs, run here or in a
 * virtual machine, and run with another policy to prove that it can fail.
 *
 *     MPOL_TEST(numa_locality) = {
 *             .machine = { .nodes = 2, .llcs = 4, .cores = 4, .threads = 1 },
 *             .needs = { .nodes = 2 },
 *             .cgroups = { { "node0", .cpuset = cpuset_node(0), .workers = 4, .policy = mpol_bind(0) } },
 *             .expect = { [PAGE_LOCALITY] = AT_LEAST(0.8) },
 *     };
 *
 * An executable of tests links libmpol-test, which brings main(): `./tests list`, `./tests run [NAME…]`.
 * Not ABI: tests are rebuilt. C only.
 */
#ifndef MPOL_TEST_H
#define MPOL_TEST_H

#include <mpol/mpol.h>
#include <mpol/work.h>

#define MPOL_MAX_CGROUPS 64
#define MPOL_MAX_SHARES  64 /* nodes that a literal can speak of, as in MPOL_NODES() */
#define MPOL_MAX_STEPS   32

/* --- Checks: an array indexed by metric; a zero bound inherits from the layer below. --- */

/* What is measured of a cgroup's workers; definitions in mpol-test(7). */
enum mpol_metric_id {
	PAGE_LOCALITY,       /* share of the judged bytes on the expected nodes, 0 to 1 */
	PAGES_OUTSIDE_NODES, /* judged pages (of the base page size) outside the expected nodes, a count */
	SHARE_DEVIATION,     /* largest difference between a node's share of the judged bytes and .shares, 0 to 1 */
	SLOW_TIER,           /* share of the judged bytes on the machine's memory-only nodes, 0 to 1 */
	STARVED_WORKERS,     /* workers, of those that live, that never completed an iteration, a count */
	KILLED_WORKERS,      /* workers that the OOM killer ended, a count */
	MIGRATED_SHARE,      /* share of the pages that were on another node at the end than when first touched, 0 to 1 */
	FAIRNESS_SPREAD,     /* largest less smallest share of a CPU that workers of one group got, 0 to 1 */
	SCHED_GAP,           /* longest time between two looks of a worker, seconds */
	CPUSET_ESCAPES,      /* times that a worker saw itself on a CPU outside its cpuset, a count */
	WORK_RATE,           /* of the slowest worker, units per second */
	RATE_VARIATION,      /* of a group over time: deviation of its rate by its mean */
	LATENCY,             /* of a load, average of the slowest chasing worker, nanoseconds */
	BANDWIDTH,           /* of the slowest streaming worker, bytes per second */
	MPOL_N_METRICS
};

enum mpol_bound_kind { MPOL_INHERIT, MPOL_DISABLED, MPOL_MINIMUM, MPOL_MAXIMUM };

struct mpol_bound {
	enum mpol_bound_kind kind;
	double value;
};
#define AT_LEAST(v) { MPOL_MINIMUM, (v) }
#define AT_MOST(v)  { MPOL_MAXIMUM, (v) }
#define UNCHECKED   { MPOL_DISABLED, 0 } /* switches an inherited check off */

/* --- The machine a test gets, and what it needs. --- */

#define MPOL_SHAPE_TEXT 512

/*
 * A virtual machine. `2n4l4c1t`: 2 nodes, 4 last-level caches in all, 4 cores per LLC, 1 thread per core.
 * Zeros: nodes = 1, llcs = nodes, cores = threads = 1. The texts refine it per node; "" or NULL: defaults.
 */
struct mpol_shape {
	unsigned nodes, llcs, cores, threads;
	const char *cpus;     /* CPUs per node, "2:2:0"; 0 CPUs: a memory-only node. Replaces llcs, cores, threads */
	const char *memory;   /* memory per node, "256M:256M:128M"; the last one repeats */
	const char *hotplug;  /* memory per node that is plugged in beside it, movable, "0:0:128M"; in blocks of 128M */
	const char *distance; /* SLIT rows, "10/20/30:20/10/25:30/25/10" */
	/* HMAT, both or neither: a row for each node with CPUs, a column for each node. */
	const char *latency;   /* ns, "100/200/300:200/100/400" */
	const char *bandwidth; /* bytes per second, "20G/10G/5G:10G/20G/4G" */
};

/*
 * What a machine must have for the test to make sense: where this one lacks it, the test runs in a virtual machine;
 * where that lacks it as well, the test is skipped, naming the need.
 */
struct mpol_needs {
	unsigned nodes;           /* with memory, at least */
	unsigned cpus;            /* online, at least */
	bool weighted_interleave; /* the kernel takes MPOL_WEIGHTED_INTERLEAVE, and its weights can be set */
	bool preferred_many;      /* the kernel takes MPOL_PREFERRED_MANY */
	bool cgroup_v2;           /* the cpuset controller is on the v2 hierarchy */
	bool cgroup_v1;
	bool cpuset_migrates;     /* a change of a cpuset's mems moves the pages: cgroup v2 since Linux 5.15 */
	bool memory_only_node;    /* a node with memory and without CPUs */
	bool root;                /* a cgroup with a cpuset implies it, but for delegated v2 groups */
};

/* --- Cgroups and their workers. --- */

/* The CPUs of a cgroup; zero: no cpuset of its own. */
struct mpol_cpuset_spec {
	enum { CPUSET_NONE, CPUSET_NODE, CPUSET_LLC, CPUSET_LIST } kind;
	unsigned index;
	const char *list;
};
#define cpuset_node(n)    (struct mpol_cpuset_spec){ .kind = CPUSET_NODE, .index = (n) }   /* CPUs of node n; mems stay */
#define cpuset_llc(n)     (struct mpol_cpuset_spec){ .kind = CPUSET_LLC, .index = (n) }    /* of the n-th LLC, from 0 */
#define cpuset_list(text) (struct mpol_cpuset_spec){ .kind = CPUSET_LIST, .list = (text) } /* "0-3" */

struct mpol_cgroup_def {
	const char *name;
	struct mpol_cpuset_spec cpuset;
	struct mpol_nodeset mems; /* cpuset.mems; zero: all */
	unsigned workers;
	struct mpol_work_spec work;
	/* Several groups instead of one; ends at the first that says nothing. Their workers and policies default to the cgroup's. */
	struct mpol_work_spec works[MPOL_MAX_WORKS];
	struct mpol_policy policy;  /* zero is DEFAULT: the worker inherits, no system call is made */
	struct mpol_nodeset judge;  /* expected nodes; zero: the policy's; default and local: those of the CPUs it may use */
	/* Expected share of the judged bytes by node, [0] = 0.75, [1] = 0.25; all zero: none. For SHARE_DEVIATION. */
	float shares[MPOL_MAX_SHARES];
	struct mpol_bound expect[MPOL_N_METRICS]; /* for this cgroup only */
};

/* --- Tests. --- */

struct mpol_run; /* a test that is running; for steps */
typedef int (*mpol_step_function)(struct mpol_run *run, struct mpol_error *err);

/* What happens while workers run; definitions in mpol-test(7). */
enum mpol_step_kind {
	MPOL_STEP_NONE, /* the list of steps has ended */
	MPOL_STEP_CALL,
	MPOL_STEP_UNTIL_TOUCHED,
	MPOL_STEP_UNTIL_ROUNDS,
	MPOL_STEP_UNTIL_ON,
	MPOL_STEP_WAIT,
	MPOL_STEP_SET_CPUSET,
	MPOL_STEP_CLEAR_CPUSET,
	MPOL_STEP_SWAP_CPUSETS,
	MPOL_STEP_SET_MEMS,
	MPOL_STEP_CLEAR_MEMS,
	MPOL_STEP_SWAP_MEMS,
	MPOL_STEP_SET_WEIGHTS,
	MPOL_STEP_MOVE,
	MPOL_STEP_SET_POLICY,
	MPOL_STEP_STOP,
	MPOL_STEP_START,
	MPOL_STEP_OFFLINE_CPUS,
	MPOL_STEP_ONLINE_CPUS,
	MPOL_STEP_OFFLINE_MEMORY,
	MPOL_STEP_ONLINE_MEMORY,
	MPOL_STEP_FILL_NODE,
	MPOL_STEP_RELEASE_NODE,
	MPOL_N_STEP_KINDS
};

/* A step: its kind, and those of the members that the kind takes. */
struct mpol_step {
	enum mpol_step_kind kind;
	const char *cgroup; /* whose; NULL or "all": of all cgroups */
	unsigned group;	    /* of its .works, from 1; 0: all of them */
	const char *other;  /* the cgroup to swap with, or to move to */
	struct mpol_cpuset_spec cpuset;
	struct mpol_nodeset mems;
	struct mpol_policy policy; /* zero is DEFAULT: the system's */
	const char *cpus;	   /* "2-3" */
	unsigned node;
	uint64_t bytes; /* that are left on the node; 0: as few as possible */
	double seconds;
	unsigned rounds;		  /* iterations of each worker */
	uint8_t weights[MPOL_MAX_SHARES]; /* by node, 1 to 255; 0: as it is */
	mpol_step_function call;
};
/* Initialisers, for .then; elsewhere write (struct mpol_step)step_wait(1). */
#define step_(kind_, ...)	     { .kind = MPOL_STEP_##kind_, __VA_ARGS__ }
#define step_call(function)	     step_(CALL, .call = (function))
#define step_until_touched(name)     step_(UNTIL_TOUCHED, .cgroup = (name))
#define step_until_rounds(name, n)   step_(UNTIL_ROUNDS, .cgroup = (name), .rounds = (n))
#define step_until_on(name, ...)	     step_(UNTIL_ON, .cgroup = (name), .mems = MPOL_NODES(__VA_ARGS__))
#define step_wait(s)		     step_(WAIT, .seconds = (s))
#define step_set_cpuset(name, ...)   step_(SET_CPUSET, .cgroup = (name), .cpuset = __VA_ARGS__) /* cpuset_node(1) */
#define step_clear_cpuset(name)	     step_(CLEAR_CPUSET, .cgroup = (name))
#define step_swap_cpusets(name, two) step_(SWAP_CPUSETS, .cgroup = (name), .other = (two))
#define step_set_mems(name, ...)     step_(SET_MEMS, .cgroup = (name), .mems = MPOL_NODES(__VA_ARGS__))
#define step_clear_mems(name)	     step_(CLEAR_MEMS, .cgroup = (name))
#define step_swap_mems(name, two)    step_(SWAP_MEMS, .cgroup = (name), .other = (two))
#define step_move(name, to)	     step_(MOVE, .cgroup = (name), .other = (to))
#define step_set_policy(name, ...)   step_(SET_POLICY, .cgroup = (name), .policy = __VA_ARGS__) /* mpol_bind(1) */
#define step_stop(name, n)	     step_(STOP, .cgroup = (name), .group = (n))
#define step_start(name, n)	     step_(START, .cgroup = (name), .group = (n))
#define step_offline_cpus(list)	     step_(OFFLINE_CPUS, .cpus = (list)) /* "2-3" */
#define step_online_cpus(list)	     step_(ONLINE_CPUS, .cpus = (list))
#define step_offline_memory(n)	     step_(OFFLINE_MEMORY, .node = (n))
#define step_online_memory(n)	     step_(ONLINE_MEMORY, .node = (n))
#define step_fill_node(n, left)	     step_(FILL_NODE, .node = (n), .bytes = (left))
#define step_release_node(n)	     step_(RELEASE_NODE, .node = (n))
#define step_set_weights(...)	     step_(SET_WEIGHTS, .weights = { __VA_ARGS__ }) /* [0] = 3, [1] = 1 */

struct mpol_test {
	const char *why; /* the sentence it proves */
	struct mpol_shape machine;
	struct mpol_needs needs;
	double seconds; /* how long the workers work after all have touched their memory; 0: 0.2 */
	/* Weights of weighted interleaving by node, 1 to 255; 0: as they are. Put back afterwards. */
	uint8_t weights[MPOL_MAX_SHARES];
	/* Huge pages of 2 MiB that are reserved on each node. Put back afterwards. */
	unsigned hugepages[MPOL_MAX_SHARES];
	bool numa_balancing; /* the kernel's is switched on (kernel.numa_balancing=1). Put back afterwards */
	struct mpol_cgroup_def cgroups[MPOL_MAX_CGROUPS]; /* ends at the first without a name */
	struct mpol_bound expect[MPOL_N_METRICS];
	mpol_step_function steps;	       /* after the workers' start; NULL: none */
	struct mpol_step then[MPOL_MAX_STEPS]; /* after that, one after the other; ends at the first of no kind */
	/* For tests of tests: it passes when it ends so, and fails otherwise; "" or NULL: when it passes. */
	const char *must_end; /* "fail", "broken", "broken: RULE-ID" */
};

struct mpol_test_entry {
	const char *name, *file;
	int line;
	const struct mpol_test *test;
};

/* Declares a test; the initialiser follows: MPOL_TEST(name) = { … }; */
#define MPOL_TEST(id)                                                                       \
	static const struct mpol_test id;                                                   \
	static const struct mpol_test_entry id##_entry_ = { #id, __FILE__, __LINE__, &id }; \
	__attribute__((section("mpol_tests"), used, retain))                                \
	static const struct mpol_test_entry *const id##_ref_ = &id##_entry_;                \
	static const struct mpol_test id

/* Bounds for every test of the executable: MPOL_SUITE_EXPECT = { [PAGE_LOCALITY] = AT_LEAST(0.9) }; at most one. */
#define MPOL_SUITE_EXPECT const struct mpol_bound mpol_suite_expect[MPOL_N_METRICS]
extern const struct mpol_bound mpol_suite_expect[MPOL_N_METRICS];

/* --- In steps. Each returns 0 or a negative errno with err described; a step that fails makes the test broken. --- */

/* Any of them, as data. */
int mpol_run_step(struct mpol_run *run, const struct mpol_step *step, struct mpol_error *err);

/* Waits until every worker of the cgroup ("all": of every cgroup) has touched its memory once. */
int mpol_run_until_touched(struct mpol_run *run, const char *cgroup, struct mpol_error *err);
/* Waits until every worker of the cgroup has completed so many iterations more, the one it is in not counted. */
int mpol_run_until_rounds(struct mpol_run *run, const char *cgroup, unsigned rounds, struct mpol_error *err);
/* Waits until all pages of the workers that are judged are on these nodes: for kernels and daemons that move them. */
int mpol_run_until_on(struct mpol_run *run, const char *cgroup, struct mpol_nodeset nodes, struct mpol_error *err);
/* Lets the workers work for so long; that one dies is noticed at once. */
int mpol_run_wait(struct mpol_run *run, double seconds, struct mpol_error *err);

/* Rewrites cpuset.cpus of a running cgroup ("all": of every cgroup). */
int mpol_run_set_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_cpuset_spec cpuset, struct mpol_error *err);
/* All CPUs that a cgroup of this test can have. */
int mpol_run_clear_cpuset(struct mpol_run *run, const char *cgroup, struct mpol_error *err);
/* Each gets the CPUs that the other has. */
int mpol_run_swap_cpusets(struct mpol_run *run, const char *one, const char *two, struct mpol_error *err);

/* The same for cpuset.mems. Whether pages follow is the kernel's: with v2 since Linux 5.15. */
int mpol_run_set_mems(struct mpol_run *run, const char *cgroup, struct mpol_nodeset mems, struct mpol_error *err);
int mpol_run_clear_mems(struct mpol_run *run, const char *cgroup, struct mpol_error *err);
int mpol_run_swap_mems(struct mpol_run *run, const char *one, const char *two, struct mpol_error *err);

/* Groups are counted from 1, 0 means all of a cgroup. Moves its workers; they are reported with their own cgroup. */
int mpol_run_move(struct mpol_run *run, const char *cgroup, unsigned group, const char *to, struct mpol_error *err);
/* Each worker applies it itself, between two looks at its work, and reads it back; what it has mapped stays where it is. */
int mpol_run_set_policy(struct mpol_run *run, const char *cgroup, unsigned group, const struct mpol_policy *policy,
			struct mpol_error *err);
/* They stand still until they are started, or until the test ends. */
int mpol_run_stop(struct mpol_run *run, const char *cgroup, unsigned group, struct mpol_error *err);
/* Those that were stopped, or are .held. */
int mpol_run_start(struct mpol_run *run, const char *cgroup, unsigned group, struct mpol_error *err);

/* Takes CPUs ("2-3") off the machine; they come back when the test has ended. */
int mpol_run_offline_cpus(struct mpol_run *run, const char *cpus, struct mpol_error *err);
int mpol_run_online_cpus(struct mpol_run *run, const char *cpus, struct mpol_error *err);

/* Takes the plugged (movable) memory of a node off the machine; it comes back when the test has ended. */
int mpol_run_offline_memory(struct mpol_run *run, unsigned node, struct mpol_error *err);
int mpol_run_online_memory(struct mpol_run *run, unsigned node, struct mpol_error *err);

/*
 * Takes memory of the node until at most so many bytes are left of what the kernel gives to processes (0: none; its
 * watermarks and reserves are never counted), and keeps it until it is released or the test has ended. From then on the OOM
 * killer, should it come, prefers the test's workers.
 */
int mpol_run_fill_node(struct mpol_run *run, unsigned node, uint64_t bytes, struct mpol_error *err);
int mpol_run_release_node(struct mpol_run *run, unsigned node, struct mpol_error *err);

/* Weights of weighted interleaving, as .weights of the test; put back when the test has ended. */
int mpol_run_set_weights(struct mpol_run *run, const uint8_t weights[MPOL_MAX_SHARES], struct mpol_error *err);

#endif
