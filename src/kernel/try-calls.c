/* SPDX-License-Identifier: MIT */
/* Making each call once, where it can do no harm; see try-calls.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/spawn.h"
#include "kernel/sys.h"
#include "kernel/try-calls.h"
#include <mpol/policy.h>

/* Shared with the scratch child. */
struct trial {
	enum tried_call call;
	int root_fd;
	int answer;
};

static int try_set_mempolicy(const struct trial *t)
{
	(void)t;
	return sys_set_mempolicy(MPOL_MODE_DEFAULT, NULL, 0);
}

static int try_get_mempolicy(const struct trial *t)
{
	int mode;

	(void)t;
	return sys_get_mempolicy(&mode, NULL, 0, NULL, 0);
}

/* A touched page of the child's own, or NULL. */
static void *own_page(long *size)
{
	void *page;

	*size = sysconf(_SC_PAGESIZE);
	page = mmap(NULL, (size_t)*size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return NULL;
	*(volatile char *)page = 1;
	return page;
}

static int try_mbind(const struct trial *t)
{
	long size;
	void *page = own_page(&size);

	(void)t;
	return page ? sys_mbind(page, (unsigned long)size, MPOL_MODE_DEFAULT, NULL, 0, 0) : -ENOMEM;
}

#define MF_MOVE (1 << 1) /* MPOL_MF_MOVE of <linux/mempolicy.h> */

static int try_move_pages(const struct trial *t)
{
	long size, r;
	void *page = own_page(&size);
	int status = -1;

	(void)t;
	if (!page)
		return -ENOMEM;
	r = sys_move_pages(0, 1, &page, NULL, &status, 0);
	if (r < 0 || status < 0)
		return (int)r;
	r = sys_move_pages(0, 1, &page, &status, &status, MF_MOVE);
	return r < 0 ? (int)r : 0;
}

static int try_migrate_pages(const struct trial *t)
{
	unsigned long mask[MPOL_MAX_NODES / (8 * sizeof(unsigned long))] = { 0 };
	int mode, r = sys_get_mempolicy(&mode, mask, MPOL_MAX_NODES, NULL, SYS_MPOL_F_MEMS_ALLOWED);
	long left;

	(void)t;
	if (r < 0)
		mask[0] = 1; /* the call is asked about all the same */
	left = sys_migrate_pages(0, MPOL_MAX_NODES, mask, mask);
	return left < 0 ? (int)left : 0;
}

/* The end of the child, which follows, lets the process go. */
static int try_ptrace(const struct trial *t)
{
	(void)t;
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) < 0 ? -errno : 0;
}

static int try_numa_maps(const struct trial *t)
{
	int fd = openat(t->root_fd, "proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	char buf[64];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	return n < 0 ? -errno : n == 0 ? -ENODATA : 0;
}

static const struct {
	const char *name;
	int (*run)(const struct trial *t);
} calls[N_TRIED_CALLS] = {
	[TRIED_SET_MEMPOLICY] = { "set_mempolicy", try_set_mempolicy },
	[TRIED_GET_MEMPOLICY] = { "get_mempolicy", try_get_mempolicy },
	[TRIED_MBIND] = { "mbind", try_mbind },
	[TRIED_MOVE_PAGES] = { "move_pages", try_move_pages },
	[TRIED_MIGRATE_PAGES] = { "migrate_pages", try_migrate_pages },
	[TRIED_PTRACE] = { "ptrace", try_ptrace },
	[TRIED_NUMA_MAPS] = { "numa_maps", try_numa_maps },
};

const char *tried_name(enum tried_call call)
{
	return calls[call].name;
}

static void run_trial(void *shared)
{
	struct trial *t = shared;

	t->answer = calls[t->call].run(t);
}

struct tried try_call(int root_fd, enum tried_call call)
{
	struct trial t = { call, root_fd, -EIO };
	int status = spawn_scratch(run_trial, &t, sizeof(t));

	if (status < 0)
		return (struct tried){ .answer = status };
	return (struct tried){ .answer = t.answer,
			       .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0 };
}
