/* SPDX-License-Identifier: MIT */
/* Interleave weights for the length of a test; see weights.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/macros.h"
#include "harness/weights.h"

#define DIRECTORY "sys/kernel/mm/mempolicy/weighted_interleave"

static const struct mpol_rule weights_io = {
	.id = "weights-io",
	.errnum = EIO,
	.why = "A test that declares .weights runs with exactly these, and they are put back "
	       "afterwards.",
	.hint = "run it as root, on a kernel with weighted interleaving (6.9), and name nodes that "
		"have memory.",
	.source = "Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave",
};

bool weights_wanted(const uint8_t wanted[MPOL_MAX_SHARES])
{
	for (size_t node = 0; node < MPOL_MAX_SHARES; node++)
		if (wanted[node])
			return true;
	return false;
}

int weights_remember(int root_fd, const uint8_t wanted[MPOL_MAX_SHARES], struct weights *was,
		     struct mpol_error *err)
{
	char line[16];

	/* Any write would end the automatic mode: it is asked for before the first. */
	if (!weights_wanted(was->of))
		was->automatic =
			file_read_line_at(root_fd, line, sizeof(line), DIRECTORY "/auto") == 0 &&
			STREQ(line, "true");
	for (size_t node = 0; node < MPOL_MAX_SHARES; node++) {
		uint64_t value = 0;
		int r = wanted[node] && !was->of[node]
				? file_read_u64_at(root_fd, &value, DIRECTORY "/node%zu", node)
				: 0;

		if (r < 0)
			return mpol_fail_errno(err, &weights_io, -r, "",
					       "reading the weight of node %zu: %s", node,
					       strerror(-r));
		if (value)
			was->of[node] = (uint8_t)MIN(value, 255);
	}
	return 0;
}

static int write_weights(int root_fd, const uint8_t of[MPOL_MAX_SHARES], struct mpol_error *err)
{
	char text[8];

	for (size_t node = 0; node < MPOL_MAX_SHARES; node++) {
		int r;

		(void)snprintf(text, sizeof(text), "%u", of[node]);
		r = of[node] ? file_write_at(root_fd, text, DIRECTORY "/node%zu", node) : 0;
		if (r < 0)
			return mpol_fail_errno(err, &weights_io, -r, "",
					       "setting the weight of node %zu to %u: %s", node,
					       of[node], strerror(-r));
	}
	return 0;
}

int weights_set(int root_fd, const uint8_t wanted[MPOL_MAX_SHARES], struct mpol_error *err)
{
	return write_weights(root_fd, wanted, err);
}

int weights_restore(int root_fd, const struct weights *was, struct mpol_error *err)
{
	int r = write_weights(root_fd, was->of, err);

	/* Any write to a node's weight ends the automatic mode (mm/mempolicy.c node_store()). */
	if (r == 0 && was->automatic && weights_wanted(was->of))
		(void)file_write_at(
			root_fd, "true",
			DIRECTORY "/auto"); /* ENODEV without bandwidth data: they are equal then */
	return r;
}
