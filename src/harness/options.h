/* SPDX-License-Identifier: MIT */
/* The options of `run`, the same for an executable of tests, for scenario files and for `mpol
 * test`. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include "harness/runner.h"

/*
 * Reads argv[1] to argv[argc - 1], of which argv[0] is the command; 0 with ret_first the index of
 * the first name, or the exit code of a usage error, which was said.
 */
int options_parse(const char *self, int argc, char **argv, struct runner_options *ret,
		  struct reporter *reporter, int *ret_first);

/* "SELF: …", and where to find help; returns REPORT_USAGE. */
int options_usage(const char *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define OPTIONS_HELP                                                                               \
	"  --here                   on this machine; a test whose needs it does not meet is "      \
	"skipped\n"                                                                                \
	"  --on SHAPE[,SHAPE…]    on virtual machines of these shapes: 2n4l4c1t, "               \
	"nodes=3,cpus=2:2:0;\n"                                                                    \
	"                           or after a file with shapes or with what mpol machine "        \
	"--json printed,\n"                                                                        \
	"                           or after a recorded machine; repeatable\n"                     \
	"  --kernel KERNEL[,…]    the virtual machines': files, or versions; repeatable; of "    \
	"several, each test on each\n"                                                             \
	"  -j, --machines N         virtual machines at once, at most; by the host's CPUs and "    \
	"memory\n"                                                                                 \
	"  -f, --file PATH[:DEST]   take this file or directory into the guest as well, for what " \
	"workers execute; repeatable\n"                                                            \
	"  --accel auto|kvm|tcg     how it is run; auto: KVM where it works\n"                     \
	"  --format FORMAT[=FILE]   text, tap, json, junit, html, to standard output or to the "   \
	"file; "                                                                                   \
	"repeatable\n"                                                                             \
	"  --timeout SECONDS        for each test; 60\n"

#endif
