/* SPDX-License-Identifier: MIT */
/*
 * Process 1 of a guest. An executable that is packed as /init (vm/pack.h) begins its main with
 *
 *     if (guest_is_init(argc, argv))
 *             return guest_main();
 *
 * It mounts what a Linux program expects, says that it lives, compares the topology with the shape
 * that it is told, and runs the commands that the host sends, one at a time: with their output,
 * results and end sent back (vm/channel.h).
 */
#ifndef HARNESS_GUEST_H
#define HARNESS_GUEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "vm/module.h"
#include "vm/shape.h"
#include "vm/strv.h"

/* We are process 1, and were started as /init. */
bool guest_is_init(int argc, char **argv);
/* Ends by powering off. */
int guest_main(void);

/* --- Between the guest's files. --- */

/* Mounts all but the cgroups. Describes the first failure in what; 0 or -errno. */
int guest_mount(char *what, size_t size);
/* version 2: /sys/fs/cgroup; 1: /sys/fs/cgroup/cpuset and /sys/fs/cgroup/memory where the kernel
 * has them. */
int guest_mount_cgroup(unsigned version, char *what, size_t size);
/* Loads the modules of MODULE_FOLDER in the order of their names. */
int guest_load_modules(char *what, size_t size);

/* Names the first difference between the guest's machine and the shape in what; false when there is
 * none. */
bool guest_topology_differs(const struct mpol_machine *machine, const struct vm_shape *shape,
			    char *what, size_t size);

enum guest_stdin { GUEST_NULL, GUEST_INPUT, GUEST_TERMINAL };

struct guest_command {
	struct strv argv, env;
	char *directory; /* NULL: / */
	enum guest_stdin input;
	/* While it runs: */
	pid_t pid;
	int in, out, err, results; /* our ends; -1: none. A terminal is in and out */
};

/* Forks and execs. 0, or -errno with what. Descriptors are non-blocking. */
int guest_command_start(struct guest_command *c, char *what, size_t size);
void guest_command_reset(struct guest_command *c);

#endif
