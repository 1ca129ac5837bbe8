/* SPDX-License-Identifier: MIT */
/* Which mappings of a process have pages that a policy places, and giving them one. */
#ifndef LIVE_MAPPINGS_H
#define LIVE_MAPPINGS_H

#include <mpol/live.h>

#include "kernel/inject.h"

struct mappings {
	size_t n;
	struct mpol_range *ranges; /* ascending; freed by mappings_done() */
	uint64_t bytes;
	size_t left; /* the others */
};

/*
 * A policy places anonymous memory, shared memory, huge pages, and private copies of a file's
 * pages. The pages of files themselves were placed for whoever read them first, and the kernel's
 * own mappings are not the process's.
 */
int mappings_read(int root_fd, pid_t pid, struct mappings *ret, struct mpol_error *err);
void mappings_done(struct mappings *m);

/*
 * Lets tid call mbind(2) for each range, a few in one stop; those that are gone meanwhile are left
 * out. ret_stopped_ns is the longest stop. Returns the number of mappings that were given the
 * policy.
 */
int mappings_bind(struct inject *i, pid_t tid, const struct mappings *m,
		  const struct mpol_policy *p, unsigned timeout_ms, uint64_t *ret_stopped_ns,
		  struct mpol_error *err);

#endif
