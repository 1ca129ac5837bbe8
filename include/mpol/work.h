/* SPDX-License-Identifier: MIT */
/*
 * Work: what a test's workers do. A group of equal workers is a struct; kinds, sizes, seeds and times are declared, and the
 * same seed gives the same accesses. Definitions of the kinds and their units: mpol-test(7).
 *
 *     .works = { { .kind = MPOL_WORK_CHASE, .workers = 2, .bytes = 32 << 20, .seed = 7 },
 *                { .kind = MPOL_WORK_SPIN, .workers = 4, .sched = MPOL_SCHED_BATCH, .nice = 5 } },
 *
 * Not ABI: tests are rebuilt. C only.
 */
#ifndef MPOL_WORK_H
#define MPOL_WORK_H

#include <mpol/machine.h>
#include <mpol/policy.h>

enum mpol_work_kind {
	MPOL_WORK_TOUCH,    /* map, touch each page first, then rewrite all of them again and again; pages */
	MPOL_WORK_STREAM,   /* read two arrays and write a third, front to back; bytes, and bandwidth */
	MPOL_WORK_CHASE,    /* follow one random cycle through all cache lines; loads, and latency */
	MPOL_WORK_RANDOM,   /* change words at random places; accesses */
	MPOL_WORK_FAULTS,   /* give pages back (MADV_DONTNEED) and touch them again; pages */
	MPOL_WORK_GROW,     /* map and touch an eighth after the other, then unmap them; pages */
	MPOL_WORK_SHARED,   /* one mapping of all workers of the group: write the own part, read the others'; pages */
	MPOL_WORK_FILE,	    /* read a file through the page cache; pages */
	MPOL_WORK_HUGETLB,  /* as TOUCH, in reserved huge pages; pages */
	MPOL_WORK_SPIN,	    /* compute, without memory; rounds of 1024 steps */
	MPOL_WORK_SLEEP,    /* compute for .busy, sleep for .pause; bursts */
	MPOL_WORK_FORK,	    /* fork a child that writes to all of the memory (copy on write) and exits; children */
	MPOL_WORK_EXEC,	    /* run .command, again when it has ended; runs */
	MPOL_WORK_FUNCTION, /* call .function */
	MPOL_N_WORK_KINDS
};

/* The CPUs of a worker, out of those that its cgroup allows; zero: all of them. */
struct mpol_affinity {
	enum { MPOL_AFFINITY_INHERIT, MPOL_AFFINITY_LIST, MPOL_AFFINITY_ONE, MPOL_AFFINITY_RANDOM } kind;
	const char *list; /* "0-3" */
	unsigned count;	  /* how many CPUs at random, chosen by the seed, for each worker anew */
};
#define affinity_list(text) (struct mpol_affinity){ .kind = MPOL_AFFINITY_LIST, .list = (text) }
#define affinity_one()	    (struct mpol_affinity){ .kind = MPOL_AFFINITY_ONE } /* worker i: the i-th, round and round */
#define affinity_random(n)  (struct mpol_affinity){ .kind = MPOL_AFFINITY_RANDOM, .count = (n) }

/* sched(7); zero: the runner's. */
enum mpol_sched { MPOL_SCHED_INHERIT, MPOL_SCHED_NORMAL, MPOL_SCHED_BATCH, MPOL_SCHED_IDLE, MPOL_SCHED_FIFO, MPOL_SCHED_RR };

#define MPOL_MAX_ARGUMENTS 64
#define MPOL_MAX_WORKS	   6 /* groups in a cgroup */

struct mpol_worker; /* a worker, as its own function sees it */
typedef int (*mpol_work_function)(struct mpol_worker *w, struct mpol_error *err);

/* A group of equal workers. */
struct mpol_work_spec {
	enum mpol_work_kind kind;
	uint64_t bytes; /* per worker, rounded up to pages; 0: 64 MiB */
	bool huge;      /* ask for transparent huge pages; default: MADV_NOHUGEPAGE, so that shares are exact */
	uint64_t seed;  /* of everything random; worker i of the group adds i */
	double busy, pause;		       /* seconds, for SLEEP; 0: 0.001 */
	const char *file;		       /* for FILE; NULL: one of `bytes` bytes of its own, written under its policy */
	const char *const *command;	       /* for EXEC: mpol_command("sleep", "60"), by path or found in PATH */
	mpol_work_function function;	       /* for FUNCTION */
	bool held;		   /* a step starts it; until then its workers are ready and do nothing */
	unsigned workers;	   /* in .works; 0: the cgroup's */
	struct mpol_policy policy; /* in .works; zero: the cgroup's */
	struct mpol_affinity affinity;
	enum mpol_sched sched;
	int priority; /* 1 to 99, for FIFO and RR */
	int nice;     /* -20 to 19, added to nothing: the value itself; 0: the runner's */
};

/* A program and its arguments, for .command. */
#define mpol_command(...) (const char *const[]){ __VA_ARGS__, NULL }

/*
 * For functions of one's own. Map, touch, say so, then work until it is time to end:
 *
 *     char *memory = mpol_worker_map(w, mpol_worker_spec(w)->bytes, err);
 *     if (!memory)
 *             return -err->errnum;
 *     memset(memory, 1, mpol_worker_spec(w)->bytes);
 *     mpol_worker_touched(w);
 *     while (mpol_worker_goes_on(w)) {
 *             …
 *             mpol_worker_did(w, 1);
 *     }
 *     return 0;
 *
 * mpol_worker_goes_on() is called often, at least every few milliseconds: it stands still while the runner looks at the
 * worker's pages, and answers false when it is time to return. Only memory from mpol_worker_map() is judged; it is released
 * by the worker's exit. NULL, with err described, when it cannot be had.
 */
bool mpol_worker_goes_on(struct mpol_worker *w);
/* The same, after so many seconds of sleep, or as soon as the runner wants something; what it slept is no gap. */
bool mpol_worker_rests(struct mpol_worker *w, double seconds);
void *mpol_worker_map(struct mpol_worker *w, uint64_t bytes, struct mpol_error *err);
void mpol_worker_touched(struct mpol_worker *w);
void mpol_worker_did(struct mpol_worker *w, uint64_t units); /* one iteration, of so many units */
uint64_t mpol_worker_random(struct mpol_worker *w);
unsigned mpol_worker_index(const struct mpol_worker *w); /* in its group, from 0 */
const struct mpol_work_spec *mpol_worker_spec(const struct mpol_worker *w);

#endif
