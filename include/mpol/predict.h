/* SPDX-License-Identifier: MIT */
/*
 * Predicting the kernel: what set_mempolicy(2) answers to any arguments, what it keeps, what get_mempolicy(2) and
 * /proc/PID/numa_maps then say, and what a change of the cpuset makes of it. Pure: nothing is asked of the machine.
 *
 *	struct mpol_situation s = { .mems_allowed = MPOL_NODES(1, 2), .possible = MPOL_NODES(0, 1, 2, 3) };
 *	struct mpol_kept kept;
 *
 *	(void)mpol_kernel_from_version("6.12.107", &s.kernel, NULL);
 *	r = mpol_predict_policy(&policy, &s, &kept, &err);        // 0, or the negative errno that the kernel answers
 *	mpol_kept_text(&kept, &s.kernel, text);                   // "bind=static:1"
 *	mpol_kept_move(&kept, &s.kernel, &other_mems);            // the task's cpuset changes
 *
 * Source: mm/mempolicy.c; each rule names its function (mpol-rules(1)).
 */
#ifndef MPOL_PREDICT_H
#define MPOL_PREDICT_H

#include <mpol/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The arguments of set_mempolicy(2), valid or not. */
struct mpol_request {
	int mode;             /* the mode and its flags in one number, as the call takes them */
	const uint64_t *mask; /* (maxnode - 1) bits, rounded up to whole words; NULL: a NULL pointer */
	uint64_t maxnode;     /* one more than there are bits: the kernel subtracts one */
	uint64_t readable;    /* words of mask in mapped memory; 0: all that maxnode asks for */
};

/* What the answer depends on. */
struct mpol_situation {
	struct mpol_nodeset mems_allowed; /* of the task's cpuset, only nodes with memory; not empty */
	struct mpol_nodeset possible;     /* nodes that may come online; the highest limits what is read back */
	struct mpol_kernel kernel;        /* where !known, it is taken for the newest */
};

/* What the kernel keeps of a policy. Opaque but for debugging; read it with the functions below. */
struct mpol_kept {
	enum mpol_mode mode;       /* as get_mempolicy(2) answers it */
	unsigned flags;            /* MPOL_FLAG_* */
	bool local;                /* allocates on the local node, whatever the mode says (before Linux 5.14) */
	struct mpol_nodeset nodes; /* in force */
	struct mpol_nodeset saved; /* the nodes as given, or the cpuset they were given in: they share one place */
};

#define MPOL_KEPT_TEXT 64 /* numa_maps prints a policy in at most 63 bytes, and its NUL */

/*
 * 0: accepted, and ret is what is kept. Otherwise the negative errno of the kernel, and err is the first rule broken, in
 * the kernel's order. -ENOMEM (the kernel's own memory ran out) is not predicted.
 */
int mpol_predict(const struct mpol_request *request, const struct mpol_situation *situation, struct mpol_kept *ret,
		 struct mpol_error *err);
/* The same for a policy as a value; an empty node set is passed as an empty mask. */
int mpol_predict_policy(const struct mpol_policy *p, const struct mpol_situation *situation, struct mpol_kept *ret,
			struct mpol_error *err);

/* What a change of the task's cpuset to mems (nodes with memory, not empty) makes of it: mpol_rebind_policy(). */
void mpol_kept_move(struct mpol_kept *kept, const struct mpol_kernel *kernel, const struct mpol_nodeset *mems);

/* What get_mempolicy(2) answers with a mask that is large enough. */
struct mpol_policy mpol_kept_readback(const struct mpol_kept *kept, const struct mpol_situation *situation);
/*
 * What get_mempolicy(2) answers to a mask of that maxnode, whatever the policy: the number of words that it writes, or
 * -EINVAL. Unlike set_mempolicy(2) it does not subtract one: the highest possible node + 1 is enough.
 */
int mpol_predict_readback(uint64_t maxnode, const struct mpol_situation *situation, struct mpol_error *err);
/* The policy field of /proc/PID/numa_maps, cut as there; returns its length. */
size_t mpol_kept_text(const struct mpol_kept *kept, const struct mpol_kernel *kernel, char buf[MPOL_KEPT_TEXT]);

/*
 * What a kernel of that version makes of policies, by the version only: "5.10", "6.12.107+deb13-cloud-amd64". Of the
 * text the leading X.Y.Z counts. -EINVAL when it does not begin with X.Y.
 */
int mpol_kernel_from_version(const char *version, struct mpol_kernel *ret, struct mpol_error *err);

/* The differences between kernels, for listing. */
struct mpol_kernel_feature {
	const char *name;   /* "preferred-many" */
	const char *since;  /* "5.15" */
	const char *source; /* kernel function, and the commit where it is known */
	const char *what;   /* a sentence: what differs */
};
const struct mpol_kernel_feature *mpol_kernel_features(size_t *n);

#ifdef __cplusplus
}
#endif
#endif
