/* SPDX-License-Identifier: MIT */
/*
 * A machine as a value: nodes, CPUs, memory, distances, caches, what the asking task may use, and what its
 * kernel knows. mpol_machine_read() fills one from the running machine or from a recorded root; a test writes
 * one as a literal. Rules (mpol/check.h) are pure functions of a policy and a machine.
 *
 * Sources: Documentation/ABI/stable/sysfs-devices-node, proc(5) /proc/PID/status, cpuset(7).
 */
#ifndef MPOL_MACHINE_H
#define MPOL_MACHINE_H

#include <mpol/policy.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPOL_MAX_CPUS 8192
#define MPOL_CPUS_TEXT 24576 /* the text of any cpuset, with its NUL */

struct mpol_cpus {
	uint64_t word[MPOL_MAX_CPUS / 64];
};

static inline bool mpol_cpus_has(const struct mpol_cpus *s, unsigned cpu)
{
	return cpu < MPOL_MAX_CPUS && (s->word[cpu / 64] >> (cpu % 64) & 1);
}
static inline void mpol_cpus_add(struct mpol_cpus *s, unsigned cpu)
{
	if (cpu < MPOL_MAX_CPUS)
		s->word[cpu / 64] |= (uint64_t)1 << (cpu % 64);
}
bool mpol_cpus_empty(const struct mpol_cpus *s);
bool mpol_cpus_equal(const struct mpol_cpus *a, const struct mpol_cpus *b);
bool mpol_cpus_subset(const struct mpol_cpus *part, const struct mpol_cpus *whole);
bool mpol_cpus_intersect(const struct mpol_cpus *a, const struct mpol_cpus *b);
unsigned mpol_cpus_count(const struct mpol_cpus *s);
int mpol_cpus_next(const struct mpol_cpus *s, unsigned from); /* -1: none */
struct mpol_cpus mpol_cpus_and(const struct mpol_cpus *a, const struct mpol_cpus *b);
/* The same grammar, strictness and errors as mpol_nodes_parse(), for CPUs 0 to 8191. */
int mpol_cpus_parse(const char *text, struct mpol_cpus *ret, struct mpol_error *err);
size_t mpol_cpus_print(const struct mpol_cpus *s, char *buf, size_t size);

/*
 * What a kernel makes of policies: probed on a running one, or derived from a version that was given
 * (mpol_kernel_from_version(), mpol/predict.h).
 */
struct mpol_kernel {
	char release[65];   /* "6.12.107+deb13-cloud-amd64"; "" when unknown */
	bool known;         /* false: nothing below was found out, and the kernel is taken for the newest */
	unsigned modes;     /* bit m set: mode m is accepted */
	unsigned flags;     /* MPOL_FLAG_*: accepted at least with MPOL_MODE_BIND */
	bool balancing_with_preferred_many; /* since 6.10: NUMA_BALANCING is taken with PREFERRED_MANY, too */
	bool local_is_a_mode;               /* since 5.14; before, LOCAL and empty PREFERRED read back as PREFERRED, and
					     * PREFERRED is renumbered when the cpuset changes */
	bool balancing_keeps_user_nodes;    /* before 7.0: get_mempolicy(2) answers the nodes as given when only
					     * NUMA_BALANCING is set, and a cpuset change renumbers from them */
	bool balancing_is_shown;            /* since 6.11 and in stable branches: numa_maps prints "=balancing"; before, a
					     * policy with NUMA_BALANCING prints as "default" */
	bool mask_checks_whole_words;       /* since 5.15: of a mask longer than 1024 bits the last word is checked past
					     * its end */
};

/*
 * How fast a node's memory is for its best initiators, as the firmware's HMAT tells; since Linux 5.2.
 * Source: Documentation/admin-guide/mm/numaperf.rst.
 */
struct mpol_access {
	bool known;                     /* false: the node has no such class */
	struct mpol_nodeset initiators; /* the nodes whose CPUs (or devices) reach it best */
	uint64_t read_bandwidth;        /* MB/s as the kernel prints it; 0: unknown */
	uint64_t write_bandwidth;       /* MB/s; 0: unknown */
	uint64_t read_latency;          /* ns; 0: unknown */
	uint64_t write_latency;         /* ns; 0: unknown */
};

/* A cache in front of a node's memory, which no instruction addresses. */
struct mpol_side_cache {
	unsigned level;      /* 1 is nearest to the memory */
	uint64_t size;       /* bytes; 0: unknown */
	unsigned line_size;  /* bytes; 0: unknown */
	bool direct_mapped;  /* indexing is 0 */
	bool write_through;  /* write_policy is not 0; otherwise write-back */
};

#define MPOL_N_ACCESS_CLASSES 2 /* 0: all initiators, 1: initiators with CPUs (since Linux 5.10) */
#define MPOL_MAX_SIDE_CACHES  4

struct mpol_node {
	unsigned id;
	bool online;
	bool has_memory;       /* in state N_MEMORY (has_memory), or with bytes in meminfo where that file is missing */
	bool memory_known;     /* false: nothing tells memory_total, which is 0 */
	uint64_t memory_total; /* bytes; 0 for a node without memory */
	bool free_known;       /* false: nothing tells memory_free, which is 0 */
	uint64_t memory_free;  /* bytes */
	struct mpol_cpus cpus; /* online CPUs of the node */
	struct mpol_access access[MPOL_N_ACCESS_CLASSES];
	size_t n_side_caches;
	struct mpol_side_cache side_caches[MPOL_MAX_SIDE_CACHES]; /* ascending by level */
	bool tier_known;       /* false: no tiers (a kernel before 6.1) */
	unsigned tier;         /* memory_tierN: the lower, the faster */
	unsigned weight;       /* for WEIGHTED_INTERLEAVE, 1 to 255; 0: no such file (a kernel before 6.9) */
};

/* Who sets the weights of WEIGHTED_INTERLEAVE: sys/kernel/mm/mempolicy/weighted_interleave/auto. */
enum mpol_weights_mode {
	MPOL_WEIGHTS_UNKNOWN, /* no such file; where there are weights, an administrator sets them */
	MPOL_WEIGHTS_MANUAL,  /* somebody wrote a weight */
	MPOL_WEIGHTS_AUTO,    /* the kernel, from the bandwidths */
};

struct mpol_llc {
	struct mpol_cpus cpus; /* that share one last-level cache */
	uint64_t size;         /* bytes; 0: unknown */
	int node;              /* of its first CPU; -1: unknown */
};

struct mpol_machine {
	bool numa;                       /* false: no node directory at all (a kernel without NUMA, a masked /sys) */
	size_t n_nodes;
	struct mpol_node *nodes;         /* ascending by id; online and offline-but-listed ones */
	unsigned *distance;              /* [from * n_nodes + to] by index into nodes; NULL: unknown; 0: unknown pair */
	size_t n_llcs;
	struct mpol_llc *llcs;           /* ascending by their first CPU */

	struct mpol_nodeset possible;    /* may come online */
	struct mpol_nodeset online;
	struct mpol_nodeset with_memory; /* N_MEMORY: a policy can only ever take pages from these */
	struct mpol_nodeset with_cpus;   /* in has_cpu, or with CPUs in their own directory */
	struct mpol_nodeset generic_initiators; /* devices that access memory, without CPUs */
	struct mpol_cpus cpus_online;

	struct mpol_nodeset mems_allowed; /* of the task asked about, /proc/PID/status; all online when unknown */
	struct mpol_cpus cpus_allowed;    /* likewise; all online when unknown */
	bool allowed_known;               /* false: the two above are assumed */
	char cpuset[256];                 /* the task's cpuset, "/user.slice", cut when longer; "": unknown */
	enum mpol_weights_mode weights_mode;
	struct mpol_kernel kernel;
};

/*
 * Reads the machine below root_fd (a descriptor of "/" or of a recorded root with sys/ and proc/), as seen by the
 * process whose directory /proc/PID lies there; pid 0: the calling process, or in a recording the one that recorded it
 * (proc/self). What a recording does not have is left unknown; absence is no error. A file that is there and cannot
 * be understood is one, and so is a process that is not there: rules machine-malformed, machine-unreadable,
 * machine-no-process.
 *
 * Of a recorded root kernel.known is false: only a running kernel can be asked. Of the running one it is false when a
 * seccomp filter or a kernel without NUMA stands between; mpol_apply() then tells which. Release with
 * mpol_machine_done().
 */
int mpol_machine_read(int root_fd, pid_t pid, struct mpol_machine *ret, struct mpol_error *err);
/* Frees the arrays; accepts a zeroed or half-read machine. Never for literals. */
void mpol_machine_done(struct mpol_machine *m);

/* NULL when the machine has no such node. */
const struct mpol_node *mpol_machine_node(const struct mpol_machine *m, unsigned id);
/* SLIT distance, 10 is local; 0: unknown. */
unsigned mpol_machine_distance(const struct mpol_machine *m, unsigned from, unsigned to);
/* Nodes with memory and no CPUs: CXL, HBM, PMEM. */
struct mpol_nodeset mpol_machine_memory_only(const struct mpol_machine *m);
/* The nodes that own at least one of the CPUs. */
struct mpol_nodeset mpol_machine_nodes_of_cpus(const struct mpol_machine *m, const struct mpol_cpus *cpus);

#ifdef __cplusplus
}
#endif
#endif
