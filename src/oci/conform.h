/* SPDX-License-Identifier: MIT */
/*
 * The conformance kit: does a runtime give containers the memory policy of their configuration?
 * Each case is a policy, the container's cpuset.mems and, for some, a cpuset that the runtime
 * itself is confined to. The answer is right when the container's process has the same policy
 * (mode, flags and nodes of get_mempolicy(2), text of numa_maps) as a process that called
 * set_mempolicy(2) inside such a cpuset, and when no container runs where that call is refused.
 */
#ifndef OCI_CONFORM_H
#define OCI_CONFORM_H

#include "oci/probe.h"

struct conform_case {
	const char *policy; /* the kernel's notation */
	const char *mems;   /* of the container; NULL: none */
	const char *engine; /* mems that the runtime is confined to; NULL: not confined */
	unsigned nodes;	    /* the machine must have that many */
};
extern const struct conform_case conform_cases[];
extern const size_t n_conform_cases;

enum conform_action { CONFORM_RUN, CONFORM_CREATE, CONFORM_EXEC, CONFORM_N_ACTIONS };
extern const char *const conform_actions[CONFORM_N_ACTIONS]; /* "run" */

struct conform_result {
	const struct conform_case *c;
	const char *skipped;	   /* why it was not asked; NULL: it was */
	int expected_errno;	   /* of set_mempolicy(2) inside; 0: accepted */
	struct oci_probe expected; /* not answered where it was refused */
	struct {
		bool asked, same;
		struct oci_probe got;
	} action[CONFORM_N_ACTIONS]; /* create means create and start; exec into a container of
					create */
	char said[240];		     /* the runtime's last words of a difference */
};

struct conform_options {
	const char *const *runtime; /* its argv, NULL at the end */
	const char *program;	    /* the static program whose `probe` runs in containers */
	const char *only;	    /* a part of the policy's text; NULL: all */
	bool no_exec;
	/* Called for each case. */
	void (*result)(void *ctx, const struct conform_result *r);
	void *ctx;
};

/* Needs root, and a cpuset hierarchy. 0, or an error of the environment. */
int conform_run(const struct conform_options *o, struct mpol_error *err);

#endif
