/* SPDX-License-Identifier: MIT */
/* src/kernel/probe.c against the running kernel: what it says must be what the kernel then does. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "check.h"
#include "kernel/probe.h"
#include "kernel/spawn.h"

static int probe(struct mpol_kernel *k)
{
	struct mpol_error err = { 0 };
	int r = kernel_probe(k, &err);

	if (r == -ENOSYS || r == -EPERM)
		check_skip("needs a kernel that lets us ask: %s", err.what);
	return r;
}

TEST(a_mode_that_was_probed_can_be_applied_and_no_other)
{
	struct mpol_nodeset mems;
	struct mpol_kernel k;

	CHECK_EQ(probe(&k), 0);
	CHECK(k.known);
	CHECK_EQ(mpol_current_mems(&mems, NULL), 0);
	for (int m = 0; m < MPOL_N_MODES; m++) {
		struct mpol_policy p = { .mode = (enum mpol_mode)m };

		check_row((size_t)m, "mode");
		if (p.mode != MPOL_MODE_DEFAULT && p.mode != MPOL_MODE_LOCAL)
			p.nodes = mems;
		CHECK_EQ(mpol_apply(&p, NULL) == 0, k.modes >> m & 1);
	}
	CHECK(k.modes & 1U << MPOL_MODE_BIND);
}

TEST(a_probe_leaves_the_caller_s_policy_alone)
{
	struct mpol_kernel k;
	struct mpol_policy now;

	CHECK_EQ(probe(&k), 0);
	CHECK_EQ(mpol_apply(&mpol_interleave(0), NULL), 0);
	CHECK_EQ(probe(&k), 0);
	CHECK_EQ(mpol_current(&now, NULL), 0);
	CHECK_EQ(now.mode, MPOL_MODE_INTERLEAVE);
}

TEST(the_release_is_told)
{
	struct utsname uts;
	struct mpol_kernel k;

	(void)kernel_probe(&k, NULL); /* even when nothing else can be asked */
	CHECK_EQ(uname(&uts), 0);
	CHECK_STR(k.release, uts.release);
}

static void set_42(void *shared)
{
	*(int *)shared = 42;
}

static void die(void *shared)
{
	*(int *)shared = 7;
	kill(getpid(), SIGKILL);
}

static int n_sigchld;

static void count_sigchld(int sig)
{
	(void)sig;
	n_sigchld++;
}

TEST(a_scratch_child_answers_in_shared_memory_and_is_never_seen)
{
	int value = 0;

	CHECK(signal(SIGCHLD, count_sigchld) != SIG_ERR);
	CHECK_EQ(spawn_scratch(set_42, &value, sizeof(value)), 0);
	CHECK_EQ(value, 42);
	CHECK_EQ(n_sigchld, 0);
	CHECK_EQ(waitpid(-1, NULL, 0), -1);
	CHECK_EQ(errno, ECHILD);
}

TEST(a_scratch_child_that_dies_is_reported)
{
	int value = 0;
	int status = spawn_scratch(die, &value, sizeof(value));

	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	CHECK_EQ(value, 7);
}
