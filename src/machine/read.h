/* SPDX-License-Identifier: MIT */
/*
 * The parts of which mpol_machine_read() consists. Each fills its own fields of a machine below a
 * root descriptor, and may be called alone by who needs no more: a command that starts another
 * program reads only what it asks about.
 */
#ifndef MACHINE_READ_H
#define MACHINE_READ_H

#include <mpol/machine.h>

/* numa, possible, online, with_memory, with_cpus, generic_initiators: from the few files of
 * sys/devices/system/node. */
int machine_read_sets(int root_fd, struct mpol_machine *m, struct mpol_error *err);
/* The arrays of nodes with their CPUs, memory and distances, and the CPUs online; asks the sets
 * first. */
int machine_read_topology(int root_fd, struct mpol_machine *m, struct mpol_error *err);
/* The last-level caches; after the topology. */
int machine_read_caches(int root_fd, struct mpol_machine *m, struct mpol_error *err);
/* Accesses, memory-side caches and tiers; after the topology. */
int machine_read_features(int root_fd, struct mpol_machine *m, struct mpol_error *err);
/* The weights of WEIGHTED_INTERLEAVE; after the topology. */
int machine_read_weights(int root_fd, struct mpol_machine *m, struct mpol_error *err);
/* mems_allowed, cpus_allowed, cpuset; where nothing is told, what is online, so after the topology.
 */
int machine_read_task(int root_fd, pid_t pid, struct mpol_machine *m, struct mpol_error *err);
/* What the kernel supports: probed when root_fd is the running root. */
int machine_read_kernel(int root_fd, struct mpol_machine *m, struct mpol_error *err);

/* Whether the descriptor is this process's own root directory. */
bool machine_is_running(int root_fd);

#endif
