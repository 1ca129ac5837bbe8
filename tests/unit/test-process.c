/* SPDX-License-Identifier: MIT */
/* Processes that are not there, go away while they are looked at, or may not be looked at. */
#include "base/cleanup.h"
#include "base/macros.h"
#include "placed-child.h"
#include "placement/numa_maps.h"

TEST(a_process_that_is_not_there_is_named)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { .unattributed = 42 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_placement_of(fd, 4194304, &p, &err), -ESRCH); /* above the largest pid_max */
	CHECK_STR(err.rule ? err.rule->id : NULL, "no-such-process");
	CHECK_HAS(err.what, "4194304");
	CHECK_EQ(p.unattributed, 42);
}

/* Many mappings, so that numa_maps does not fit into one read. */
static void body_many(int to, void *arg)
{
	(void)arg;
	for (int i = 0; i < 600; i++)
		*map(2 * PAGE, (i % 2 ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS) = 1;
	tell_range(to, NULL, PAGE);
}

/* Reads the first mapping, lets `then` happen to the child, and reads on until the end. */
static int read_across(struct child *c, void (*then)(struct child *c), struct mpol_error *err)
{
	_cleanup_close_ int fd = root();
	_cleanup_(process_done) struct process process = { .dir_fd = -1 };
	_cleanup_(numa_maps_done) struct numa_maps maps = { .lines.fd = -1, .alive_fd = -1 };
	struct numa_mapping m;
	int r;

	CHECK_EQ(process_open(fd, c->pid, &process, err), 0);
	CHECK_EQ(numa_maps_open(&maps, &process, "numa_maps", err), 0);
	CHECK_EQ(numa_maps_next(&maps, &m, err), 1);
	if (then)
		then(c);
	do
		r = numa_maps_next(&maps, &m, err);
	while (r > 0);
	return r;
}

static void end_and_wait(struct child *c)
{
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
}

static void end_as_a_zombie(struct child *c)
{
	siginfo_t info;

	(void)kill(c->pid, SIGKILL);
	(void)waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT);
}

/* The child executes /bin/sh on SIGUSR1, which tells through the pipe that it runs. */
static int exec_report_fd;

static void exec_on_signal(int signal)
{
	char script[64];

	(void)signal;
	(void)snprintf(script, sizeof(script), "echo x >&%d; read never </dev/zero",
		       exec_report_fd);
	(void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
	_exit(1);
}

static void body_execs(int to, void *arg)
{
	exec_report_fd = dup(to); /* survives the exec */
	(void)signal(SIGUSR1, exec_on_signal);
	body_many(to, arg);
}

static void let_it_exec(struct child *c)
{
	char byte;

	(void)kill(c->pid, SIGUSR1);
	CHECK_EQ(read(c->from, &byte, 1), 1);
}

static const struct {
	const char *name, *rule;
	void (*then)(struct child *);
	int r;
} ends[] = {
	{ "it stays", NULL, NULL, 0 },
	{ "it ended and was waited for", "no-such-process", end_and_wait, -ESRCH },
	{ "it is a zombie", "no-such-process", end_as_a_zombie, -ESRCH },
	{ "it executes another program", "process-changed", let_it_exec, -EAGAIN },
};

TEST(a_process_that_goes_away_while_it_is_read_is_no_short_answer)
{
	need_numa_maps();
	for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
		struct child c = start(body_execs, NULL);
		struct mpol_error err = { 0 };

		check_row(i, ends[i].name);
		(void)told_range(&c);
		CHECK_EQ(read_across(&c, ends[i].then, &err), ends[i].r);
		CHECK_STR(err.rule ? err.rule->id : NULL, ends[i].rule);
		stop(&c);
	}
}

TEST(a_zombie_has_no_placement)
{
	_cleanup_close_ int fd = root();
	struct child c = start(body_many, NULL);
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };

	(void)told_range(&c);
	end_as_a_zombie(&c);
	CHECK_EQ(mpol_placement_of(fd, c.pid, &p, &err), -ESRCH);
	CHECK_HAS(err.what, "has ended");
	stop(&c);
}

TEST(a_thread_of_the_kernel_has_no_pages)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	char name[32] = "";
	FILE *f = fopen("/proc/2/comm", "re");

	need_numa_maps();
	if (!f || !fgets(name, sizeof(name), f) || !STREQ(name, "kthreadd\n"))
		check_skip("process 2 is not kthreadd here");
	(void)fclose(f);
	if (geteuid() != 0)
		check_skip("not root: kthreadd may not be looked at");
	CHECK_EQ(mpol_placement_of(fd, 2, &p, NULL), 0);
	CHECK(p.known);
	CHECK_EQ(mpol_placement_on(&p, NULL), 0);
}

TEST(one_may_not_look_at_others_processes)
{
	_cleanup_close_ int fd = root();
	struct child c;
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };

	need_numa_maps();
	if (geteuid() != 0)
		check_skip("not root: cannot become somebody else");
	c = start(body_many, NULL);
	(void)told_range(&c);
	if (setegid(65534) < 0 || seteuid(65534) < 0)
		check_skip("cannot become somebody else: %s", strerror(errno));
	CHECK_EQ(mpol_placement_of(fd, c.pid, &p, &err), -EACCES);
	CHECK_STR(err.rule ? err.rule->id : NULL, "placement-permission");
	(void)seteuid(0);
	stop(&c);
}
