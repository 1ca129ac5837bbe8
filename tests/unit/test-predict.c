/* SPDX-License-Identifier: MIT */
/*
 * Prediction and moves, rule by rule and kernel by kernel, where the recordings do not reach:
 * findings about a change of the cpuset, masks of every size, kernels that lie between those that
 * were recorded.
 */
#include <errno.h>
#include <stdint.h>

#include <mpol/check.h>
#include <mpol/predict.h>

#include "base/macros.h"
#include "check.h"
#include "model/moves.h"

#define STATIC	  MPOL_FLAG_STATIC_NODES
#define RELATIVE  MPOL_FLAG_RELATIVE_NODES
#define BALANCING MPOL_FLAG_NUMA_BALANCING

static struct mpol_nodeset nodes_of(const char *text)
{
	struct mpol_nodeset s = { { 0 } };

	CHECK_EQ(mpol_nodes_parse(text, &s, NULL), 0);
	return s;
}

static struct mpol_situation situation(const char *kernel, const char *mems)
{
	struct mpol_situation s = { .mems_allowed = nodes_of(mems), .possible = nodes_of("0-4") };

	CHECK_EQ(mpol_kernel_from_version(kernel, &s.kernel, NULL), 0);
	return s;
}

/* Set in 0-3, moved to `to`: the rule that is told, and what is in force. */
static const struct {
	const char *why, *kernel;
	enum mpol_mode mode;
	unsigned flags;
	const char *nodes, *to;
	const char *text; /* numa_maps afterwards */
	const char *rule; /* NULL: nothing is told */
	const char *says;
} moves[] = {
	{ "bind is renumbered", "6.12", MPOL_MODE_BIND, 0, "1", "1-2", "bind:2", "nodes-renumbered",
	  "1 became 2" },
	{ "bind that stays is not told", "6.12", MPOL_MODE_BIND, 0, "1", "1,3", "bind:3",
	  "nodes-renumbered", "1 became 3" },
	{ "the same cpuset changes nothing", "6.12", MPOL_MODE_BIND, 0, "1", "0-3", "bind:1", NULL,
	  NULL },
	{ "interleave is renumbered", "6.12", MPOL_MODE_INTERLEAVE, 0, "0-3", "1-2",
	  "interleave:1-2", "nodes-renumbered", "0-3 became 1-2" },
	{ "weighted interleave is", "6.12", MPOL_MODE_WEIGHTED_INTERLEAVE, 0, "3", "1-2",
	  "weighted interleave:2", "nodes-renumbered", "3 became 2" },
	{ "static keeps what is left", "6.12", MPOL_MODE_BIND, STATIC, "1-3", "1-2",
	  "bind=static:1-2", NULL, NULL },
	{ "static widens when nothing is left", "6.12", MPOL_MODE_BIND, STATIC, "1", "2-3",
	  "bind=static:2-3", "static-widened", "none of the nodes 1" },
	{ "relative moves along, as asked", "6.12", MPOL_MODE_BIND, RELATIVE, "1", "2-3",
	  "bind=relative:3", NULL, NULL },
	{ "preferred stays, outside", "6.12", MPOL_MODE_PREFERRED, 0, "1", "2-3", "prefer:1",
	  "preferred-outside-cpuset", "pages come from 2-3" },
	{ "preferred inside is not told", "6.12", MPOL_MODE_PREFERRED, 0, "1", "1-2", "prefer:1",
	  NULL, NULL },
	{ "preferred-many stays, partly outside", "6.12", MPOL_MODE_PREFERRED_MANY, 0, "1-2", "2-3",
	  "prefer (many):1-2", "preferred-outside-cpuset", "nodes 1 is outside" },
	{ "preferred with static loses its nodes as given", "6.12", MPOL_MODE_PREFERRED, STATIC,
	  "1", "1-2", "prefer=static:1", "readback-overwritten", "answers the nodes 1-2" },
	{ "preferred without flags has none to lose", "6.12", MPOL_MODE_PREFERRED, 0, "1", "0-1",
	  "prefer:1", NULL, NULL },
	{ "balancing is renumbered from the wrong base", "6.12", MPOL_MODE_BIND, BALANCING, "1",
	  "1-2", "bind=balancing:1", "balancing-wrong-base", "are 1 now, where 2" },
	{ "balancing is renumbered rightly since 7.0", "7.2", MPOL_MODE_BIND, BALANCING, "1", "1-2",
	  "bind=balancing:2", "nodes-renumbered", "1 became 2" },
	{ "balancing with preferred-many is not renumbered", "6.12", MPOL_MODE_PREFERRED_MANY,
	  BALANCING, "1", "1-2", "prefer (many)=balancing:1", "readback-overwritten", "1-2" },
	{ "the wrong base may meet the right node", "6.12", MPOL_MODE_BIND, BALANCING, "0", "0-1",
	  "bind=balancing:0", NULL, NULL },
	{ "5.10 renumbers preferred", "5.10", MPOL_MODE_PREFERRED, 0, "1", "2-3", "prefer:3",
	  "nodes-renumbered", "1 became 3" },
	{ "5.10 renumbers relative preferred", "5.10", MPOL_MODE_PREFERRED, RELATIVE, "1", "2-3",
	  "prefer=relative:3", NULL, NULL },
	{ "5.10 makes static preferred local", "5.10", MPOL_MODE_PREFERRED, STATIC, "1", "2-3",
	  "local=static", "preferred-became-local", "node 1 is not allowed" },
	{ "5.10 keeps static preferred that is allowed", "5.10", MPOL_MODE_PREFERRED, STATIC, "1",
	  "1-2", "prefer=static:1", NULL, NULL },
	{ "5.10 asks for the lowest node as given", "5.10", MPOL_MODE_PREFERRED, STATIC, "1-2",
	  "2-3", "local=static", "preferred-became-local", "" },
	{ "5.13 does, too", "5.13", MPOL_MODE_PREFERRED, 0, "1", "2-3", "prefer:3",
	  "nodes-renumbered", "1 became 3" },
	{ "5.14 does not", "5.14", MPOL_MODE_PREFERRED, 0, "1", "2-3", "prefer:1",
	  "preferred-outside-cpuset", "" },
	{ "local has no nodes", "6.12", MPOL_MODE_LOCAL, 0, "", "1-2", "local", NULL, NULL },
	{ "local has none on 5.10", "5.10", MPOL_MODE_LOCAL, 0, "", "1-2", "local", NULL, NULL },
	{ "empty preferred has none on 5.10", "5.10", MPOL_MODE_PREFERRED, 0, "", "1-2", "local",
	  NULL, NULL },
	{ "default has none", "6.12", MPOL_MODE_DEFAULT, 0, "", "1-2", "default", NULL, NULL },
	{ "balancing is hidden on 6.1.50", "6.1.50", MPOL_MODE_BIND, STATIC | BALANCING, "1", "1-2",
	  "default", NULL, NULL },
};

TEST(a_move_is_predicted_and_told)
{
	for (size_t i = 0; i < ELEMENTSOF(moves); i++) {
		struct mpol_situation s = situation(moves[i].kernel, "0-3");
		struct mpol_policy p = { moves[i].mode, moves[i].flags, nodes_of(moves[i].nodes) };
		struct mpol_nodeset to = nodes_of(moves[i].to);
		struct mpol_finding f[4] = { 0 };
		struct mpol_kept before, after;
		char text[MPOL_KEPT_TEXT];
		size_t n;

		check_row(i, moves[i].why);
		CHECK_EQ(mpol_predict_policy(&p, &s, &before, NULL), 0);
		after = before;
		mpol_kept_move(&after, &s.kernel, &to);
		(void)mpol_kept_text(&after, &s.kernel, text);
		CHECK_STR(text, moves[i].text);
		n = move_check(&before, &after, &s.kernel, &s.mems_allowed, &to, f, ELEMENTSOF(f));
		CHECK_STR(n ? f[0].error.rule->id : NULL, moves[i].rule);
		if (n && moves[i].says)
			CHECK_HAS(f[0].error.what, moves[i].says);
		CHECK_EQ(move_check(&before, &after, &s.kernel, &s.mems_allowed, &to, f, 0), n);
	}
}

TEST(both_defects_of_preferred_are_told)
{
	struct mpol_situation s = situation("6.12", "0-3");
	struct mpol_policy p = { MPOL_MODE_PREFERRED, STATIC, nodes_of("1") };
	struct mpol_nodeset to = nodes_of("2-3");
	struct mpol_finding f[4] = { 0 };
	struct mpol_kept before, after;

	CHECK_EQ(mpol_predict_policy(&p, &s, &before, NULL), 0);
	after = before;
	mpol_kept_move(&after, &s.kernel, &to);
	CHECK_EQ(move_check(&before, &after, &s.kernel, &s.mems_allowed, &to, f, ELEMENTSOF(f)), 2);
	CHECK_STR(f[0].error.rule->id, "preferred-outside-cpuset");
	CHECK_STR(f[1].error.rule->id, "readback-overwritten");
}

/* Bits 3 and `high`, or 3 alone; bits is maxnode - 1. */
static const struct {
	const char *why, *kernel;
	unsigned high;
	uint64_t maxnode, readable;
	int errnum;
	const char *rule;
} masks[] = {
	{ "the last bit needs two more", "6.12", 0, 5, 0, 0, NULL },
	{ "one less loses it", "6.12", 0, 4, 0, EINVAL, "bind-needs-nodes" },
	{ "maxnode 0 wraps", "6.12", 0, 0, 0, EINVAL, "mask-too-long" },
	{ "a page of bits is read", "6.12", 0, 32769, 0, 0, NULL },
	{ "one bit more is not", "6.12", 0, 32770, 0, EINVAL, "mask-too-long" },
	{ "node 1023 is dropped", "6.12", 1023, 1025, 0, 0, NULL },
	{ "bit 1024 is refused", "6.12", 1024, 1026, 0, EINVAL, "node-too-high" },
	{ "bit 1024 is not looked at", "6.12", 1024, 1025, 0, 0, NULL },
	{ "the last word counts as a whole", "6.12", 1080, 1030, 0, EINVAL, "node-too-high" },
	{ "on 5.10 it does not", "5.10", 1080, 1030, 0, 0, NULL },
	{ "on 5.10 bits within do", "5.10", 1080, 1082, 0, EINVAL, "node-too-high" },
	{ "the next word is not looked at", "6.12", 1100, 1080, 0, 0, NULL },
	{ "one readable word is enough for 64 bits", "6.12", 0, 65, 1, 0, NULL },
	{ "and not for 65", "6.12", 0, 66, 1, EFAULT, "mask-unreadable" },
	{ "5.10 reads from the front", "5.10", 1024, 2049, 17, EINVAL, "node-too-high" },
	{ "newer kernels from the back", "6.12", 1024, 2049, 17, EFAULT, "mask-unreadable" },
	{ "5.10 meets the end, too", "5.10", 0, 2049, 17, EFAULT, "mask-unreadable" },
	{ "more readable words than needed do no harm", "6.12", 0, 65, 9, 0, NULL },
};

TEST(masks_are_read_as_the_kernel_reads_them)
{
	static uint64_t words[513];

	for (size_t i = 0; i < ELEMENTSOF(masks); i++) {
		struct mpol_situation s = situation(masks[i].kernel, "0-3");
		struct mpol_request r = { MPOL_MODE_BIND, words, masks[i].maxnode,
					  masks[i].readable };
		struct mpol_error err = { 0 };
		struct mpol_kept kept;

		check_row(i, masks[i].why);
		memset(words, 0, sizeof(words));
		words[0] = 1 << 3;
		if (masks[i].high)
			words[masks[i].high / 64] |= (uint64_t)1 << masks[i].high % 64;
		CHECK_EQ(-mpol_predict(&r, &s, &kept, &err), masks[i].errnum);
		CHECK_STR(err.rule ? err.rule->id : NULL, masks[i].rule);
		CHECK_EQ(mpol_predict(&r, &s, &kept, NULL), -masks[i].errnum);
	}
}

/* What is said first, and by which kernel. */
static const struct {
	const char *why, *kernel;
	int mode;
	const char *nodes, *mems;
	const char *rule;
} refused[] = {
	{ "a mode that never was", "6.12", 7, "0", "0-3", "unknown-mode" },
	{ "a negative mode", "6.12", -1, "0", "0-3", "unknown-mode" },
	{ "5.10 has no preferred-many", "5.10", 5, "0", "0-3", "mode-too-new" },
	{ "6.8 has no weighted interleave", "6.8", 6, "0", "0-3", "mode-too-new" },
	{ "5.11 has no balancing", "5.11", 2 | BALANCING, "0", "0-3", "balancing-too-new" },
	{ "6.9 has no balancing with preferred-many", "6.9", 5 | BALANCING, "0", "0-3",
	  "balancing-with-preferred-many" },
	{ "balancing with interleave", "6.12", 3 | BALANCING, "0", "0-3", "balancing-needs-bind" },
	{ "static and relative, also with default", "6.12", 0 | STATIC | RELATIVE, "", "0-3",
	  "static-excludes-relative" },
	{ "bind outside the cpuset", "6.12", 2, "0", "1-2", "no-usable-node" },
	{ "preferred outside the cpuset", "6.12", 1, "0", "1-2", "no-usable-node" },
	{ "local with nodes", "6.12", 4, "0", "0-3", "local-takes-no-nodes" },
	{ "local with nodes on 5.10", "5.10", 4, "0", "0-3", "local-takes-no-nodes" },
	{ "default with a node outside the cpuset", "6.12", 0, "0", "1-2",
	  "default-takes-no-nodes" },
};

TEST(the_first_rule_broken_is_named)
{
	for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
		struct mpol_situation s = situation(refused[i].kernel, refused[i].mems);
		struct mpol_nodeset nodes = nodes_of(refused[i].nodes);
		struct mpol_request r = { refused[i].mode, nodes.word, 1025, 0 };
		struct mpol_error err = { 0 };
		struct mpol_kept kept = { .flags = 77 };

		check_row(i, refused[i].why);
		CHECK_EQ(mpol_predict(&r, &s, &kept, &err), -EINVAL);
		CHECK_STR(err.rule ? err.rule->id : NULL, refused[i].rule);
		CHECK(err.what[0] && mpol_error_hint(&err));
		CHECK_EQ(kept.flags, 77); /* touched only on success */
	}
}

TEST(an_unknown_kernel_is_taken_for_the_newest)
{
	struct mpol_situation s = { .mems_allowed = nodes_of("0-3"), .possible = nodes_of("0-3") };
	struct mpol_policy p = { MPOL_MODE_PREFERRED_MANY, BALANCING, nodes_of("1-2") };
	struct mpol_nodeset to = nodes_of("2-3");
	struct mpol_kept kept;
	char text[MPOL_KEPT_TEXT];

	CHECK_EQ(mpol_predict_policy(&p, &s, &kept, NULL), 0);
	mpol_kept_move(&kept, NULL, &to);
	CHECK_EQ(mpol_kept_text(&kept, NULL, text), strlen("prefer (many)=balancing:1-2"));
	CHECK_STR(text, "prefer (many)=balancing:1-2");
	p = mpol_kept_readback(&kept, &s);
	to = nodes_of("1-2");
	CHECK(mpol_nodes_equal(&p.nodes, &to));
}

TEST(masks_that_are_read_back_have_room_for_all_possible_nodes)
{
	struct mpol_situation s = situation("6.12", "0-3");
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_predict_readback(4, &s, &err), -EINVAL);
	CHECK_HAS(err.what, "5 nodes");
	CHECK_EQ(mpol_predict_readback(5, &s, NULL), 1);
	CHECK_EQ(mpol_predict_readback(65, &s, NULL), 1);
	CHECK_EQ(mpol_predict_readback(66, &s, NULL), 2);
	CHECK_EQ(mpol_predict_readback(32769, &s, NULL), 512);
	CHECK_EQ(mpol_predict_readback(32770, &s, &err), -EINVAL);
}
