/* SPDX-License-Identifier: MIT */
/* `mpol show`: what is collected about processes, cgroups and nodes, and how it looks. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <mpol/counters.h>
#include <mpol/machine.h>
#include <mpol/sample.h>

#include "placement/by_policy.h"
#include "view/style.h"

/* Above so much resident memory a process is sampled, unless --exact: reading it all would hold it
 * up. */
#define SHOW_EXACT_BELOW ((uint64_t)2 << 30)

enum show_method { SHOW_AUTO, SHOW_EXACT, SHOW_SAMPLE };

struct show_options {
	enum show_method method;
	uint64_t pages; /* to sample; 0: the usual number */
};

/* Where the expected nodes of a policy's pages come from. */
enum show_expected {
	SHOW_BY_POLICY, /* the policy names them */
	SHOW_BY_CPUS,	/* default and local: the nodes of the CPUs the process may use */
	SHOW_UNKNOWN,	/* the kernel's text was cut, or names a mode we do not know */
};

/* The verdict on the pages that one policy governs. */
struct show_judged {
	enum show_expected from;
	struct mpol_nodeset expected;
	uint64_t governed, on; /* bytes that the policy placed; of these on the expected nodes */
	bool known;	       /* whether locality is: no pages are never local */
	double locality;       /* on / governed */
	double low, high;      /* its 95% interval, when sampled; both equal locality otherwise */
};

struct show_process {
	pid_t pid;
	char name[64];	       /* /proc/PID/comm; "" when it has none */
	struct mpol_error err; /* errnum 0: all below was read */
	bool sampled;
	struct mpol_placement total; /* of all policies; estimated when sampled */
	uint64_t sampled_pages;
	struct policy_groups groups; /* when sampled, one for all pages and without a policy where
					threads differ */
	struct show_judged *judged;  /* one for each group */
	struct show_judged all;	     /* of all groups that could be judged */
	struct thread_policies threads;
};

/* A cgroup's folders that were found, and what is in them. */
struct show_cgroup {
	const char *path; /* as it was given */
	bool memory_known;
	struct mpol_cgroup_memory memory;
};

/* machine has its topology read; its task fields are overwritten. Always fills ret; failures are in
 * ret->err. */
void show_collect(int root_fd, pid_t pid, const struct show_options *options,
		  struct mpol_machine *machine, struct show_process *ret);
void show_process_done(struct show_process *p);

struct show_pids {
	size_t n;
	pid_t *pids; /* ascending */
};
void show_pids_done(struct show_pids *p);
int show_pids_add(struct show_pids *p, pid_t pid);

/* The process and all its descendants. */
int show_find_tree(int root_fd, pid_t pid, struct show_pids *ret, struct mpol_error *err);
/* The processes of a cgroup and of those below it, and its memory. path as people write it. */
int show_find_cgroup(int root_fd, const char *path, struct show_pids *ret,
		     struct show_cgroup *ret_cgroup, struct mpol_error *err);

struct show_answer {
	size_t n;
	struct show_process *processes;
	const struct show_cgroup *cgroup; /* NULL: not asked */
};

void show_text(const struct show_answer *a, const struct view_style *style, struct strbuf *out);
void show_json(const struct show_answer *a, struct strbuf *out);

/* The nodes' summary. */
int show_nodes(int root_fd, bool json, const struct view_style *style, struct strbuf *out,
	       struct mpol_error *err);

#endif
