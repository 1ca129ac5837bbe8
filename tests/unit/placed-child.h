/* SPDX-License-Identifier: MIT */
/*
 * Real processes to look at: a child maps and touches memory, tells the range through a pipe, and
 * waits for its end.
 */
#ifndef TESTS_PLACED_CHILD_H
#define TESTS_PLACED_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpol/placement.h>

#include "check.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)

struct child {
	pid_t pid;
	int from; /* the child's reports */
};

static inline int root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline struct child start(void (*body)(int to, void *arg), void *arg)
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

static inline void stop(struct child *c)
{
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	(void)close(c->from);
}

static inline struct mpol_range told_range(const struct child *c)
{
	struct mpol_range r = { 0 };

	CHECK_EQ(read(c->from, &r, sizeof(r)), sizeof(r));
	return r;
}

static inline void tell_range(int to, const void *start, size_t len)
{
	struct mpol_range r = { (uint64_t)(uintptr_t)start, (uint64_t)(uintptr_t)start + len };

	if (write(to, &r, sizeof(r)) != sizeof(r))
		_exit(1);
}

static inline char *map(size_t len, int flags)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	(void)madvise(p, len, MADV_NOHUGEPAGE); /* not there on all kernels */
	return p;
}

static inline void need_numa_maps(void)
{
	if (access("/proc/self/numa_maps", R_OK) < 0)
		check_skip("this kernel has no numa_maps");
}

/* 8 MiB mapped with their neighbours separated by guard mappings; the first `touched` bytes
 * written. */
static inline char *touch_apart(size_t len, size_t touched)
{
	char *p = mmap(NULL, len + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + PAGE, len, PROT_READ | PROT_WRITE) < 0)
		_exit(1);
	(void)madvise(p + PAGE, len, MADV_NOHUGEPAGE);
	memset(p + PAGE, 1, touched);
	return p + PAGE;
}

/* Pages that a child inherits, by fork. */
struct inherited {
	char *p;
	size_t len;
};

static inline uint64_t kind_bytes(const struct mpol_placement *p, enum mpol_page_kind kind)
{
	uint64_t sum = 0;

	for (size_t n = 0; n < MPOL_MAX_NODES; n++)
		sum += p->bytes[kind][n];
	return sum;
}

#endif
