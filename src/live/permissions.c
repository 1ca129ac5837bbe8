/* SPDX-License-Identifier: MIT */
/* Why this process may not change another one; see permissions.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/proc.h"
#include "live/permissions.h"

#define AS_ROOT                                                                              \
	"run it as root, or with CAP_SYS_PTRACE (sudo; setcap cap_sys_ptrace+ep; --cap-add " \
	"SYS_PTRACE)"

static const struct mpol_rule rule_other_user = {
	"ptrace-other-user",
	EPERM,
	"A process may change those whose real, effective and saved user and group are all its "
	"own.",
	AS_ROOT,
	"kernel/ptrace.c __ptrace_may_access()",
	NULL,
};
static const struct mpol_rule rule_not_dumpable = {
	"ptrace-not-dumpable",
	EPERM,
	"A process that changed its user, runs a program its user may not read, or called "
	"prctl(PR_SET_DUMPABLE, 0) may hold "
	"secrets.",
	AS_ROOT,
	"prctl(2) PR_SET_DUMPABLE, kernel/ptrace.c",
	NULL,
};
static const struct mpol_rule rule_capabilities = {
	"ptrace-more-capabilities",
	EPERM,
	"Who controls a process has its capabilities; so it must have them already.",
	AS_ROOT,
	"security/commoncap.c cap_ptrace_access_check()",
	NULL,
};
static const struct mpol_rule rule_user_namespace = {
	"ptrace-user-namespace",
	EPERM,
	"Capabilities hold in one's own user namespace and in those below it, not above it and not "
	"beside it.",
	"run it outside the container, or in the user namespace of the process (nsenter --user "
	"--target PID)",
	"user_namespaces(7)",
	NULL,
};
static const struct mpol_rule rule_yama = {
	"ptrace-yama",
	EPERM,
	"Yama restricts ptrace(2) further: 1 allows descendants only, 2 only CAP_SYS_PTRACE, 3 "
	"nobody until the next boot.",
	"run it as root, or for all: sysctl kernel.yama.ptrace_scope=0",
	"Documentation/admin-guide/LSM/Yama.rst",
	NULL,
};
static const struct mpol_rule rule_yama_never = {
	"ptrace-yama-never",
	EPERM,
	"With kernel.yama.ptrace_scope=3 nobody may use ptrace(2), and the setting cannot be taken "
	"back.",
	"change the setting in /etc/sysctl.d and boot anew, or start the process under the policy: "
	"mpol run",
	"Documentation/admin-guide/LSM/Yama.rst",
	NULL,
};
static const struct mpol_rule rule_selinux = {
	"ptrace-selinux",
	EPERM,
	"With SELinux's boolean deny_ptrace, even root's programs may not trace others.",
	"as root: setsebool deny_ptrace 0",
	"SELinux policy, deny_ptrace",
	NULL,
};
static const struct mpol_rule rule_label = {
	"ptrace-label",
	EPERM,
	"A security module (AppArmor, SELinux, Smack) decides which labels may trace which.",
	"run it unconfined, outside the container; the module's reason is in the audit log",
	"security_ptrace_access_check()",
	NULL,
};
static const struct mpol_rule rule_seccomp = {
	"ptrace-seccomp",
	EPERM,
	"This process is under a seccomp filter, as container engines install them, which may "
	"answer EPERM to ptrace(2).",
	"run it outside the container, or allow ptrace in its seccomp profile (--cap-add "
	"SYS_PTRACE)",
	"seccomp(2)",
	NULL,
};
static const struct mpol_rule rule_unknown = {
	"ptrace-not-permitted",
	EPERM,
	"Changing another process needs the same permission as debugging it, and several parts of "
	"the kernel are asked.",
	AS_ROOT,
	"ptrace(2), Ptrace access mode checking",
	NULL,
};

/* "Uid:  1000 1000 1000 1000" */
static void read_ids(int dir_fd, const char *key, unsigned ret[3])
{
	char text[96];

	if (proc_status(dir_fd, 0, key, text, sizeof(text)) == 0)
		(void)sscanf(text, "%u %u %u", &ret[0], &ret[1], &ret[2]); /* zeros otherwise */
}

static uint64_t namespace_of(int dir_fd)
{
	struct stat st;

	return fstatat(dir_fd, "ns/user", &st, 0) == 0 ? st.st_ino : 0;
}

static void read_side(int dir_fd, struct permission_side *ret)
{
	uint64_t seccomp = 0;

	read_ids(dir_fd, "Uid", ret->uid);
	read_ids(dir_fd, "Gid", ret->gid);
	/* What cannot be read stays zero: no capabilities, no filter. */
	(void)proc_status_number(dir_fd, 0, "CapPrm", 16, &ret->permitted);
	(void)proc_status_number(dir_fd, 0, "CapEff", 16, &ret->effective);
	(void)proc_status_number(dir_fd, 0, "Seccomp", 10, &seccomp);
	(void)file_read_line_at(dir_fd, ret->label, sizeof(ret->label), "attr/current");
	ret->seccomp = (unsigned)seccomp;
	ret->user_namespace = namespace_of(dir_fd);
}

static bool is_descendant(int root_fd, pid_t pid)
{
	for (uint64_t parent = (uint64_t)pid; parent > 1;) {
		_cleanup_close_ int dir =
			file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc/%d", (int)parent);

		if (dir < 0 || proc_status_number(dir, 0, "PPid", 10, &parent) < 0)
			return false;
		if (parent == (uint64_t)getpid())
			return true;
	}
	return false;
}

/* The first user namespace maps every user to itself. */
static bool users_are_mapped(int root_fd)
{
	unsigned inside, outside, count;
	char line[128];

	if (file_read_line_at(root_fd, line, sizeof(line), "proc/self/uid_map") < 0)
		return false;
	return sscanf(line, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 ||
	       outside != 0 || count != UINT32_MAX;
}

int permission_look(int root_fd, pid_t pid, struct permission_facts *ret)
{
	_cleanup_close_ int theirs = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc/%d", pid);
	_cleanup_close_ int ours = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc/self");
	struct permission_facts f = { .pid = pid, .yama = -1 };
	uint64_t number;
	char line[16];
	struct stat st;

	if (theirs < 0 || ours < 0 || fstatat(theirs, "stat", &st, 0) < 0)
		return -ESRCH;
	read_side(ours, &f.ours);
	read_side(theirs, &f.theirs);
	/* Files in /proc/PID belong to root then; the folder itself never does (fs/proc/base.c
	 * task_dump_owner()). */
	f.theirs_dumpable = st.st_uid == f.theirs.uid[1];
	f.mapped_users = users_are_mapped(root_fd);
	f.descendant = is_descendant(root_fd, pid);
	if (file_read_u64_at(root_fd, &number, "proc/sys/kernel/yama/ptrace_scope") == 0)
		f.yama = (int)number;
	if (file_read_line_at(root_fd, line, sizeof(line), "sys/fs/selinux/booleans/deny_ptrace") ==
	    0)
		f.selinux_deny = line[0] == '1'; /* "1 1": in force, and to be in force */
	*ret = f;
	return 0;
}

static bool may_trace_anything(const struct permission_side *s)
{
	return s->effective >> CAP_SYS_PTRACE & 1;
}

static bool same_users(const struct permission_facts *f)
{
	for (size_t i = 0; i < ELEMENTSOF(f->theirs.uid); i++)
		if (f->theirs.uid[i] != f->ours.uid[1] || f->theirs.gid[i] != f->ours.gid[1])
			return false;
	return true;
}

static bool other_namespace(const struct permission_facts *f)
{
	return f->ours.user_namespace && f->theirs.user_namespace &&
	       f->ours.user_namespace != f->theirs.user_namespace;
}

static int judge_without_capability(const struct permission_facts *f, struct mpol_error *err)
{
	if (!same_users(f) && f->mapped_users)
		return mpol_fail(err, &rule_user_namespace, "",
				 "process %d belongs to a user outside this user namespace",
				 f->pid);
	if (!same_users(f))
		return mpol_fail(
			err, &rule_other_user, "",
			"process %d runs as user %u (group %u), this one as user %u (group %u)",
			f->pid, f->theirs.uid[1], f->theirs.gid[1], f->ours.uid[1], f->ours.gid[1]);
	if (!f->theirs_dumpable)
		return mpol_fail(err, &rule_not_dumpable, "",
				 "process %d is not dumpable: its /proc/%d belongs to root", f->pid,
				 f->pid);
	if (f->theirs.permitted & ~f->ours.permitted)
		return mpol_fail(
			err, &rule_capabilities, "",
			"process %d has capabilities (0x%llx) that this one has not (0x%llx)",
			f->pid, (unsigned long long)f->theirs.permitted,
			(unsigned long long)f->ours.permitted);
	if (f->yama >= 2 || (f->yama == 1 && !f->descendant))
		return mpol_fail(err, &rule_yama, "",
				 "kernel.yama.ptrace_scope is %d, and process %d was not started "
				 "by this one",
				 f->yama, f->pid);
	return 0;
}

int permission_judge(const struct permission_facts *f, struct mpol_error *err)
{
	if (f->yama == 3)
		return mpol_fail(err, &rule_yama_never, "", "kernel.yama.ptrace_scope is 3");
	if (!may_trace_anything(&f->ours)) {
		int r = judge_without_capability(f, err);

		if (r < 0)
			return r;
	} else if (f->mapped_users && (other_namespace(f) || !f->theirs.user_namespace)) {
		return mpol_fail(err, &rule_user_namespace, "",
				 "CAP_SYS_PTRACE of this user namespace does not reach process %d",
				 f->pid);
	}
	if (f->selinux_deny)
		return mpol_fail(err, &rule_selinux, "", "the SELinux boolean deny_ptrace is on");
	if (f->ours.seccomp == 2)
		return mpol_fail(
			err, &rule_seccomp, "",
			"this process is under a seccomp filter (Seccomp: 2 in /proc/self/status)");
	if (!STREQ(f->ours.label, f->theirs.label))
		return mpol_fail(err, &rule_label, "",
				 "process %d has the security label '%s', this one '%s'", f->pid,
				 f->theirs.label, f->ours.label);
	return mpol_fail(err, &rule_unknown, "",
			 "the kernel does not let this process trace process %d, for none of the "
			 "known reasons",
			 f->pid);
}

int permission_explain(int root_fd, pid_t pid, int r, struct mpol_error *err)
{
	struct permission_facts f;

	if (permission_look(root_fd, pid, &f) < 0)
		return r;
	(void)permission_judge(&f, err); /* always -EPERM */
	return r;
}
