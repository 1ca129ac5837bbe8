/* SPDX-License-Identifier: MIT */
/*
 * Pages that move, and those that do not, as a guest's program: node 0 has the CPU, node 1 room,
 * node 2 hardly any. Run as root by tests/vm/run, in virtual machines with several kernels, with
 * the command itself at /bin/mpol.
 */
#include <linux/mman.h>
#include <sys/uio.h>
#include <time.h>

#include <mpol/live.h>

#include "../unit/placed-child.h"
#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/sys.h"

#define SIZE	  (16 * MIB)
#define HUGE_PAGE (2 * MIB)
#define A_FEW	  (16 * PAGE) /* of its stack, touched meanwhile */
#define COMMAND	  "/bin/mpol"

static const struct mpol_nodeset node0 = MPOL_NODES(0), node1 = MPOL_NODES(1),
				 node2 = MPOL_NODES(2), both = MPOL_NODES(0, 1);

static void need_three_nodes(void)
{
	if (access("/sys/devices/system/node/node2", F_OK) < 0)
		check_skip("this machine has no three nodes");
	if (geteuid() != 0)
		check_skip("not root");
}

static uint64_t on(const struct mpol_placement *p, enum mpol_page_kind kind, unsigned node)
{
	return p->bytes[kind][node];
}

/* Where the child's memory is now, read anew. */
static struct mpol_placement look(const struct child *c, struct mpol_range r)
{
	_cleanup_close_ int fd = root();
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_placement_of_ranges(fd, c->pid, &r, 1, &p, &err), 0);
	CHECK_STR(err.what, "");
	return p;
}

static struct mpol_move_result move(const struct child *c, const struct mpol_nodeset *to,
				    const struct mpol_move_options *options)
{
	_cleanup_close_ int fd = root();
	struct mpol_move_result result;
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_move(fd, c->pid, to, options, &result, &err), 0);
	CHECK_STR(err.what, "");
	CHECK(result.finished);
	return result;
}

/* --- What the children do --- */

static unsigned char byte_of(size_t page)
{
	return (unsigned char)(page % 251 + 1);
}

static void fill(char *p, size_t len, unsigned long nodes)
{
	if (sys_mbind(p, len, MPOL_MODE_BIND, &nodes, 4, 0) < 0)
		_exit(1);
	for (size_t at = 0; at < len; at += PAGE)
		memset(p + at, byte_of(at / PAGE), PAGE);
}

/* Whether every page still holds what fill() wrote. */
static bool is_intact(const struct child *c, struct mpol_range r)
{
	for (uint64_t at = r.start; at < r.end; at += PAGE) {
		unsigned char page[PAGE];
		struct iovec local = { page, PAGE };
		struct iovec remote = { (void *)(uintptr_t)at, PAGE };

		if (process_vm_readv(c->pid, &local, 1, &remote, 1, 0) != (ssize_t)PAGE)
			return false;
		for (size_t i = 0; i < PAGE; i++)
			if (page[i] != byte_of((size_t)((at - r.start) / PAGE)))
				return false;
	}
	return true;
}

static void body_anon(int to, void *arg)
{
	size_t len = arg ? *(size_t *)arg : SIZE;
	char *p = touch_apart(len, 0);

	fill(p, len, 1);
	tell_range(to, p, len);
}

/* Half on node 0, half on node 1. */
static void body_halves(int to, void *arg)
{
	char *p = touch_apart(SIZE, 0);

	(void)arg;
	fill(p, SIZE / 2, 1);
	fill(p + SIZE / 2, SIZE / 2, 2);
	tell_range(to, p, SIZE);
}

static void body_locked(int to, void *arg)
{
	char *p = touch_apart(SIZE, 0);

	(void)arg;
	fill(p, SIZE, 1);
	if (mlock(p, SIZE) < 0)
		_exit(1);
	tell_range(to, p, SIZE);
}

#define PINNED (64 * PAGE)

/* The first pages are held by a pipe until a signal comes. */
static void body_pinned(int to, void *arg)
{
	char *p = touch_apart(SIZE, 0);
	struct iovec pages = { p, PINNED };
	sigset_t wait;
	int pipe[2], sig;

	(void)arg;
	fill(p, SIZE, 1);
	sigemptyset(&wait);
	sigaddset(&wait, SIGUSR1);
	sigprocmask(SIG_BLOCK, &wait, NULL);
	if (pipe2(pipe, O_CLOEXEC) < 0 || fcntl(pipe[1], F_SETPIPE_SZ, (int)PINNED) < 0 ||
	    vmsplice(pipe[1], &pages, 1, 0) != (ssize_t)PINNED)
		_exit(1);
	tell_range(to, p, SIZE);
	(void)sigwait(&wait, &sig);
	close(pipe[0]);
	close(pipe[1]);
	tell_range(to, p, SIZE);
}

/* Mapped by this process and by a child of its own. */
static void body_shared(int to, void *arg)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile char sum = 0;

	(void)arg;
	if (p == MAP_FAILED)
		_exit(1);
	fill(p, SIZE, 1);
	if (fork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (size_t at = 0; at < SIZE; at += PAGE)
			sum = (char)(sum + p[at]);
		tell_range(to, p, SIZE);
		for (;;)
			(void)pause();
	}
}

static void body_hugetlb(int to, void *arg)
{
	char *p = mmap(NULL, 4 * HUGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	(void)arg;
	if (p == MAP_FAILED)
		_exit(1);
	fill(p, 4 * HUGE_PAGE, 1);
	tell_range(to, p, 4 * HUGE_PAGE);
}

static void body_thp(int to, void *arg)
{
	char *p = mmap(NULL, SIZE + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	uintptr_t aligned = ((uintptr_t)p + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;

	(void)arg;
	if (p == MAP_FAILED)
		_exit(1);
	p += aligned - (uintptr_t)p;
	(void)madvise(p, SIZE, MADV_HUGEPAGE);
	fill(p, SIZE, 1);
	tell_range(to, p, SIZE);
}

/* Writes all the time: how often comes back in the first word of each page. */
static void body_writer(int to, void *arg)
{
	char *p = touch_apart(SIZE, 0);

	(void)arg;
	fill(p, SIZE, 1);
	tell_range(to, p, SIZE);
	for (unsigned long n = 1;; n++)
		for (size_t at = 0; at < SIZE; at += PAGE) {
			volatile unsigned long *word = (unsigned long *)(void *)(p + at);

			if (n > 1 && *word != n - 1)
				_exit(1);
			*word = n;
		}
}

/* --- Where pages go --- */

TEST(all_pages_go_to_the_other_node_and_keep_what_they_hold)
{
	struct mpol_move_result m;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_anon, NULL);
	r = told_range(&c);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), SIZE);
	m = move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE);
	CHECK(m.moved >= SIZE);
	CHECK(m.after.known && on(&m.after, MPOL_PAGE_ANON, 1) >= SIZE);
	CHECK_EQ(m.left[MPOL_LEFT_FULL] + m.left[MPOL_LEFT_BUSY], 0);
	CHECK(is_intact(&c, r));

	m = move(&c, &node1, NULL); /* what has arrived is not moved twice */
	CHECK(m.moved <= A_FEW);
	stop(&c);
}

TEST(a_process_that_writes_all_the_while_loses_nothing)
{
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;
	int status;

	need_three_nodes();
	c = start(body_writer, NULL);
	r = told_range(&c);
	for (unsigned n = 0; n < 3; n++) {
		const struct mpol_nodeset *to = n % 2 ? &node0 : &node1;

		(void)move(&c, to, NULL);
		p = look(&c, r);
		check_row(n, n % 2 ? "to node 0" : "to node 1");
		CHECK(on(&p, MPOL_PAGE_ANON, n % 2 ? 0 : 1) > SIZE / 100 * 99);
	}
	CHECK_EQ(waitpid(c.pid, &status, WNOHANG), 0);
	stop(&c);
}

TEST(several_nodes_get_equal_shares)
{
	const struct mpol_move_options options = { .from = MPOL_NODES(0, 1, 2) };
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_anon, NULL);
	r = told_range(&c);
	(void)move(&c, &both, &options);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), SIZE / 2);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE / 2);
	CHECK(is_intact(&c, r));
	stop(&c);
}

TEST(only_pages_of_the_nodes_named_in_from_move)
{
	const struct mpol_move_options options = { .from = MPOL_NODES(1) };
	struct mpol_move_result m;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_halves, NULL);
	r = told_range(&c);
	m = move(&c, &node2, &options);
	p = look(&c, r);
	/* Of its stack, a page or two may have come to lie on node 1 as well. */
	CHECK(m.moved >= SIZE / 2 && m.moved <= SIZE / 2 + A_FEW);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), SIZE / 2);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 2), SIZE / 2);
	stop(&c);
}

/* --- Pages of every kind --- */

TEST(locked_pages_move_and_stay_locked)
{
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;
	char path[64], line[128];
	long locked = 0;
	FILE *status;

	need_three_nodes();
	c = start(body_locked, NULL);
	r = told_range(&c);
	(void)move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", c.pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmLck: %ld", &locked) == 1)
			break;
	if (status)
		fclose(status);
	CHECK_EQ(locked, SIZE / 1024);
	stop(&c);
}

TEST(pinned_pages_stay_are_told_as_busy_and_move_when_let_go)
{
	struct mpol_move_result m;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_pinned, NULL);
	r = told_range(&c);
	m = move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK_EQ(m.left[MPOL_LEFT_BUSY], PINNED);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0), PINNED);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE - PINNED);
	kill(c.pid, SIGUSR1);
	(void)told_range(&c);
	m = move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK(m.moved >= PINNED && m.moved <= PINNED + A_FEW);
	CHECK_EQ(m.left[MPOL_LEFT_BUSY], 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE);
	CHECK(is_intact(&c, r));
	stop(&c);
}

TEST(shared_pages_stay_are_told_and_move_when_asked_to)
{
	const struct mpol_move_options options = { .shared = true };
	struct mpol_move_result m;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_shared, NULL);
	r = told_range(&c);
	m = move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK(m.left[MPOL_LEFT_SHARED] >= SIZE);
	CHECK_EQ(on(&p, MPOL_PAGE_SHARED, 0), SIZE);
	m = move(&c, &node1, &options);
	p = look(&c, r);
	CHECK(m.moved >= SIZE);
	CHECK_EQ(m.left[MPOL_LEFT_SHARED], 0);
	CHECK_EQ(on(&p, MPOL_PAGE_SHARED, 1), SIZE);
	CHECK(is_intact(&c, r));
	stop(&c);
}

static void reserve_huge_pages(unsigned node, const char *n)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path),
		       "/sys/devices/system/node/node%u/hugepages/hugepages-2048kB/nr_hugepages",
		       node);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		check_skip("no hugetlb pages of 2 MiB: %s", strerror(errno));
	CHECK_EQ(write(fd, n, strlen(n)), strlen(n));
	close(fd);
}

TEST(hugetlb_pages_move_whole)
{
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	reserve_huge_pages(0, "4");
	reserve_huge_pages(1, "4");
	c = start(body_hugetlb, NULL);
	r = told_range(&c);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_HUGE, 0), 4 * HUGE_PAGE);
	(void)move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_HUGE, 0), 0);
	CHECK_EQ(on(&p, MPOL_PAGE_HUGE, 1), 4 * HUGE_PAGE);
	CHECK(is_intact(&c, r));
	stop(&c);
	reserve_huge_pages(0, "0");
	reserve_huge_pages(1, "0");
}

/* Bytes of transparent huge pages that a process has. */
static uint64_t transparent(pid_t pid)
{
	char path[64], line[128];
	unsigned long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %lu", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return (uint64_t)kib * 1024;
}

TEST(transparent_huge_pages_move_and_stay_huge)
{
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;
	uint64_t huge;

	need_three_nodes();
	c = start(body_thp, NULL);
	r = told_range(&c);
	huge = transparent(c.pid);
	if (!huge) {
		stop(&c);
		check_skip("this kernel gave no transparent huge pages");
	}
	(void)move(&c, &node1, NULL);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE);
	CHECK_EQ(transparent(c.pid), huge);
	CHECK(is_intact(&c, r));
	stop(&c);
}

/* --- The limits of moving --- */

TEST(a_full_node_takes_what_it_can_and_the_rest_is_told)
{
	size_t len = 96 * MIB; /* more than node 2 has */
	struct mpol_move_result m;
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;

	need_three_nodes();
	c = start(body_anon, &len);
	r = told_range(&c);
	m = move(&c, &node2, NULL);
	p = look(&c, r);
	CHECK(m.left[MPOL_LEFT_FULL] > 0);
	CHECK(m.moved > 0);
	CHECK(on(&p, MPOL_PAGE_ANON, 2) > 0);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 0) + on(&p, MPOL_PAGE_ANON, 2), len);
	CHECK(on(&p, MPOL_PAGE_ANON, 0) <= m.left[MPOL_LEFT_FULL]);
	CHECK(is_intact(&c, r));
	stop(&c);
}

TEST(a_rate_is_the_most_that_moves_in_a_second)
{
	const struct mpol_move_options options = { .rate = 16 * MIB };
	struct mpol_move_result m;
	struct child c;

	need_three_nodes();
	c = start(body_anon, NULL);
	(void)told_range(&c);
	m = move(&c, &node1, &options);
	CHECK(m.moved >= SIZE);
	CHECK(m.elapsed_ns / 1000 * options.rate >= m.moved * 999999);
	stop(&c);
}

/* --- The command, interrupted --- */

/* Runs `mpol move` against the child, with its output in buf; SIGINT comes when a part has moved.
 * The exit status. */
static int run_move(const struct child *c, struct mpol_range r, bool interrupt, char *buf,
		    size_t size)
{
	int out[2], status;
	char pid[16];
	ssize_t n = 0, got;
	pid_t command;

	(void)snprintf(pid, sizeof(pid), "%d", c->pid);
	CHECK_EQ(pipe2(out, O_CLOEXEC), 0);
	command = fork();
	if (command == 0) {
		dup2(out[1], STDOUT_FILENO);
		if (!interrupt)
			execl(COMMAND, "mpol", "move", "--to", "1", pid, NULL);
		else
			execl(COMMAND, "mpol", "move", "--to", "1", "--rate", "4MiB/s", pid, NULL);
		_exit(127);
	}
	close(out[1]);
	while (interrupt) {
		struct mpol_placement p = look(c, r);

		if (on(&p, MPOL_PAGE_ANON, 1)) {
			kill(command, SIGINT);
			break;
		}
		if (!CHECK_EQ(waitpid(command, &status, WNOHANG), 0))
			break;
		usleep(20000);
	}
	while ((got = read(out[0], buf + n, size - 1 - (size_t)n)) > 0)
		n += got;
	buf[n] = '\0';
	close(out[0]);
	(void)waitpid(command, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(interrupted_it_tells_what_is_known_and_can_be_started_again)
{
	char said[4096];
	struct mpol_placement p;
	struct mpol_range r;
	struct child c;
	uint64_t arrived;

	need_three_nodes();
	if (access(COMMAND, X_OK) < 0)
		check_skip(COMMAND " is missing");
	c = start(body_anon, NULL);
	r = told_range(&c);
	CHECK_EQ(run_move(&c, r, true, said, sizeof(said)), 1);
	CHECK_HAS(said, "not finished");
	CHECK_HAS(said, "after");
	p = look(&c, r);
	arrived = on(&p, MPOL_PAGE_ANON, 1);
	CHECK(arrived > 0 && arrived < SIZE);
	CHECK_EQ(arrived + on(&p, MPOL_PAGE_ANON, 0), SIZE);
	CHECK(is_intact(&c, r));
	CHECK_EQ(run_move(&c, r, false, said, sizeof(said)), 0);
	p = look(&c, r);
	CHECK_EQ(on(&p, MPOL_PAGE_ANON, 1), SIZE);
	CHECK(is_intact(&c, r));
	stop(&c);
}
