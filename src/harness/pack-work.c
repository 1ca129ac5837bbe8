/* SPDX-License-Identifier: MIT */
/* What declared work needs in a guest; see pack-work.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/pack-work.h"
#include "harness/setup.h"

/* Where execvp(3) would find the command; false: nowhere. */
static bool find_command(const char *command, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");

	if (strchr(command, '/')) {
		(void)snprintf(path, PATH_MAX, "%s", command);
		return access(path, X_OK) == 0;
	}
	for (const char *dir = dirs ? dirs : "/usr/bin:/bin", *next; *dir; dir = next) {
		size_t len = strcspn(dir, ":");

		next = dir + len + (dir[len] == ':');
		if (snprintf(path, PATH_MAX, "%.*s/%s", (int)len, dir, command) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static int pack_path(struct vm_pack *pack, const char *path, struct mpol_error *err)
{
	char real[PATH_MAX];

	if (!realpath(path, real) || vm_pack_has(pack, real))
		return 0;
	return vm_pack_file(pack, path, NULL, err);
}

static int pack_one(struct vm_pack *pack, const struct mpol_work_spec *work, struct mpol_error *err)
{
	char path[PATH_MAX];

	if (work->kind == MPOL_WORK_EXEC && work->command && work->command[0] &&
	    find_command(work->command[0], path))
		return pack_path(pack, path, err);
	if (work->kind == MPOL_WORK_FILE && work->file)
		return pack_path(pack, work->file, err);
	return 0;
}

static int pack_cgroup(struct vm_pack *pack, const struct mpol_cgroup_def *def,
		       struct mpol_error *err)
{
	size_t n = groups_declared(def);
	int r = n ? 0 : pack_one(pack, &def->work, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = pack_one(pack, &def->works[i], err);
	return r;
}

int pack_work(struct vm_pack *pack, const struct registry *registry, struct mpol_error *err)
{
	int r = 0;

	for (size_t t = 0; r == 0 && registry && t < registry->n; t++) {
		const struct mpol_test *test = registry->tests[t]->test;

		for (size_t i = 0; r == 0 && i < MPOL_MAX_CGROUPS && test->cgroups[i].name; i++)
			r = pack_cgroup(pack, &test->cgroups[i], err);
	}
	return r;
}
