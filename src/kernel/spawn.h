/* SPDX-License-Identifier: MIT */
/*
 * A scratch child: a process that tries what must not happen to its parent, and leaves the answer
 * in shared memory.
 */
#ifndef KERNEL_SPAWN_H
#define KERNEL_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Runs body(shared) in a child and waits for it. shared is `size` bytes that were copied to the
 * child, and are copied back when it has ended. The child sends no SIGCHLD and is not seen by the
 * parent's wait(2) calls, dies with its parent, and may only make system calls (another thread may
 * have held any lock). Returns its wait status (>= 0), or -errno when there was no child.
 */
int spawn_scratch(void (*body)(void *shared), void *shared, size_t size);

/*
 * The same kind of child for longer work: 0 in it, its number, or -errno. It does not die with its
 * parent unless it says so itself, and is met by spawn_wait() only: its wait status, or -errno.
 */
pid_t spawn_unseen(void);
int spawn_wait(pid_t pid);

#endif
