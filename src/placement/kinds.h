/* SPDX-License-Identifier: MIT */
/*
 * What kind of memory a mapping with a file holds: shared memory looks like a file, and is told by
 * where the file lies. Files of memfd_create(2), shmget(2) and shared anonymous mappings lie on a
 * filesystem of the kernel's own, others on a mounted tmpfs or hugetlbfs.
 */
#ifndef PLACEMENT_KINDS_H
#define PLACEMENT_KINDS_H

#include <mpol/placement.h>

#include "placement/process.h"

struct kinds {
	const struct process *process;
	bool mounts_read;
	size_t n_mounts;
	struct kinds_mount *mounts;
	char *mounts_text;
};

/* The process is borrowed. Release with kinds_done(). */
void kinds_init(struct kinds *k, const struct process *p);
void kinds_done(struct kinds *k);

/* Of a mapping whose file has this path, decoded; NULL or "": no file. Never a failure: what cannot
 * be told is a FILE. */
enum mpol_page_kind kinds_of_path(struct kinds *k, const char *path);

/*
 * The same where the file's device is known, as in /proc/PID/maps: that tells hugetlb memory that
 * looks like a memfd or System V memory. shm_device is kinds_shm_device().
 */
enum mpol_page_kind kinds_of_map(struct kinds *k, const char *path, uint64_t device,
				 uint64_t shm_device);
/* The device of memfd_create(2)'s own filesystem, as makedev(3); 0 when it cannot be found out. */
uint64_t kinds_shm_device(void);

#endif
