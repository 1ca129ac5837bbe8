/* SPDX-License-Identifier: MIT */
/*
 * Which cgroup is a container's, from its id: as runc and crun have written it down, or, for every
 * engine, from the names of the cgroups that processes are in: ID, docker-ID.scope,
 * libpod-ID.scope, cri-containerd-ID.scope, crio-ID.scope.
 */
#ifndef OCI_CONTAINER_H
#define OCI_CONTAINER_H

#include <mpol/error.h>

/*
 * id: whole, or its first characters, at least 12 when it is one of 64. ret: the cgroup's path
 * below its hierarchy (where hierarchies differ, that of the memory controller). root_fd is the
 * root that proc/ is read from. -ENOENT: no running container has it; -EEXIST: several have.
 */
int oci_container_cgroup(int root_fd, const char *id, char *ret, size_t size,
			 struct mpol_error *err);

#endif
