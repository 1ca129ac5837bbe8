/* SPDX-License-Identifier: MIT */
/* The kernel's counters of migrated pages; see mpol/counters.h. */
#include <errno.h>
#include <string.h>

#include <mpol/counters.h>

#include "placement/keyed.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule no_counters = {
	"migration-counters",
	EIO,
	"Migrated pages are counted in /proc/vmstat, and for a cgroup in its memory.stat.",
	"look whether /proc is mounted, and the cgroup there",
	"mm/vmstat.c vmstat_text[]",
	NULL,
};

const char *mpol_migration_name(enum mpol_migration_id id)
{
	static const char *const names[MPOL_N_MIGRATIONS] = {
		[MPOL_MIGRATION_SUCCESS] = "migrated",
		[MPOL_MIGRATION_FAIL] = "failed",
		[MPOL_MIGRATION_BALANCING] = "balanced",
		[MPOL_MIGRATION_HINT_FAULTS] = "hint-faults",
		[MPOL_MIGRATION_HINT_FAULTS_LOCAL] = "hint-faults-local",
		[MPOL_MIGRATION_PTE_UPDATES] = "pte-updates",
		[MPOL_MIGRATION_PROMOTED] = "promoted",
		[MPOL_MIGRATION_DEMOTED] = "demoted",
	};

	return names[id];
}

static const struct keyed_row keys[] = {
	{ "pgmigrate_success", MPOL_MIGRATION_SUCCESS },
	{ "pgmigrate_fail", MPOL_MIGRATION_FAIL },
	{ "numa_pages_migrated", MPOL_MIGRATION_BALANCING },
	{ "numa_hint_faults", MPOL_MIGRATION_HINT_FAULTS },
	{ "numa_hint_faults_local", MPOL_MIGRATION_HINT_FAULTS_LOCAL },
	{ "numa_pte_updates", MPOL_MIGRATION_PTE_UPDATES },
	{ "pgpromote_success", MPOL_MIGRATION_PROMOTED },
	{ "pgdemote_kswapd", MPOL_MIGRATION_DEMOTED },
	{ "pgdemote_direct", MPOL_MIGRATION_DEMOTED },
	{ "pgdemote_khugepaged", MPOL_MIGRATION_DEMOTED },
	{ "pgdemote_proactive", MPOL_MIGRATION_DEMOTED },
};

static int read_counters(int root_fd, const char *dir, const char *file, struct mpol_migration *ret,
			 struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	struct mpol_migration m = { 0 };
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "%s/%s", dir, file);

	if (r < 0)
		return mpol_fail_errno(err, &no_counters, -r, dir, "%s: %s", file, strerror(-r));
	keyed_sum(text, keys, ELEMENTSOF(keys), m.known, m.count);
	*ret = m;
	return 0;
}

int mpol_migration_read(int root_fd, struct mpol_migration *ret, struct mpol_error *err)
{
	return read_counters(root_fd, "proc", "vmstat", ret, err);
}

int mpol_migration_of_cgroup(int root_fd, const char *dir, struct mpol_migration *ret,
			     struct mpol_error *err)
{
	return read_counters(root_fd, dir, "memory.stat", ret, err);
}

struct mpol_migration mpol_migration_between(const struct mpol_migration *since,
					     const struct mpol_migration *until)
{
	struct mpol_migration m = { 0 };

	for (size_t i = 0; i < MPOL_N_MIGRATIONS; i++) {
		m.known[i] =
			since->known[i] && until->known[i] && until->count[i] >= since->count[i];
		m.count[i] = m.known[i] ? until->count[i] - since->count[i] : 0;
	}
	return m;
}
