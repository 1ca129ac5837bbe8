/* SPDX-License-Identifier: MIT */
/*
 * Warnings and notes about a policy that is accepted: one row per rule. `kept` is what the kernel
 * keeps of it; where nothing is known of the task's nodes (no situation), it has the nodes as
 * given.
 */
#include "base/macros.h"
#include "model/rebind.h"
#include "model/remark.h"
#include "model/words.h"

static const char *plural(const struct mpol_nodeset *s)
{
	return mpol_nodes_count(s) == 1 ? "" : "s";
}

static bool has_static_or_relative(const struct question *q)
{
	return q->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES);
}

/* The nodes given that do not come into force, of those which the machine says are there without
 * memory or not. */
static struct mpol_nodeset dropped(const struct question *q, bool memoryless)
{
	struct mpol_nodeset nodes = { { 0 } }, empty;

	if (!q->situated || q->flags & MPOL_FLAG_RELATIVE_NODES || !question_mode_has_nodes(q))
		return nodes;
	nodes = mpol_nodes_minus(&q->nodes, &q->allowed);
	if (!q->machine)
		return memoryless ? (struct mpol_nodeset){ { 0 } } : nodes;
	empty = mpol_nodes_minus(&q->machine->online, &q->machine->with_memory);
	return memoryless ? mpol_nodes_and(&nodes, &empty) : mpol_nodes_minus(&nodes, &empty);
}

static bool node_dropped(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_nodeset nodes = dropped(q, false);

	(void)kept;
	return !mpol_nodes_empty(&nodes);
}
static void describe_node_dropped(const struct question *q, const struct mpol_kept *kept,
				  struct mpol_error *err)
{
	struct mpol_nodeset nodes = dropped(q, false);
	char list[WORDS_LIST], why[128], text[WORDS_POLICY];

	words_what(err, "node%s %s dropped: %s", plural(&nodes),
		   mpol_nodes_count(&nodes) == 1 ? "is" : "are",
		   words_why_unusable(q, &nodes, why));
	if (q->flags & MPOL_FLAG_STATIC_NODES)
		words_hint(err,
			   "%s says what is in force now; the node%s %s count%s once allowed "
			   "and with memory",
			   words_policy(q->mode, q->flags, &kept->nodes, text), plural(&nodes),
			   words_list(&nodes, list), *plural(&nodes) ? "" : "s");
	else
		words_hint(err, "use %s, which is what is in force",
			   words_policy(q->mode, q->flags, &kept->nodes, text));
}

static bool node_without_memory(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_nodeset nodes = dropped(q, true);

	(void)kept;
	return !mpol_nodes_empty(&nodes);
}
static void describe_node_without_memory(const struct question *q, const struct mpol_kept *kept,
					 struct mpol_error *err)
{
	struct mpol_nodeset nodes = dropped(q, true);
	char list[WORDS_LIST], text[WORDS_POLICY];

	words_what(err, "node%s %s %s online and %s no memory", plural(&nodes),
		   words_list(&nodes, list), *plural(&nodes) ? "are" : "is",
		   *plural(&nodes) ? "have" : "has");
	if (q->flags & MPOL_FLAG_STATIC_NODES)
		words_hint(err,
			   "with STATIC_NODES it is used once it has memory; until then %s is "
			   "in force",
			   words_policy(q->mode, q->flags, &kept->nodes, text));
	else
		words_hint(err, "use %s; or STATIC_NODES, so that memory added later is used",
			   words_policy(q->mode, q->flags, &kept->nodes, text));
}

static bool flags_dropped(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_DEFAULT && has_static_or_relative(q);
}
static void describe_flags_dropped(const struct question *q, const struct mpol_kept *kept,
				   struct mpol_error *err)
{
	(void)kept;
	words_what(err, "%s is accepted with default and forgotten", words_flags(q->flags));
}

static bool preferred_takes_one(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_PREFERRED &&
	       mpol_nodes_count(q->situated ? &q->usable : &q->nodes) > 1;
}
static void describe_preferred_takes_one(const struct question *q, const struct mpol_kept *kept,
					 struct mpol_error *err)
{
	char given[WORDS_LIST], used[WORDS_LIST];

	words_what(err, "of the nodes %s only %s is preferred",
		   words_list(q->situated ? &q->usable : &q->nodes, given),
		   words_list(&kept->nodes, used));
	words_hint(err,
		   q->kernel.modes >> MPOL_MODE_PREFERRED_MANY & 1
			   ? "use preferred:%s, or preferred-many:%s"
			   : "use preferred:%s; preferred-many:%s needs Linux 5.15",
		   used, given);
}

static bool relative_folds(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->situated && q->flags & MPOL_FLAG_RELATIVE_NODES && question_mode_has_nodes(q) &&
	       mpol_nodes_last(&q->nodes) >= (int)mpol_nodes_count(&q->allowed);
}
static void describe_relative_folds(const struct question *q, const struct mpol_kept *kept,
				    struct mpol_error *err)
{
	char given[WORDS_LIST], used[WORDS_LIST], allowed[WORDS_LIST];
	unsigned n = mpol_nodes_count(&q->allowed);

	words_what(
		err,
		"of the positions %s some are beyond %u, the last of the nodes %s: %s is in force",
		words_list(&q->nodes, given), n - 1, words_list(&q->allowed, allowed),
		words_list(&kept->nodes, used));
	words_hint(err, "use positions 0 to %u, or STATIC_NODES for node numbers", n - 1);
}

/* Less than 1/64 of the node, and less than 64 MiB: about where the kernel's watermarks begin to
 * bite. */
static bool is_full(const struct mpol_node *n)
{
	return n && n->free_known && n->memory_total && n->memory_free < n->memory_total / 64 &&
	       n->memory_free < 64u << 20;
}
static struct mpol_nodeset full_nodes(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_nodeset full = { { 0 } };

	if (!q->machine)
		return full;
	for (int n = mpol_nodes_next(&kept->nodes, 0); n >= 0;
	     n = mpol_nodes_next(&kept->nodes, (unsigned)n + 1))
		if (is_full(mpol_machine_node(q->machine, (unsigned)n)))
			mpol_nodes_add(&full, (unsigned)n);
	return full;
}
static bool node_full(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_nodeset full = full_nodes(q, kept);

	return !mpol_nodes_empty(&full);
}
static void describe_node_full(const struct question *q, const struct mpol_kept *kept,
			       struct mpol_error *err)
{
	struct mpol_nodeset full = full_nodes(q, kept);
	const struct mpol_node *n =
		mpol_machine_node(q->machine, (unsigned)mpol_nodes_next(&full, 0));
	char list[WORDS_LIST];

	words_what(err, "node%s %s %s full: %llu of %llu MiB are free on node %u", plural(&full),
		   words_list(&full, list), *plural(&full) ? "are" : "is",
		   (unsigned long long)n->memory_free >> 20,
		   (unsigned long long)n->memory_total >> 20, n->id);
}

/* The distance from a CPU's node to the nearest of nodes; 0: unknown. */
static unsigned nearest(const struct mpol_machine *m, unsigned from,
			const struct mpol_nodeset *nodes)
{
	unsigned best = 0;

	for (int n = mpol_nodes_next(nodes, 0); n >= 0;
	     n = mpol_nodes_next(nodes, (unsigned)n + 1)) {
		unsigned d = mpol_machine_distance(m, from, (unsigned)n);

		if (d == 0)
			return 0;
		if (best == 0 || d < best)
			best = d;
	}
	return best;
}

struct distant {
	int cpu_node;	      /* -1: none */
	unsigned there, here; /* distance to the policy's nodes, and to the nearest allowed one */
};

/* The CPU node of this task that is served worst, compared with the nearest memory it could have.
 */
static struct distant most_distant(const struct question *q, const struct mpol_kept *kept)
{
	struct distant worst = { .cpu_node = -1 };
	struct mpol_nodeset from;

	if (!q->machine || mpol_nodes_empty(&kept->nodes))
		return worst;
	from = mpol_machine_nodes_of_cpus(q->machine, &q->machine->cpus_allowed);
	for (int c = mpol_nodes_next(&from, 0); c >= 0;
	     c = mpol_nodes_next(&from, (unsigned)c + 1)) {
		struct distant d = { c, nearest(q->machine, (unsigned)c, &kept->nodes),
				     nearest(q->machine, (unsigned)c, &q->allowed) };

		if (d.here && d.there > d.here && d.there - d.here > worst.there - worst.here)
			worst = d;
	}
	return worst;
}

/* The task's CPUs are fewer nodes' than the machine has: somebody chose them. */
static bool is_pinned(const struct mpol_machine *m)
{
	struct mpol_nodeset from = mpol_machine_nodes_of_cpus(m, &m->cpus_allowed);

	return !mpol_nodes_subset(&m->with_cpus, &from);
}
static bool far_and_pinned(const struct question *q, const struct mpol_kept *kept)
{
	return most_distant(q, kept).cpu_node >= 0 && is_pinned(q->machine);
}
static bool far_and_free(const struct question *q, const struct mpol_kept *kept)
{
	return most_distant(q, kept).cpu_node >= 0 && !is_pinned(q->machine);
}
static void describe_far(const struct question *q, const struct mpol_kept *kept,
			 struct mpol_error *err)
{
	struct distant d = most_distant(q, kept);
	struct mpol_nodeset near = { { 0 } };
	char list[WORDS_LIST], policy[WORDS_POLICY];

	for (int n = mpol_nodes_next(&q->allowed, 0); n >= 0;
	     n = mpol_nodes_next(&q->allowed, (unsigned)n + 1))
		if (mpol_machine_distance(q->machine, (unsigned)d.cpu_node, (unsigned)n) == d.here)
			mpol_nodes_add(&near, (unsigned)n);
	words_what(err, "from the CPUs of node %d the memory of %s is %u away, that of %d only %u",
		   d.cpu_node, words_list(&kept->nodes, list), d.there, mpol_nodes_next(&near, 0),
		   d.here);
	words_hint(err, "for these CPUs use %s",
		   words_policy(q->mode, q->flags & ~(unsigned)MPOL_FLAG_RELATIVE_NODES, &near,
				policy));
}

static bool bind_does_not_spread(const struct question *q, const struct mpol_kept *kept)
{
	return q->mode == MPOL_MODE_BIND && mpol_nodes_count(&kept->nodes) > 1;
}
static void describe_bind_does_not_spread(const struct question *q, const struct mpol_kept *kept,
					  struct mpol_error *err)
{
	char list[WORDS_LIST];

	(void)q;
	words_what(err, "bind fills the nearest of the nodes %s before it uses another",
		   words_list(&kept->nodes, list));
	words_hint(err, "use interleave:%s to spread pages over them", list);
}

static bool bind_oom_kills(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_BIND;
}
static void describe_bind_oom_kills(const struct question *q, const struct mpol_kept *kept,
				    struct mpol_error *err)
{
	char list[WORDS_LIST];
	bool one = mpol_nodes_count(&kept->nodes) == 1;

	words_what(err, "when node%s %s %s full the process is killed, not told ENOMEM",
		   plural(&kept->nodes), words_list(&kept->nodes, list), one ? "is" : "are");
	if (one || q->kernel.modes >> MPOL_MODE_PREFERRED_MANY & 1)
		words_hint(err, "use preferred%s:%s to fall back to other nodes instead",
			   one ? "" : "-many", list);
}

static bool read_back_otherwise(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_policy back;

	if (!q->situated)
		return false;
	back = mpol_kept_readback(kept, q->situation);
	return !mpol_nodes_equal(&back.nodes, &kept->nodes);
}
static void describe_readback(const struct question *q, const struct mpol_kept *kept,
			      struct mpol_error *err)
{
	struct mpol_policy back = mpol_kept_readback(kept, q->situation);
	char list[WORDS_LIST], used[WORDS_LIST];

	words_what(err, "get_mempolicy(2) answers the nodes %s, while %s is in force",
		   words_list(&back.nodes, list), words_list(&kept->nodes, used));
}

static bool readback_cut(const struct question *q, const struct mpol_kept *kept)
{
	struct mpol_policy back;

	if (!q->situated || !keeps_user_nodes(kept->flags, &q->kernel))
		return false;
	back = mpol_kept_readback(kept, q->situation);
	return !mpol_nodes_equal(&back.nodes, &kept->saved);
}
static void describe_readback_cut(const struct question *q, const struct mpol_kept *kept,
				  struct mpol_error *err)
{
	struct mpol_policy back = mpol_kept_readback(kept, q->situation);
	struct mpol_nodeset lost = mpol_nodes_minus(&q->nodes, &back.nodes);
	char list[WORDS_LIST];

	words_what(err, "node%s %s %s missing in what get_mempolicy(2) answers", plural(&lost),
		   words_list(&lost, list), *plural(&lost) ? "are" : "is");
}

static bool empty_preferred(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_PREFERRED && question_without_nodes(q);
}
static void describe_empty_preferred(const struct question *q, const struct mpol_kept *kept,
				     struct mpol_error *err)
{
	(void)q;
	(void)kept;
	words_what(err, "preferred without nodes is local");
}

static bool local_reads_as_preferred(const struct question *q, const struct mpol_kept *kept)
{
	return kept->local && q->mode == MPOL_MODE_LOCAL;
}
static void describe_local_reads_as_preferred(const struct question *q,
					      const struct mpol_kept *kept, struct mpol_error *err)
{
	(void)kept;
	words_what(err, "kernel %s answers MPOL_PREFERRED without nodes for local",
		   words_kernel(&q->kernel));
}

static bool text_cut(const struct question *q, const struct mpol_kept *kept)
{
	char text[MPOL_KEPT_TEXT];

	return mpol_kept_text(kept, &q->kernel, text) == MPOL_KEPT_TEXT - 1;
}
static void describe_text_cut(const struct question *q, const struct mpol_kept *kept,
			      struct mpol_error *err)
{
	char text[MPOL_KEPT_TEXT];

	(void)mpol_kept_text(kept, &q->kernel, text);
	words_what(err, "numa_maps cuts the policy to \"%s\"", text);
}

static bool balancing_hidden(const struct question *q, const struct mpol_kept *kept)
{
	return kept->flags & MPOL_FLAG_NUMA_BALANCING && !q->kernel.balancing_is_shown;
}
static void describe_balancing_hidden(const struct question *q, const struct mpol_kept *kept,
				      struct mpol_error *err)
{
	(void)kept;
	words_what(err, "kernel %s prints the policy as \"default\" in numa_maps",
		   words_kernel(&q->kernel));
}

static bool default_resets(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_DEFAULT;
}
static void describe_default_resets(const struct question *q, const struct mpol_kept *kept,
				    struct mpol_error *err)
{
	(void)q;
	(void)kept;
	words_what(err, "default, when it is applied, removes the policy that was inherited");
}

static bool weights_are_global(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->mode == MPOL_MODE_WEIGHTED_INTERLEAVE;
}
static void describe_weights(const struct question *q, const struct mpol_kept *kept,
			     struct mpol_error *err)
{
	char list[WORDS_LIST];

	(void)q;
	words_what(err,
		   "the share of node%s %s follows the machine's weights, which the policy does "
		   "not set",
		   plural(&kept->nodes), words_list(&kept->nodes, list));
}

static bool kernel_unknown(const struct question *q, const struct mpol_kept *kept)
{
	(void)kept;
	return q->machine && !q->machine->kernel.known;
}
static void describe_kernel_unknown(const struct question *q, const struct mpol_kept *kept,
				    struct mpol_error *err)
{
	(void)q;
	(void)kept;
	words_what(err, "the kernel is not known; the newest is assumed");
}

const struct remark remarks[] = {
	{ RULE_NODE_DROPPED, MPOL_WARNING, "nodes", node_dropped, describe_node_dropped },
	{ RULE_NODE_WITHOUT_MEMORY, MPOL_WARNING, "nodes", node_without_memory,
	  describe_node_without_memory },
	{ RULE_FLAGS_DROPPED, MPOL_WARNING, "flags", flags_dropped, describe_flags_dropped },
	{ RULE_PREFERRED_TAKES_ONE, MPOL_WARNING, "nodes", preferred_takes_one,
	  describe_preferred_takes_one },
	{ RULE_RELATIVE_FOLDS, MPOL_WARNING, "nodes", relative_folds, describe_relative_folds },
	{ RULE_NODE_FULL, MPOL_WARNING, "nodes", node_full, describe_node_full },
	{ RULE_FAR_FROM_CPUS, MPOL_WARNING, "nodes", far_and_pinned, describe_far },
	{ RULE_BIND_DOES_NOT_SPREAD, MPOL_WARNING, "mode", bind_does_not_spread,
	  describe_bind_does_not_spread },
	{ RULE_BIND_OOM_KILLS, MPOL_WARNING, "mode", bind_oom_kills, describe_bind_oom_kills },
	{ RULE_FAR_FROM_CPUS, MPOL_NOTE, "nodes", far_and_free, describe_far },
	{ RULE_READBACK_AS_ASKED, MPOL_NOTE, "flags", read_back_otherwise, describe_readback },
	{ RULE_READBACK_CUT, MPOL_NOTE, "nodes", readback_cut, describe_readback_cut },
	{ RULE_EMPTY_PREFERRED_IS_LOCAL, MPOL_NOTE, "nodes", empty_preferred,
	  describe_empty_preferred },
	{ RULE_LOCAL_READS_AS_PREFERRED, MPOL_NOTE, "mode", local_reads_as_preferred,
	  describe_local_reads_as_preferred },
	{ RULE_NUMA_MAPS_CUT, MPOL_NOTE, "nodes", text_cut, describe_text_cut },
	{ RULE_BALANCING_HIDDEN, MPOL_NOTE, "flags", balancing_hidden, describe_balancing_hidden },
	{ RULE_DEFAULT_RESETS, MPOL_NOTE, "mode", default_resets, describe_default_resets },
	{ RULE_WEIGHTS_ARE_GLOBAL, MPOL_NOTE, "mode", weights_are_global, describe_weights },
	{ RULE_KERNEL_UNKNOWN, MPOL_NOTE, "", kernel_unknown, describe_kernel_unknown },
};
const size_t n_remarks = ELEMENTSOF(remarks);
