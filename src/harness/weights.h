/* SPDX-License-Identifier: MIT */
/*
 * The kernel's interleave weights for the length of a test: remembered, set, and put back.
 * Source: Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave.
 */
#ifndef HARNESS_WEIGHTS_H
#define HARNESS_WEIGHTS_H

#include <mpol/test.h>

struct weights {
	uint8_t of[MPOL_MAX_SHARES]; /* by node; 0: not touched */
	bool automatic;		     /* the kernel chose them (.../weighted_interleave/auto) */
};

/* Whether the test wants any. */
bool weights_wanted(const uint8_t wanted[MPOL_MAX_SHARES]);
/* How those that are wanted stand now, unless that is known from an earlier call. Rule: weights-io.
 */
int weights_remember(int root_fd, const uint8_t wanted[MPOL_MAX_SHARES], struct weights *was,
		     struct mpol_error *err);
int weights_set(int root_fd, const uint8_t wanted[MPOL_MAX_SHARES], struct mpol_error *err);
/* As they were; does nothing for zeros. */
int weights_restore(int root_fd, const struct weights *was, struct mpol_error *err);

#endif
