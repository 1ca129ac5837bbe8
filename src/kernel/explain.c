/* SPDX-License-Identifier: MIT */
/* Why a system call was refused; see explain.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/apply.h>
#include <mpol/check.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/explain.h"
#include "kernel/probe.h"
#include "model/rules.h"

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

/* A nodelist below sys/devices/system/node; absent or odd: the set stays as it was. */
static void read_nodes(int root, const char *file, struct mpol_nodeset *nodes)
{
	char text[MPOL_NODES_TEXT];

	if (file_read_line_at(root, text, sizeof(text), "sys/devices/system/node/%s", file) == 0)
		(void)mpol_nodes_parse(text, nodes, NULL); /* untouched when odd */
}

/* As much of the machine as the rules about policies ask for; no arrays, nothing to free. */
static void look_around(struct mpol_machine *m)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	*m = (struct mpol_machine){ .numa = true };
	if (mpol_current_mems(&m->mems_allowed, NULL) < 0)
		return;
	m->online = m->possible = m->with_memory = m->mems_allowed;
	read_nodes(root, "online", &m->online);
	read_nodes(root, "possible", &m->possible);
	read_nodes(root, "has_memory", &m->with_memory);
	m->allowed_known = true;
	(void)kernel_probe(&m->kernel, NULL); /* then it is not known, which the rules allow for */
}

/*
 * MAX_NUMNODES shows in the width of the mask that the kernel prints: words of 32 bits. Kernels
 * with fewer than 1024 refuse higher nodes outright, which the rules cannot know.
 */
static unsigned max_numnodes(void)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	const char *at;
	unsigned words = 1;

	if (root < 0 || file_read_at(root, FILE_MAX_SIZE, &text, NULL, "proc/self/status") < 0)
		return MPOL_MAX_NODES;
	at = strstr(text, "Mems_allowed:");
	if (!at)
		return MPOL_MAX_NODES;
	for (; *at && *at != '\n'; at++)
		words += *at == ',';
	return words * 32;
}

static int explain_invalid(const char *call, const struct mpol_policy *p, struct mpol_error *err)
{
	struct mpol_finding finding = { .severity = MPOL_NOTE };
	struct mpol_machine m;
	unsigned limit;
	char nodes[64];

	look_around(&m);
	if (mpol_check(p, &m, &finding, 1) > 0 && finding.severity == MPOL_REFUSED) {
		*err = finding.error;
		return -err->errnum;
	}
	limit = max_numnodes();
	if (mpol_nodes_last(&p->nodes) >= (int)limit)
		return mpol_fail(err, &policy_rules[RULE_NODE_TOO_HIGH], "nodes",
				 "node %d is above %u, the highest this kernel has a number for",
				 mpol_nodes_last(&p->nodes), limit - 1);
	(void)mpol_nodes_print(&p->nodes, nodes, sizeof(nodes)); /* cut is fine */
	return mpol_fail(err, &rule_refused, call,
			 "%s(2) refuses mode %d with flags 0x%x and nodes \"%s\"", call,
			 (int)p->mode, p->flags, nodes);
}

int explain_policy(int r, const char *call, const struct mpol_policy *p, struct mpol_error *err)
{
	if (!err)
		return r;
	return r == -EINVAL ? explain_invalid(call, p, err) : explain_call(r, call, err);
}
