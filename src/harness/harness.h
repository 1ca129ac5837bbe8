/* SPDX-License-Identifier: MIT */
/* What a program of tests does with its command line: `list | run [OPTION…] [NAME…] | show
 * [NAME…]`. */
#ifndef HARNESS_HARNESS_H
#define HARNESS_HARNESS_H

#include "harness/registry.h"

/* The main of an executable that contains MPOL_TESTs; also process 1 of a guest. */
int harness_main(int argc, char **argv);

/* argv[0] is the command. scenario: the file that the tests of the registry came from; NULL: this
 * executable. */
int harness_run(const char *self, const struct registry *registry, const char *scenario, int argc,
		char **argv);
/* --help and --version; true when one was answered. */
bool harness_answers(const char *self, int argc, char **argv);

#endif
