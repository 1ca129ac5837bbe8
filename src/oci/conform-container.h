/* SPDX-License-Identifier: MIT */
/* Containers of the conformance kit: a bundle whose process is the probe, and a runtime on it. */
#ifndef OCI_CONFORM_CONTAINER_H
#define OCI_CONFORM_CONTAINER_H

#include <mpol/notation.h>
#include <limits.h>

#include "cgroup/cgroup.h"

struct bundle {
	char dir[PATH_MAX]; /* temporary: bundle, rootfs and the runtime's state below it */
	bool no_pivot;	    /* the root is an initramfs, which pivot_root(2) refuses */
	const char *const *runtime;
	const struct cgroup *engine; /* the runtime is started in there; NULL: where we are */
};

/* Makes the directory, with a rootfs that has a copy of the program. */
int bundle_make(struct bundle *b, const char *program, struct mpol_error *err);
void bundle_remove(const struct bundle *b);
/* Writes config.json. */
int bundle_configure(const struct bundle *b, const char *id, const struct mpol_policy *policy,
		     const char *mems, bool wait, struct mpol_error *err);

/*
 * Runs the runtime with these arguments behind its own and --root; NULL ends them. What it and the
 * container print goes to out, a pipe. Returns its exit status, 128 and the signal, or -errno.
 */
int bundle_run(const struct bundle *b, const char *const *arguments, int out);
/* Reads a pipe until its end or, with line, until there is a line; cut to size. 0 or -ETIMEDOUT. */
int bundle_read(int fd, bool line, char *output, size_t size);

#endif
