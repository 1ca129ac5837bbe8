/* SPDX-License-Identifier: MIT */
/* What the kernel counts of a node: numastat and meminfo; see mpol/counters.h. */
#include <errno.h>

#include <mpol/counters.h>

#include "placement/keyed.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule no_node = {
	"no-such-node",
	ENOENT,
	"The nodes of a machine are the folders nodeN in /sys/devices/system/node; a kernel "
	"without NUMA has none.",
	"see `mpol machine` for the nodes there are",
	"Documentation/ABI/stable/sysfs-devices-node",
	NULL,
};

/* drivers/base/node.c node_read_numastat(), node_read_meminfo() */
static const struct keyed_row keys[MPOL_N_NODE_COUNTERS] = {
	[MPOL_NODE_HIT] = { "numa_hit", MPOL_NODE_HIT },
	[MPOL_NODE_MISS] = { "numa_miss", MPOL_NODE_MISS },
	[MPOL_NODE_FOREIGN] = { "numa_foreign", MPOL_NODE_FOREIGN },
	[MPOL_NODE_INTERLEAVE_HIT] = { "interleave_hit", MPOL_NODE_INTERLEAVE_HIT },
	[MPOL_NODE_LOCAL] = { "local_node", MPOL_NODE_LOCAL },
	[MPOL_NODE_OTHER] = { "other_node", MPOL_NODE_OTHER },
	[MPOL_NODE_MEM_TOTAL] = { "MemTotal", MPOL_NODE_MEM_TOTAL },
	[MPOL_NODE_MEM_FREE] = { "MemFree", MPOL_NODE_MEM_FREE },
	[MPOL_NODE_MEM_USED] = { "MemUsed", MPOL_NODE_MEM_USED },
	[MPOL_NODE_FILE] = { "FilePages", MPOL_NODE_FILE },
	[MPOL_NODE_ANON] = { "AnonPages", MPOL_NODE_ANON },
	[MPOL_NODE_SHARED] = { "Shmem", MPOL_NODE_SHARED },
	[MPOL_NODE_SLAB] = { "Slab", MPOL_NODE_SLAB },
	[MPOL_NODE_HUGE_TOTAL] = { "HugePages_Total", MPOL_NODE_HUGE_TOTAL },
	[MPOL_NODE_HUGE_FREE] = { "HugePages_Free", MPOL_NODE_HUGE_FREE },
};

const char *mpol_node_counter_name(enum mpol_node_counter c)
{
	return keys[c].key;
}

int mpol_node_counters_read(int root_fd, unsigned node, struct mpol_node_counters *ret,
			    struct mpol_error *err)
{
	static const char *const files[] = { "numastat", "meminfo" };
	struct mpol_node_counters c = { 0 };
	bool any = false;

	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		_cleanup_free_ char *text = NULL;

		/* A recording may have one of the two only. */
		if (file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL,
				 "sys/devices/system/node/node%u/%s", node, files[i]) < 0)
			continue;
		keyed_sum(text, keys, ELEMENTSOF(keys), c.known, c.value);
		any = true;
	}
	if (!any)
		return mpol_fail(err, &no_node, "", "there is no node %u", node);
	*ret = c;
	return 0;
}
