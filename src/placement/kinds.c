/* SPDX-License-Identifier: MIT */
/* What kind of memory a mapping with a file holds; see kinds.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "placement/kinds.h"
#include "placement/numa_maps.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

struct kinds_mount {
	const char *path; /* in mounts_text, decoded, without a trailing slash; "" is the root */
	size_t len;
	enum mpol_page_kind kind; /* of files on it */
};

void kinds_init(struct kinds *k, const struct process *p)
{
	*k = (struct kinds){ .process = p };
}

void kinds_done(struct kinds *k)
{
	free(k->mounts);
	free(k->mounts_text);
	*k = (struct kinds){ 0 };
}

static enum mpol_page_kind kind_of_filesystem(const char *type)
{
	if (STREQ(type, "tmpfs") ||
	    STREQ(type, "devtmpfs")) /* devtmpfs is a tmpfs, drivers/base/devtmpfs.c */
		return MPOL_PAGE_SHARED;
	return STREQ(type, "hugetlbfs") ? MPOL_PAGE_HUGE : MPOL_PAGE_FILE;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": proc(5) */
static bool parse_mount(char *line, struct kinds_mount *ret)
{
	char *separator = strstr(line, " - "), *save = NULL, *path = NULL;
	char *type = separator ? separator + 3 : NULL;

	if (!separator)
		return false;
	*separator = '\0';
	type[strcspn(type, " ")] = '\0';
	for (int field = 0; field < 5; field++) {
		path = strtok_r(field ? NULL : line, " ", &save);
		if (!path)
			return false;
	}
	numa_path_decode(path);
	ret->path = path;
	ret->len = strlen(path);
	if (ret->len && path[ret->len - 1] == '/')
		path[--ret->len] = '\0';
	ret->kind = kind_of_filesystem(type);
	return true;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void read_mounts(struct kinds *k)
{
	char *save = NULL;

	k->mounts_read = true;
	if (file_read_at(k->process->dir_fd, FILE_MAX_SIZE, &k->mounts_text, NULL, "mountinfo") < 0)
		return;
	k->mounts = calloc(count_lines(k->mounts_text), sizeof(*k->mounts));
	if (!k->mounts)
		return;
	for (char *l = strtok_r(k->mounts_text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		k->n_mounts += parse_mount(l, &k->mounts[k->n_mounts]);
}

/* The mount the path lies on: the longest, and of two at the same place the later one, which covers
 * the other. */
static enum mpol_page_kind kind_by_mount(struct kinds *k, const char *path)
{
	const struct kinds_mount *best = NULL;

	if (!k->mounts_read)
		read_mounts(k);
	for (size_t i = 0; i < k->n_mounts; i++) {
		const struct kinds_mount *m = &k->mounts[i];

		if ((best && m->len < best->len) || strncmp(path, m->path, m->len) != 0)
			continue;
		if (path[m->len] == '/')
			best = m;
	}
	return best ? best->kind : MPOL_PAGE_FILE;
}

static bool has_prefix(const char *path, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (STARTS(path, prefixes[i]))
			return true;
	return false;
}

/* mm/shmem.c, ipc/shm.c, mm/memfd.c, drivers/gpu/drm: names of files that have no place in any
 * filesystem. */
static const char *const nameless[] = { "/memfd:", "/SYSV", "/dev/zero (deleted)", "/drm mm object",
					"/i915" };

enum mpol_page_kind kinds_of_path(struct kinds *k, const char *path)
{
	if (!path || *path != '/')
		return MPOL_PAGE_ANON;
	if (STARTS(path, "/anon_hugepage"))
		return MPOL_PAGE_HUGE;
	if (has_prefix(path, nameless, ELEMENTSOF(nameless)))
		return MPOL_PAGE_SHARED;
	return kind_by_mount(k, path);
}

enum mpol_page_kind kinds_of_map(struct kinds *k, const char *path, uint64_t device,
				 uint64_t shm_device)
{
	enum mpol_page_kind kind;

	if (shm_device && device == shm_device)
		return MPOL_PAGE_SHARED;
	if (!path || *path != '/')
		return MPOL_PAGE_ANON;
	kind = kinds_of_path(k, path);
	if (shm_device && (STARTS(path, "/memfd:") || STARTS(path, "/SYSV")))
		return MPOL_PAGE_HUGE; /* the only other filesystem that has such files */
	return kind;
}

uint64_t kinds_shm_device(void)
{
	_cleanup_close_ int fd = memfd_create("mpol", MFD_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? (uint64_t)st.st_dev : 0;
}
