/* SPDX-License-Identifier: MIT */
/* Running chosen tests in order, each where it belongs, and reporting each as it ends. */
#ifndef HARNESS_RUNNER_H
#define HARNESS_RUNNER_H

#include "harness/registry.h"
#include "harness/report.h"

struct runner_options {
	bool here;	/* never in a virtual machine */
	const char *on; /* always in one of this shape; NULL: each test where its needs are met */
	const char *kernel; /* for virtual machines: a file or a version; NULL: found */
	const char *accel;  /* "kvm", "tcg"; NULL: what works */
	double limit;	    /* seconds for each test; 0: the usual */
	const struct report_format *format;
	const char *executable; /* this one, to be packed for a virtual machine */
	/* Set in a guest: results go there as lines of JSON, and nothing is reported. -1: they are
	 * reported. */
	int results_fd;
	const char *place; /* for results; NULL: "here" */
};

enum runner_exit { RUNNER_PASSED = 0, RUNNER_FAILED = 1, RUNNER_USAGE = 2, RUNNER_BROKEN = 4 };

/* The exit code. */
int runner_run(const struct registry *registry, const struct mpol_test_entry *const *tests,
	       size_t n, const struct runner_options *options);

#endif
