/* SPDX-License-Identifier: MIT */
/* A file with another content, for this process and what it becomes only. */
#ifndef OCI_NAMESPACE_H
#define OCI_NAMESPACE_H

#include <stddef.h>

/*
 * Moves the process into a mount namespace of its own, in which the file `name` below dir_fd has
 * this text. Mounts go on propagating between it and the namespace it was in, as before. dir_fd
 * refers to the old namespace afterwards; the working directory is kept. 0, or -errno with, at
 * worst, the namespace left.
 */
int namespace_cover(int dir_fd, const char *name, const char *text, size_t len);

#endif
