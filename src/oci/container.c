/* SPDX-License-Identifier: MIT */
/* Which cgroup is a container's; see container.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/container.h"
#include "oci/state.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule rule_none = {
	"container-not-found",
	ENOENT,
	"Engines name a container's cgroup by its id; only they know the names that people give.",
	"give the id: podman ps, docker ps, ctr containers list, crictl ps",
	NULL,
	NULL,
};
static const struct mpol_rule rule_several = {
	"container-ambiguous", EEXIST, "The beginning of an id must belong to one container.",
	"give more of the id", NULL,   NULL,
};

#define PATH_SIZE 4096
#define SHORT_ID  12

/* What engines put in front of the id; not what their monitors are named. */
static const char *const prefixes[] = { "",	 "docker-", "libpod-", "cri-containerd-",
					"crio-", "nerdctl-" };

static bool is_long_id(const char *text, size_t len)
{
	return len == 64 && strspn(text, "0123456789abcdef") >= 64;
}

/* Whether one component of a cgroup's path is the container's. */
static bool names_it(const char *component, size_t len, const char *id)
{
	size_t id_len = strlen(id);

	if (len > 6 && strncmp(component + len - 6, ".scope", 6) == 0)
		len -= 6;
	for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
		size_t skip = strlen(prefixes[i]);

		if (len < skip || strncmp(component, prefixes[i], skip) != 0)
			continue;
		if (len - skip == id_len && strncmp(component + skip, id, id_len) == 0)
			return true;
		if (id_len >= SHORT_ID && is_long_id(component + skip, len - skip) &&
		    strncmp(component + skip, id, id_len) == 0)
			return true;
	}
	return false;
}

/* Behind the first component that names it; NULL: none does. id NULL: the whole path. */
static const char *end_of_container(const char *path, size_t len, const char *id)
{
	const char *at = path, *end = path + len;

	if (!id)
		return len > 1 ? end : NULL;
	while (at < end) {
		const char *next = memchr(at + 1, '/', (size_t)(end - at - 1));

		if (!next)
			next = end;
		if (names_it(at + 1, (size_t)(next - at - 1), id))
			return next;
		at = next;
	}
	return NULL;
}

/* How much a line of /proc/PID/cgroup is preferred: the memory's hierarchy before others. */
static int rank_of(const char *line)
{
	if (strstr(line, ":memory:"))
		return 3;
	return STARTS(line, "0::") ? 2 : 1;
}

/* The container's path among a process's cgroups; "" when there is none. */
static void best_path(char *text, const char *id, char ret[PATH_SIZE])
{
	int best = 0;
	char *save = NULL;

	*ret = '\0';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *path = strstr(line, ":/");
		const char *end = path ? end_of_container(path + 1, strlen(path + 1), id) : NULL;

		if (!end || rank_of(line) <= best)
			continue;
		best = rank_of(line);
		(void)snprintf(ret, PATH_SIZE, "%.*s", (int)(end - path - 1), path + 1);
	}
}

static void path_of_process(int root_fd, int pid, const char *id, char ret[PATH_SIZE])
{
	_cleanup_free_ char *text = NULL;

	*ret = '\0';
	if (file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "proc/%d/cgroup", pid) == 0)
		best_path(text, id, ret);
}

/* Looks at all processes. */
static int scan(int root_fd, const char *id, char found[PATH_SIZE], struct mpol_error *err)
{
	int fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc");
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char path[PATH_SIZE];
	struct dirent *entry;

	*found = '\0';
	if (!dir)
		return mpol_fail_errno(err, &rule_none, EIO, "/proc", "cannot be read");
	while ((entry = readdir(dir))) {
		if (*entry->d_name < '0' || *entry->d_name > '9')
			continue;
		path_of_process(root_fd, atoi(entry->d_name), id, path);
		if (!*path || STREQ(path, found))
			continue;
		if (*found)
			return mpol_fail(err, &rule_several, "",
					 "%.80s is the beginning of several", id);
		strcpy(found, path);
	}
	return *found ? 0
		      : mpol_fail(err, &rule_none, "", "no running container has the id %.80s", id);
}

int oci_container_cgroup(int root_fd, const char *id, char *ret, size_t size,
			 struct mpol_error *err)
{
	_cleanup_(oci_state_done) struct oci_state state = { 0 };
	char path[PATH_SIZE] = "";
	int r;

	if (!oci_id_is_valid(id))
		return mpol_fail(err, &rule_none, "", "\"%.80s\" can be no container's id", id);
	/* Without an engine the id is in its runtime's own directory, whatever the cgroup is
	 * called. */
	if (oci_state_find(NULL, "", id, &state, NULL) == 0)
		path_of_process(root_fd, state.pid, NULL, path);
	r = *path ? 0 : scan(root_fd, id, path, err);
	if (r >= 0)
		(void)snprintf(ret, size, "%s", path);
	return r;
}
