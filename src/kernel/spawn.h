/* SPDX-License-Identifier: MIT */
/*
 * A scratch child: a process that tries what must not happen to its parent, and leaves the answer
 * in shared memory.
 */
#ifndef KERNEL_SPAWN_H
#define KERNEL_SPAWN_H

#include <stddef.h>

/*
 * Runs body(shared) in a child and waits for it. shared is `size` bytes that were copied to the
 * child, and are copied back when it has ended. The child sends no SIGCHLD and is not seen by the
 * parent's wait(2) calls, dies with its parent, and may only make system calls (another thread may
 * have held any lock). Returns its wait status (>= 0), or -errno when there was no child.
 */
int spawn_scratch(void (*body)(void *shared), void *shared, size_t size);

#endif
