/* SPDX-License-Identifier: MIT */
/* src/kernel/explain.c: one errno of the kernel, or of a filter in its place, has many causes; each
 * must be told. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "base/macros.h"
#include "check.h"
#include "kernel/probe.h"

static void need_mempolicy(void)
{
	struct mpol_policy now;

	if (mpol_current(&now, NULL) < 0)
		check_skip("needs a kernel with NUMA that lets us ask (get_mempolicy)");
}

TEST(einval_is_told_by_its_cause)
{
	static const struct {
		struct mpol_policy policy;
		const char *rule, *where;
	} rows[] = {
		{ mpol_policy(MPOL_MODE_BIND), "bind-needs-nodes", "nodes" },
		{ mpol_policy(MPOL_MODE_INTERLEAVE), "interleave-needs-nodes", "nodes" },
		{ mpol_policy(MPOL_MODE_DEFAULT, .nodes = MPOL_NODES(0)), "default-takes-no-nodes",
		  "nodes" },
		{ mpol_policy(MPOL_MODE_LOCAL, .nodes = MPOL_NODES(0)), "local-takes-no-nodes",
		  "nodes" },
		{ mpol_policy(MPOL_MODE_LOCAL, .flags = MPOL_FLAG_STATIC_NODES),
		  "local-takes-no-flags", "flags" },
		{ mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0),
			      .flags = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES),
		  "static-excludes-relative", "flags" },
		{ mpol_policy(MPOL_MODE_INTERLEAVE, .nodes = MPOL_NODES(0),
			      .flags = MPOL_FLAG_NUMA_BALANCING),
		  "balancing-needs-bind", "flags" },
		{ mpol_policy((enum mpol_mode)42, .nodes = MPOL_NODES(0)), "unknown-mode", "mode" },
	};

	need_mempolicy();
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };

		check_row(i, rows[i].rule);
		CHECK_EQ(mpol_apply(&rows[i].policy, &err), -EINVAL);
		CHECK_STR(err.rule->id, rows[i].rule);
		CHECK_STR(err.where, rows[i].where);
	}
}

TEST(nodes_that_are_not_there_are_named_with_those_that_are)
{
	static const unsigned highest[] = { 63, 127, 1023 };

	need_mempolicy();
	for (size_t i = 0; i < ELEMENTSOF(highest); i++) {
		struct mpol_policy p = mpol_policy(MPOL_MODE_BIND);
		struct mpol_error err = { 0 };
		struct mpol_nodeset mems;
		char number[16];

		CHECK_EQ(mpol_current_mems(&mems, NULL), 0);
		if (mpol_nodes_has(&mems, highest[i]))
			continue;
		check_row(i, "highest");
		mpol_nodes_add(&p.nodes, highest[i]);
		CHECK_EQ(mpol_apply(&p, &err), -EINVAL);
		CHECK(STREQ(err.rule->id, "no-usable-node") ||
		      STREQ(err.rule->id, "node-too-high"));
		(void)snprintf(number, sizeof(number), "%u", highest[i]);
		CHECK_HAS(err.what, number);
	}
}

TEST(a_range_is_told_the_same_causes)
{
	struct mpol_error err = { 0 };
	static char buffer[8192] __attribute__((aligned(4096)));

	need_mempolicy();
	CHECK_EQ(mpol_apply_range(&mpol_policy(MPOL_MODE_BIND), buffer, 4096, 0, &err), -EINVAL);
	CHECK_STR(err.rule->id, "bind-needs-nodes");
}

/* From here on this process's set_mempolicy(2), and get_mempolicy(2), are answered by a filter. */
static void install_filter(unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_set_mempolicy, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_get_mempolicy, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, action),
	};
	struct sock_fprog program = { .len = ELEMENTSOF(code), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		check_skip("needs a kernel with seccomp filters");
}

static void check_filtered(int errnum)
{
	struct mpol_error err = { 0 };
	struct mpol_kernel kernel;
	struct mpol_policy now;

	install_filter(SECCOMP_RET_ERRNO | (unsigned)errnum);
	CHECK_EQ(mpol_apply(&mpol_default(), &err), -errnum);
	CHECK_STR(err.rule->id, "seccomp-filter");
	CHECK_HAS(err.what, errnum == EPERM ? "EPERM" : "ENOSYS");
	CHECK_EQ(mpol_current(&now, &err), -errnum);
	CHECK_STR(err.rule->id, "seccomp-filter");
	CHECK_EQ(kernel_probe(&kernel, &err), -errnum);
	CHECK_STR(err.rule->id, "seccomp-filter");
	CHECK(!kernel.known);
	CHECK(kernel.release[0] != '\0');
}

TEST(a_filter_that_answers_eperm_is_found)
{
	check_filtered(EPERM);
}

TEST(a_filter_that_answers_enosys_is_found)
{
	check_filtered(ENOSYS);
}

TEST(a_filter_that_kills_is_survived_by_the_one_who_probes)
{
	struct mpol_error err = { 0 };
	struct mpol_kernel kernel;

	install_filter(SECCOMP_RET_KILL_PROCESS);
	CHECK_EQ(kernel_probe(&kernel, &err), -EPERM);
	CHECK_STR(err.rule->id, "seccomp-kills");
	CHECK(!kernel.known);
}
