/* SPDX-License-Identifier: MIT */
/* One QEMU process: started with its sockets, watched, ended. */
#ifndef VM_PROCESS_H
#define VM_PROCESS_H

#include "vm/qemu.h"

#define PROCESS_SAID 2048

struct process {
	pid_t pid;			      /* 0: none */
	int pidfd, console, channel, said_fd; /* -1: none; non-blocking */
	int status;			      /* of waitpid(2), once it has ended */
	char said[PROCESS_SAID];	      /* the first of what QEMU wrote to stderr */
	size_t said_len;
};
#define PROCESS_NONE                                                     \
	{                                                                \
		.pidfd = -1, .console = -1, .channel = -1, .said_fd = -1 \
	}

/* plan's descriptors for the sockets are filled in. The process dies with the calling thread. */
int process_start(struct process *p, struct qemu_plan *plan, struct mpol_error *err);
/* Reads what QEMU said, until there is nothing now. */
void process_listen(struct process *p);
/* The end of QEMU, if it has ended: 1, with p->status filled; 0: it runs. */
int process_ended(struct process *p);
/* Kills it, waits for its end, closes everything. */
void process_end(struct process *p);
/* The last line that QEMU said which is not a warning, without its own name in front, into ret; ""
 * when there is none. */
const char *process_complaint(struct process *p, char *ret, size_t size);

#endif
