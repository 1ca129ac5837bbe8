/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/numa_maps, mapping by mapping, in one pass:
 *
 *     line   := hexaddr SP policy [SP "file=" path | SP "heap" | SP "stack"] [SP "huge"] [stats]
 *     policy := name ["=" flag ("|" flag)*] [":" nodelist]
 *     name   := "default" | "prefer" | "bind" | "interleave" | "local" | "prefer (many)" |
 * "weighted interleave" stats  := [anon=n] [dirty=n] [mapped=n] … (N<id>=n)* kernelpagesize_kB=n
 *
 * A mapping without any page has no stats at all, not even its page size. Source:
 * fs/proc/task_mmu.c show_numa_map(), mm/mempolicy.c mpol_to_str().
 */
#ifndef PLACEMENT_NUMA_MAPS_H
#define PLACEMENT_NUMA_MAPS_H

#include <mpol/placement.h>

#include "placement/lines.h"
#include "placement/process.h"

/* A policy as the kernel shows it in force. */
struct numa_policy {
	const char *text; /* valid as long as the mapping */
	bool known;	  /* false: a mode or flag we do not know; policy is zero */
	/*
	 * The kernel cuts the text silently at 63 characters, so the last number of such a text may
	 * be a wrong but valid-looking node: policy.nodes then holds those before it only, and cut
	 * is true.
	 */
	bool cut;
	struct mpol_policy policy;
};

struct numa_count {
	unsigned node;
	uint64_t pages; /* of page_size */
};

struct numa_mapping {
	uint64_t start;		     /* address */
	struct numa_policy in_force; /* the mapping's own, or else the one of the thread whose
					folder was read */
	const char *path;	/* as the kernel writes it, with octal escapes; NULL: no file */
	const char *name;	/* "heap", "stack" or NULL */
	bool huge;		/* hugetlb */
	uint64_t anon;		/* pages that are anonymous, of all */
	uint64_t dirty, mapmax; /* pages; the largest number of processes that map one of them */
	uint64_t pages;		/* resident: the sum of counts */
	uint64_t page_size;	/* bytes; 0: no page is resident */
	size_t n_counts;
	const struct numa_count *counts; /* by node, none is 0 */
};

struct numa_maps {
	const struct process *process;
	struct lines lines;
	int alive_fd;  /* proc/PID/maps, of the same memory: reads nothing once that is gone */
	unsigned line; /* number, from 1 */
	uint64_t last_start;
	struct numa_policy policy; /* of the previous line: most lines have the same */
	char policy_text[512];
	struct numa_count counts[MPOL_MAX_NODES];
};

/* Parses the policy text of a line, of which len bytes may be read. Pure. */
struct numa_policy numa_policy_parse(const char *text, size_t len);
/* The length of the policy at the beginning of text, which may contain a space. */
size_t numa_policy_length(const char *text);
/* Decodes \ooo of a path in place. A file whose name contains a backslash and three octal digits
 * reads the same. */
void numa_path_decode(char *path);

/*
 * One line, which is NUL-terminated and is written to. counts has room for MPOL_MAX_NODES. -EBADMSG
 * when it is none. Pure but for the line; in_force is left alone, ret_policy points at its text.
 */
int numa_mapping_parse(char *line, struct numa_mapping *ret, struct numa_count *counts,
		       char **ret_policy);

/* file is "numa_maps" or "task/TID/numa_maps". The process is borrowed. Release with
 * numa_maps_done(), also after a failure. */
int numa_maps_open(struct numa_maps *m, const struct process *p, const char *file,
		   struct mpol_error *err);
/*
 * 1: ret is the next mapping, valid until the next call. 0: all were read (none: a thread of the
 * kernel). -ESRCH: the process ended while it was read; -EAGAIN: it executed another program
 * meanwhile.
 */
int numa_maps_next(struct numa_maps *m, struct numa_mapping *ret, struct mpol_error *err);
void numa_maps_done(struct numa_maps *m);

#endif
