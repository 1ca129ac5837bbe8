/* SPDX-License-Identifier: MIT */
/*
 * Memory that is taken off the machine and brought back, in the kernel's blocks: the movable ones
 * of a node, which are those that were plugged in. Source:
 * Documentation/admin-guide/mm/memory-hotplug.rst.
 */
#ifndef HARNESS_MEMORY_BLOCKS_H
#define HARNESS_MEMORY_BLOCKS_H

#include <mpol/test.h>

#define MEMORY_BLOCKS_MAX 512

/* Those that were taken off. */
struct memory_blocks {
	size_t n;
	struct memory_block {
		unsigned node, number;
	} of[MEMORY_BLOCKS_MAX];
};

/* All movable blocks of the node; each is noted before it goes. Rule: memory-blocks. */
int memory_offline(int root_fd, unsigned node, struct memory_blocks *off, struct mpol_error *err);
/* Those of the node that were taken off. Rule: memory-blocks, when there are none. */
int memory_online(int root_fd, unsigned node, const struct memory_blocks *off,
		  struct mpol_error *err);
/* All that are still off. */
int memory_restore(int root_fd, const struct memory_blocks *off, struct mpol_error *err);

#endif
