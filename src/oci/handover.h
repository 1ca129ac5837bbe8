/* SPDX-License-Identifier: MIT */
/*
 * How a changed configuration reaches the real runtime while the bundle's config.json stays as it
 * is: bundles are run again, engines read them back, and a front that is killed must leave nothing
 * behind. So the kernel holds the change, and drops it with the process:
 *
 *     crun          takes --config=FILE: a memory file (memfd_create(2))
 *     any other     sees the new text at the file's own path, in a mount namespace of its own
 *     unprivileged  (no CAP_SYS_ADMIN): the file is exchanged for one with the new text, and
 * changed back by the hook or, when the runtime ends before, by a process that waits for it; the
 * original keeps its inode
 */
#ifndef OCI_HANDOVER_H
#define OCI_HANDOVER_H

#include "oci/args.h"
#include "oci/real.h"

enum handover { HANDOVER_OPTION, HANDOVER_NAMESPACE, HANDOVER_EXCHANGE };

/* Which of them would be used; HANDOVER_NAMESPACE when it may be tried. */
enum handover handover_kind(const struct oci_real *real);

/*
 * To be taken before the configuration is read: -1 where nothing will be exchanged, else a
 * descriptor for handover(), or -EBUSY while others exchange this bundle's.
 */
int handover_lock(const struct oci_real *real, int dir_fd);

/* dir_fd and name: the file as oci_config_read() found it. a may get another option. */
int handover(struct oci_args *a, const struct oci_real *real, int dir_fd, int lock,
	     const char *name, const char *text, size_t len, enum handover *ret,
	     struct mpol_error *err);

/* Changes an exchanged file below dir_fd back; nothing to do where none was exchanged. */
int handover_restore(int dir_fd, const char *name);

#endif
