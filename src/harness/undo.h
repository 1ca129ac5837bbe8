/* SPDX-License-Identifier: MIT */
/*
 * What a test has changed of the machine itself, and how it was: written before each change into
 * memory that the janitor shares, who puts it back when the test has ended, however it did.
 */
#ifndef HARNESS_UNDO_H
#define HARNESS_UNDO_H

#include "harness/cpus.h"
#include "harness/hugepages.h"
#include "harness/memory-blocks.h"
#include "harness/weights.h"

struct undo {
	struct weights weights;	     /* as they were; 0: not touched */
	struct mpol_cpus offline;    /* were online */
	struct memory_blocks memory; /* were online */
	struct was hugepages[MPOL_MAX_SHARES], balancing;
};

/* Shared with the processes that are forked afterwards; NULL: there is no memory. */
struct undo *undo_new(void);
void undo_free(struct undo *u);
/* Puts back all that can be; the first failure is the answer. Accepts NULL. */
int undo_all(int root_fd, const struct undo *u, struct mpol_error *err);

#endif
