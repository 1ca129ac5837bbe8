/* SPDX-License-Identifier: MIT */
/* What the kernel's messages tell of the OOM killer. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "work/oom.h"

#define SUMMARY(constraint, mask, pid)                                                          \
	"6,1043,88212345,-;oom-kill:constraint=" constraint ",nodemask=" mask                   \
	",cpuset=late,mems_allowed=0-1,global_oom,task_memcg=/mpol-70/late,task=tests,pid=" pid \
	",uid=0\n"
#define KILLED(pid)                                            \
	"3,1044,88212399,-;Out of memory: Killed process " pid \
	" (tests) total-vm:70000kB, anon-rss:5000kB\n"

static const struct {
	const char *name, *records[3];
	int pid;
	bool killed;
	const char *how;
} rows[] = {
	{ "by a policy",
	  { SUMMARY("CONSTRAINT_MEMORY_POLICY", "1", "77") },
	  77,
	  true,
	  "CONSTRAINT_MEMORY_POLICY, nodes 1" },
	{ "several nodes",
	  { SUMMARY("CONSTRAINT_CPUSET", "0,2-3", "77") },
	  77,
	  true,
	  "CONSTRAINT_CPUSET, nodes 0,2-3" },
	{ "no node in particular",
	  { SUMMARY("CONSTRAINT_NONE", "(null)", "77") },
	  77,
	  true,
	  "CONSTRAINT_NONE" },
	{ "the summary left out", { KILLED("77") }, 77, true, "" },
	{ "both",
	  { SUMMARY("CONSTRAINT_NONE", "(null)", "77"), KILLED("77") },
	  77,
	  true,
	  "CONSTRAINT_NONE" },
	{ "the other way round",
	  { KILLED("77"), SUMMARY("CONSTRAINT_NONE", "(null)", "77") },
	  77,
	  true,
	  "CONSTRAINT_NONE" },
	{ "of another process",
	  { SUMMARY("CONSTRAINT_NONE", "(null)", "778"), KILLED("7") },
	  77,
	  false,
	  "" },
	{ "of something else", { "6,1,2,-;pid=77 Kill\n" }, 77, false, "" },
};

TEST(the_kernels_messages_tell_who_was_killed_and_why)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct oom o = OOM_NONE;
		char how[OOM_HOW];

		for (size_t k = 0; k < ELEMENTSOF(rows[i].records) && rows[i].records[k]; k++)
			oom_read(&o, rows[i].records[k]);
		check_row(i, rows[i].name);
		CHECK_EQ(oom_killed(&o, rows[i].pid, how), rows[i].killed);
		CHECK_STR(how, rows[i].how);
	}
}

TEST(the_oldest_are_forgotten_first)
{
	struct oom o = OOM_NONE;
	char how[OOM_HOW];

	for (int pid = 1; pid <= OOM_MAX_SEEN + 1; pid++) {
		char record[100];

		(void)snprintf(record, sizeof(record),
			       "3,1,1,-;Out of memory: Killed process %d (x)", pid);
		oom_read(&o, record);
	}
	CHECK(!oom_killed(&o, 1, how));
	CHECK(oom_killed(&o, 2, how));
	CHECK(oom_killed(&o, OOM_MAX_SEEN + 1, how));
}

enum { ANSWERED_NO, ANSWERED_YES, NOT_ALLOWED };

/* Whether messages are read by a process in a PID namespace of its own; as an exit status. */
static int reads_messages_in_a_namespace(int root_fd)
{
	int status = 0;
	pid_t pid;

	if (unshare(CLONE_NEWPID) < 0)
		return NOT_ALLOWED;
	pid = fork();
	if (pid == 0) {
		struct oom o;

		oom_open(&o, root_fd);
		_exit(o.kmsg_fd >= 0 ? ANSWERED_YES : ANSWERED_NO);
	}
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1;
}

/* The kernel tells the first namespace's PIDs, which may be those of strangers. */
TEST(messages_are_not_read_in_a_pid_namespace)
{
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(reads_messages_in_a_namespace(root_fd));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == NOT_ALLOWED)
		check_skip("making a PID namespace needs root");
	CHECK_EQ(status, ANSWERED_NO);
}
