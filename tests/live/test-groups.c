/* SPDX-License-Identifier: MIT */
/* What the kernel refuses a cgroup, and what is said of it: on real hierarchies, v1 and v2. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "check.h"
#include "prey.h"

#define NAME "mpol-test-groups"

struct fixture {
	struct cgroup top, group;
	pid_t child; /* a process that waits, outside the group */
};

static pid_t start_waiting(void)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* and if that failed, the alarm ends it */
		if (getppid() != self)
			_exit(0);
		alarm(60);
		for (;;)
			pause();
	}
	return pid;
}

static struct fixture begin(void)
{
	struct fixture f = { CGROUP_NONE, CGROUP_NONE, -1 };
	struct cgroup_tree tree;
	struct mpol_error err = { 0 };

	if (geteuid() != 0)
		check_skip("making a cgroup needs root");
	if (cgroup_find(prey_root(), &tree, &err) < 0 ||
	    cgroup_open(prey_root(), &tree, "/", &f.top, &err) < 0 ||
	    cgroup_enable_cpuset(&f.top, &err) < 0)
		check_skip("%s", err.what);
	if (cgroup_create(&f.top, NAME, &f.group, &err) == -EEXIST)
		(void)cgroup_open_child(&f.top, NAME, &f.group,
					&err); /* of a test that was killed */
	if (f.group.fd < 0)
		check_skip("%s", err.what);
	f.child = start_waiting();
	return f;
}

static void end(struct fixture *f)
{
	struct mpol_error err = { 0 };

	(void)kill(f->child, SIGKILL);
	(void)waitpid(f->child, NULL, 0);
	if (!CHECK_EQ(cgroup_remove(&f->group, 5000, &err), 0))
		CHECK_STR(err.what, "");
	cgroup_done(&f->top);
}

static void said(const struct mpol_error *err, int r, int errnum, const char *rule,
		 const char *what)
{
	CHECK_EQ(r, -errnum);
	if (!CHECK(err->rule != NULL))
		return;
	CHECK_STR(err->rule->id, rule);
	CHECK_HAS(err->what, what);
	CHECK(*err->where);
}

TEST(cpus_and_nodes_that_are_not_there_are_refused_by_the_group)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };
	struct mpol_cpus cpus = { 0 };
	struct mpol_nodeset mems = MPOL_NODES(63);
	int r;

	cpus.word[ELEMENTSOF(cpus.word) - 1] = UINT64_C(1) << 63; /* no machine here has so many */
	r = cgroup_set_cpus(&f.group, &cpus, &err);
	CHECK(r < 0);
	said(&err, r, -r, "cgroup-cpuset", "CPUs");
	CHECK_HAS(err.what, "the group above has 0");
	r = cgroup_set_mems(&f.group, &mems, &err);
	CHECK(r < 0);
	said(&err, r, -r, "cgroup-cpuset", "63");
	end(&f);
}

TEST(the_topmost_group_has_what_the_machine_has)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };
	struct mpol_nodeset mems = MPOL_NODES(0);
	int r = cgroup_set_mems(&f.top, &mems, &err);

	CHECK(r < 0);
	said(&err, r, -r, "cgroup-root", "cannot be set");
	end(&f);
}

TEST(who_is_not_there_does_not_join)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };

	said(&err, cgroup_join(&f.group, 1 << 22, &err), ESRCH, "cgroup-join",
	     "there is no process 4194304");
	end(&f);
}

TEST(a_kernel_thread_that_stays_where_it_is_does_not_join)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };
	char name[32];

	if (file_read_line_at(prey_root(), name, sizeof(name), "proc/2/comm") < 0 ||
	    !STREQ(name, "kthreadd")) {
		end(&f);
		check_skip("no kernel thread is seen here");
	}
	said(&err, cgroup_join(&f.group, 2, &err), EINVAL, "cgroup-join",
	     "process 2 is one that the kernel does not move");
	end(&f);
}

TEST(a_group_with_a_process_is_not_removed)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };

	CHECK_EQ(cgroup_join(&f.group, f.child, &err), 0);
	said(&err, cgroup_remove(&f.group, 20, &err), EBUSY, "cgroup-busy",
	     "one process is still in it, number ");
	end(&f);
}

TEST(an_empty_v1_cpuset_is_not_joined)
{
	struct fixture f = begin();
	struct cgroup inner = CGROUP_NONE;
	struct mpol_error err = { 0 };

	if (f.group.version != CGROUP_V1) {
		end(&f);
		check_skip("on cgroup v2 no cpuset is empty");
	}
	CHECK_EQ(mkdirat(f.group.fd, "empty", 0755), 0); /* cgroup_create() would not leave it so */
	CHECK_EQ(cgroup_open_child(&f.group, "empty", &inner, &err), 0);
	said(&err, cgroup_join(&inner, f.child, &err), ENOSPC, "cgroup-join",
	     "its cpuset is without CPUs or memory nodes");
	CHECK_EQ(cgroup_remove(&inner, 5000, &err), 0);
	end(&f);
}

static void need_v2(struct fixture *f)
{
	if (f->group.version == CGROUP_V2)
		return;
	end(f);
	check_skip("the cpuset controller is not on cgroup v2");
}

TEST(a_v2_group_with_processes_hands_nothing_down)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };

	need_v2(&f);
	CHECK_EQ(cgroup_join(&f.group, f.child, &err), 0);
	said(&err, cgroup_enable_cpuset(&f.group, &err), EBUSY, "cgroup-inner-process",
	     "it has processes");
	end(&f);
}

TEST(a_v2_group_that_hands_memory_down_is_not_joined)
{
	struct fixture f = begin();
	struct mpol_error err = { 0 };

	need_v2(&f);
	CHECK_EQ(file_write_at(f.top.fd, "+memory", "cgroup.subtree_control"), 0);
	CHECK_EQ(file_write_at(f.group.fd, "+memory", "cgroup.subtree_control"), 0);
	said(&err, cgroup_join(&f.group, f.child, &err), EBUSY, "cgroup-join",
	     "it hands controllers down");
	end(&f);
}

TEST(a_v2_group_below_a_threaded_one_is_invalid)
{
	struct fixture f = begin();
	struct cgroup inner = CGROUP_NONE;
	struct mpol_error err = { 0 };

	need_v2(&f);
	CHECK_EQ(cgroup_enable_cpuset(&f.group, &err), 0);
	CHECK_EQ(file_write_at(f.group.fd, "threaded", "cgroup.type"), 0);
	CHECK_EQ(cgroup_create(&f.group, "inner", &inner, &err), 0);
	said(&err, cgroup_join(&inner, f.child, &err), EOPNOTSUPP, "cgroup-join",
	     "it is threaded, or invalid");
	CHECK_EQ(cgroup_remove(&inner, 5000, &err), 0);
	end(&f);
}

/* In a child, since the test has to clean up as root. */
static int as_nobody(const struct cgroup *g)
{
	struct mpol_nodeset mems = MPOL_NODES(0);
	struct mpol_error err = { 0 };

	if (setgid(65534) != 0 || setuid(65534) != 0 || cgroup_set_mems(g, &mems, &err) >= 0)
		return 1;
	return err.rule && STREQ(err.rule->id, "cgroup-permission") ? 0 : 2;
}

TEST(without_permission_that_is_said)
{
	struct fixture f = begin();
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(as_nobody(&f.group));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	end(&f);
}
