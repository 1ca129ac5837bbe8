/* SPDX-License-Identifier: MIT */
/* Why a system call was refused; see explain.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/explain.h"

#define SECCOMP_MODE_FILTER_NUMBER 2 /* "Seccomp: 2" in /proc/PID/status, proc(5) */

static const struct mpol_rule rule_seccomp = {
	"seccomp-filter",
	EPERM,
	"Setting one's own memory policy needs no permission in the kernel; a seccomp filter, as "
	"container engines install "
	"them, answers in its place.",
	"allow the call in the container's seccomp profile, or grant CAP_SYS_NICE where the "
	"engine's profile ties it to that",
	"mm/mempolicy.c kernel_set_mempolicy() checks no permission; seccomp(2)",
	NULL,
};
static const struct mpol_rule rule_no_numa = {
	"kernel-without-numa",
	ENOSYS,
	"Memory policies exist only in kernels built with CONFIG_NUMA.",
	"boot a kernel with CONFIG_NUMA=y, as distributions build them",
	"kernel/sys_ni.c",
	NULL,
};
static const struct mpol_rule rule_old_kernel = {
	"kernel-lacks-call",
	ENOSYS,
	"The running kernel does not have this system call.",
	"boot a newer kernel",
	"kernel/sys_ni.c",
	NULL,
};
static const struct mpol_rule rule_refused = {
	"kernel-refused",
	EINVAL,
	"The kernel answers EINVAL to unknown modes, unknown flags, unusable nodes and wrong "
	"combinations alike.",
	NULL,
	"mm/mempolicy.c",
	NULL,
};
static const struct mpol_rule rule_failed = {
	"kernel-failed", EIO, "The kernel refused the call.", NULL, NULL, NULL,
};

int explain_status_number(const char *key, unsigned long long *ret)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	int r = root < 0 ? -errno
			 : file_read_at(root, FILE_MAX_SIZE, &text, NULL, "proc/self/status");

	if (r < 0)
		return r;
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		size_t len = strlen(key);

		line += *line == '\n';
		if (STARTS(line, key) && line[len] == ':') {
			*ret = strtoull(line + len + 1, NULL, STARTS(key, "Cap") ? 16 : 10);
			return 0;
		}
	}
	return -ENOENT;
}

static bool filtered(void)
{
	unsigned long long mode;

	return explain_status_number("Seccomp", &mode) == 0 && mode == SECCOMP_MODE_FILTER_NUMBER;
}

/* CONFIG_NUMA shows in /sys as the node directory; a masked or absent /sys tells nothing. */
static bool kernel_has_numa(void)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root >= 0 && file_exists_at(root, "sys/devices/system/node") == 1;
}

int explain_call(int r, const char *call, struct mpol_error *err)
{
	if (!err)
		return r;
	if ((r == -EPERM || r == -ENOSYS) && filtered())
		return mpol_fail_errno(err, &rule_seccomp, -r, call,
				       "%s(2) answers %s, and a seccomp filter is in force "
				       "(Seccomp: 2 in /proc/self/status)",
				       call, r == -EPERM ? "EPERM" : "ENOSYS");
	if (r == -ENOSYS && !kernel_has_numa())
		return mpol_fail(err, &rule_no_numa, call,
				 "this kernel has no %s(2), and no /sys/devices/system/node", call);
	if (r == -ENOSYS)
		return mpol_fail(err, &rule_old_kernel, call, "this kernel has no %s(2)", call);
	return mpol_fail_errno(err, &rule_failed, -r, call, "%s(2): %s", call, strerror(-r));
}

int explain_policy(int r, const char *call, const struct mpol_policy *p, struct mpol_error *err)
{
	char nodes[64];

	if (!err || r != -EINVAL)
		return explain_call(r, call, err);
	(void)mpol_nodes_print(&p->nodes, nodes, sizeof(nodes)); /* cut is fine */
	return mpol_fail(err, &rule_refused, call,
			 "%s(2) refuses mode %d with flags 0x%x and nodes \"%s\"", call,
			 (int)p->mode, p->flags, nodes);
}
