/* SPDX-License-Identifier: MIT */
/*
 * src/machine against roots made here, one for each odd case; what whole recorded machines say is
 * compared in tests/machines.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "machine/files.h"
#include "machine/read.h"
#include "root.h"

#define NODES "sys/devices/system/node"
#define CPUS  "sys/devices/system/cpu"

static const char *nodes_text(const struct mpol_nodeset *nodes)
{
	static char text[MPOL_NODES_TEXT];

	mpol_nodes_print(nodes, text, sizeof(text));
	return text;
}

static const char *cpus_text(const struct mpol_cpus *cpus)
{
	static char text[MPOL_CPUS_TEXT];

	mpol_cpus_print(cpus, text, sizeof(text));
	return text;
}

/* Reads the root made by the test; the test ends when that fails. */
static void read_machine(int root, struct mpol_machine *m)
{
	struct mpol_error err = { 0 };
	int r = mpol_machine_read(root, 0, m, &err);

	CHECK_EQ(r, 0);
	if (r < 0)
		printf("# %s: %s\n", err.where, err.what);
}

TEST(a_root_without_anything_is_a_machine_of_which_nothing_is_known)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	read_machine(root, &m);
	CHECK(!m.numa);
	CHECK_EQ(m.n_nodes, 0);
	CHECK_EQ(m.n_llcs, 0);
	CHECK(m.distance == NULL);
	CHECK(!m.allowed_known);
	CHECK(!m.kernel.known);
	CHECK_EQ(mpol_machine_distance(&m, 0, 0), 0);
}

TEST(an_empty_node_directory_is_numa_without_nodes)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/uevent", "");
	read_machine(root, &m);
	CHECK(m.numa);
	CHECK_EQ(m.n_nodes, 0);
}

TEST(nodes_may_be_sparse_and_partly_offline)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0,7,1023\n");
	root_put(NODES "/possible", "0-7,1023\n");
	root_put(NODES "/has_memory", "0,1023\n");
	root_put(NODES "/has_cpu", "0\n");
	root_put(NODES "/node0/cpulist", "0\n");
	root_put(NODES "/node0/distance", "10 20 30\n");
	root_put(NODES "/node3/cpulist", "\n");
	root_put(NODES "/node1023/distance", "31 21 10\n");
	read_machine(root, &m);
	CHECK_EQ(m.n_nodes, 4);
	CHECK_STR(nodes_text(&m.online), "0,7,1023");
	CHECK_STR(nodes_text(&m.possible), "0-7,1023");
	CHECK_STR(nodes_text(&m.with_memory), "0,1023");
	CHECK_STR(nodes_text(&m.with_cpus), "0");
	CHECK_EQ(m.nodes[1].id, 3);
	CHECK(!m.nodes[1].online);
	CHECK(mpol_machine_node(&m, 7)->online);
	CHECK(!mpol_machine_node(&m, 7)->has_memory);
	CHECK(mpol_machine_node(&m, 1023)->has_memory);
	/* Columns belong to the nodes online. */
	CHECK_EQ(mpol_machine_distance(&m, 0, 7), 20);
	CHECK_EQ(mpol_machine_distance(&m, 0, 1023), 30);
	CHECK_EQ(mpol_machine_distance(&m, 0, 3), 0);
	CHECK_EQ(mpol_machine_distance(&m, 1023, 0), 31);
	CHECK_EQ(mpol_machine_distance(&m, 7, 0), 0);
}

TEST(a_broken_row_of_distances_is_unknown_and_the_others_are_kept)
{
	static const struct {
		const char *row;
		unsigned expected[3];
	} rows[] = {
		{ "10 20 30\n", { 10, 20, 30 } },    { "10 20\n", { 0, 0, 0 } },
		{ "10 20 30 40\n", { 0, 0, 0 } },    { "", { 0, 0, 0 } },
		{ "10 x 30\n", { 0, 0, 0 } },	     { "10 99999999999 30\n", { 0, 0, 0 } },
		{ "  10\t20 \n30", { 10, 20, 30 } },
	};
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0-2\n");
	root_put(NODES "/node1/distance", "21 10 21\n");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };

		check_row(i, rows[i].row);
		root_put(NODES "/node0/distance", rows[i].row);
		read_machine(root, &m);
		for (unsigned to = 0; to < 3; to++)
			CHECK_EQ(mpol_machine_distance(&m, 0, to), rows[i].expected[to]);
		CHECK_EQ(mpol_machine_distance(&m, 1, 2), 21);
	}
}

TEST(a_node_without_meminfo_has_memory_of_unknown_size)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0-2\n");
	root_put(NODES "/has_memory", "0-2\n");
	root_put(NODES "/node1/meminfo",
		 "\nNode 1 MemTotal:  8 kB\nNode 1 MemFree:  4 kB\nNode 1 SecMemTotal: 9 kB\n");
	root_put(NODES "/node2/meminfo", "Node 2 MemTotal:  8 kB\n");
	read_machine(root, &m);
	CHECK(!m.nodes[0].memory_known);
	CHECK(m.nodes[0].has_memory);
	CHECK(m.nodes[1].memory_known && m.nodes[1].free_known);
	CHECK_EQ(m.nodes[1].memory_total, 8192);
	CHECK_EQ(m.nodes[1].memory_free, 4096);
	CHECK(m.nodes[2].memory_known && !m.nodes[2].free_known);
}

TEST(without_has_memory_meminfo_tells_who_has_some)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/has_normal_memory", "0\n"); /* movable memory is memory, too */
	root_put(NODES "/node0/meminfo", "Node 0 MemTotal:  8 kB\n");
	root_put(NODES "/node1/meminfo", "Node 1 MemTotal:  8 kB\n");
	root_put(NODES "/node2/meminfo", "Node 2 MemTotal:  0 kB\n");
	read_machine(root, &m);
	CHECK_STR(nodes_text(&m.online), "0-2");
	CHECK_STR(nodes_text(&m.with_memory), "0-1");
}

TEST(a_map_of_cpus_says_the_same_as_a_list)
{
	static const struct {
		const char *map, *list; /* list NULL: refused */
	} rows[] = {
		{ "00000001", "0" },
		{ "ff", "0-7" },
		{ "0", "" },
		{ "00000000,0000ff00", "8-15" },
		{ "f,00000000,80000000", "31,64-67" },
		{ "1111,11111111,11111111",
		  "0,4,8,12,16,20,24,28,32,36,40,44,48,52,56,60,64,68,72,76" },
		{ "00000001,\n", NULL },
		{ "xyz", NULL },
		{ "000000001", NULL },
		{ "", NULL },
		{ ",", NULL },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };
		struct mpol_cpus cpus;
		int r;

		check_row(i, rows[i].map);
		r = files_parse_cpumap(rows[i].map, &cpus, "here", &err);
		CHECK_EQ(r == 0, rows[i].list != NULL);
		if (rows[i].list)
			CHECK_STR(cpus_text(&cpus), rows[i].list);
		else
			CHECK_STR(err.rule->id, "machine-malformed");
	}
}

TEST(maps_may_be_longer_than_any_machine_as_long_as_they_are_empty_there)
{
	char map[9 * 300 + 1];
	struct mpol_cpus cpus;

	for (size_t i = 0; i < 300; i++)
		memcpy(map + 9 * i, "00000000,", 9);
	map[sizeof(map) - 2] = '\0';
	CHECK_EQ(files_parse_cpumap(map, &cpus, "", NULL), 0);
	map[9 * (300 - 256) + 0] = '8'; /* the highest of 8192 */
	CHECK_EQ(files_parse_cpumap(map, &cpus, "", NULL), 0);
	CHECK_STR(cpus_text(&cpus), "8191");
	map[9 * (300 - 257) + 7] = '1';
	CHECK_EQ(files_parse_cpumap(map, &cpus, "", NULL), -EINVAL);
}

TEST(a_node_with_a_map_only_has_its_cpus)
{
	struct mpol_nodeset only;
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/node0/cpumap", "0000000f\n");
	root_put(NODES "/node1/cpumap", "00000000\n");
	root_put(NODES "/node1/meminfo", "Node 1 MemTotal:  8 kB\n");
	read_machine(root, &m);
	CHECK_STR(cpus_text(&m.nodes[0].cpus), "0-3");
	CHECK_STR(nodes_text(&m.with_cpus), "0");
	CHECK_STR(cpus_text(&m.cpus_online), "0-3");
	only = mpol_machine_memory_only(&m);
	CHECK_STR(nodes_text(&only), "1");
}

TEST(cpus_that_are_off_are_not_online)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(CPUS "/cpu0/topology/core_id", "0\n");
	root_put(CPUS "/cpu1/online", "1\n");
	root_put(CPUS "/cpu2/online", "0\n");
	root_put(CPUS "/cpufreq/boost", "1\n");
	read_machine(root, &m);
	CHECK_STR(cpus_text(&m.cpus_online), "0-1");
}

/* A cache of a CPU. */
static void put_cache(unsigned cpu, unsigned index, const char *level, const char *type,
		      const char *size, const char *file, const char *shared)
{
	root_put_at(level, CPUS "/cpu%u/cache/index%u/level", cpu, index);
	if (type)
		root_put_at(type, CPUS "/cpu%u/cache/index%u/type", cpu, index);
	if (size)
		root_put_at(size, CPUS "/cpu%u/cache/index%u/size", cpu, index);
	root_put_at(shared, CPUS "/cpu%u/cache/index%u/%s", cpu, index, file);
}

TEST(the_last_level_cache_is_the_highest_that_holds_data)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(CPUS "/online", "0-3,8\n");
	root_put(NODES "/node0/cpulist", "0-1\n");
	root_put(NODES "/node1/cpulist", "2-3\n");
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		put_cache(cpu, 0, "1", "Data\n", "32K\n", "shared_cpu_list", "0");
		put_cache(cpu, 1, "4", "Instruction\n", "64K\n", "shared_cpu_list", "0-3");
	}
	for (unsigned cpu = 0; cpu < 2; cpu++)
		put_cache(cpu, 2, "3\n", "Unified\n", "16M\n", "shared_cpu_map", "3\n");
	for (unsigned cpu = 2; cpu < 4; cpu++)
		put_cache(cpu, 2, "2\n", NULL, NULL, "shared_cpu_list", "2-3\n");
	read_machine(root, &m);
	CHECK_EQ(m.n_llcs, 2);
	CHECK_STR(cpus_text(&m.llcs[0].cpus), "0-1");
	CHECK_EQ(m.llcs[0].size, 16 << 20);
	CHECK_EQ(m.llcs[0].node, 0);
	CHECK_STR(cpus_text(&m.llcs[1].cpus), "2-3");
	CHECK_EQ(m.llcs[1].size, 0);
	CHECK_EQ(m.llcs[1].node, 1);
}

TEST(what_firmware_tells_is_read)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();
	const struct mpol_node *node;

	root_put(NODES "/online", "0-1\n");
	root_put(NODES "/has_generic_initiator", "1\n");
	root_put(NODES "/node0/access0/initiators/node1/uevent", "");
	root_put(NODES "/node0/access1/initiators/node0/uevent", "");
	root_put(NODES "/node0/access1/initiators/read_bandwidth", "1000\n");
	root_put(NODES "/node0/access1/initiators/write_latency", "80\n");
	root_put(NODES "/node0/memory_side_cache/index2/size", "4096\n");
	root_put(NODES "/node0/memory_side_cache/index1/size", "1024\n");
	root_put(NODES "/node0/memory_side_cache/index1/line_size", "64\n");
	root_put(NODES "/node0/memory_side_cache/index1/indexing", "0\n");
	root_put(NODES "/node0/memory_side_cache/index1/write_policy", "1\n");
	root_put("sys/devices/virtual/memory_tiering/memory_tier0/nodelist", "1\n");
	read_machine(root, &m);
	node = mpol_machine_node(&m, 0);
	CHECK(node->access[0].known && node->access[1].known);
	CHECK_STR(nodes_text(&node->access[0].initiators), "1");
	CHECK_EQ(node->access[0].read_bandwidth, 0);
	CHECK_STR(nodes_text(&node->access[1].initiators), "0");
	CHECK_EQ(node->access[1].read_bandwidth, 1000);
	CHECK_EQ(node->access[1].write_latency, 80);
	CHECK_EQ(node->n_side_caches, 2);
	CHECK_EQ(node->side_caches[0].level, 1);
	CHECK_EQ(node->side_caches[0].size, 1024);
	CHECK_EQ(node->side_caches[0].line_size, 64);
	CHECK(node->side_caches[0].direct_mapped && node->side_caches[0].write_through);
	CHECK(!node->side_caches[1].direct_mapped && !node->side_caches[1].write_through);
	CHECK(!node->tier_known);
	node = mpol_machine_node(&m, 1);
	CHECK(!node->access[0].known);
	CHECK(node->tier_known);
	CHECK_EQ(node->tier, 0);
	CHECK_STR(nodes_text(&m.generic_initiators), "1");
}

TEST(weights_and_who_sets_them_are_read)
{
	static const struct {
		const char *text; /* NULL: no file */
		enum mpol_weights_mode mode;
	} rows[] = {
		{ NULL, MPOL_WEIGHTS_UNKNOWN },
		{ "true\n", MPOL_WEIGHTS_AUTO },
		{ "false\n", MPOL_WEIGHTS_MANUAL },
	};
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0-1\n");
	root_put("sys/kernel/mm/mempolicy/weighted_interleave/node1", "255\n");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };

		check_row(i, rows[i].text);
		if (rows[i].text)
			root_put("sys/kernel/mm/mempolicy/weighted_interleave/auto", rows[i].text);
		read_machine(root, &m);
		CHECK_EQ(m.weights_mode, rows[i].mode);
		CHECK_EQ(m.nodes[0].weight, 0);
		CHECK_EQ(m.nodes[1].weight, 255);
	}
}

TEST(what_a_task_may_use_is_in_its_status)
{
	static const struct {
		const char *status, *cpus, *mems;
	} rows[] = {
		{ "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-63\nMems_allowed:\t3\nMems_"
		  "allowed_list:\t1\n",
		  "0-3", "1" },
		{ "Cpus_allowed:\t00000000,00000003\nMems_allowed:\t00000000,00000002\n", "0-1",
		  "1" },
		{ "Cpus_allowed_list:\t2\n", "2", "0-1" }, /* a kernel without cpusets */
	};
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0-1\n");
	root_put(CPUS "/online", "0-3\n");
	root_put("proc/42/cpuset", "/batch\n");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };

		check_row(i, rows[i].status);
		root_put("proc/42/status", rows[i].status);
		CHECK_EQ(mpol_machine_read(root, 42, &m, NULL), 0);
		CHECK(m.allowed_known);
		CHECK_STR(cpus_text(&m.cpus_allowed), rows[i].cpus);
		CHECK_STR(nodes_text(&m.mems_allowed), rows[i].mems);
		CHECK_STR(m.cpuset, "/batch");
	}
}

TEST(without_a_status_the_cgroup_s_files_tell)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/online", "0-3\n");
	root_put(CPUS "/online", "0-3\n");
	root_put("proc/self/cpuset", "/job\n");
	root_put("proc/mounts", "none /cg cgroup2 rw 0 0\n");
	root_put("cg/cgroup.controllers", "cpuset\n");
	root_put("cg/job/cpuset.cpus.effective", "1-2\n");
	root_put("cg/job/cpuset.mems.effective", "3\n");
	read_machine(root, &m);
	CHECK(m.allowed_known);
	CHECK_STR(cpus_text(&m.cpus_allowed), "1-2");
	CHECK_STR(nodes_text(&m.mems_allowed), "3");
}

TEST(files_that_cannot_be_understood_are_named)
{
	static const struct {
		const char *path, *text, *where;
	} rows[] = {
		{ NODES "/online", "0-x\n", NODES "/online" },
		{ NODES "/online", "0-1024\n", NODES "/online" },
		{ NODES "/has_memory", "all\n", NODES "/has_memory" },
		{ NODES "/node0/cpulist", "0-9999\n", NODES "/node0/cpulist" },
		{ NODES "/node0/cpumap", "g\n", NODES "/node0/cpumap" },
		{ NODES "/node4096/cpulist", "0\n", NODES },
		{ CPUS "/cpu8192/online", "1\n", CPUS },
		{ CPUS "/online", "-1\n", CPUS "/online" },
		{ CPUS "/cpu0/cache/index0/level", "high\n", CPUS "/cpu0/cache/index0/level" },
		{ NODES "/node0/access0/initiators/read_bandwidth", "fast\n",
		  NODES "/node0/access0/initiators/read_bandwidth" },
		{ "sys/kernel/mm/mempolicy/weighted_interleave/node0", "256\n",
		  "sys/kernel/mm/mempolicy/weighted_interleave" },
		{ "proc/self/status", "Cpus_allowed_list:\t0--1\n", "proc/self/status" },
		{ "proc/self/status", "Cpus_allowed:\t1\nMems_allowed:\tz\n", "proc/self/status" },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_close_ int root = root_make();
		struct mpol_machine m = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, rows[i].text);
		root_put(NODES "/node0/uevent", "");
		root_put(CPUS "/cpu0/uevent", "");
		root_put(rows[i].path, rows[i].text);
		CHECK_EQ(mpol_machine_read(root, 0, &m, &err), -EINVAL);
		if (err.rule)
			CHECK_STR(err.rule->id, "machine-malformed");
		CHECK_STR(err.where, rows[i].where);
		CHECK(m.nodes == NULL); /* touched on success only */
		root_remove();
	}
}

TEST(names_that_only_look_like_nodes_are_passed_over)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put(NODES "/node0/uevent", "");
	root_put(NODES "/node01/uevent", "");
	root_put(NODES "/node/uevent", "");
	root_put(NODES "/node2x/uevent", "");
	root_put(NODES "/xnode3/uevent", "");
	read_machine(root, &m);
	CHECK_STR(nodes_text(&m.online), "0");
}

TEST(a_process_that_is_not_there_is_an_error)
{
	_cleanup_close_ int root = root_make();
	struct mpol_machine m = { 0 };
	struct mpol_error err = { 0 };

	root_put("proc/self/status", "Cpus_allowed_list:\t0\n");
	CHECK_EQ(mpol_machine_read(root, 77, &m, &err), -ESRCH);
	CHECK_STR(err.rule->id, "machine-no-process");
}

TEST(the_kernel_of_a_recording_has_its_name_and_no_more)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = root_make();

	root_put("proc/version", "Linux version 5.3.0-rc7 (gcc) #1 SMP\n");
	read_machine(root, &m);
	CHECK_STR(m.kernel.release, "5.3.0-rc7");
	CHECK(!m.kernel.known);
}

TEST(the_running_machine_is_what_the_kernel_says_it_is)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mpol_error err = { 0 };
	struct mpol_nodeset mems;
	cpu_set_t set;

	CHECK(machine_is_running(root));
	CHECK_EQ(mpol_machine_read(root, 0, &m, &err), 0);
	CHECK_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
	CHECK_EQ(mpol_cpus_count(&m.cpus_allowed), CPU_COUNT(&set));
	CHECK_EQ(sysconf(_SC_NPROCESSORS_ONLN), mpol_cpus_count(&m.cpus_online));
	if (!m.numa || mpol_current_mems(&mems, NULL) < 0)
		check_skip("needs a kernel with NUMA that lets us ask");
	CHECK(m.kernel.known);
	mems = mpol_nodes_and(&mems, &m.online);
	CHECK(mpol_nodes_equal(&m.mems_allowed, &mems));
}

TEST(the_affinity_told_is_the_asking_thread_s)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cpu_set_t set, one;
	int cpu = 0;

	CHECK_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	CHECK_EQ(mpol_machine_read(root, 0, &m, NULL), 0);
	CHECK_EQ(mpol_cpus_count(&m.cpus_allowed), 1);
	CHECK(mpol_cpus_has(&m.cpus_allowed, (unsigned)cpu));
}
