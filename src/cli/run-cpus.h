/* SPDX-License-Identifier: MIT */
/* The CPUs that `mpol run` puts a command on. */
#ifndef CLI_RUN_CPUS_H
#define CLI_RUN_CPUS_H

#include <mpol/machine.h>

/* The CPUs of the nodes: of "--node 0-1", or of any other expression. Reads no more than it needs.
 */
int run_cpus_of_nodes(int root_fd, const char *text, struct mpol_cpus *ret, struct mpol_error *err);
/*
 * Puts the calling thread on them. 0, or a negative errno with the reason: offline, absent, outside
 * the cpuset. 1: on a part of them only, and err says which were dropped.
 */
int run_cpus_apply(int root_fd, const struct mpol_cpus *cpus, struct mpol_error *err);

#endif
