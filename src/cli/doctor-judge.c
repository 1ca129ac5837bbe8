/* SPDX-License-Identifier: MIT */
/*
 * Who says no, and what to change: from the facts alone. The kernel itself asks no permission for a
 * task's own memory policy (mm/mempolicy.c), so EPERM there is always somebody else's answer.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "cli/doctor.h"

#define FILTERS 2 /* "Seccomp: 2" */

static const struct mpol_rule rule_seccomp = {
	"doctor-seccomp-filter",
	EPERM,
	"The kernel asks no permission for a task's own memory; a seccomp filter, as container "
	"engines install them, answers "
	"before the kernel is reached.",
	"let the runtime set the policy, or allow these calls in the profile: see below",
	"seccomp(2); Documentation/userspace-api/seccomp_filter.rst",
	NULL,
};
static const struct mpol_rule rule_killed = {
	"doctor-seccomp-kills",
	EPERM,
	"A seccomp filter may kill a process for a system call instead of refusing it.",
	"allow the call in the profile: see below",
	"seccomp(2), SECCOMP_RET_KILL_PROCESS",
	NULL,
};
static const struct mpol_rule rule_sandbox = {
	"doctor-sandbox",
	EPERM,
	"The kernel asks no permission for a task's own memory, and no seccomp filter is in force: "
	"this is not Linux's own "
	"answer.",
	"ask whoever runs this sandbox (gVisor and the like answer system calls themselves)",
	"mm/mempolicy.c kernel_set_mempolicy()",
	NULL,
};
static const struct mpol_rule rule_no_numa = {
	"doctor-no-numa",
	ENOSYS,
	"Memory policies, node directories and numa_maps exist only in kernels built with "
	"CONFIG_NUMA.",
	"boot a kernel with CONFIG_NUMA=y, as distributions build them",
	"kernel/sys_ni.c, fs/proc/task_mmu.c",
	NULL,
};
static const struct mpol_rule rule_masked = {
	"doctor-masked-sys",
	ENOENT,
	"Without /sys/devices/system/node nobody can tell which nodes there are; sandboxes leave "
	"it out or mask it.",
	"mount /sys read-only inside, or read the nodes outside with --root",
	"Documentation/ABI/stable/sysfs-devices-node",
	NULL,
};
static const struct mpol_rule rule_failed = {
	"doctor-failed",
	EIO,
	"The kernel refused the call for a reason of its own.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_yama = {
	"doctor-yama",
	EPERM,
	"Yama lets a process trace its descendants only (1), only with CAP_SYS_PTRACE (2), or not "
	"at all (3); setting another "
	"process's policy needs ptrace.",
	"start the process under the policy with mpol run, or see below",
	"Documentation/admin-guide/LSM/Yama.rst",
	NULL,
};
static const struct mpol_rule rule_selinux = {
	"doctor-selinux",
	EPERM,
	"With SELinux's boolean deny_ptrace not even root's programs may trace others.",
	"start the process under the policy with mpol run; or, as root, setsebool deny_ptrace 0",
	"SELinux policy, deny_ptrace",
	NULL,
};
static const struct mpol_rule rule_label = {
	"doctor-security-module",
	EPERM,
	"A security module decides which processes may trace which, by their labels.",
	"start the process under the policy with mpol run; the module's reason is in the audit log",
	"security_ptrace_access_check()",
	NULL,
};
static const struct mpol_rule rule_other_users = {
	"doctor-other-users",
	EPERM,
	"The pages, numa_maps and policy of another user's process are open to CAP_SYS_PTRACE only "
	"(moving pages that several "
	"processes map: CAP_SYS_NICE).",
	"run mpol as the process's user, or with CAP_SYS_PTRACE",
	"kernel/ptrace.c __ptrace_may_access(), mm/migrate.c find_mm_struct()",
	NULL,
};
static const struct mpol_rule rule_no_cpuset = {
	"doctor-no-cpuset",
	ENOENT,
	"Groups with a cpuset need a cgroup hierarchy with the cpuset controller.",
	"mount cgroup v2, or v1's cpuset: mount -t cgroup2 none /sys/fs/cgroup",
	"Documentation/admin-guide/cgroup-v2.rst",
	NULL,
};
static const struct mpol_rule rule_cpuset_not_enabled = {
	"doctor-cpuset-not-enabled",
	EACCES,
	"On cgroup v2 a group has the controllers that its parent hands down in "
	"cgroup.subtree_control.",
	"as root: echo +cpuset >…/cgroup.subtree_control of each group above; under systemd: "
	"Delegate=cpuset in the unit",
	"Documentation/admin-guide/cgroup-v2.rst, Controllers: Enabling and Disabling",
	NULL,
};
static const struct mpol_rule rule_cpuset_not_delegated = {
	"doctor-cpuset-not-delegated",
	EACCES,
	"Creating and filling groups needs write permission for the own group's files.",
	"run as root, or get a group of one's own: systemd-run --user --scope -p Delegate=yes",
	"Documentation/admin-guide/cgroup-v2.rst, Delegation",
	NULL,
};

/* Least privilege first; each with the question whether it helps here. */
struct wanted {
	bool policy_calls; /* set_mempolicy, get_mempolicy or mbind is refused by a filter */
	bool filtered;	   /* any call is */
	bool nice;	   /* CAP_SYS_NICE is missing */
	bool ptrace;	   /* Yama refuses */
	bool others;
	bool cpuset;
};

static struct doctor_check *add(struct doctor_answer *a, const char *name,
				enum doctor_verdict verdict)
{
	struct doctor_check *c = &a->checks[a->n_checks++];

	*c = (struct doctor_check){ .name = name, .verdict = verdict };
	return c;
}

static const char *answer_name(int r)
{
	return r == -EPERM    ? "EPERM"
	       : r == -ENOSYS ? "ENOSYS"
	       : r == -EACCES ? "EACCES"
			      : strerror(-r);
}

/* A filter is in force and the answer is one that filters give. */
static bool by_filter(const struct doctor_facts *f, const struct tried *t)
{
	if (f->seccomp != FILTERS)
		return false;
	return t->signal == SIGSYS || t->answer == -EPERM || (t->answer == -ENOSYS && f->has_nodes);
}

static void explain_own_call(const struct doctor_facts *f, const char *name, const struct tried *t,
			     struct mpol_error *err)
{
	char filters[32] = "a seccomp filter is";

	if (f->seccomp_filters > 1)
		(void)snprintf(filters, sizeof(filters), "%u seccomp filters are",
			       f->seccomp_filters);
	if (t->signal)
		(void)mpol_fail(err, &rule_killed, name,
				"a process that called %s(2) was killed by signal %d (%s)", name,
				t->signal, strsignal(t->signal));
	else if (by_filter(f, t))
		(void)mpol_fail(err, &rule_seccomp, name, "%s(2) answers %s, and %s in force", name,
				answer_name(t->answer), filters);
	else if (t->answer == -ENOSYS && !f->has_nodes)
		(void)mpol_fail(err, &rule_no_numa, name,
				"this kernel has no %s(2), and there is no node directory", name);
	else if (t->answer == -EPERM)
		(void)mpol_fail(err, &rule_sandbox, name,
				"%s(2) answers EPERM without a seccomp filter", name);
	else
		(void)mpol_fail_errno(err, &rule_failed, -t->answer, name, "%s(2): %s", name,
				      strerror(-t->answer));
}

static bool failed(const struct tried *t)
{
	return t->answer < 0 || t->signal;
}

static void judge_own_call(const struct doctor_facts *f, enum tried_call call,
			   struct doctor_answer *a)
{
	const struct tried *t = &f->calls[call];
	const char *name = tried_name(call);

	if (!f->tried)
		(void)add(a, name, DOCTOR_UNKNOWN);
	else if (!failed(t))
		(void)add(a, name, DOCTOR_WORKS);
	else
		explain_own_call(f, name, t, &add(a, name, DOCTOR_REFUSED)->error);
}

static void judge_nodes(const struct doctor_facts *f, struct doctor_answer *a)
{
	bool calls_work = f->tried && !failed(&f->calls[TRIED_GET_MEMPOLICY]);
	struct doctor_check *c = add(a, "nodes", f->has_nodes ? DOCTOR_WORKS : DOCTOR_REFUSED);

	if (f->has_nodes)
		return;
	(void)mpol_fail(&c->error, calls_work ? &rule_masked : &rule_no_numa,
			"sys/devices/system/node", "there are no node directories");
}

static void judge_numa_maps(const struct doctor_facts *f, struct doctor_answer *a)
{
	const struct tried *t = &f->calls[TRIED_NUMA_MAPS];
	struct doctor_check *c;

	if (!f->tried || !failed(t)) {
		(void)add(a, "numa_maps", f->tried ? DOCTOR_WORKS : DOCTOR_UNKNOWN);
		return;
	}
	c = add(a, "numa_maps", DOCTOR_REFUSED);
	(void)mpol_fail_errno(&c->error, t->answer == -ENOENT ? &rule_no_numa : &rule_failed,
			      -t->answer, "/proc/self/numa_maps", "%s", strerror(-t->answer));
}

/* Of processes of the same user, which are no descendants. */
static void judge_ptrace(const struct doctor_facts *f, struct doctor_answer *a)
{
	const struct tried *t = &f->calls[TRIED_PTRACE];
	struct mpol_error *err;

	if (!f->tried || !failed(t)) {
		(void)add(a, "ptrace", f->tried ? DOCTOR_WORKS : DOCTOR_UNKNOWN);
		return;
	}
	err = &add(a, "ptrace", DOCTOR_REFUSED)->error;
	if (t->signal || (t->answer == -ENOSYS && f->seccomp == FILTERS))
		explain_own_call(f, "ptrace", t, err);
	else if (f->yama > 0 && !(f->yama < 3 && doctor_has_capability(f, DOCTOR_CAP_SYS_PTRACE)))
		(void)mpol_fail(err, &rule_yama, "ptrace", "kernel.yama.ptrace_scope is %d",
				f->yama);
	else if (f->selinux_deny)
		(void)mpol_fail(err, &rule_selinux, "ptrace",
				"SELinux's boolean deny_ptrace is on");
	else if (f->seccomp == FILTERS)
		explain_own_call(f, "ptrace", t, err);
	else if (*f->label && !STARTS(f->label, "unconfined"))
		(void)mpol_fail(err, &rule_label, "ptrace", "this process is confined as %s",
				f->label);
	else
		(void)mpol_fail_errno(err, &rule_failed, -t->answer, "ptrace", "ptrace(2): %s",
				      strerror(-t->answer));
}

static void judge_others(const struct doctor_facts *f, struct doctor_answer *a)
{
	bool may = doctor_has_capability(f, DOCTOR_CAP_SYS_PTRACE);
	struct doctor_check *c;

	if (!f->status_known) {
		(void)add(a, "other users", DOCTOR_UNKNOWN);
		return;
	}
	c = add(a, "other users", may ? DOCTOR_WORKS : DOCTOR_LIMITED);
	if (!may)
		(void)mpol_fail(&c->error, &rule_other_users, "other users",
				"user %u has no CAP_SYS_PTRACE: only processes of this user can be "
				"seen and changed",
				f->uid);
}

static void judge_cpuset(const struct doctor_facts *f, struct doctor_answer *a)
{
	static const enum doctor_verdict verdicts[] = {
		[DOCTOR_CPUSET_UNKNOWN] = DOCTOR_UNKNOWN,
		[DOCTOR_CPUSET_NONE] = DOCTOR_LIMITED,
		[DOCTOR_CPUSET_NOT_ENABLED] = DOCTOR_LIMITED,
		[DOCTOR_CPUSET_READ_ONLY] = DOCTOR_LIMITED,
		[DOCTOR_CPUSET_WORKS] = DOCTOR_WORKS,
	};
	struct mpol_error *err = &add(a, "cpuset", verdicts[f->cpuset])->error;

	switch (f->cpuset) {
	case DOCTOR_CPUSET_NONE:
		(void)mpol_fail(err, &rule_no_cpuset, "cpuset",
				"no cgroup hierarchy has the cpuset controller");
		return;
	case DOCTOR_CPUSET_NOT_ENABLED:
		(void)mpol_fail(err, &rule_cpuset_not_enabled, "cpuset",
				"cgroup %s has the controllers \"%.80s\", and not cpuset",
				f->cgroup, f->controllers);
		return;
	case DOCTOR_CPUSET_READ_ONLY:
		(void)mpol_fail(err, &rule_cpuset_not_delegated, "cpuset",
				"cgroup %s cannot be written by user %u", f->cgroup, f->uid);
		return;
	case DOCTOR_CPUSET_UNKNOWN:
	case DOCTOR_CPUSET_WORKS:
		return;
	}
}

static const struct doctor_check *find(const struct doctor_answer *a, const char *name)
{
	for (size_t i = 0; i < a->n_checks; i++)
		if (STREQ(a->checks[i].name, name))
			return &a->checks[i];
	return NULL;
}

static bool refused_by(const struct doctor_answer *a, const char *name,
		       const struct mpol_rule *rule)
{
	const struct doctor_check *c = find(a, name);

	return c && c->error.rule == rule;
}

/* The calls that a filter refuses: what a minimal fragment allows. */
static void collect_calls(struct doctor_answer *a)
{
	for (enum tried_call c = 0; c < N_TRIED_CALLS; c++)
		if (c != TRIED_NUMA_MAPS && (refused_by(a, tried_name(c), &rule_seccomp) ||
					     refused_by(a, tried_name(c), &rule_killed)))
			a->calls[a->n_calls++] = tried_name(c);
}

static struct wanted find_wanted(const struct doctor_facts *f, const struct doctor_answer *a)
{
	struct wanted w = {
		.filtered = a->n_calls > 0,
		.nice = !doctor_has_capability(f, DOCTOR_CAP_SYS_NICE),
		.ptrace = refused_by(a, "ptrace", &rule_yama),
		.others = refused_by(a, "other users", &rule_other_users),
		.cpuset = refused_by(a, "cpuset", &rule_cpuset_not_enabled) ||
			  refused_by(a, "cpuset", &rule_cpuset_not_delegated),
	};

	for (size_t i = 0; i < a->n_calls; i++)
		if (STREQ(a->calls[i], "set_mempolicy") || STREQ(a->calls[i], "get_mempolicy") ||
		    STREQ(a->calls[i], "mbind"))
			w.policy_calls = true;
	return w;
}

static bool wants_runtime(const struct wanted *w)
{
	return w->policy_calls;
}
static bool wants_fragment(const struct wanted *w)
{
	return w->filtered;
}
static bool wants_nice(const struct wanted *w)
{
	return w->policy_calls && w->nice;
}
static bool wants_own_start(const struct wanted *w)
{
	return w->ptrace;
}
static bool wants_ptrace(const struct wanted *w)
{
	return w->ptrace || w->others;
}
static bool wants_yama(const struct wanted *w)
{
	return w->ptrace;
}
static bool wants_delegation(const struct wanted *w)
{
	return w->cpuset;
}

static const struct {
	bool (*helps)(const struct wanted *w);
	const char *text;
} remedies[] = {
	{ wants_runtime,
	  "No privilege: let the container runtime set the policy before its filter is in force: "
	  "linux.memoryPolicy "
	  "in config.json, or mpol-runtime with the annotation org.mpol.memory-policy." },
	{ wants_own_start, "No privilege: start processes under their policy with mpol run, "
			   "instead of changing them later." },
	{ wants_delegation, "A group of one's own: Delegate=cpuset in the unit, or systemd-run "
			    "--user --scope -p Delegate=cpuset." },
	{ wants_fragment,
	  "These calls only: add this to \"syscalls\" of the container's seccomp profile "
	  "(--security-opt seccomp=FILE; Kubernetes: seccompProfile of type Localhost):" },
	{ wants_nice, "CAP_SYS_NICE (--cap-add SYS_NICE), where the profile ties the calls to it, "
		      "as Docker's default one does; "
		      "it also allows to raise priorities and to move other processes." },
	{ wants_ptrace, "CAP_SYS_PTRACE for mpol alone (setcap cap_sys_ptrace+ep, --cap-add "
			"SYS_PTRACE): it may then read and "
			"change every process that it sees." },
	{ wants_yama, "For every program: sysctl kernel.yama.ptrace_scope=0." },
};

void doctor_judge(const struct doctor_facts *f, struct doctor_answer *ret)
{
	struct wanted w;

	*ret = (struct doctor_answer){ 0 };
	judge_nodes(f, ret);
	for (enum tried_call c = 0; c < TRIED_PTRACE; c++)
		judge_own_call(f, c, ret);
	judge_numa_maps(f, ret);
	judge_ptrace(f, ret);
	judge_others(f, ret);
	judge_cpuset(f, ret);
	collect_calls(ret);
	w = find_wanted(f, ret);
	for (size_t i = 0; i < ELEMENTSOF(remedies); i++)
		if (remedies[i].helps(&w))
			ret->remedies[ret->n_remedies++] = remedies[i].text;
}

bool doctor_remedy_has_fragment(const char *remedy)
{
	for (size_t i = 0; i < ELEMENTSOF(remedies); i++)
		if (remedies[i].text == remedy)
			return remedies[i].helps == wants_fragment;
	return false;
}
