/* SPDX-License-Identifier: MIT */
/* Reservations of huge pages, and automatic balancing; see hugepages.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/macros.h"
#include "harness/hugepages.h"

#define PAGES	  "sys/devices/system/node/node%zu/hugepages/hugepages-2048kB/nr_hugepages"
#define BALANCING "proc/sys/kernel/numa_balancing"

static const struct mpol_rule hugepages_io = {
	.id = "hugepages-io",
	.errnum = EIO,
	.why = "A test that declares .hugepages runs with exactly these, and they are put back "
	       "afterwards.",
	.hint = "run it as root, and name nodes that have memory.",
	.source = "Documentation/admin-guide/mm/hugetlbpage.rst",
};

static const struct mpol_rule hugepages_short = {
	.id = "hugepages-short",
	.errnum = ENOMEM,
	.why = "The kernel reserves as many huge pages as it finds room for, and says nothing.",
	.hint = "declare fewer .hugepages, or a machine with more memory.",
	.source = "Documentation/admin-guide/mm/hugetlbpage.rst",
};

static const struct mpol_rule balancing_io = {
	.id = "numa-balancing-io",
	.errnum = EIO,
	.why = "A test that declares .numa_balancing runs with the kernel's balancing switched on.",
	.hint = "run it as root, on a kernel with CONFIG_NUMA_BALANCING.",
	.source = "Documentation/admin-guide/sysctl/kernel.rst",
};

static int write_number(int root_fd, const char *path, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return file_write_at(root_fd, text, "%s", path);
}

bool hugepages_wanted(const unsigned pages[MPOL_MAX_SHARES])
{
	for (size_t node = 0; node < MPOL_MAX_SHARES; node++)
		if (pages[node])
			return true;
	return false;
}

static int reserve(int root_fd, size_t node, uint64_t pages, struct mpol_error *err)
{
	char path[128];
	uint64_t now = 0;
	int r;

	(void)snprintf(path, sizeof(path), PAGES, node);
	r = write_number(root_fd, path, pages);
	if (r == 0)
		r = file_read_u64_at(root_fd, &now, "%s", path);
	if (r < 0)
		return mpol_fail_errno(err, &hugepages_io, -r, "",
				       "reserving %llu huge pages on node %zu: %s",
				       (unsigned long long)pages, node, strerror(-r));
	if (now >= pages)
		return 0;
	return mpol_fail(err, &hugepages_short, "",
			 "node %zu has room for %llu huge pages, not %llu", node,
			 (unsigned long long)now, (unsigned long long)pages);
}

int hugepages_set(int root_fd, const unsigned pages[MPOL_MAX_SHARES],
		  struct was was[MPOL_MAX_SHARES], struct mpol_error *err)
{
	int r = 0;

	for (size_t node = 0; r == 0 && node < MPOL_MAX_SHARES; node++) {
		if (!pages[node])
			continue;
		r = file_read_u64_at(root_fd, &was[node].value, PAGES, node);
		if (r < 0)
			return mpol_fail_errno(err, &hugepages_io, -r, "",
					       "the huge pages of node %zu: %s", node,
					       strerror(-r));
		was[node].known = true;
		r = reserve(root_fd, node, pages[node], err);
	}
	return r;
}

int hugepages_restore(int root_fd, const struct was was[MPOL_MAX_SHARES], struct mpol_error *err)
{
	int first = 0;

	for (size_t node = 0; node < MPOL_MAX_SHARES; node++) {
		int r = was[node].known
				? reserve(root_fd, node, was[node].value, first < 0 ? NULL : err)
				: 0;

		first = first < 0 ? first : r;
	}
	return first;
}

bool balancing_possible(int root_fd)
{
	return file_exists_at(root_fd, BALANCING);
}

int balancing_on(int root_fd, struct was *was, struct mpol_error *err)
{
	int r = file_read_u64_at(root_fd, &was->value, BALANCING);

	was->known = r == 0;
	if (r == 0)
		r = write_number(root_fd, BALANCING, 1);
	return r < 0 ? mpol_fail_errno(err, &balancing_io, -r, "", "switching it on: %s",
				       strerror(-r))
		     : 0;
}

int balancing_restore(int root_fd, const struct was *was, struct mpol_error *err)
{
	int r = was->known ? write_number(root_fd, BALANCING, was->value) : 0;

	return r < 0 ? mpol_fail_errno(err, &balancing_io, -r, "", "putting it back: %s",
				       strerror(-r))
		     : 0;
}
