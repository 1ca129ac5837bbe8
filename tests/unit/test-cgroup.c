/* SPDX-License-Identifier: MIT */
/*
 * src/cgroup: finding the hierarchy in recorded /proc files, handing the controller down in a tree
 * of plain files, and, as root, real groups of whatever version this system has.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "check.h"
#include "root.h"

TEST(the_hierarchy_with_the_controller_is_found)
{
	static const struct {
		const char *name, *mountinfo, *controllers; /* of the v2 mount at /c2 */
		int version;				    /* 0: refused */
		const char *mount, *top, *rule;
	} rows[] = {
		{ "v2 alone", "30 23 0:26 / /c2 rw - cgroup2 cgroup2 rw\n", "cpuset cpu memory", 2,
		  "c2", "/", NULL },
		{ "v1 alone", "30 23 0:26 / /c1 rw - cgroup cgroup rw,cpuset\n", NULL, 1, "c1", "/",
		  NULL },
		{ "v1 with cpu beside",
		  "30 23 0:26 / /c1 rw - cgroup cgroup rw,cpuacct,cpuset,cpu\n", NULL, 1, "c1", "/",
		  NULL },
		{ "hybrid, v2 carries hugetlb only",
		  "29 23 0:25 / /c2 rw - cgroup2 cgroup2 rw\n30 23 0:26 / /c1 rw shared:4 - cgroup "
		  "cgroup rw,cpuset\n",
		  "hugetlb", 1, "c1", "/", NULL },
		{ "hybrid, v1 without it",
		  "29 23 0:25 / /x rw - cgroup cgroup rw,cpu,cpuacct\n30 23 0:26 / /c2 rw - "
		  "cgroup2 cgroup2 rw\n",
		  "cpuset", 2, "c2", "/", NULL },
		{ "a container sees a part",
		  "30 23 0:26 /docker/a\\040b /c1 ro - cgroup cgroup rw,cpuset\n", NULL, 1, "c1",
		  "/docker/a b", NULL },
		{ "the oldest kind", "30 23 0:26 / /dev/cpuset rw - cpuset cpuset rw\n", NULL, 1,
		  "dev/cpuset", "/", NULL },
		{ "an option that only looks like it",
		  "30 23 0:26 / /c1 rw - cgroup cgroup rw,name=cpuset\n", NULL, 0, NULL, NULL,
		  "cgroup-no-cpuset" },
		{ "v2 without it", "30 23 0:26 / /c2 rw - cgroup2 cgroup2 rw\n",
		  "cpu memory cpuset_not", 0, NULL, NULL, "cgroup-no-cpuset" },
		{ "nothing", "30 23 0:26 / / rw - ext4 /dev/sda rw\n", NULL, 0, NULL, NULL,
		  "cgroup-no-cpuset" },
		{ "torn lines", "30 23\n\nx - y\n - \n30 23 0:26 / /c1 rw - cgroup\n", NULL, 0,
		  NULL, NULL, "cgroup-no-cpuset" },
	};
	_cleanup_close_ int root = root_make();

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };
		struct cgroup_tree tree;
		int r;

		check_row(i, rows[i].name);
		root_put("proc/self/mountinfo", rows[i].mountinfo);
		root_put("c2/cgroup.controllers", rows[i].controllers ? rows[i].controllers : "");
		r = cgroup_find(root, &tree, &err);
		CHECK_EQ(r == 0, rows[i].version != 0);
		if (r < 0) {
			CHECK_STR(err.rule->id, rows[i].rule);
			continue;
		}
		CHECK_EQ(tree.version, rows[i].version);
		CHECK_STR(tree.mount, rows[i].mount);
		CHECK_STR(tree.top, rows[i].top);
	}
}

TEST(a_part_of_v2_without_the_controller_is_called_not_delegated)
{
	_cleanup_close_ int root = root_make();
	struct mpol_error err = { 0 };
	struct cgroup_tree tree;

	root_put("proc/self/mountinfo", "30 23 0:26 / /c2 rw - cgroup2 cgroup2 rw\n");
	root_put("c2/cgroup.controllers", "memory pids\n");
	root_put("c2/cgroup.events", "populated 1\n");
	CHECK_EQ(cgroup_find(root, &tree, &err), -EACCES);
	CHECK_STR(err.rule->id, "cgroup-not-delegated");
}

TEST(recordings_without_mountinfo_have_their_mounts_read)
{
	_cleanup_close_ int root = root_make();
	struct cgroup_tree tree;

	CHECK(cgroup_find(root, &tree, NULL) < 0);
	root_put("proc/mounts",
		 "rootfs / rootfs rw 0 0\nnone /dev/cpuset cgroup rw,relatime,cpuset 0 0\n");
	CHECK_EQ(cgroup_find(root, &tree, NULL), 0);
	CHECK_STR(tree.mount, "dev/cpuset");
}

TEST(the_cgroup_of_a_process_is_told_below_the_mount)
{
	static const struct {
		const char *file;
		enum cgroup_version version;
		const char *top, *path; /* path NULL: refused */
	} rows[] = {
		{ "0::/\n", CGROUP_V2, "/", "/" },
		{ "3:cpuset:/x\n0::/user.slice/a:b\n", CGROUP_V2, "/", "/user.slice/a:b" },
		{ "4:cpu,cpuset:/x/y\n0::/user.slice\n", CGROUP_V1, "/", "/x/y" },
		{ "3:cpuset:/docker/abc\n", CGROUP_V1, "/docker/abc", "/" },
		{ "3:cpuset:/docker/abc/d\n", CGROUP_V1, "/docker/abc", "/d" },
		{ "3:cpuset:/docker/abcd\n", CGROUP_V1, "/docker/abc", NULL },
		{ "0::/../other\n", CGROUP_V2, "/", NULL },
		{ "2:cpu:/x\n", CGROUP_V1, "/", NULL },
		{ "", CGROUP_V2, "/", NULL },
	};
	_cleanup_close_ int root = root_make();

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct cgroup_tree tree = { .version = rows[i].version, .mount = "c" };
		struct mpol_error err = { 0 };
		char path[256];
		int r;

		check_row(i, rows[i].file);
		strcpy(tree.top, rows[i].top);
		root_put("proc/7/cgroup", rows[i].file);
		r = cgroup_path_of(root, &tree, 7, path, sizeof(path), &err);
		CHECK_EQ(r == 0, rows[i].path != NULL);
		if (r == 0)
			CHECK_STR(path, rows[i].path);
		else
			CHECK_STR(err.rule->id, "cgroup-outside");
	}
}

TEST(names_that_are_no_cgroup_s_are_refused)
{
	static const char *const bad[] = { "",	   ".",		"..",		"a/b",
					   "/",	   "../x",	"cgroup.procs", "cpuset.x",
					   "a\nb", "memory.max" };
	static const char *const good[] = { "node0", "a b", "..a", "cpusets", "x.y" };
	char name[300];

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct mpol_error err = { 0 };

		check_row(i, bad[i]);
		CHECK_EQ(cgroup_check_name(bad[i], &err), -EINVAL);
		CHECK_STR(err.rule->id, "cgroup-name");
	}
	for (size_t i = 0; i < ELEMENTSOF(good); i++) {
		check_row(i, good[i]);
		CHECK_EQ(cgroup_check_name(good[i], NULL), 0);
	}
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	CHECK_EQ(cgroup_check_name(name, NULL), 0);
	name[255] = 'a';
	name[256] = '\0';
	CHECK_EQ(cgroup_check_name(name, NULL), -EINVAL);
}

TEST(a_path_that_climbs_is_refused)
{
	static const struct cgroup_tree tree = { .version = CGROUP_V2, .mount = "c" };
	static const char *const paths[] = { "..", "/..", "/a/../b", "a/.." };
	_cleanup_close_ int root = root_make();
	struct cgroup g = CGROUP_NONE;

	for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
		check_row(i, paths[i]);
		CHECK_EQ(cgroup_open(root, &tree, paths[i], &g, NULL), -EINVAL);
	}
	CHECK_EQ(cgroup_open(root, &tree, "/a", &g, NULL), -ENOENT);
}

static void v2_group(const char *dir, const char *controllers, const char *subtree)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	root_put(path, "");
	(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	root_put(path, controllers);
	(void)snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	root_put(path, subtree);
}

static bool handed_down(int root, const char *dir)
{
	char line[64];

	return file_read_line_at(root, line, sizeof(line), "%s/cgroup.subtree_control", dir) == 0 &&
	       strstr(line, "cpuset");
}

TEST(the_controller_is_handed_down_from_where_it_stands)
{
	static const struct cgroup_tree tree = { .version = CGROUP_V2, .mount = "c" };
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	_cleanup_close_ int root = root_make();

	v2_group("c", "cpu cpuset", "cpu");
	v2_group("c/a", "cpu", "");
	v2_group("c/a/b", "", "");
	CHECK_EQ(cgroup_open(root, &tree, "/a/b", &g, NULL), 0);
	CHECK_EQ(cgroup_enable_cpuset(&g, NULL), 0);
	CHECK(handed_down(root, "c"));
	CHECK(handed_down(root, "c/a"));
	CHECK(handed_down(root, "c/a/b"));
}

TEST(groups_above_a_delegated_one_are_left_alone)
{
	static const struct cgroup_tree tree = { .version = CGROUP_V2, .mount = "c" };
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	_cleanup_close_ int root = root_make();

	v2_group("c", "cpu cpuset", "cpu");
	v2_group("c/a", "cpu cpuset", "");
	CHECK_EQ(cgroup_open(root, &tree, "/a", &g, NULL), 0);
	CHECK_EQ(cgroup_enable_cpuset(&g, NULL), 0);
	CHECK(!handed_down(root, "c"));
	CHECK(handed_down(root, "c/a"));
}

TEST(a_controller_that_nobody_has_cannot_be_handed_down)
{
	static const struct cgroup_tree tree = { .version = CGROUP_V2, .mount = "c" };
	_cleanup_(cgroup_done) struct cgroup g = CGROUP_NONE;
	_cleanup_close_ int root = root_make();
	struct mpol_error err = { 0 };

	v2_group("c", "cpu", "cpu");
	v2_group("c/a", "cpu", "");
	CHECK_EQ(cgroup_open(root, &tree, "/a", &g, NULL), 0);
	CHECK_EQ(cgroup_enable_cpuset(&g, &err), -EACCES);
	CHECK_STR(err.rule->id, "cgroup-not-delegated");
}

/* --- Real groups: as root, where the hierarchy can be written. --- */

struct real {
	int root;
	struct cgroup_tree tree;
	struct cgroup top, group;
};

static const struct mpol_nodeset node_0 = MPOL_NODES(0), node_63 = MPOL_NODES(63);
static struct real real = { .root = -1, .top = CGROUP_NONE, .group = CGROUP_NONE };

static void remove_real(void)
{
	struct mpol_error err = { 0 };

	(void)cgroup_kill(&real.group, NULL); /* nobody may be there */
	if (cgroup_remove(&real.group, 5000, &err) < 0)
		fprintf(stderr, "%s: left behind: %s\n", real.group.path, err.what);
	cgroup_done(&real.top);
	cleanup_close(&real.root);
}

static void need_hierarchy(void)
{
	struct mpol_error err = { 0 };

	if (real.root >= 0)
		return;
	real.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cgroup_find(real.root, &real.tree, &err) < 0)
		check_skip("needs a cpuset controller: %s", err.what);
}

/* A group of our own in real.group. */
static void need_real_group(void)
{
	struct mpol_error err = { 0 };
	char name[64];
	int r;

	need_hierarchy();
	r = cgroup_open(real.root, &real.tree, "/", &real.top, &err);
	if (r == 0)
		r = cgroup_enable_cpuset(&real.top, &err);
	(void)snprintf(name, sizeof(name), "mpol-unit-%d", (int)getpid());
	if (r == 0)
		r = cgroup_create(&real.top, name, &real.group, &err);
	if (r == -EACCES || r == -EPERM || r == -EROFS)
		check_skip("needs root and a writable cgroup hierarchy: %s", err.what);
	CHECK_EQ(r, 0);
	if (r < 0)
		check_skip("%s: %s", err.where, err.what); /* CHECK has failed the test */
	atexit(remove_real);
}

/* A child that waits for its end. */
static pid_t spawn_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

TEST(a_group_has_the_cpus_it_was_given_and_so_have_its_members)
{
	struct mpol_cpus all = { { 0 } }, one = { { 0 } }, got;
	struct mpol_nodeset mems, got_mems;
	cpu_set_t set;
	pid_t pid;

	need_real_group();
	CHECK_EQ(cgroup_effective_cpus(&real.group, &all, NULL), 0);
	CHECK(!mpol_cpus_empty(&all));
	mpol_cpus_add(&one, (unsigned)mpol_cpus_next(&all, 0));
	CHECK_EQ(cgroup_set_cpus(&real.group, &one, NULL), 0);
	CHECK_EQ(cgroup_effective_cpus(&real.group, &got, NULL), 0);
	CHECK(mpol_cpus_equal(&got, &one));

	CHECK_EQ(cgroup_effective_mems(&real.group, &mems, NULL), 0);
	CHECK(!mpol_nodes_empty(&mems));
	CHECK_EQ(cgroup_set_mems(&real.group, &mems, NULL), 0);
	CHECK_EQ(cgroup_effective_mems(&real.group, &got_mems, NULL), 0);
	CHECK(mpol_nodes_equal(&got_mems, &mems));

	pid = spawn_sleeper();
	CHECK_EQ(cgroup_join(&real.group, pid, NULL), 0);
	CHECK_EQ(sched_getaffinity(pid, sizeof(set), &set), 0);
	CHECK_EQ(CPU_COUNT(&set), 1);
	CHECK(CPU_ISSET((unsigned)mpol_cpus_next(&one, 0), &set));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST(cpus_that_nobody_has_are_refused_with_what_there_is)
{
	struct mpol_error err = { 0 };
	struct mpol_cpus absent = { { 0 } };

	need_real_group();
	mpol_cpus_add(&absent, 0);
	mpol_cpus_add(&absent, MPOL_MAX_CPUS - 1);
	CHECK(cgroup_set_cpus(&real.group, &absent, &err) < 0);
	CHECK_STR(err.rule->id, "cgroup-cpuset");
	CHECK_HAS(err.what, "8191");
	CHECK_HAS(err.what, "the group above has 0");
	CHECK(cgroup_set_mems(&real.group, &node_63, &err) < 0);
	CHECK_STR(err.rule->id, "cgroup-cpuset");
	CHECK_HAS(err.what, "the memory nodes 63");
	CHECK(cgroup_set_mems(&real.top, &node_0, &err) < 0);
	CHECK_STR(err.rule->id, "cgroup-root");
}

/* In a child, as the group is removed by root. */
static int change_as_nobody(void)
{
	struct mpol_error err = { 0 };

	if (setgid(65534) != 0 || setuid(65534) != 0 ||
	    cgroup_set_mems(&real.group, &node_0, &err) >= 0)
		return 1;
	return STREQ(err.rule->id, "cgroup-permission") ? 0 : 2;
}

TEST(who_may_not_change_a_group_is_told_so)
{
	int status = -1;
	pid_t pid;

	need_real_group();
	pid = fork();
	if (pid == 0)
		_exit(change_as_nobody());
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(members_are_listed_killed_and_the_group_removed_while_they_exit)
{
	_cleanup_(cgroup_done) struct cgroup inner = CGROUP_NONE;
	_cleanup_free_ pid_t *pids = NULL;
	struct mpol_error err = { 0 };
	pid_t a, b;
	size_t n;

	need_real_group();
	CHECK_EQ(cgroup_create(&real.group, "inner", &inner, &err),
		 real.tree.version == CGROUP_V2 ? -EACCES : 0);
	a = spawn_sleeper();
	b = spawn_sleeper();
	CHECK_EQ(cgroup_join(&real.group, a, &err), 0);
	CHECK_EQ(cgroup_join(inner.fd >= 0 ? &inner : &real.group, b, &err), 0);
	CHECK_EQ(cgroup_pids(&real.group, &pids, &n, &err), 0);
	CHECK_EQ(n, inner.fd >= 0 ? 1 : 2);
	CHECK_EQ(cgroup_remove(&real.group, 0, &err), -EBUSY);
	CHECK_STR(err.rule->id, "cgroup-busy");
	CHECK_HAS(err.what,
		  n == 1 ? "one process is still in it, number" : "2 processes are still in it");
	CHECK_EQ(cgroup_kill(&real.group, &err), 0);
	CHECK_EQ(cgroup_remove(&real.group, 10000, &err), 0);
	CHECK_EQ(real.group.fd, -1);
	CHECK_EQ(cgroup_remove(&real.group, 0, &err), 0);
	CHECK_EQ(waitpid(a, NULL, 0), a);
	CHECK_EQ(waitpid(b, NULL, 0), b);
}

TEST(a_second_group_of_the_same_name_is_refused)
{
	_cleanup_(cgroup_done) struct cgroup again = CGROUP_NONE;
	struct mpol_error err = { 0 };

	need_real_group();
	CHECK_EQ(cgroup_create(&real.top, strrchr(real.group.path, '/') + 1, &again, &err),
		 -EEXIST);
	CHECK_STR(err.rule->id, "cgroup-exists");
}

TEST(a_process_that_is_not_there_cannot_join)
{
	struct mpol_error err = { 0 };
	pid_t pid;

	need_real_group();
	pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	CHECK_EQ(cgroup_join(&real.group, pid, &err), -ESRCH);
	CHECK_STR(err.rule->id, "cgroup-join");
	CHECK_EQ(cgroup_join(&real.group, pid, NULL), -ESRCH);
}

TEST(a_group_is_vacated_before_it_hands_the_controller_down)
{
	_cleanup_(cgroup_done) struct cgroup child = CGROUP_NONE;
	_cleanup_free_ pid_t *pids = NULL;
	struct mpol_error err = { 0 };
	pid_t pid;
	size_t n;

	need_real_group();
	pid = spawn_sleeper();
	CHECK_EQ(cgroup_join(&real.group, pid, NULL), 0);
	if (real.tree.version == CGROUP_V2) {
		CHECK_EQ(cgroup_enable_cpuset(&real.group, &err), -EBUSY);
		CHECK_STR(err.rule->id, "cgroup-inner-process");
	}
	CHECK_EQ(cgroup_vacate(&real.group, "before", &err), 0);
	CHECK_EQ(cgroup_enable_cpuset(&real.group, &err), 0);
	CHECK_EQ(cgroup_create(&real.group, "after", &child, &err), 0);
	CHECK_EQ(cgroup_join(&child, pid, &err), 0);
	CHECK_EQ(cgroup_pids(&child, &pids, &n, &err), 0);
	CHECK_EQ(n, 1);
	CHECK_EQ(pids[0], pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What a process that waits outside is told, when it is to join g. */
static void refused_to_join(const struct cgroup *g, int errnum, const char *what)
{
	struct mpol_error err = { 0 };
	pid_t pid = spawn_sleeper();

	CHECK_EQ(cgroup_join(g, pid, &err), -errnum);
	CHECK_STR(err.rule ? err.rule->id : NULL, "cgroup-join");
	CHECK_HAS(err.what, what);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST(a_kernel_thread_that_stays_where_it_is_does_not_join)
{
	struct mpol_error err = { 0 };
	char name[32];

	need_hierarchy();
	if (file_read_line_at(real.root, name, sizeof(name), "proc/2/comm") < 0 ||
	    !STREQ(name, "kthreadd"))
		check_skip("needs /proc with kernel threads");
	need_real_group();
	CHECK_EQ(cgroup_join(&real.group, 2, &err), -EINVAL);
	CHECK_STR(err.what, "process 2 is one that the kernel does not move");
}

static void need_version(enum cgroup_version version)
{
	need_hierarchy();
	if (real.tree.version != version)
		check_skip("needs the cpuset controller on cgroup v%d", version);
	need_real_group();
}

TEST(an_empty_v1_cpuset_is_not_joined)
{
	_cleanup_(cgroup_done) struct cgroup inner = CGROUP_NONE;

	need_version(CGROUP_V1);
	CHECK_EQ(mkdirat(real.group.fd, "empty", 0755),
		 0); /* cgroup_create() would not leave it so */
	CHECK_EQ(cgroup_open_child(&real.group, "empty", &inner, NULL), 0);
	refused_to_join(&inner, ENOSPC, "its cpuset is without CPUs or memory nodes");
}

TEST(a_v2_group_that_hands_memory_down_is_not_joined)
{
	need_version(CGROUP_V2);
	CHECK_EQ(file_write_at(real.top.fd, "+memory", "cgroup.subtree_control"), 0);
	CHECK_EQ(file_write_at(real.group.fd, "+memory", "cgroup.subtree_control"), 0);
	refused_to_join(&real.group, EBUSY, "it hands controllers down to its children");
}

TEST(a_v2_group_below_a_threaded_one_is_invalid)
{
	_cleanup_(cgroup_done) struct cgroup inner = CGROUP_NONE;

	need_version(CGROUP_V2);
	CHECK_EQ(cgroup_enable_cpuset(&real.group, NULL), 0);
	CHECK_EQ(file_write_at(real.group.fd, "threaded", "cgroup.type"), 0);
	CHECK_EQ(cgroup_create(&real.group, "inner", &inner, NULL), 0);
	refused_to_join(&inner, EOPNOTSUPP, "it is threaded, or invalid");
}
