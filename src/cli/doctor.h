/* SPDX-License-Identifier: MIT */
/* `mpol doctor`: the facts it looks up, and what follows from them. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <mpol/check.h>

#include "kernel/try-calls.h"

enum doctor_cpuset {
	DOCTOR_CPUSET_UNKNOWN,
	DOCTOR_CPUSET_NONE,	   /* no hierarchy has the controller */
	DOCTOR_CPUSET_NOT_ENABLED, /* it is not handed down to the own cgroup */
	DOCTOR_CPUSET_READ_ONLY,   /* here, and not to be changed by this process */
	DOCTOR_CPUSET_WORKS,
};

struct doctor_facts {
	bool tried; /* the calls were made; false: a recording */
	struct tried calls[N_TRIED_CALLS];
	char kernel[65]; /* "" when unknown */
	bool has_nodes;	 /* there are node directories */
	unsigned n_nodes;
	bool status_known; /* the next five were told by proc/self/status */
	unsigned uid;
	unsigned seccomp;	  /* 0: none, 1: strict, 2: filters */
	unsigned seccomp_filters; /* 0: not told */
	bool no_new_privs;
	uint64_t capabilities; /* effective */
	int yama;	       /* ptrace_scope; -1: there is no Yama */
	bool selinux_deny;     /* deny_ptrace is on */
	char label[64];	       /* of the security module, "docker-default (enforce)"; "": none */
	enum doctor_cpuset cpuset;
	char cgroup[256];      /* the own one, "/user.slice"; "": unknown */
	char controllers[256]; /* that it has, "memory pids"; "": none, or unknown */
};

void doctor_look(int root_fd, struct doctor_facts *ret);

enum doctor_verdict { DOCTOR_UNKNOWN, DOCTOR_WORKS, DOCTOR_LIMITED, DOCTOR_REFUSED };

/* One thing that this process might want to do. */
struct doctor_check {
	const char *name; /* "set_mempolicy" */
	enum doctor_verdict verdict;
	struct mpol_error error; /* why not; rule NULL when there is nothing to say */
};

#define DOCTOR_MAX_CHECKS   12
#define DOCTOR_MAX_REMEDIES 12

struct doctor_answer {
	size_t n_checks;
	struct doctor_check checks[DOCTOR_MAX_CHECKS];
	size_t n_remedies;
	const char *remedies[DOCTOR_MAX_REMEDIES]; /* least privilege first; static */
	size_t n_calls; /* that the seccomp fragment allows; 0: no fragment is needed */
	const char *calls[N_TRIED_CALLS];
};

/* Pure. */
void doctor_judge(const struct doctor_facts *f, struct doctor_answer *ret);
/* Whether the seccomp fragment belongs to this one of the remedies. */
bool doctor_remedy_has_fragment(const char *remedy);

#define DOCTOR_CAP_SYS_PTRACE 19 /* <linux/capability.h> */
#define DOCTOR_CAP_SYS_NICE   23
static inline bool doctor_has_capability(const struct doctor_facts *f, unsigned capability)
{
	return f->capabilities >> capability & 1;
}

#endif
