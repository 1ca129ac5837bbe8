/* SPDX-License-Identifier: MIT */
/* Placement by the policy in force, and threads with policies of their own, of real processes on
 * this machine. */
#include <pthread.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/sys.h"
#include "placed-child.h"
#include "placement/by_policy.h"

static const struct policy_group *group_of(const struct policy_groups *g, const char *text)
{
	for (size_t i = 0; i < g->n; i++)
		if (STREQ(g->groups[i].text, text))
			return &g->groups[i];
	return NULL;
}

static void *wait_under_bind(void *arg)
{
	unsigned long node0 = 1;

	if (sys_set_mempolicy(MPOL_MODE_BIND, &node0, 3) < 0)
		_exit(1);
	(void)pthread_barrier_wait(arg);
	for (;;)
		(void)pause();
	return NULL;
}

/* 4 MiB under its own policy, 1 MiB under that of the main thread, and two threads with another
 * one. */
static void body_policies(int to, void *arg)
{
	pthread_barrier_t ready;
	unsigned long node0 = 1;
	pthread_t thread;
	char *own;

	(void)arg;
	if (sys_set_mempolicy(MPOL_MODE_PREFERRED, &node0, 3) < 0)
		_exit(1);
	own = touch_apart(4 * MIB, 0);
	if (sys_mbind(own, 4 * MIB, MPOL_MODE_INTERLEAVE, &node0, 3, 0) < 0)
		_exit(1);
	memset(own, 1, 4 * MIB);
	(void)touch_apart(MIB, MIB);
	if (pthread_barrier_init(&ready, NULL, 3) ||
	    pthread_create(&thread, NULL, wait_under_bind, &ready) ||
	    pthread_create(&thread, NULL, wait_under_bind, &ready))
		_exit(1);
	(void)pthread_barrier_wait(&ready);
	tell_range(to, own, 4 * MIB);
}

TEST(pages_are_told_apart_by_the_policy_in_force)
{
	_cleanup_close_ int fd = root();
	_cleanup_(policy_groups_done) struct policy_groups g = { 0 };
	const struct policy_group *own, *of_thread;
	struct mpol_placement whole = { 0 }, sum = { 0 };
	struct mpol_error err = { 0 };
	struct child c;

	need_numa_maps();
	c = start(body_policies, NULL);
	(void)told_range(&c);
	CHECK_EQ(placement_by_policy(fd, c.pid, true, &g, &err), 0);
	CHECK_STR(err.what, "");
	own = group_of(&g, "interleave:0");
	of_thread = group_of(&g, "prefer:0");
	if (CHECK(own && of_thread)) {
		CHECK_EQ(own->mappings, 1);
		CHECK_EQ(own->policy.policy.mode, MPOL_MODE_INTERLEAVE);
		CHECK_EQ(placement_governed(&own->placement, NULL), 4 * MIB);
		CHECK_EQ(mpol_placement_own_on(&own->placement, NULL), 4 * MIB);
		CHECK(placement_governed(&of_thread->placement, NULL) >= MIB);
		CHECK(of_thread->mappings > 1);
	}
	for (size_t i = 0; i < g.n; i++)
		mpol_placement_add(&sum, &g.groups[i].placement);
	CHECK_EQ(mpol_placement_of(fd, c.pid, &whole, NULL), 0);
	CHECK_EQ(mpol_placement_on(&sum, NULL), mpol_placement_on(&whole, NULL));
	stop(&c);
}

TEST(threads_with_other_policies_are_counted)
{
	_cleanup_close_ int fd = root();
	_cleanup_(thread_policies_done) struct thread_policies t = { 0 };
	struct child c;

	need_numa_maps();
	c = start(body_policies, NULL);
	(void)told_range(&c);
	CHECK_EQ(placement_thread_policies(fd, c.pid, &t, NULL), 0);
	CHECK_EQ(t.n_threads, 3);
	if (CHECK_EQ(t.n, 2)) {
		CHECK_STR(t.policies[0].text, "prefer:0"); /* the main thread's comes first */
		CHECK_EQ(t.policies[0].threads, 1);
		CHECK_EQ(t.policies[0].first, c.pid);
		CHECK_STR(t.policies[1].text, "bind:0");
		CHECK_EQ(t.policies[1].threads, 2);
		CHECK_EQ(t.policies[1].policy.policy.mode, MPOL_MODE_BIND);
		CHECK(t.policies[1].first > 0);
	}
	stop(&c);
}

TEST(threads_of_no_process_are_an_error)
{
	_cleanup_close_ int fd = root();
	_cleanup_(thread_policies_done) struct thread_policies t = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(placement_thread_policies(fd, 4194304, &t, &err), -ESRCH);
	CHECK_STR(err.rule ? err.rule->id : NULL, "no-such-process");
}
