/* SPDX-License-Identifier: MIT */
/*
 * Running tests on virtual machines: this executable is packed once, a machine boots for the first
 * test of a shape, and serves the tests of the same shape that follow. The guest runs `EXECUTABLE
 * run --guest SHAPE NAME`, and its result comes back as a line.
 */
#ifndef HARNESS_RUN_VM_H
#define HARNESS_RUN_VM_H

#include "harness/registry.h"
#include "harness/result.h"

struct run_vm_options {
	const char *executable; /* "/proc/self/exe" */
	const struct registry
		*registry;    /* whose commands (MPOL_WORK_EXEC) are packed as well; NULL: none */
	const char *scenario; /* packed as well, and named to the executable; NULL: none */
	const char *on;	      /* the shape of every machine; NULL: each test's own */
	const char *kernel; /* a file or a version; NULL: found, and a newer one for tests that need
			       it */
	const char *accel;  /* "kvm", "tcg"; NULL: what works */
	double limit;	    /* seconds for each test in the guest; its boot is not counted */
	int stop_fd;	    /* becomes readable when the run should end early; left unread */
	/* Something to be said once, on standard error. */
	void (*notice)(void *ctx, const char *text);
	void *ctx;
};

struct run_vm;

/* Boots nothing yet. The options' strings are borrowed. NULL: out of memory. */
struct run_vm *run_vm_new(const struct run_vm_options *options);
/* Powers the machine off. Accepts NULL. */
void run_vm_free(struct run_vm *v);

/* Whether --on names a shape that can be had. */
int run_vm_check(const struct run_vm_options *options, struct mpol_error *err);

/* The result is always filled: a guest that cannot boot, panics, hangs or says nothing is a broken
 * test. */
void run_vm(struct run_vm *v, const struct mpol_test_entry *entry, struct mpol_result *ret);

#endif
