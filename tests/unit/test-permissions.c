/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>

#include "base/macros.h"
#include "check.h"
#include "live/permissions.h"
#include "root.h"

#define USER(u) .uid = { u, u, u }, .gid = { u, u, u }
#define PTRACE	((uint64_t)1 << CAP_SYS_PTRACE)
#define COMMON	.pid = 12, .theirs_dumpable = true, .yama = -1

static const struct {
	const char *name;
	struct permission_facts facts;
	const char *rule, *says;
} rows[] = {
	{ "another user",
	  { COMMON, .ours = { USER(1000) }, .theirs = { USER(1001) } },
	  "ptrace-other-user",
	  "user 1001" },
	{ "another group",
	  { COMMON, .ours = { USER(1000) }, .theirs = { .uid = { 1000, 1000, 1000 } } },
	  "ptrace-other-user",
	  "group 0" },
	{ "its saved user is another",
	  { COMMON, .ours = { USER(1000) },
	    .theirs = { .uid = { 1000, 1000, 0 }, .gid = { 1000, 1000, 1000 } } },
	  "ptrace-other-user",
	  "user 1000" },
	{ "not dumpable",
	  { .pid = 12, .yama = -1, .ours = { USER(1000) }, .theirs = { USER(1000) } },
	  "ptrace-not-dumpable",
	  "/proc/12 belongs to root" },
	{ "it can more",
	  { COMMON, .ours = { USER(1000) },
	    .theirs = { USER(1000), .permitted = 1 << CAP_NET_RAW } },
	  "ptrace-more-capabilities",
	  "0x2000" },
	{ "Yama: no descendant",
	  { .pid = 12,
	    .theirs_dumpable = true,
	    .yama = 1,
	    .ours = { USER(1000) },
	    .theirs = { USER(1000) } },
	  "ptrace-yama",
	  "ptrace_scope is 1" },
	{ "Yama: administrators only",
	  { .pid = 12,
	    .theirs_dumpable = true,
	    .yama = 2,
	    .descendant = true,
	    .ours = { USER(1000) },
	    .theirs = { USER(1000) } },
	  "ptrace-yama",
	  "ptrace_scope is 2" },
	{ "Yama: nobody, not even root",
	  { .pid = 12,
	    .theirs_dumpable = true,
	    .yama = 3,
	    .ours = { USER(0), .effective = PTRACE },
	    .theirs = { USER(0) } },
	  "ptrace-yama-never",
	  "3" },
	{ "root in a container, a process outside",
	  { COMMON, .mapped_users = true,
	    .ours = { USER(0), .effective = PTRACE, .user_namespace = 2 },
	    .theirs = { USER(65534) } },
	  "ptrace-user-namespace",
	  "CAP_SYS_PTRACE" },
	{ "a user in a container, a process outside",
	  { COMMON, .mapped_users = true, .ours = { USER(1000) }, .theirs = { USER(65534) } },
	  "ptrace-user-namespace",
	  "outside" },
	{ "SELinux, also root",
	  { COMMON, .selinux_deny = true, .ours = { USER(0), .effective = PTRACE },
	    .theirs = { USER(1000) } },
	  "ptrace-selinux",
	  "deny_ptrace" },
	{ "our own filter",
	  { COMMON, .ours = { USER(0), .effective = PTRACE, .seccomp = 2 }, .theirs = { USER(0) } },
	  "ptrace-seccomp",
	  "Seccomp: 2" },
	{ "AppArmor",
	  { COMMON, .ours = { USER(0), .effective = PTRACE, .label = "docker-default (enforce)" },
	    .theirs = { USER(0), .label = "unconfined" } },
	  "ptrace-label",
	  "docker-default" },
	{ "nothing known",
	  { COMMON, .ours = { USER(0), .effective = PTRACE }, .theirs = { USER(0) } },
	  "ptrace-not-permitted",
	  "none of the known" },
	{ "Yama and a descendant: something else",
	  { .pid = 12,
	    .theirs_dumpable = true,
	    .yama = 1,
	    .descendant = true,
	    .ours = { USER(1000) },
	    .theirs = { USER(1000) } },
	  "ptrace-not-permitted",
	  "none of the known" },
};

TEST(the_first_check_that_fails_is_named)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };

		check_row(i, rows[i].name);
		CHECK_EQ(permission_judge(&rows[i].facts, &err), -EPERM);
		if (CHECK(err.rule != NULL))
			CHECK_STR(err.rule->id, rows[i].rule);
		CHECK_HAS(err.what, rows[i].says);
		CHECK(mpol_error_hint(&err) != NULL);
	}
}

TEST(the_facts_are_read)
{
	struct permission_facts f;
	int root = root_make();

	root_put("proc/self/status",
		 "Uid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\nCapPrm:"
		 "\t0000000000000000\nCapEff:\t0000000000080000\nSeccomp:\t2\n");
	root_put("proc/self/uid_map", "         0          0 4294967295\n");
	root_put("proc/self/attr/current", "unconfined\n");
	root_put("proc/12/status",
		 "Uid:\t0\t1\t2\t3\nGid:\t4\t5\t6\t7\nCapPrm:\t000001ffffffffff\nPPid:\t1\n");
	root_put("proc/12/stat", "");
	root_put("proc/sys/kernel/yama/ptrace_scope", "1\n");
	root_put("sys/fs/selinux/booleans/deny_ptrace", "1 1");
	CHECK_EQ(permission_look(root, 12, &f), 0);
	CHECK_EQ(f.ours.uid[1], 1000);
	CHECK_EQ(f.ours.effective, PTRACE);
	CHECK_EQ(f.ours.seccomp, 2);
	CHECK_STR(f.ours.label, "unconfined");
	CHECK_EQ(f.theirs.uid[2], 2);
	CHECK_EQ(f.theirs.gid[0], 4);
	CHECK_EQ(f.theirs.permitted, 0x1ffffffffff);
	CHECK_EQ(f.yama, 1);
	CHECK(f.selinux_deny);
	CHECK(!f.mapped_users);
	CHECK(!f.descendant);
	root_put("proc/self/uid_map", "         0       1000          1\n");
	CHECK_EQ(permission_look(root, 12, &f), 0);
	CHECK(f.mapped_users);
	CHECK_EQ(permission_look(root, 13, &f), -ESRCH);
}
