/* SPDX-License-Identifier: MIT */
/*
 * Tests on several virtual machines at once, within what the host has: each machine serves all
 * tests of its place, one after the other, and ends with the last of them. Results come in the
 * order in which tests were added.
 */
#ifndef HARNESS_FLEET_H
#define HARNESS_FLEET_H

#include "harness/progress.h"
#include "harness/run-vm.h"

struct fleet_options {
	struct run_vm_options vm; /* output and ctx are the fleet's own */
	unsigned machines;	  /* at once, at most; 0: as many as the host has CPUs for */
	int stop_fd;		  /* becomes readable when the run should end early; left unread */
	struct progress *progress;
	/* Runs a test on this machine. */
	void (*here)(void *ctx, const struct mpol_test_entry *entry, struct mpol_result *ret);
	/* A test has ended, and all before it; takes the result over. */
	void (*ended)(void *ctx, struct mpol_result *result);
	void *ctx;
};

struct fleet;

/* The options are copied, their strings borrowed. NULL: out of memory. */
struct fleet *fleet_new(const struct fleet_options *options);
/* Ends all machines. Accepts NULL. */
void fleet_free(struct fleet *f);

/* A test to come, on a virtual machine of that place, which must last; NULL: on this one. */
int fleet_add(struct fleet *f, const struct mpol_test_entry *entry, const struct place *place,
	      struct mpol_error *err);
/* A test whose result is known already; takes the result over. */
int fleet_add_result(struct fleet *f, struct mpol_result *result, struct mpol_error *err);

/*
 * Runs all that were added, those of this machine first. Interrupted, the tests that ran are
 * broken, those that had not begun are missing, and all others are told.
 */
void fleet_run(struct fleet *f);

#endif
