/* SPDX-License-Identifier: MIT */
/* CPUs that are taken off the machine and brought back; see cpus.h. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/macros.h"
#include "harness/cpus.h"

#define ONLINE "sys/devices/system/cpu/cpu%d/online"

static const struct mpol_rule cpus_io = {
	.id = "cpus-switch",
	.errnum = EIO,
	.why = "A CPU goes off the machine where the kernel lets it: not the last one, on most "
	       "machines not CPU 0, and with root's rights.",
	.hint = "run it in a virtual machine, and leave CPU 0 alone.",
	.source = "Documentation/core-api/cpu_hotplug.rst",
};

int cpus_switch(int root_fd, const struct mpol_cpus *cpus, bool online, struct mpol_error *err)
{
	for (int cpu = mpol_cpus_next(cpus, 0); cpu >= 0;
	     cpu = mpol_cpus_next(cpus, (unsigned)cpu + 1)) {
		uint64_t now = !online;
		int r;

		(void)file_read_u64_at(root_fd, &now, ONLINE, cpu); /* writing tells why */
		r = now == online ? 0 : file_write_at(root_fd, online ? "1" : "0", ONLINE, cpu);
		if (r < 0)
			return mpol_fail_errno(err, &cpus_io, -r, "", "CPU %d cannot be %s: %s",
					       cpu, online ? "brought back" : "taken off",
					       strerror(-r));
	}
	return 0;
}

int cpus_remember(int root_fd, const struct mpol_cpus *cpus, struct mpol_cpus *was,
		  struct mpol_error *err)
{
	for (int cpu = mpol_cpus_next(cpus, 0); cpu >= 0;
	     cpu = mpol_cpus_next(cpus, (unsigned)cpu + 1)) {
		uint64_t now = 0;
		int r = file_read_u64_at(root_fd, &now, ONLINE, cpu);

		if (r < 0)
			return mpol_fail_errno(err, &cpus_io, -r, "",
					       "CPU %d cannot be taken off: %s", cpu, strerror(-r));
		if (now)
			mpol_cpus_add(was, (unsigned)cpu);
	}
	return 0;
}
