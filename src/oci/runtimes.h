/* SPDX-License-Identifier: MIT */
/*
 * The runtimes there are, and what each version really does with linux.memoryPolicy: a table, for
 * `mpol oci check` and for the front's choice between a runtime's own way and the hook.
 */
#ifndef OCI_RUNTIMES_H
#define OCI_RUNTIMES_H

#include <mpol/machine.h>

enum oci_does {
	OCI_IGNORES, /* the field is dropped without a word */
	OCI_APPLIES, /* as set_mempolicy(2) called inside the container's cpuset */
	OCI_DIFFERS, /* applies it, but not always that policy */
};

struct oci_runtime {
	const char *name;
	const char *from, *to; /* versions, both included; NULL: open */
	enum oci_does run, exec;
	const char *what; /* a sentence: what it does, and where the defect lies */
	/* Whether it is right for this policy, on NULL: as run and exec say. */
	bool (*right)(const struct mpol_policy *p);
};

extern const struct oci_runtime oci_runtimes[];
extern const size_t n_oci_runtimes;

/* By name and version ("1.5.0-rc.1"); NULL when the table has none. */
const struct oci_runtime *oci_runtime_find(const char *name, const char *version);
/* -1, 0, 1 as versions compare: 1.4.0-rc.2 is before 1.4.0, and 1.1.5+ds1 is 1.1.5. */
int oci_version_compare(const char *a, const char *b);

#endif
