/* SPDX-License-Identifier: MIT */
/* Running chosen tests in order, each where it belongs, and reporting each as it ends. */
#ifndef HARNESS_RUNNER_H
#define HARNESS_RUNNER_H

#include "harness/registry.h"
#include "harness/report.h"

#define RUNNER_MAX_LISTS 64

struct runner_options {
	bool here; /* never in a virtual machine */
	/* Always in virtual machines of these shapes, as on.h reads them; none: each test where its
	 * needs are met. */
	const char *on[RUNNER_MAX_LISTS];
	/* For virtual machines, as on.h reads them; several: each test on each. None: found. */
	const char *kernels[RUNNER_MAX_LISTS];
	const char
		*files[RUNNER_MAX_LISTS]; /* for virtual machines: PATH[:DEST], as --file has it */
	size_t n_on, n_kernels, n_files;
	unsigned machines;	/* at once, at most; 0: by the host's CPUs and memory */
	const char *accel;	/* "kvm", "tcg"; NULL: what works */
	double limit;		/* seconds for each test; 0: the usual */
	const char *executable; /* this one, to be packed for a virtual machine */
	const char *scenario;	/* a file that the guest needs as well; NULL: the tests are in the
				   executable */
	const char *place;	/* for results; NULL: "here" */
};

/* The reporter's exit code, REPORT_USAGE or REPORT_BROKEN with the reason on standard error. */
int runner_run(const struct registry *registry, const struct mpol_test_entry *const *tests,
	       size_t n, const struct runner_options *options, struct reporter *reporter);

#endif
