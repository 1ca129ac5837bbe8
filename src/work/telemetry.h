/* SPDX-License-Identifier: MIT */
/*
 * What workers and their parent tell each other: one slot per worker in shared memory, and a pipe
 * on which workers announce changes of their state that the parent waits for. A slot is written by
 * one side each field; the order of the state's atomic store makes what was written before it
 * visible to who reads the state.
 */
#ifndef WORK_TELEMETRY_H
#define WORK_TELEMETRY_H

#include <mpol/placement.h>
#include <mpol/test.h>
#include <stdatomic.h>

#include "work/oom.h"

/*
 * What the parent wants: the low byte of a futex word in the worker's slot. The rest counts the
 * commands, so that one that is given twice is two.
 */
enum worker_command {
	WORKER_WAIT,	/* forked: wait until it is in its cgroup */
	WORKER_PREPARE, /* affinity, policy */
	WORKER_RUN,
	WORKER_PARK,  /* stand still so that it can be looked at */
	WORKER_APPLY, /* slot->wanted, then stand still */
	WORKER_QUIT,
};

enum worker_state {
	WORKER_BORN,
	WORKER_READY,	/* its policy is applied and was read back */
	WORKER_REFUSED, /* could not be made ready: slot->error says why; it never works */
	WORKER_RUNNING,
	WORKER_PARKED,
	WORKER_STUCK, /* gave up while working: slot->error says why */
	WORKER_ENDED, /* reaped; how, is in slot->status */
};

#define WORKER_MAX_RANGES 16

struct worker_slot {
	_Alignas(64) _Atomic uint32_t command; /* see telemetry_meant(); the parent's */

	/* The worker's. */
	_Alignas(64) _Atomic uint32_t state;
	_Atomic uint32_t parked_for; /* the command word that it stands still for */
	_Atomic uint32_t touched;    /* 1: all its memory was touched once */
	_Atomic uint64_t iterations; /* completed rounds over its work */
	_Atomic uint64_t units;	     /* of its kind: pages written, … */
	_Atomic uint64_t early;	     /* of these, until its memory was touched */
	/* What follows is written while it works and read while it is parked. */
	uint64_t worked_ns;	 /* wall time from touched on, without what it stood still */
	uint64_t cpu_ns;	 /* CPU time since its start, with that of its children */
	uint64_t early_cpu_ns;	 /* of this, until its memory was touched */
	uint64_t gap_ns;	 /* longest time between two looks, of that */
	uint64_t migrations;	 /* looks that found it on another CPU than the one before */
	uint64_t node_crossings; /* of these, on another node */
	uint64_t outside;	 /* looks that found it on a CPU outside slot->allowed */
	uint64_t minor_faults, major_faults;
	struct mpol_cpus cpus_used;
	pid_t subject; /* the process whose memory is judged, whole; 0: itself, by ranges */
	struct mpol_policy
		in_force;  /* as read back after it was applied; valid unless it inherits */
	uint32_t n_ranges; /* mapped after the policy was applied */
	struct mpol_range ranges[WORKER_MAX_RANGES];

	/* Again the parent's. */
	struct mpol_cpus allowed; /* CPUs that its cgroup has, or had, since it was started */
	bool bounded;		  /* allowed is known */
	pid_t pid;
	int status;		   /* of waitpid(2), when it has ended */
	bool oom;		   /* it was the OOM killer that ended it */
	char oom_how[OOM_HOW];	   /* in the kernel's words; "": not told */
	uint32_t plan;		   /* the number of the worker's plan */
	struct mpol_policy wanted; /* for WORKER_APPLY */

	struct mpol_error error; /* the worker's, at its end: rarely looked at */
};

/* Shared by all. Of a thousand reports only the one that the parent waits for wakes it. */
struct telemetry_desk {
	_Alignas(64) _Atomic uint32_t reports; /* so far; wraps */
	_Atomic uint32_t due;		       /* the count that is announced; the parent's */
};

struct telemetry {
	size_t n;
	struct telemetry_desk *desk;
	struct worker_slot *slots; /* shared with the workers */
	int read_fd, write_fd;	   /* the pipe; closed: -1 */
};
#define TELEMETRY_NONE                        \
	{                                     \
		.read_fd = -1, .write_fd = -1 \
	}

int telemetry_init(struct telemetry *t, size_t n_workers, struct mpol_error *err);
void telemetry_done(struct telemetry *t);

/* In the worker: its new state, counted; it is announced on the pipe when the parent waits for just
 * that count, or when the worker gives up. */
void telemetry_report(const struct telemetry *t, struct worker_slot *slot, enum worker_state state);
/* In the parent: how many there were; to be asked before the slots are looked at. */
uint32_t telemetry_reports(const struct telemetry *t);
/* In the parent: the report of that count is to be announced; false: it has been made. */
bool telemetry_expect(const struct telemetry *t, uint32_t count);
/* In the parent: the workers of the announcements that there are now, at most so many; 0: none. */
size_t telemetry_next(const struct telemetry *t, uint32_t *workers, size_t most);

/* In the parent: a new command; of a worker that is not there yet, or, with a wake-up, of one that
 * may be waiting. */
void telemetry_set_command(struct worker_slot *slot, enum worker_command command);
void telemetry_command(struct worker_slot *slot, enum worker_command command);
static inline enum worker_command telemetry_meant(uint32_t word)
{
	return (enum worker_command)(word & 0xff);
}
/* In the worker: sleeps while the command word is the one given; returns the new one. */
uint32_t telemetry_await(struct worker_slot *slot, uint32_t seen);
/* In the worker: sleeps so long, or until there is another command than the one it works under. */
void telemetry_rest(struct worker_slot *slot, double seconds);
/* In the worker: stands still for the command until there is another, which it returns. */
uint32_t telemetry_park(const struct telemetry *t, struct worker_slot *slot, uint32_t word);

#endif
