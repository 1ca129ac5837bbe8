/* SPDX-License-Identifier: MIT */
/*
 * Running tests on one virtual machine, one after the other: it boots for the first, and stays for
 * those that follow. The guest runs `EXECUTABLE run --guest SHAPE NAME`, and its result comes back
 * as a line. Which machines there are at once is fleet.h's.
 */
#ifndef HARNESS_RUN_VM_H
#define HARNESS_RUN_VM_H

#include "harness/places.h"
#include "harness/registry.h"
#include "harness/result.h"
#include "vm/pack.h"
#include "vm/vm.h"

struct run_vm_options {
	const char *executable; /* "/proc/self/exe" */
	const struct registry
		*registry; /* whose commands (MPOL_WORK_EXEC) are packed as well; NULL: none */
	const char *const *files; /* to be packed as well, as vm_pack_given() reads them */
	size_t n_files;
	const char *scenario; /* packed as well, and named to the executable; NULL: none */
	const char *accel;    /* "kvm", "tcg"; NULL: what works */
	double limit;	      /* seconds for each test in the guest; its boot is not counted */
	/* Something to be said once, on standard error. */
	void (*notice)(void *ctx, const char *text);
	void *ctx;
	/* What the test that runs prints itself; of_machine is run_vm_new()'s. */
	void (*output)(void *of_machine, const char *data, size_t len);
};

/* What all machines of a run have in common: the pack, made once. */
struct run_vm_pack {
	struct vm_pack *pack;
	int initramfs;
	char *executable; /* its path in the guest */
	char *directory;  /* in the guest, where paths of the caller hold; NULL: none */
	char *cache;
};

int run_vm_pack(const struct run_vm_options *options, struct run_vm_pack *ret,
		struct mpol_error *err);
void run_vm_pack_done(struct run_vm_pack *p);

/* Which accelerator --accel names; rule vm-accel. */
int run_vm_accel(const char *name, enum vm_accel *ret, struct mpol_error *err);

struct run_vm;

/* Boots nothing yet. All is borrowed, and must last. NULL: out of memory. */
struct run_vm *run_vm_new(const struct run_vm_options *options, const struct run_vm_pack *pack,
			  const struct place *place, void *of_machine);
/* Ends the machine. Accepts NULL. */
void run_vm_free(struct run_vm *v);

/*
 * Starts a test, booting a machine where there is none. True: it has ended at once, as the machine
 * cannot be had, and ret says so. False: run_vm_dispatch() will tell.
 */
bool run_vm_begin(struct run_vm *v, const struct mpol_test_entry *entry, struct mpol_result *ret);
/* Readable when run_vm_dispatch() has something to do, time limits included; -1: nothing runs. */
int run_vm_fd(const struct run_vm *v);
/*
 * True: the test has ended; the result is always filled: a guest that cannot boot, panics, hangs or
 * says nothing is a broken test.
 */
bool run_vm_dispatch(struct run_vm *v, struct mpol_result *ret);
/* Ends the test that runs, and the machine: rule interrupted. */
void run_vm_interrupt(struct run_vm *v, struct mpol_result *ret);

/* What every result of this place tells of it, over what is known already. */
void run_vm_tell_place(const struct place *place, struct mpol_result *ret);

#endif
