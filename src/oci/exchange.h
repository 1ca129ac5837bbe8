/* SPDX-License-Identifier: MIT */
/*
 * A file with another content for a while, where no namespace can be had: exchanged for another
 * file and back, so that the original keeps its inode, owner, mode and times.
 */
#ifndef OCI_EXCHANGE_H
#define OCI_EXCHANGE_H

#include <stddef.h>

/*
 * Gives the file `name` below dir_fd this text; the original stands beside it as .NAME.mpol
 * meanwhile. A child process changes it back when this process (or what it becomes by exec) has
 * ended. 0 or -errno, with nothing changed.
 */
int exchange(int dir_fd, const char *name, const char *text, size_t len);
/* Changes it back now; 0 also when there is nothing to change back. */
int exchange_restore(int dir_fd, const char *name);

#endif
