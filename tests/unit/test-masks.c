/* SPDX-License-Identifier: MIT */
/*
 * Node masks, probing and the machine on kernels with many nodes: every check here is about the
 * nodes that there are, so that the same program runs on one node, on four and on 128 (tests/guest
 * boots the latter). 63, 127 and 1023 are where words of a mask end, and where maxnode is got
 * wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpol/apply.h>
#include <mpol/check.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "check.h"
#include "kernel/sys.h"

static int root_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

static struct mpol_nodeset need_mems(void)
{
	struct mpol_nodeset mems;

	if (mpol_current_mems(&mems, NULL) < 0)
		check_skip("needs a kernel with NUMA that lets us ask (get_mempolicy)");
	return mems;
}

/* The policy of the first mapping in numa_maps without a policy of its own: what is in force, as
 * the kernel prints it. */
static const char *in_force(void)
{
	static char policy[128];
	_cleanup_free_ char *text = NULL;

	if (file_read_at(root_fd(), FILE_MAX_SIZE, &text, NULL, "proc/self/numa_maps") < 0)
		return "unreadable";
	if (sscanf(text, "%*s %127s", policy) != 1)
		return "odd";
	return policy;
}

/* The node on which a page is that is touched now. */
static int node_of_fresh_page(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	void *address = map;
	int status = -1;

	map[0] = 1;
	if (sys_move_pages(0, 1, &address, NULL, &status, 0) < 0)
		status = -1;
	munmap(map, (size_t)page);
	return status;
}

TEST(a_page_is_on_the_one_node_that_it_is_bound_to)
{
	struct mpol_nodeset mems = need_mems();

	for (int n = mpol_nodes_next(&mems, 0); n >= 0;
	     n = mpol_nodes_next(&mems, (unsigned)n + 1)) {
		struct mpol_policy p = mpol_policy(MPOL_MODE_BIND);
		char expected[32], name[16];

		(void)snprintf(name, sizeof(name), "node %d", n);
		check_row((size_t)n, name);
		mpol_nodes_add(&p.nodes, (unsigned)n);
		CHECK_EQ(mpol_apply(&p, NULL), 0);
		(void)snprintf(expected, sizeof(expected), "bind:%d", n);
		CHECK_STR(in_force(), expected);
		CHECK_EQ(node_of_fresh_page(), n);
	}
}

TEST(no_node_of_a_mask_is_lost)
{
	struct mpol_nodeset mems = need_mems();

	/* For each node all up to it: the highest is the one that a wrong maxnode loses. */
	for (int n = mpol_nodes_next(&mems, 0); n >= 0;
	     n = mpol_nodes_next(&mems, (unsigned)n + 1)) {
		struct mpol_policy p = mpol_policy(MPOL_MODE_INTERLEAVE), now;

		check_row((size_t)n, "highest node");
		CHECK_EQ(mpol_nodes_range(0, (unsigned)n, &p.nodes, NULL), 0);
		p.nodes = mpol_nodes_and(&p.nodes, &mems);
		CHECK_EQ(mpol_apply(&p, NULL), 0);
		CHECK_EQ(mpol_current(&now, NULL), 0);
		CHECK(mpol_policy_equal(&now, &p));
	}
}

TEST(each_pair_with_node_0_is_kept_by_mbind_too)
{
	struct mpol_nodeset mems = need_mems();
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	int first = mpol_nodes_next(&mems, 0);

	for (int n = first; n >= 0; n = mpol_nodes_next(&mems, (unsigned)n + 1)) {
		struct mpol_policy p = mpol_policy(MPOL_MODE_INTERLEAVE);
		unsigned long word[MPOL_MAX_NODES / 64] = { 0 };
		int mode = 0;

		check_row((size_t)n, "with node 0");
		mpol_nodes_add(&p.nodes, (unsigned)first);
		mpol_nodes_add(&p.nodes, (unsigned)n);
		CHECK_EQ(mpol_apply_range(&p, map, (size_t)page, 0, NULL), 0);
		CHECK_EQ(sys_get_mempolicy(&mode, word, MPOL_MAX_NODES, map, SYS_MPOL_F_ADDR), 0);
		CHECK_EQ(mode, MPOL_MODE_INTERLEAVE);
		CHECK_EQ(memcmp(word, p.nodes.word, sizeof(p.nodes)), 0);
	}
	CHECK_EQ(munmap(map, (size_t)page), 0);
}

TEST(a_node_that_is_not_there_is_dropped_beside_others_and_refused_alone)
{
	static const unsigned odd[] = { 62, 63, 64, 126, 127, 128, 1022, 1023 };
	struct mpol_nodeset mems = need_mems();

	for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
		struct mpol_policy p = mpol_policy(MPOL_MODE_BIND), now;
		struct mpol_error err = { 0 };
		char number[16];

		if (mpol_nodes_has(&mems, odd[i]))
			continue;
		(void)snprintf(number, sizeof(number), "%u", odd[i]);
		check_row(i, number);
		mpol_nodes_add(&p.nodes, odd[i]);
		CHECK_EQ(mpol_apply(&p, &err), -EINVAL);
		CHECK_STR(err.rule->id, "no-usable-node");
		CHECK_HAS(err.what, number);
		mpol_nodes_add(&p.nodes, (unsigned)mpol_nodes_last(&mems));
		CHECK_EQ(mpol_apply(&p, &err), 0);
		CHECK_EQ(mpol_current(&now, NULL), 0);
		CHECK_EQ(mpol_nodes_count(&now.nodes), 1);
		CHECK_EQ(mpol_nodes_last(&now.nodes), mpol_nodes_last(&mems));
	}
}

TEST(modes_that_this_kernel_lacks_are_refused_by_name)
{
	struct mpol_nodeset mems = need_mems();
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	static const struct {
		enum mpol_mode mode;
		unsigned flags;
		const char *rule;
	} rows[] = {
		{ MPOL_MODE_PREFERRED_MANY, 0, "mode-too-new" },
		{ MPOL_MODE_WEIGHTED_INTERLEAVE, 0, "mode-too-new" },
		{ MPOL_MODE_BIND, MPOL_FLAG_NUMA_BALANCING, "balancing-too-new" },
		{ MPOL_MODE_PREFERRED_MANY, MPOL_FLAG_NUMA_BALANCING, NULL }, /* of three rules */
	};

	CHECK_EQ(mpol_machine_read(root_fd(), 0, &m, NULL), 0);
	CHECK(m.kernel.known);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_policy p = { .mode = rows[i].mode,
					 .flags = rows[i].flags,
					 .nodes = mems };
		struct mpol_finding finding = { .severity = MPOL_NOTE };
		struct mpol_error err = { 0 };
		bool refused =
			mpol_check(&p, &m, &finding, 1) > 0 && finding.severity == MPOL_REFUSED;

		check_row(i, rows[i].rule);
		CHECK_EQ(mpol_apply(&p, &err), refused ? -EINVAL : 0);
		if (refused && rows[i].rule)
			CHECK_STR(err.rule->id, rows[i].rule);
		if (refused)
			CHECK_STR(err.rule->id, finding.error.rule->id);
	}
}

TEST(what_the_probe_says_of_reading_back_is_so)
{
	struct mpol_nodeset mems = need_mems();
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	struct mpol_policy p = { .mode = MPOL_MODE_BIND,
				 .flags = MPOL_FLAG_NUMA_BALANCING,
				 .nodes = mems },
			   now;

	CHECK_EQ(mpol_machine_read(root_fd(), 0, &m, NULL), 0);
	CHECK_EQ(mpol_apply(&mpol_local(), NULL), 0);
	CHECK_EQ(mpol_current(&now, NULL), 0);
	CHECK_EQ(now.mode == MPOL_MODE_LOCAL, m.kernel.local_is_a_mode);
	if (!(m.kernel.flags & MPOL_FLAG_NUMA_BALANCING))
		check_skip("needs NUMA_BALANCING");
	CHECK_EQ(mpol_apply(&p, NULL), 0);
	CHECK_EQ(strstr(in_force(), "balancing") != NULL, m.kernel.balancing_is_shown);
	mpol_nodes_add(&p.nodes, 62);
	if (mpol_nodes_has(&mems, 62))
		return;
	CHECK_EQ(mpol_apply(&p, NULL), 0);
	CHECK_EQ(mpol_current(&now, NULL), 0);
	CHECK_EQ(mpol_nodes_has(&now.nodes, 62), m.kernel.balancing_keeps_user_nodes);
}

TEST(the_machine_read_agrees_with_the_kernel)
{
	struct mpol_nodeset mems = need_mems();
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };

	CHECK_EQ(mpol_machine_read(root_fd(), 0, &m, NULL), 0);
	CHECK(mpol_nodes_equal(&m.mems_allowed, &mems));
	CHECK(mpol_nodes_subset(&mems, &m.with_memory));
	CHECK_EQ(m.n_nodes, mpol_nodes_count(&m.online));
	for (size_t i = 0; i < m.n_nodes; i++) {
		unsigned id = m.nodes[i].id;

		check_row(i, "node");
		CHECK_EQ(mpol_machine_distance(&m, id, id), 10);
		CHECK(!m.nodes[i].has_memory || m.nodes[i].memory_total > 0);
	}
}
