/* SPDX-License-Identifier: MIT */
/* Where pages are: of real processes on this machine, and of recorded ones. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <mpol/placement.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "placement/reading.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)

/* --- Sums. --- */

TEST(no_pages_and_nothing_known_are_never_a_locality)
{
	struct mpol_placement p = { 0 };
	struct mpol_nodeset node0 = MPOL_NODES(0);
	double locality = 42;

	CHECK(!mpol_placement_locality(&p, &node0, &locality)); /* nothing was read */
	p.known = true;
	CHECK(!mpol_placement_locality(&p, &node0, &locality)); /* no page is resident */
	CHECK(!mpol_placement_own_locality(&p, &node0, &locality));
	CHECK(locality == 42);
	p.bytes[MPOL_PAGE_ANON][0] = 3 * PAGE;
	p.bytes[MPOL_PAGE_HUGE][1] = 1 * PAGE;
	CHECK(mpol_placement_locality(&p, &node0, &locality));
	CHECK(locality == 0.75);
	p.own[1] = PAGE;
	CHECK(!mpol_placement_own_locality(&p, &node0, &locality)); /* own was not read */
	p.own_known = true;
	CHECK(mpol_placement_own_locality(&p, &node0, &locality));
	CHECK(locality == 0);
}

TEST(a_sum_with_an_unknown_part_is_unknown_in_any_order)
{
	struct mpol_placement known = { .known = true, .bytes[MPOL_PAGE_ANON][0] = PAGE },
			      unknown = { 0 };
	struct mpol_placement a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	double locality;

	mpol_placement_add(&a, &known);
	mpol_placement_add(&a, &known);
	CHECK(a.known);
	CHECK_EQ(mpol_placement_on(&a, NULL), 2 * PAGE);
	CHECK(!a.own_known);
	mpol_placement_add(&b, &known);
	mpol_placement_add(&b, &unknown);
	CHECK(!b.known);
	CHECK_EQ(b.unknown_parts, 1);
	mpol_placement_add(&c, &unknown);
	mpol_placement_add(&c, &known);
	CHECK(!c.known);
	CHECK(!mpol_placement_locality(&c, NULL, &locality));
	mpol_placement_add(&d, &c); /* a sum of sums */
	mpol_placement_add(&d, &b);
	CHECK_EQ(d.unknown_parts, 2);
}

/* --- Real processes: a child maps and touches, and says so through a pipe. --- */

struct child {
	pid_t pid;
	int from; /* the child's reports */
};

static int root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct child start(void (*body)(int to, void *arg), void *arg)
{
	struct child c;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		check_skip("pipe: %s", strerror(errno));
	c.pid = fork();
	if (c.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(fds[1], arg);
		for (;;)
			(void)pause();
	}
	(void)close(fds[1]);
	c.from = fds[0];
	return c;
}

static void stop(struct child *c)
{
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	(void)close(c->from);
}

static struct mpol_range told_range(const struct child *c)
{
	struct mpol_range r = { 0 };

	CHECK_EQ(read(c->from, &r, sizeof(r)), sizeof(r));
	return r;
}

static void tell_range(int to, const void *start, size_t len)
{
	struct mpol_range r = { (uint64_t)(uintptr_t)start, (uint64_t)(uintptr_t)start + len };

	if (write(to, &r, sizeof(r)) != sizeof(r))
		_exit(1);
}

static char *map(size_t len, int flags)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	(void)madvise(p, len, MADV_NOHUGEPAGE); /* not there on all kernels */
	return p;
}

static void need_numa_maps(void)
{
	if (access("/proc/self/numa_maps", R_OK) < 0)
		check_skip("this kernel has no numa_maps");
}

/* 8 MiB mapped with their neighbours separated by guard mappings; the first `touched` bytes
 * written. */
static char *touch_apart(size_t len, size_t touched)
{
	char *p = mmap(NULL, len + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + PAGE, len, PROT_READ | PROT_WRITE) < 0)
		_exit(1);
	(void)madvise(p + PAGE, len, MADV_NOHUGEPAGE);
	memset(p + PAGE, 1, touched);
	return p + PAGE;
}

static void body_half(int to, void *arg)
{
	(void)arg;
	tell_range(to, touch_apart(8 * MIB, 4 * MIB), 8 * MIB);
}

TEST(a_range_that_is_a_mapping_is_read_exactly)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };
	struct child c;
	struct mpol_range r;

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(p.known);
	CHECK_EQ(mpol_placement_on(&p, NULL), 4 * MIB);
	CHECK(!p.own_known);
	stop(&c);
}

TEST(parts_of_a_mapping_are_read_page_by_page)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	struct child c;
	struct mpol_range r, parts[3];

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	parts[0] = (struct mpol_range){ r.start + PAGE, r.start + 3 * PAGE }; /* touched */
	parts[1] = (struct mpol_range){ r.start + 4 * MIB - PAGE,
					r.start + 4 * MIB + PAGE }; /* half */
	parts[2] = (struct mpol_range){ r.end - PAGE, r.end };	    /* never touched */
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, parts, 3, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 3 * PAGE);
	CHECK_EQ(p.unattributed, 0);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &parts[2], 1, &p, NULL), 0);
	CHECK(p.known);
	CHECK_EQ(mpol_placement_on(&p, NULL), 0); /* known, and nothing: not a locality */
	stop(&c);
}

TEST(both_ways_of_reading_a_range_agree)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement whole = { 0 }, halves = { 0 };
	struct child c;
	struct mpol_range r, parts[2];

	need_numa_maps();
	c = start(body_half, NULL);
	r = told_range(&c);
	parts[0] = (struct mpol_range){ r.start, r.start + MIB };
	parts[1] = (struct mpol_range){ r.start + MIB, r.end };
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &whole, NULL), 0);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, parts, 2, &halves, NULL), 0);
	CHECK(memcmp(whole.bytes, halves.bytes, sizeof(whole.bytes)) == 0);
	stop(&c);
}

TEST(what_is_no_range_of_pages_is_refused)
{
	_cleanup_close_ int fd = root();
	struct mpol_range bad[] = { { 1, PAGE }, { 0, PAGE + 1 }, { 2 * PAGE, PAGE } };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct mpol_error err = { 0 };
		struct mpol_placement p = { .unattributed = 42 };

		check_row(i, "range");
		CHECK_EQ(mpol_placement_of_ranges(fd, getpid(), &bad[i], 1, &p, &err), -EINVAL);
		CHECK_STR(err.rule ? err.rule->id : NULL, "placement-range");
		CHECK_EQ(p.unattributed, 42); /* untouched on failure */
	}
}

/* --- Own and inherited pages. --- */

struct inherited {
	char *p;
	size_t len;
};

static void body_writes_a_quarter(int to, void *arg)
{
	const struct inherited *in = arg;

	memset(in->p, 2, in->len / 4);
	tell_range(to, in->p, in->len);
}

TEST(pages_inherited_by_fork_and_not_written_to_are_not_own)
{
	_cleanup_close_ int fd = root();
	struct inherited in = { touch_apart(8 * MIB, 8 * MIB), 8 * MIB };
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };
	struct child c;
	struct mpol_range r;

	need_numa_maps();
	c = start(body_writes_a_quarter, &in);
	r = told_range(&c);
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 8 * MIB); /* numa_maps cannot tell them apart */
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, &r, 1, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(p.own_known);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), 2 * MIB);
	stop(&c);
	/* After the child's end the pages are this process's alone again. */
	CHECK_EQ(mpol_placement_read_own(fd, getpid(), &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), 8 * MIB);
}

TEST(own_pages_of_the_whole_process_leave_out_files_and_what_is_shared)
{
	_cleanup_close_ int fd = root();
	struct inherited in = { touch_apart(8 * MIB, 8 * MIB), 8 * MIB };
	struct mpol_placement p = { 0 };
	uint64_t own;
	struct child c;

	need_numa_maps();
	c = start(body_writes_a_quarter, &in);
	(void)told_range(&c);
	CHECK_EQ(mpol_placement_of(fd, c.pid, &p, NULL), 0);
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, NULL, 0, &p, NULL), 0);
	own = mpol_placement_own_on(&p, NULL);
	CHECK(own >= 2 * MIB);
	CHECK(own < 4 * MIB); /* its stack and a little heap besides */
	CHECK(own < mpol_placement_on(&p, NULL));
	stop(&c);
}

/* --- Kinds. --- */

static uint64_t kind_bytes(const struct mpol_placement *p, enum mpol_page_kind kind)
{
	struct mpol_placement one = { .known = true };

	memcpy(one.bytes[kind], p->bytes[kind], sizeof(one.bytes[kind]));
	return mpol_placement_on(&one, NULL);
}

static void body_shared(int to, void *arg)
{
	char *p = map(2 * MIB, MAP_SHARED | MAP_ANONYMOUS);

	(void)arg;
	memset(p, 1, MIB);
	tell_range(to, p, 2 * MIB);
}

static void body_memfd(int to, void *arg)
{
	int fd = memfd_create("a b=c\n", MFD_CLOEXEC);
	char *p;

	(void)arg;
	if (fd < 0 || ftruncate(fd, (off_t)(2 * MIB)) < 0)
		_exit(1);
	p = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, MIB);
	tell_range(to, p, 2 * MIB);
}

static void body_private_file(int to, void *arg)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	volatile char *p;
	char sum = 0;

	(void)arg;
	if (fd < 0 || ftruncate(fd, (off_t)(2 * MIB)) < 0)
		_exit(1);
	for (size_t at = 0; at < MIB; at += PAGE)
		if (pwrite(fd, "x", 1, (off_t)at) != 1)
			_exit(1);
	p = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (size_t at = 0; at < MIB; at += PAGE)
		sum = (char)(sum + p[at]); /* of the file */
	for (size_t at = 0; at < MIB / 4; at += PAGE)
		p[at] = sum; /* copied on write */
	tell_range(to, (const void *)(uintptr_t)p, 2 * MIB);
}

static const struct {
	const char *name;
	void (*body)(int, void *);
	uint64_t anon, shared;
} kinds_of_bodies[] = {
	{ "shared anonymous memory", body_shared, 0, MIB },
	{ "memfd", body_memfd, 0, MIB },
	{ "private mapping of shared memory, a quarter copied on write", body_private_file, MIB / 4,
	  MIB * 3 / 4 },
};

TEST(kinds_are_told_by_mapping_and_page_by_page)
{
	_cleanup_close_ int fd = root();

	need_numa_maps();
	for (size_t i = 0; i < ELEMENTSOF(kinds_of_bodies); i++) {
		struct child c = start(kinds_of_bodies[i].body, NULL);
		struct mpol_range r = told_range(&c), halves[] = { { r.start, r.start + MIB },
								   { r.start + MIB, r.end } };
		struct mpol_placement by_mapping = { 0 }, by_page = { 0 };

		check_row(i, kinds_of_bodies[i].name);
		CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &by_mapping, NULL), 0);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_ANON), kinds_of_bodies[i].anon);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_SHARED), kinds_of_bodies[i].shared);
		CHECK_EQ(kind_bytes(&by_mapping, MPOL_PAGE_FILE), 0);
		CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, halves, 2, &by_page, NULL), 0);
		CHECK(memcmp(by_mapping.bytes, by_page.bytes, sizeof(by_page.bytes)) == 0);
		stop(&c);
	}
}

static void body_huge(int to, void *arg)
{
	size_t size = *(size_t *)arg;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		_exit(77);
	memset(p, 1, size);
	tell_range(to, p, size);
}

TEST(huge_pages_count_with_their_own_size)
{
	_cleanup_close_ int fd = root();
	size_t size = 2 * MIB;
	struct mpol_placement p = { 0 };
	struct mpol_range r;
	struct child c;

	need_numa_maps();
	c = start(body_huge, &size);
	if (read(c.from, &r, sizeof(r)) != sizeof(r)) {
		stop(&c);
		check_skip("no huge page of 2 MiB is free (vm.nr_hugepages)");
	}
	CHECK_EQ(mpol_placement_of_ranges(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(kind_bytes(&p, MPOL_PAGE_HUGE), size);
	CHECK_EQ(mpol_placement_on(&p, NULL), size);
	CHECK_EQ(mpol_placement_read_own(fd, c.pid, &r, 1, &p, NULL), 0);
	CHECK_EQ(mpol_placement_own_on(&p, NULL), size);
	stop(&c);
}

/* --- Processes that go away. --- */

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

/* --- Recorded roots. --- */

static const char *write_root(char dir[64], const char *numa_maps, const char *maps,
			      const char *mountinfo)
{
	static const char *const names[] = { "numa_maps", "maps", "mountinfo" };
	const char *texts[] = { numa_maps, maps, mountinfo };
	char path[128];

	(void)strcpy(dir, "/tmp/mpol-test-XXXXXX");
	if (!mkdtemp(dir))
		check_skip("cannot make a folder in /tmp");
	(void)snprintf(path, sizeof(path), "%s/proc", dir);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/proc/7", dir);
	(void)mkdir(path, 0700);
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		_cleanup_fclose_ FILE *f = NULL;

		if (!texts[i])
			continue;
		(void)snprintf(path, sizeof(path), "%s/proc/7/%s", dir, names[i]);
		f = fopen(path, "we");
		if (f)
			(void)fputs(texts[i], f);
	}
	return dir;
}

static void remove_root(const char *dir)
{
	static const char *const names[] = { "proc/7/numa_maps", "proc/7/maps", "proc/7/mountinfo",
					     "proc/7",		 "proc",	"" };
	char path[128];

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
}

static const char recorded[] =
	"1000 default anon=10 dirty=10 N0=4 N1=6 kernelpagesize_kB=4\n"
	"20000 default file=/mnt/a\\040b/x anon=2 mapped=8 N0=6 N1=2 kernelpagesize_kB=4\n"
	"30000 default file=/lib/x.so mapped=3 N3=3 kernelpagesize_kB=4\n"
	"40000 bind:1 file=/huge/x huge anon=1 N1=1 kernelpagesize_kB=2048\n"
	"50000 default\n"
	"60000 default file=/mnt/a\\040b/sub/y mapped=1 N2=1 kernelpagesize_kB=64\n";
static const char recorded_mounts[] =
	"22 1 0:20 / / rw - ext4 /dev/sda1 rw\n"
	"23 22 0:21 / /mnt/a\\040b rw,noatime shared:1 - tmpfs tmpfs rw\n"
	"24 23 0:22 / /mnt/a\\040b/sub rw - xfs /dev/sdb rw\n";

TEST(a_recorded_process_is_weighed_by_page_size_and_told_apart_by_kind)
{
	char dir[64];
	_cleanup_close_ int fd = open(write_root(dir, recorded, NULL, recorded_mounts),
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_placement_of(fd, 7, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK_EQ(p.bytes[MPOL_PAGE_ANON][0], 4 * PAGE + 2 * PAGE); /* 6/8 of 2, rounded */
	CHECK_EQ(p.bytes[MPOL_PAGE_ANON][1], 6 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_SHARED][0],
		 4 * PAGE); /* on a tmpfs, whose mount point has a space */
	CHECK_EQ(p.bytes[MPOL_PAGE_SHARED][1], 2 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_FILE][3], 3 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_HUGE][1], 2 * MIB);
	CHECK_EQ(p.bytes[MPOL_PAGE_FILE][2], 64 * 1024); /* on what is mounted over a part of it */
	CHECK_EQ(mpol_placement_read_own(fd, 7, NULL, 0, &p, &err), -EOPNOTSUPP);
	CHECK(!p.own_known);
	remove_root(dir);
}

TEST(what_reaches_beyond_a_range_in_a_recording_is_said_apart)
{
	static const char maps[] = "1000-b000 rw-p 00000000 00:00 0 \n"
				   "20000-28000 rw-p 00000000 00:15 7          /mnt/a b/x\n"
				   "30000-33000 r--p 00000000 08:01 8          /lib/x.so\n";
	char dir[64];
	_cleanup_close_ int fd = open(write_root(dir, recorded, maps, recorded_mounts),
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_range ranges[] = { { 0x1000, 0xb000 }, { 0x21000, 0x28000 } };
	struct mpol_placement p = { 0 };

	CHECK_EQ(mpol_placement_of_ranges(fd, 7, ranges, 2, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 10 * PAGE);
	CHECK_EQ(p.unattributed, 8 * PAGE);
	remove_root(dir);
}

static const struct {
	const char *numa_maps, *rule, *what;
	int r;
} broken[] = {
	{ NULL, "numa-maps-missing", "no such file in the recording", -ENOENT },
	{ "1000 default\nrubbish\n", "numa-maps-format", "line 2 of /proc/7/numa_maps: 'rubbish'",
	  -EBADMSG },
	{ "1000 default N0=1 N9999=1 kernelpagesize_kB=4", "numa-maps-format", "line 1", -EBADMSG },
};

TEST(a_broken_recording_is_described)
{
	for (size_t i = 0; i < ELEMENTSOF(broken); i++) {
		char dir[64];
		_cleanup_close_ int fd = open(write_root(dir, broken[i].numa_maps, NULL, NULL),
					      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct mpol_placement p = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, broken[i].rule);
		CHECK_EQ(mpol_placement_of(fd, 7, &p, &err), broken[i].r);
		CHECK_STR(err.rule ? err.rule->id : NULL, broken[i].rule);
		CHECK_HAS(err.what, broken[i].what);
		remove_root(dir);
	}
}
