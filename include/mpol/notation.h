/* SPDX-License-Identifier: MIT */
/*
 * Policies and node sets as text, in everybody's notation.
 *
 * The same policy is "bind=static:0-1" to the kernel, {"mode":"MPOL_BIND","nodes":"0-1","flags":["MPOL_F_STATIC_NODES"]}
 * to an OCI runtime, and cannot be said to numactl. mpol_policy_parse() takes any of them, see mpol-policy(7); a
 * notation of the table mpol_notations writes one, or names the rule why it cannot be said there.
 *
 * Text may name nodes that are known only on a machine: "all", "!2", "cpu". Such a set is kept unresolved in a struct
 * mpol_nodes_expr, a plain value, until mpol_nodes_resolve() asks a machine, as late as possible: what "all" means
 * changes with the cpuset.
 */
#ifndef MPOL_NOTATION_H
#define MPOL_NOTATION_H

#include <mpol/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sets whose members only a machine knows. All are taken from the allowed nodes: those with memory that the task asked
 * about may use. They may be combined with one another and with numbers: "0,mem-only".
 */
enum mpol_node_sets {
	MPOL_SET_ALL = 1 << 0,      /* "all": every allowed node */
	MPOL_SET_CPU = 1 << 1,      /* "cpu": those of the CPUs the task may run on */
	MPOL_SET_MEM_ONLY = 1 << 2, /* "mem-only": those without CPUs (CXL, HBM, PMEM) */
	MPOL_SET_NEAR = 1 << 3,     /* "dist<=N": at most N away from a node of the CPUs the task may run on */
	MPOL_SET_SAME = 1 << 4,     /* "same": what the previous node list of the command line named; stands alone */
};

/* A device names the node it is attached to. */
enum mpol_device {
	MPOL_DEVICE_NONE,
	MPOL_DEVICE_NETDEV, /* "netdev:eth0": a network interface */
	MPOL_DEVICE_IP,     /* "ip:192.0.2.1": the interface by which the address or host is reached */
	MPOL_DEVICE_FILE,   /* "file:/var/lib": the block device that holds the file */
	MPOL_DEVICE_BLOCK,  /* "block:sda" */
	MPOL_DEVICE_PCI,    /* "pci:0000:00:1f.2", the segment and the function may be left out */
};

/* A device's name with its NUL: file: takes any path that the system takes. */
#define MPOL_DEVICE_NAME 4096

struct mpol_nodes_expr {
	struct mpol_nodeset nodes;  /* the nodes written as numbers */
	unsigned sets;              /* enum mpol_node_sets, combined */
	unsigned distance;          /* of MPOL_SET_NEAR: 10 (the node itself) to 255; 0 without */
	bool inverted;              /* "!": the allowed nodes except these */
	bool relative;              /* "+": numbers are positions among the allowed nodes, from 0; without sets and device */
	enum mpol_device device;
	char device_name[MPOL_DEVICE_NAME]; /* "" without */
};

/*
 * Reads numactl's node grammar and our own sets, mpol-policy(7): "0-3,7", "0+2" (a plus between items is a comma, for
 * places where a comma cannot be written), "0x1f", "all", "!2", "+0-1", "!+0", "same", "cpu", "mem-only", "dist<=20",
 * "netdev:eth0", "0,file:/srv/a" (a device ends the list). "" is the empty set. Errors name the column in err->where.
 */
int mpol_nodes_expr_parse(const char *text, struct mpol_nodes_expr *ret, struct mpol_error *err);
/* Prints it canonically; returns the length, cut to size - 1 as snprintf does. */
size_t mpol_nodes_expr_print(const struct mpol_nodes_expr *e, char *buf, size_t size);
/* Large enough for the text of any expression, with its NUL. */
#define MPOL_NODES_EXPR_TEXT (MPOL_NODES_TEXT + MPOL_DEVICE_NAME + 64)

bool mpol_nodes_expr_equal(const struct mpol_nodes_expr *a, const struct mpol_nodes_expr *b);
/* Whether it is numbers alone, so that no machine is needed: e->nodes is the set. */
bool mpol_nodes_expr_is_literal(const struct mpol_nodes_expr *e);

/*
 * Asks a machine which nodes are meant. The allowed nodes are machine->mems_allowed with memory. root_fd is where machine
 * was read from: devices are looked up in its sys/ ("ip:" and "file:" only on the running machine); -1: devices are errors.
 * previous is what "same" stands for; NULL: there was none.
 * An expression that names no node here is an error that says why, unless it is empty as written.
 */
int mpol_nodes_resolve(int root_fd, const struct mpol_machine *machine, const struct mpol_nodeset *previous,
		       const struct mpol_nodes_expr *e, struct mpol_nodeset *ret, struct mpol_error *err);
/* "all = 0-1", what was made of it; "" for literal ones, where there is nothing to say. Returns the length as above. */
size_t mpol_nodes_resolution_print(const struct mpol_nodes_expr *e, const struct mpol_nodeset *nodes, char *buf,
				   size_t size);

/* A policy whose nodes are not resolved yet. */
struct mpol_policy_expr {
	enum mpol_mode mode;
	unsigned flags; /* enum mpol_flags, combined */
	struct mpol_nodes_expr nodes;
};

/*
 * Reads a policy in any notation that can be read, and tells which by looking: '{' begins the OCI object (or a whole
 * config.json), '-' numactl's options, '[' or NUMAPolicy= a unit drop-in, everything else is the kernel's text. "@FILE"
 * reads the text from a file ("@/dev/stdin" from there). Errors name the column, or path, line and column.
 * Invalid policies (bind without nodes) are read: mpol_check() explains them.
 */
int mpol_policy_parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err);
int mpol_policy_resolve(int root_fd, const struct mpol_machine *machine, const struct mpol_policy_expr *e,
			struct mpol_policy *ret, struct mpol_error *err);
bool mpol_policy_expr_equal(const struct mpol_policy_expr *a, const struct mpol_policy_expr *b);
/* The expression that says exactly p. */
void mpol_policy_expr_from(const struct mpol_policy *p, struct mpol_policy_expr *ret);

/*
 * Prints the policy as the kernel does in numa_maps, but never cut: "bind=static|balancing:0-1", "prefer (many):0-1".
 * Returns the length, cut to size - 1 as snprintf does. Modes and flags without a name are printed as numbers.
 */
size_t mpol_policy_print(const struct mpol_policy *p, char *buf, size_t size);
#define MPOL_POLICY_TEXT (MPOL_NODES_TEXT + 64)

/* A notation: a row of the table. */
struct mpol_notation {
	const char *name;    /* "kernel" */
	const char *summary; /* a line about it */
	/* NULL: it is only written. */
	int (*parse)(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err);
	/*
	 * The whole text, with newlines inside and none at its end, freed by the caller. -ENOTSUP with a rule when the
	 * policy, or its unresolved nodes, cannot be said in this notation.
	 */
	int (*print)(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err);
};

/* kernel, oci, numactl, systemd, c, podman, docker, kubernetes; ends with NULL. */
extern const struct mpol_notation *const mpol_notations[];
/* NULL when there is none of that name. */
const struct mpol_notation *mpol_notation(const char *name);

/* "bind" and "static": a mode's and a flag's word in the kernel's notation; NULL for unknown ones. */
const char *mpol_mode_name(enum mpol_mode mode);
const char *mpol_flag_name(enum mpol_flags flag);

#ifdef __cplusplus
}
#endif
#endif
