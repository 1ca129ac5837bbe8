/* SPDX-License-Identifier: MIT */
/*
 * Which weights does WEIGHTED_INTERLEAVE use? sys/kernel/mm/mempolicy/weighted_interleave, since
 * Linux 6.9. Source: Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "machine/files.h"
#include "machine/read.h"

#define WEIGHTS "sys/kernel/mm/mempolicy/weighted_interleave"

int machine_read_weights(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	_cleanup_free_ char *mode = NULL;
	int r = files_text(root_fd, &mode, err, WEIGHTS "/auto");

	for (size_t i = 0; r >= 0 && i < m->n_nodes; i++) {
		uint64_t weight = 0;

		r = files_number(root_fd, &weight, err, WEIGHTS "/node%u", m->nodes[i].id);
		if (weight > 255)
			return files_malformed(err, WEIGHTS, "a weight is above 255");
		m->nodes[i].weight = (unsigned)weight;
	}
	if (r < 0)
		return r;
	m->weights_mode = !mode ? MPOL_WEIGHTS_UNKNOWN
			  : STREQ(mode, "true") || STREQ(mode, "Y") || STREQ(mode, "1")
				  ? MPOL_WEIGHTS_AUTO
				  : MPOL_WEIGHTS_MANUAL;
	return 0;
}
