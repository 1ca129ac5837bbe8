/* SPDX-License-Identifier: MIT */
/*
 * The rules about policies: what the kernel refuses, drops, renumbers and hides, each with its
 * reason and the kernel function that does it. A table; who breaks a rule is asked in refuse.c,
 * warn.c and rebind.c.
 */
#include <errno.h>

#include "base/macros.h"
#include "model/rules.h"

const struct mpol_rule policy_rules[N_POLICY_RULES] = {
	[RULE_UNKNOWN_MODE] = { "unknown-mode", EINVAL,
				"The mode argument is a mode number and up to three flags; any "
				"other bit makes it a mode that no kernel has.",
				"use one of the modes 0 to 6 and the flags STATIC_NODES, "
				"RELATIVE_NODES and NUMA_BALANCING",
				"mm/mempolicy.c sanitize_mpol_flags()", NULL },
	[RULE_UNKNOWN_FLAG] = { "unknown-flag", EINVAL,
				"There are three flags, and to the kernel any other bit is part of "
				"the mode's number.",
				"use MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES or "
				"MPOL_F_NUMA_BALANCING",
				"mm/mempolicy.c sanitize_mpol_flags()", NULL },
	[RULE_MODE_TOO_NEW] = { "mode-too-new", EINVAL,
				"A kernel answers a mode that came after it as it answers "
				"nonsense. PREFERRED_MANY came with Linux 5.15, "
				"WEIGHTED_INTERLEAVE with 6.9.",
				"use an older mode: interleave for weighted-interleave, preferred "
				"with one node for preferred-many; or a newer kernel",
				"mm/mempolicy.c sanitize_mpol_flags(), MPOL_MAX", NULL },
	[RULE_BALANCING_TOO_NEW] = { "balancing-too-new", EINVAL,
				     "The flag NUMA_BALANCING came with Linux 5.12; to an older "
				     "kernel it is part of an unknown mode number.",
				     "leave NUMA_BALANCING out, or use a newer kernel",
				     "mm/mempolicy.c kernel_set_mempolicy(), MPOL_MODE_FLAGS",
				     "-5.11" },
	[RULE_STATIC_EXCLUDES_RELATIVE] = { "static-excludes-relative", EINVAL,
					    "STATIC_NODES says that the numbers are nodes, "
					    "RELATIVE_NODES that they are positions within the "
					    "cpuset; both cannot hold.",
					    "keep STATIC_NODES for node numbers, or RELATIVE_NODES "
					    "for positions",
					    "mm/mempolicy.c sanitize_mpol_flags()", NULL },
	[RULE_BALANCING_NEEDS_BIND] = { "balancing-needs-bind", EINVAL,
					"NUMA_BALANCING lets pages migrate among the nodes of the "
					"policy, which the kernel does for BIND (and, since Linux "
					"6.10, PREFERRED_MANY) only.",
					"use bind=balancing with the same nodes, or leave "
					"NUMA_BALANCING out",
					"mm/mempolicy.c sanitize_mpol_flags()", "5.12-" },
	[RULE_BALANCING_WITH_PREFERRED_MANY] = { "balancing-with-preferred-many", EINVAL,
						 "PREFERRED_MANY takes NUMA_BALANCING since Linux "
						 "6.10; older kernels take the flag with BIND "
						 "only.",
						 "use bind=balancing with the same nodes, or leave "
						 "NUMA_BALANCING out",
						 "mm/mempolicy.c sanitize_mpol_flags()",
						 "5.15-6.9" },
	[RULE_MASK_TOO_LONG] = { "mask-too-long", EINVAL,
				 "A node mask has at most one page of bits (32768); the kernel "
				 "does not look at a longer one.",
				 "pass the highest node + 2 as maxnode; nodes end at 1023",
				 "mm/mempolicy.c get_nodes()", NULL },
	[RULE_NODE_TOO_HIGH] = { "node-too-high", EINVAL,
				 "A bit at or above MAX_NUMNODES (1024) names a node that the "
				 "kernel has no number for, and is not dropped but refused.",
				 "name nodes between 0 and 1023", "mm/mempolicy.c get_nodes()",
				 NULL },
	[RULE_MASK_UNREADABLE] = { "mask-unreadable", EFAULT,
				   "The kernel reads as many whole words of the node mask as "
				   "maxnode - 1 bits need.",
				   "pass the highest node + 2 as maxnode, and a mask of that many "
				   "bits",
				   "mm/mempolicy.c get_nodes(), get_bitmap()", NULL },
	[RULE_DEFAULT_TAKES_NO_NODES] = { "default-takes-no-nodes", EINVAL,
					  "DEFAULT removes the policy; there is nothing that nodes "
					  "could apply to.",
					  "leave the nodes out, or use bind or preferred with them",
					  "mm/mempolicy.c mpol_new()", NULL },
	[RULE_LOCAL_TAKES_NO_NODES] = { "local-takes-no-nodes", EINVAL,
					"LOCAL allocates on the node of the CPU that is running; "
					"it has no node list.",
					"leave the nodes out, or use preferred with one of them",
					"mm/mempolicy.c mpol_new()", NULL },
	[RULE_LOCAL_TAKES_NO_FLAGS] = { "local-takes-no-flags", EINVAL,
					"STATIC_NODES and RELATIVE_NODES say how to read a node "
					"list, and LOCAL has none.",
					"leave the flags out", "mm/mempolicy.c mpol_new()", NULL },
	[RULE_EMPTY_PREFERRED_TAKES_NO_FLAGS] = { "empty-preferred-takes-no-flags", EINVAL,
						  "PREFERRED without nodes is LOCAL, and "
						  "STATIC_NODES and RELATIVE_NODES say how to read "
						  "a node list that is not there.",
						  "leave the flags out, or name the preferred node",
						  "mm/mempolicy.c mpol_new()", NULL },
	[RULE_BIND_NEEDS_NODES] = { "bind-needs-nodes", EINVAL,
				    "BIND allocates only from its nodes; without one nothing could "
				    "ever be allocated.",
				    "name the nodes: bind:0", "mm/mempolicy.c mpol_new()", NULL },
	[RULE_INTERLEAVE_NEEDS_NODES] = { "interleave-needs-nodes", EINVAL,
					  "INTERLEAVE takes its nodes in turn; without one there "
					  "is no turn to take.",
					  "name the nodes: interleave:0-1, or interleave:all",
					  "mm/mempolicy.c mpol_new()", NULL },
	[RULE_PREFERRED_MANY_NEEDS_NODES] = { "preferred-many-needs-nodes", EINVAL,
					      "PREFERRED_MANY, unlike PREFERRED, has no local form "
					      "without nodes.",
					      "name the nodes: preferred-many:0-1; or use local",
					      "mm/mempolicy.c mpol_new()", "5.15-" },
	[RULE_WEIGHTED_INTERLEAVE_NEEDS_NODES] = { "weighted-interleave-needs-nodes", EINVAL,
						   "WEIGHTED_INTERLEAVE takes its nodes in turn by "
						   "their weights; without one there is no turn to "
						   "take.",
						   "name the nodes: weighted-interleave:0-1, or "
						   "weighted-interleave:all",
						   "mm/mempolicy.c mpol_new()", "6.9-" },
	[RULE_NO_USABLE_NODE] = { "no-usable-node", EINVAL,
				  "The kernel keeps of the nodes only those that have memory and "
				  "stand in the task's cpuset, and refuses the policy when none is "
				  "left.",
				  "name nodes that this task may allocate from, or RELATIVE_NODES "
				  "for positions within them",
				  "mm/mempolicy.c mpol_set_nodemask(), mpol_new_nodemask(), "
				  "mpol_new_preferred()",
				  NULL },
	[RULE_OCI_BALANCING_ONLY_BIND] = { "oci-balancing-only-bind", EINVAL,
					   "Container runtimes take MPOL_F_NUMA_BALANCING with "
					   "MPOL_BIND only, whatever the kernel takes.",
					   "use MPOL_BIND, or leave MPOL_F_NUMA_BALANCING out",
					   "OCI runtime, linux.memoryPolicy", NULL },
	[RULE_OCI_DEFAULT_TAKES_NO_FLAGS] = { "oci-default-takes-no-flags", EINVAL,
					      "Container runtimes take MPOL_DEFAULT without flags "
					      "only; the kernel would accept MPOL_F_STATIC_NODES "
					      "or MPOL_F_RELATIVE_NODES, and drop them.",
					      "leave the flags out",
					      "OCI runtime, linux.memoryPolicy", NULL },
	[RULE_NODE_DROPPED] = { "node-dropped", EINVAL,
				"Nodes that are absent, offline, without memory or outside the "
				"cpuset are dropped without a word as long as one node is left.",
				"name only nodes that this task may allocate from",
				"mm/mempolicy.c mpol_set_nodemask()", NULL },
	[RULE_FLAGS_DROPPED] = { "flags-dropped", EINVAL,
				 "DEFAULT removes the policy, and with it the flags: they are "
				 "accepted and forgotten.",
				 "leave the flags out", "mm/mempolicy.c mpol_new()", NULL },
	[RULE_PREFERRED_TAKES_ONE] = { "preferred-takes-one", EINVAL,
				       "PREFERRED keeps the lowest node that is left of its list "
				       "and forgets the others.",
				       "name one node, or use preferred-many",
				       "mm/mempolicy.c mpol_new_preferred()", NULL },
	[RULE_RELATIVE_FOLDS] = { "relative-folds", EINVAL,
				  "With RELATIVE_NODES a position beyond the last node of the "
				  "cpuset starts again at its first.",
				  "name positions below the number of nodes in the cpuset",
				  "mm/mempolicy.c mpol_relative_nodemask()", NULL },
	[RULE_NODE_FULL] = { "node-full", ENOMEM,
			     "A policy does not make room: on a full node allocation reclaims, "
			     "falls back to other nodes, or ends in the OOM killer, as the mode "
			     "has it.",
			     "free memory there, add a node, or use preferred-many, which falls "
			     "back",
			     "mm/page_alloc.c get_page_from_freelist()", NULL },
	[RULE_NODE_WITHOUT_MEMORY] = { "node-without-memory", EINVAL,
				       "A node with CPUs and no memory is a node, and online, and "
				       "can still serve no page.",
				       "name a node with memory near it; with STATIC_NODES the "
				       "node counts once it has memory",
				       "mm/mempolicy.c mpol_set_nodemask(), node_states[N_MEMORY]",
				       NULL },
	[RULE_FAR_FROM_CPUS] = { "far-from-cpus", EINVAL,
				 "Every access from a CPU to the memory of another node crosses "
				 "the interconnect; the distance table says how dearly.",
				 "choose CPUs and memory of the same node",
				 "Documentation/ABI/stable/sysfs-devices-node distance (ACPI SLIT)",
				 NULL },
	[RULE_BIND_DOES_NOT_SPREAD] = { "bind-does-not-spread", EINVAL,
					"With several nodes the one nearest to the running CPU is "
					"filled first; the others are used when it is full.",
					"use interleave or weighted-interleave to spread pages",
					"mm/mempolicy.c policy_nodemask(), mm/page_alloc.c "
					"build_zonelists()",
					NULL },
	[RULE_BIND_OOM_KILLS] = { "bind-oom-kills", ENOMEM,
				  "When the nodes of BIND are full the kernel neither falls back "
				  "nor answers ENOMEM: the OOM killer ends the process "
				  "(CONSTRAINT_MEMORY_POLICY).",
				  "use preferred or preferred-many where a fall-back is better "
				  "than being killed",
				  "mm/oom_kill.c constrained_alloc()", NULL },
	[RULE_RENUMBERED] = { "nodes-renumbered", EINVAL,
			      "Without STATIC_NODES or RELATIVE_NODES a change of the cpuset maps "
			      "each node by its position in the old cpuset to the new one, and "
			      "what a smaller cpuset merged stays merged.",
			      "use STATIC_NODES to keep the numbers, or RELATIVE_NODES to keep the "
			      "positions",
			      "mm/mempolicy.c mpol_rebind_nodemask()", NULL },
	[RULE_STATIC_WIDENED] = { "static-widened", EINVAL,
				  "When a change of the cpuset leaves none of the nodes of "
				  "STATIC_NODES, the policy applies to the whole new cpuset until "
				  "one of them returns.",
				  "keep one of the nodes in the cpuset",
				  "mm/mempolicy.c mpol_rebind_nodemask()", NULL },
	[RULE_PREFERRED_OUTSIDE] = { "preferred-outside-cpuset", EINVAL,
				     "A change of the cpuset leaves PREFERRED and PREFERRED_MANY "
				     "as they are; what lies outside is never used, and pages come "
				     "from the cpuset's nodes.",
				     "set the policy again inside the new cpuset",
				     "mm/mempolicy.c mpol_rebind_preferred()", "5.14-" },
	[RULE_PREFERRED_BECAME_LOCAL] = { "preferred-became-local", EINVAL,
					  "Before Linux 5.14 PREFERRED with STATIC_NODES is LOCAL "
					  "while the lowest node it was given is not allowed; "
					  "numa_maps then prints \"local=static\".",
					  "set the policy again inside the new cpuset",
					  "mm/mempolicy.c mpol_rebind_preferred()", "-5.13" },
	[RULE_BALANCING_WRONG_BASE] = { "balancing-wrong-base", EINVAL,
					"These kernels keep the nodes as given for NUMA_BALANCING, "
					"in the place where a change of the cpuset looks for the "
					"old cpuset, and so renumber from the wrong base.",
					"add STATIC_NODES or RELATIVE_NODES, which are not "
					"renumbered",
					"mm/mempolicy.c mpol_rebind_nodemask(), "
					"mpol_store_user_nodemask()",
					"5.12-6.19" },
	[RULE_READBACK_OVERWRITTEN] = { "readback-overwritten", EINVAL,
					"A change of the cpuset writes the cpuset's nodes over the "
					"nodes as given, which share one place; get_mempolicy(2) "
					"then answers the cpuset.",
					"read the nodes in force from /proc/PID/numa_maps",
					"mm/mempolicy.c mpol_rebind_preferred()", "5.14-" },
	[RULE_READBACK_AS_ASKED] = { "readback-as-asked", EINVAL,
				     "With STATIC_NODES or RELATIVE_NODES, and before Linux 7.0 with "
				     "NUMA_BALANCING, get_mempolicy(2) answers "
				     "the nodes as they were given, and not those in force.",
				     "read the nodes in force from /proc/PID/numa_maps",
				     "mm/mempolicy.c do_get_mempolicy(), "
				     "mpol_store_user_nodemask()",
				     NULL },
	[RULE_READBACK_CUT] = { "readback-cut", EINVAL,
				"get_mempolicy(2) answers no more words than hold the possible "
				"nodes; higher bits that were given are not reported.",
				NULL, "mm/mempolicy.c copy_nodes_to_user()", NULL },
	[RULE_READBACK_SIZE] = { "readback-size", EINVAL,
				 "get_mempolicy(2) refuses a mask that has not room for every "
				 "possible node, or more than a page.",
				 "pass 1024 as maxnode, with a mask of 16 words",
				 "mm/mempolicy.c kernel_get_mempolicy(), copy_nodes_to_user()",
				 NULL },
	[RULE_EMPTY_PREFERRED_IS_LOCAL] = { "empty-preferred-is-local", EINVAL,
					    "PREFERRED without nodes prefers the node of the "
					    "running CPU, which is what LOCAL says.",
					    "write local", "mm/mempolicy.c mpol_new()", NULL },
	[RULE_LOCAL_READS_AS_PREFERRED] = { "local-reads-as-preferred", EINVAL,
					    "Before Linux 5.14 LOCAL was kept as PREFERRED without "
					    "nodes, and get_mempolicy(2) answers that.",
					    "read the mode from /proc/PID/numa_maps, which says "
					    "local",
					    "mm/mempolicy.c mpol_new()", "-5.13" },
	[RULE_NUMA_MAPS_CUT] = { "numa-maps-cut", EINVAL,
				 "numa_maps prints a policy in at most 63 bytes and cuts the rest; "
				 "the last number may be another node's.",
				 "read the nodes with get_mempolicy(2) as well",
				 "fs/proc/task_mmu.c show_numa_map(), mm/mempolicy.c mpol_to_str()",
				 NULL },
	[RULE_BALANCING_HIDDEN] = { "balancing-hidden", EINVAL,
				    "This kernel prints a policy with NUMA_BALANCING as "
				    "\"default\" in numa_maps, because it takes the mark of "
				    "balancing for that of the default policy.",
				    "read the policy with get_mempolicy(2)",
				    "mm/mempolicy.c mpol_to_str()", "5.12-6.10" },
	[RULE_DEFAULT_RESETS] = { "default-resets", EINVAL,
				  "DEFAULT means two things: a worker whose policy is DEFAULT "
				  "inherits, and no call is made; applying DEFAULT makes the call "
				  "and resets to the system's default.",
				  "leave the policy out to inherit",
				  "mm/mempolicy.c do_set_mempolicy()", NULL },
	[RULE_WEIGHTS_ARE_GLOBAL] = { "weights-are-global", EINVAL,
				      "WEIGHTED_INTERLEAVE takes its weights from "
				      "/sys/kernel/mm/mempolicy/weighted_interleave, the same for "
				      "all processes, and by default 1 for every node or as the "
				      "firmware's bandwidths suggest.",
				      "see and set them with mpol weights",
				      "mm/mempolicy.c weighted_interleave_nid()", "6.9-" },
	[RULE_PROFILES_DIFFER] = { "profiles-differ", EINVAL,
				   "Container runtimes check linux.memoryPolicy by rules of their "
				   "own, which are stricter than the kernel's in two places.",
				   "mpol check --profile oci asks by the runtimes' rules, "
				   "--profile kernel by the kernel's",
				   "OCI runtime, linux.memoryPolicy; mm/mempolicy.c "
				   "sanitize_mpol_flags()",
				   NULL },
	[RULE_KERNEL_UNKNOWN] = { "kernel-unknown", EINVAL,
				  "What a kernel takes depends on its version; nothing is known of "
				  "this one, and it is taken for the newest.",
				  "name it with --kernel", NULL, NULL },
};

const struct mpol_rule *mpol_rules(size_t *n)
{
	*n = N_POLICY_RULES;
	return policy_rules;
}

const struct mpol_rule *mpol_rule_find(const char *id)
{
	for (size_t i = 0; i < N_POLICY_RULES; i++)
		if (STREQ(policy_rules[i].id, id))
			return &policy_rules[i];
	return NULL;
}
