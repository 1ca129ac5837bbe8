/* SPDX-License-Identifier: MIT */
/*
 * How a test ended, and everything that was seen: what a stage produces, what travels as one line
 * of JSON from a child or a guest, and what reports are made of.
 */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <mpol/placement.h>

#include "base/strbuf.h"
#include "checks/bounds.h"

#include <mpol/test.h>

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_BROKEN, N_VERDICTS };
extern const char *const verdict_names[N_VERDICTS]; /* "pass", "fail", "skip", "broken" */

/* All strings of a result are its own; NULL: there is none. */

/* An error that may come from another process: its rule as text. */
struct result_error {
	char *rule, *why, *where, *what, *hint;
};

struct result_amount {
	unsigned node;
	uint64_t bytes;
};

struct result_amounts {
	size_t n;
	struct result_amount *of;
};

/* Where the judged pages were at one moment. */
struct result_point {
	double seconds; /* since the first step; without steps, since all memory was touched */
	struct result_amounts all;			/* by node, ascending */
	struct result_amounts kinds[MPOL_N_PAGE_KINDS]; /* the same, of each kind */
};

struct result_check {
	enum mpol_metric_id metric;
	struct mpol_bound bound;
	enum bound_layer layer;
	struct metric_value value;
	bool holds;
};

/* A group of equal workers. */
struct result_work {
	char *kind, *unit, *policy;
	unsigned workers;
	uint64_t iterations, units;
	double cpu_seconds; /* of all of them, since their start */
	bool has_rate;	    /* they worked for a time that was measured */
	double rate;	    /* units per second of all of them together, while they worked */
	double latency;	  /* nanoseconds of one load, on average; 0: the kind does not measure it */
	double bandwidth; /* bytes per second of all of them together; 0: likewise */
	double gap;	  /* seconds; the longest of any of them between two looks */
	uint64_t migrations; /* between CPUs, seen */
	uint64_t crossings;  /* of these, between nodes */
	uint64_t minor_faults, major_faults;
};

struct result_cgroup {
	char *name;
	char *cpus, *mems; /* lists that its workers could use at the end */
	unsigned workers;
	char *policy;	/* in the kernel's words: "bind=static:0"; "default": inherited */
	char *expected; /* nodes; where workers differ, of all of them */
	bool placed;	/* amounts are known */
	size_t n_amounts;
	struct result_amount *amounts; /* judged bytes by node, ascending */
	uint64_t rest; /* bytes of the workers that are not judged: program, stack, libraries */
	uint64_t iterations, units;
	char *unit; /* of units: "pages" */
	size_t n_points;
	struct result_point *points; /* ascending */
	size_t n_works;
	struct result_work *works;
	size_t n_checks;
	struct result_check checks[MPOL_N_METRICS];
};

struct result_node {
	unsigned id;
	char *cpus;	 /* list; "": a memory-only node */
	uint64_t memory; /* bytes */
};

struct mpol_result {
	char *test, *why, *must_end;
	enum verdict verdict; /* after must_end was taken into account */
	enum verdict ended;   /* before */
	bool has_error;
	struct result_error error; /* why it was skipped or broke */
	size_t n_notes;
	struct result_error *notes; /* warnings of checks at set-up */
	char *place;		    /* "here", or the virtual machine's shape */
	char *asked;		    /* what --on said that the machine came from; NULL: nothing */
	char *were;	     /* of a machine after a real one: the ids its nodes had; NULL: none */
	char *release;	     /* of the kernel it ran under */
	char *accel;	     /* of the virtual machine: "kvm", "tcg"; NULL: here */
	double boot_seconds; /* of the virtual machine; 0: here */
	char *console;	     /* what a broken guest printed last */
	size_t n_nodes;
	struct result_node *nodes;
	unsigned llcs;
	char **caches;	    /* the CPUs of each, llcs lists; NULL: unknown */
	unsigned *distance; /* [from * n_nodes + to]; NULL: unknown */
	double seconds;	    /* from set-up to verdict */
	size_t n_cgroups;
	struct result_cgroup *cgroups;
};

void result_done(struct mpol_result *r);

/* Both replace what was there; out of memory leaves what the report shows as unknown. */
void result_error_set(struct result_error *to, const struct mpol_error *err);
void result_set_error(struct mpol_result *r, enum verdict verdict, const struct mpol_error *err);
/* Of a test that did not come to a result of its own: its name, and why. r is overwritten. */
void result_end_early(struct mpol_result *r, const struct mpol_test_entry *entry,
		      enum verdict verdict, const struct mpol_error *err);
/* Decides verdict from ended and must_end: "fail", "broken", "broken: RULE". */
void result_decide(struct mpol_result *r);

/* Of how many kinds the pages were. */
unsigned result_kinds(const struct result_point *p);

/* The machine in a word: what was asked for, else the shape or "here"; never NULL. */
const char *result_machine(const struct mpol_result *r);

/* One JSON object; the schema is in mpol-test(7). */
void result_write(const struct mpol_result *r, struct strbuf *out);
/* The reverse, from text of len bytes; what is unknown there is left out. */
int result_read(const char *text, size_t len, struct mpol_result *ret, struct mpol_error *err);

#endif
