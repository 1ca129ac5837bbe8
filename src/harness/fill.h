/* SPDX-License-Identifier: MIT */
/*
 * Filling nodes: a process of its own takes memory of a node until only so much is left, and keeps
 * it until it is released. The OOM killer does not choose it.
 */
#ifndef HARNESS_FILL_H
#define HARNESS_FILL_H

#include <mpol/test.h>

#define FILL_MAX 8

struct fill {
	unsigned node;
	pid_t pid; /* 0: none */
};

struct fills {
	struct fill of[FILL_MAX];
};

/*
 * Returns when the node is full but for `bytes` of what the kernel gives to processes: its
 * watermarks and reserves are left out. Rule: node-fill.
 */
int fill_node(struct fills *f, int root_fd, unsigned node, uint64_t bytes, int64_t deadline,
	      struct mpol_error *err);
/* Rule: node-fill, when nothing was filled there. */
int fill_release(struct fills *f, unsigned node, struct mpol_error *err);
void fill_done(struct fills *f);

/* From the text of /proc/zoneinfo: bytes of a node that processes can still take before the kernel
 * begins to reclaim. */
uint64_t fill_usable(const char *zoneinfo, unsigned node, uint64_t page_size);

#endif
