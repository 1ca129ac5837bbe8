/* SPDX-License-Identifier: MIT */
/* Running a helper program (a loader, apt-get) to its end, with its output kept; it dies with the
 * calling thread. */
#ifndef VM_CHILD_H
#define VM_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct child {
	const char *const *argv; /* searched in PATH; ends with NULL */
	const char *const *env;	 /* NAME=VALUE to add, ends with NULL; may be NULL */
	const char *directory;	 /* where it runs; NULL: here */
	int out; /* a descriptor for its stdout, when ret_out is NULL; 0: /dev/null */
};

/*
 * Runs it, waits, and gives its exit status: 128 + signal when killed, 127 when it could not be
 * executed. stdin is /dev/null. ret_out: what it wrote to stdout, ret_err: to stderr, each up to 1
 * MiB, freed by the caller; where they are NULL it goes to /dev/null. Negative errno when nothing
 * could be run.
 */
int child_run(const struct child *child, char **ret_out, char **ret_err);

/* In a new child: dies when its parent does. -1 when the parent is gone already. */
int child_die_with(pid_t parent);

#endif
