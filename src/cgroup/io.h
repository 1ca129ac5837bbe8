/* SPDX-License-Identifier: MIT */
/* Files of one cgroup, and the failures they all share; internal to this room. */
#ifndef CGROUP_IO_H
#define CGROUP_IO_H

#include "cgroup/cgroup.h"

/* The text of g's control file without its last newline, freed by the caller. */
int cgroup_read(const struct cgroup *g, const char *file, char **ret, struct mpol_error *err);
/* One write. The failure is described by cgroup_fail(). */
int cgroup_write(const struct cgroup *g, const char *file, const char *text,
		 struct mpol_error *err);
bool cgroup_has(const struct cgroup *g, const char *file);
/* Whether a control file of words ("cpuset memory pids") has that one; false also when unreadable.
 */
bool cgroup_file_has_word(const struct cgroup *g, const char *file, const char *word);
/* "cpus" to "cpuset.cpus", or "cpus" where the mount has no prefix. */
const char *cgroup_file(const struct cgroup *g, const char *name, char buf[64]);

/* Finds out what kind of group the descriptor is, from its files. */
void cgroup_look(struct cgroup *g);
/* The directory above, when that is a cgroup of the same hierarchy as well; otherwise -ENOENT. */
int cgroup_open_above(const struct cgroup *g, struct cgroup *ret);

/* For errors that mean the same everywhere (read-only, permission, gone); describes others as
 * cgroup-io. */
int cgroup_fail(struct mpol_error *err, int r, const char *path, const char *what);

extern const struct mpol_rule cgroup_rule_not_delegated;

#endif
