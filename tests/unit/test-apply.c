/* SPDX-License-Identifier: MIT */
/*
 * src/kernel/apply.c and current.c against the running kernel. Every kernel with NUMA has a node 0,
 * so what is tested here needs no second one; masks over several words are compared bit by bit, and
 * with kernels of many nodes in virtual machines.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "base/macros.h"
#include "check.h"
#include "kernel/nodemask.h"

static void need_mempolicy(void)
{
	struct mpol_policy now;

	if (mpol_current(&now, NULL) < 0)
		check_skip("needs a kernel with NUMA that lets us ask (get_mempolicy)");
}

TEST(maxnode_is_the_highest_node_plus_two)
{
	static const struct {
		const char *nodes;
		unsigned long maxnode;
		unsigned long words[3]; /* 0, 1 and the last */
	} rows[] = {
		{ "", 0, { 0, 0, 0 } },
		{ "0", 2, { 1, 0, 0 } },
		{ "0-3", 5, { 0xf, 0, 0 } },
		{ "62", 64, { 1UL << 62, 0, 0 } },
		{ "63", 65, { 1UL << 63, 0, 0 } },
		{ "64", 66, { 0, 1, 0 } },
		{ "0,127", 129, { 1, 1UL << 63, 0 } },
		{ "1023", 1025, { 0, 0, 1UL << 63 } },
	};

	if (sizeof(unsigned long) != 8)
		check_skip("needs 64-bit words");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_nodeset nodes, back;
		struct nodemask mask;

		check_row(i, rows[i].nodes);
		CHECK_EQ(mpol_nodes_parse(rows[i].nodes, &nodes, NULL), 0);
		mask = nodemask_of(&nodes);
		CHECK_EQ(mask.maxnode, rows[i].maxnode);
		CHECK_EQ(mask.word[0], rows[i].words[0]);
		CHECK_EQ(mask.word[1], rows[i].words[1]);
		CHECK_EQ(mask.word[NODEMASK_WORDS - 1], rows[i].words[2]);
		CHECK((nodemask_words(&mask) == NULL) == (rows[i].maxnode == 0));
		back = nodemask_to_nodes(mask.word);
		CHECK(mpol_nodes_equal(&back, &nodes));
	}
}

TEST(what_is_applied_is_what_is_read_back)
{
	static const struct mpol_policy rows[] = {
		mpol_bind(0),
		mpol_preferred(0),
		mpol_interleave(0),
		mpol_policy(MPOL_MODE_BIND, .nodes = MPOL_NODES(0),
			    .flags = MPOL_FLAG_STATIC_NODES),
		mpol_policy(MPOL_MODE_INTERLEAVE, .nodes = MPOL_NODES(0, 5),
			    .flags = MPOL_FLAG_RELATIVE_NODES),
		mpol_default(),
	};

	need_mempolicy();
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };
		struct mpol_policy now;

		check_row(i, "policy");
		CHECK_EQ(mpol_apply(&rows[i], &err), 0);
		CHECK_EQ(mpol_current(&now, &err), 0);
		CHECK(mpol_policy_equal(&now, &rows[i]));
	}
}

TEST(an_absent_node_beside_a_present_one_is_dropped_silently_as_the_kernel_does)
{
	struct mpol_policy p = mpol_bind(0), now;

	need_mempolicy();
	mpol_nodes_add(&p.nodes, 1023);
	CHECK_EQ(mpol_apply(&p, NULL), 0);
	CHECK_EQ(mpol_current(&now, NULL), 0);
	CHECK(mpol_nodes_has(&now.nodes, 0));
	CHECK_EQ(mpol_nodes_count(&now.nodes), 1);
}

TEST(a_refused_policy_changes_nothing_and_is_described)
{
	struct mpol_policy p = mpol_policy(MPOL_MODE_BIND), now;
	struct mpol_error err = { 0 };

	need_mempolicy();
	CHECK_EQ(mpol_apply(&mpol_interleave(0), &err), 0);
	CHECK_EQ(mpol_apply(&p, &err), -EINVAL);
	CHECK_EQ(err.errnum, EINVAL);
	CHECK(err.rule != NULL);
	CHECK(err.what[0] != '\0');
	CHECK_EQ(mpol_current(&now, NULL), 0);
	CHECK_EQ(now.mode, MPOL_MODE_INTERLEAVE);
	CHECK_EQ(mpol_apply(&p, NULL), -EINVAL);
}

TEST(the_mems_allowed_are_never_empty)
{
	struct mpol_nodeset mems;

	need_mempolicy();
	CHECK_EQ(mpol_current_mems(&mems, NULL), 0);
	CHECK(!mpol_nodes_empty(&mems));
}

TEST(a_range_gets_its_own_policy)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map =
		mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mpol_error err = { 0 };

	need_mempolicy();
	CHECK(map != MAP_FAILED);
	CHECK_EQ(mpol_apply_range(&mpol_bind(0), map, 4 * page, 0, &err), 0);
	map[0] = 1;
	CHECK_EQ(mpol_apply_range(&mpol_bind(0), map, 4 * page, MPOL_RANGE_STRICT | MPOL_RANGE_MOVE,
				  &err),
		 0);
	CHECK_EQ(mpol_apply_range(&mpol_bind(0), map + 1, page, 0, &err), -EINVAL);
	CHECK_STR(err.rule->id, "range-unaligned");
	CHECK_EQ(munmap(map + page, page), 0);
	CHECK_EQ(mpol_apply_range(&mpol_bind(0), map, 4 * page, 0, &err), -EFAULT);
	CHECK_STR(err.rule->id, "range-unmapped");
	CHECK_EQ(mpol_apply_range(&mpol_bind(0), map, page, 1U << 9, &err), -EINVAL);
	CHECK_STR(err.rule->id, "range-flags");
	CHECK_EQ(munmap(map, page), 0);
	CHECK_EQ(munmap(map + 2 * page, 2 * page), 0);
}
