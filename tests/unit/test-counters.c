/* SPDX-License-Identifier: MIT */
/* Counters of cgroups, nodes and migration, from texts that kernels wrote. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpol/counters.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"

/* A folder with one file in it, at dir/file; removed by its own process's end is nobody's business:
 * remove_file(). */
static int folder_with(char dir[64], const char *file, const char *text)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[256];

	(void)strcpy(dir, "/tmp/mpol-test-XXXXXX");
	if (!mkdtemp(dir))
		check_skip("cannot make a folder in /tmp");
	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	f = text ? fopen(path, "we") : NULL;
	if (f)
		(void)fputs(text, f);
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void remove_file(const char *dir, const char *file)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	while (strlen(path) >= strlen(dir)) {
		(void)remove(path);
		if (!strrchr(path, '/'))
			break;
		*strrchr(path, '/') = '\0';
	}
}

static const char v2[] = "anon N0=8192 N1=4096\n"
			 "file N0=20480 N1=0\n"
			 "kernel_stack N0=16384 N1=0\n"
			 "pagetables N0=4096 N1=4096\n"
			 "sec_pagetables N0=0 N1=0\n"
			 "shmem N0=12288 N1=0\n"
			 "file_mapped N0=999999 N1=999999\n"
			 "slab_reclaimable N0=100 N1=0\n"
			 "slab_unreclaimable N0=11 N1=1\n"
			 "workingset_refault_anon N0=7 N1=7\n";
static const char v1[] = "total=6072 N0=6072 N1=0\n"
			 "file=214 N0=214 N1=0\n"
			 "anon=374 N0=374 N1=0\n"
			 "hierarchical_total=13 N0=10 N1=3\n"
			 "hierarchical_file=8 N0=8 N1=0\n"
			 "hierarchical_anon=5 N0=2 N1=3\n";

static const struct {
	const char *name, *text;
	bool shared_known;
	uint64_t anon[2], file[2], shared[2], kernel[2];
} stats[] = {
	{ "v2", v2, true, { 8192, 4096 }, { 8192, 0 }, { 12288, 0 }, { 20591, 4097 } },
	{ "v1, in pages, with the groups below",
	  v1,
	  false,
	  { 2 * 4096, 3 * 4096 },
	  { 8 * 4096, 0 },
	  { 0 },
	  { 0 } },
	{ "one node", "anon N0=4096\nfile N0=0\n", false, { 4096 }, { 0 }, { 0 }, { 0 } },
};

TEST(memory_of_a_cgroup_is_read_in_both_versions)
{
	for (size_t i = 0; i < ELEMENTSOF(stats); i++) {
		char dir[64];
		_cleanup_close_ int fd = folder_with(dir, "cg/app/memory.numa_stat", stats[i].text);
		struct mpol_cgroup_memory m = { 0 };

		check_row(i, stats[i].name);
		CHECK_EQ(mpol_cgroup_memory_read(fd, "cg/app", &m, NULL), 0);
		CHECK_EQ(m.known[MPOL_MEMORY_SHARED], stats[i].shared_known);
		CHECK_EQ(m.known[MPOL_MEMORY_KERNEL], stats[i].shared_known);
		CHECK(m.known[MPOL_MEMORY_ANON] && m.known[MPOL_MEMORY_FILE]);
		for (int n = 0; n < 2; n++) {
			CHECK_EQ(m.bytes[MPOL_MEMORY_ANON][n], stats[i].anon[n]);
			CHECK_EQ(m.bytes[MPOL_MEMORY_FILE][n], stats[i].file[n]);
			CHECK_EQ(m.bytes[MPOL_MEMORY_SHARED][n], stats[i].shared[n]);
			CHECK_EQ(m.bytes[MPOL_MEMORY_KERNEL][n], stats[i].kernel[n]);
		}
		remove_file(dir, "cg/app/memory.numa_stat");
	}
}

TEST(a_cgroup_without_memory_counters_is_described)
{
	struct mpol_cgroup_memory m = { 0 };
	struct mpol_error err = { 0 };
	_cleanup_close_ int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK_EQ(mpol_cgroup_memory_read(fd, "sys/fs/cgroup/there/is/none", &m, &err), -ENOENT);
	CHECK_STR(err.rule ? err.rule->id : NULL, "cgroup-memory-missing");
	CHECK_HAS(err.where, "there/is/none");
}

TEST(migration_counters_say_which_are_there)
{
	char dir[64];
	_cleanup_close_ int fd =
		folder_with(dir, "proc/vmstat",
			    "nr_free_pages 7\nnuma_pages_migrated 12\npgmigrate_success 34\n"
			    "pgmigrate_fail 1\npgdemote_kswapd 2\npgdemote_direct 3\n"
			    "compact_migrate_scanned 99\n");
	struct mpol_migration m = { 0 };

	CHECK_EQ(mpol_migration_read(fd, &m, NULL), 0);
	CHECK(m.known[MPOL_MIGRATION_BALANCING]);
	CHECK_EQ(m.count[MPOL_MIGRATION_BALANCING], 12);
	CHECK_EQ(m.count[MPOL_MIGRATION_SUCCESS], 34);
	CHECK_EQ(m.count[MPOL_MIGRATION_FAIL], 1);
	CHECK_EQ(m.count[MPOL_MIGRATION_DEMOTED], 5); /* of all reasons together */
	CHECK(!m.known[MPOL_MIGRATION_PROMOTED]);
	CHECK(!m.known[MPOL_MIGRATION_HINT_FAULTS]);
	remove_file(dir, "proc/vmstat");
}

TEST(what_happened_between_two_readings_is_known_only_if_both_know)
{
	struct mpol_migration a = { .known = { true, true, true }, .count = { 10, 5, 3 } };
	struct mpol_migration b = { .known = { true, false, true }, .count = { 25, 9, 2 } };
	struct mpol_migration d = mpol_migration_between(&a, &b);

	CHECK(d.known[0]);
	CHECK_EQ(d.count[0], 15);
	CHECK(!d.known[1]);
	CHECK(!d.known[2]); /* went backwards */
	CHECK_EQ(d.count[2], 0);
}

TEST(a_nodes_counters_are_read_with_their_units)
{
	char dir[64];
	_cleanup_close_ int fd = folder_with(dir, "sys/devices/system/node/node3/meminfo",
					     "Node 3 MemTotal:        5073112 kB\n"
					     "Node 3 MemFree:         4339056 kB\n"
					     "Node 3 Active(anon):       1576 kB\n"
					     "Node 3 HugePages_Total:     7\n"
					     "Node 3 HugePages_Free:      0\n");
	struct mpol_node_counters c = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_node_counters_read(fd, 3, &c, NULL), 0);
	CHECK(c.known[MPOL_NODE_MEM_TOTAL]);
	CHECK_EQ(c.value[MPOL_NODE_MEM_TOTAL], 5073112 * 1024ull);
	CHECK_EQ(c.value[MPOL_NODE_HUGE_TOTAL], 7); /* a count, not kB */
	CHECK(c.known[MPOL_NODE_HUGE_FREE]);
	CHECK(!c.known[MPOL_NODE_HIT]); /* numastat was not recorded */
	CHECK(!c.known[MPOL_NODE_ANON]);
	CHECK_EQ(mpol_node_counters_read(fd, 4, &c, &err), -ENOENT);
	CHECK_HAS(err.what, "no node 4");
	remove_file(dir, "sys/devices/system/node/node3/meminfo");
}

TEST(this_machines_counters_are_read_where_it_has_them)
{
	_cleanup_close_ int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_node_counters c = { 0 };

	if (access("/sys/devices/system/node/node0/numastat", R_OK) < 0)
		check_skip("this machine shows no node 0");
	CHECK_EQ(mpol_node_counters_read(fd, 0, &c, NULL), 0);
	CHECK(c.known[MPOL_NODE_HIT]);
	CHECK(c.value[MPOL_NODE_HIT] > 0);
	CHECK(c.value[MPOL_NODE_MEM_TOTAL] >= c.value[MPOL_NODE_MEM_FREE]);
}
