/* SPDX-License-Identifier: MIT */
/*
 * Reservations of huge pages by node, and automatic balancing, for the length of a test. Sources:
 * Documentation/admin-guide/mm/hugetlbpage.rst, Documentation/admin-guide/sysctl/kernel.rst.
 */
#ifndef HARNESS_HUGEPAGES_H
#define HARNESS_HUGEPAGES_H

#include <mpol/test.h>

/* How a number stood: known once it was read. */
struct was {
	bool known;
	uint64_t value;
};

bool hugepages_wanted(const unsigned pages[MPOL_MAX_SHARES]);
/* Reads how it stands, then reserves. Rules: hugepages-io, hugepages-short (the node has no room).
 */
int hugepages_set(int root_fd, const unsigned pages[MPOL_MAX_SHARES],
		  struct was was[MPOL_MAX_SHARES], struct mpol_error *err);
int hugepages_restore(int root_fd, const struct was was[MPOL_MAX_SHARES], struct mpol_error *err);

/* Whether the kernel can do it. */
bool balancing_possible(int root_fd);
/* Rule: numa-balancing-io. */
int balancing_on(int root_fd, struct was *was, struct mpol_error *err);
int balancing_restore(int root_fd, const struct was *was, struct mpol_error *err);

#endif
