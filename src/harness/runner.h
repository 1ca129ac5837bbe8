/* SPDX-License-Identifier: MIT */
/* Running chosen tests in order, each where it belongs, and reporting each as it ends. */
#ifndef HARNESS_RUNNER_H
#define HARNESS_RUNNER_H

#include "harness/registry.h"
#include "harness/report.h"

struct runner_options {
	bool here;	/* never in a virtual machine */
	const char *on; /* always in one of this shape; NULL: each test where its needs are met */
	const char *kernel;	/* for virtual machines: a file or a version; NULL: found */
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
