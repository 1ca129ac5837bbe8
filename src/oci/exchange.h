/* SPDX-License-Identifier: MIT */
/*
 * A file with another content for a while, where no namespace can be had: exchanged for another
 * file and back, so that the original keeps its inode, owner, mode and times.
 */
#ifndef OCI_EXCHANGE_H
#define OCI_EXCHANGE_H

#include <stddef.h>

/*
 * Waits until nobody else exchanges files in the directory, for at most a minute, and locks it
 * (flock(2)). Returns the directory's descriptor, which holds the lock and goes with exec, or
 * -errno; -EBUSY: others did not end. What is to be exchanged is read under the lock, or it is what
 * another one put there.
 */
int exchange_lock(int dir_fd);
/*
 * Gives the file `name` in a locked directory this text; the original stands beside it as
 * .NAME.mpol meanwhile. A child process changes it back when this process (or what it becomes by
 * exec) has ended, and holds the lock until it is changed back. 0 or -errno, with nothing changed.
 */
int exchange(int lock, const char *name, const char *text, size_t len);
/* Changes it back now; 0 also when there is nothing to change back. */
int exchange_restore(int dir_fd, const char *name);

#endif
