/* SPDX-License-Identifier: MIT */
/* The main of an executable of tests: `list | run [OPTION…] [NAME…] | show NAME`. */
#ifndef HARNESS_HARNESS_H
#define HARNESS_HARNESS_H

int harness_main(int argc, char **argv);

#endif
