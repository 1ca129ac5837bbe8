/* SPDX-License-Identifier: MIT */
/* One process's folder in /proc; see process.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "placement/process.h"
#include "base/cleanup.h"
#include "base/file.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h, shown in /proc/PID/stat */

static const struct mpol_rule no_process = {
	"no-such-process",
	ESRCH,
	"Placement is read from /proc/PID, which a process has from its start until its parent has "
	"waited for it.",
	"look for the process again, with ps(1) or pidof(1): it may have ended",
	"proc(5)",
	NULL,
};

static const struct mpol_rule not_permitted = {
	"placement-permission",
	EACCES,
	"The kernel shows the memory of a process only to those who may trace it: its own user, "
	"and who has CAP_SYS_PTRACE.",
	"ask as the user of that process, or with CAP_SYS_PTRACE: as root (sudo), in a container with --cap-add SYS_PTRACE",
	"kernel/ptrace.c ptrace_may_access(), PTRACE_MODE_READ",
	NULL,
};

static const struct mpol_rule no_numa_maps = {
	"numa-maps-missing",
	ENOENT,
	"Only kernels with CONFIG_NUMA tell the nodes of a process's pages, in "
	"/proc/PID/numa_maps.",
	"use a kernel with NUMA support (CONFIG_NUMA=y); without it there is one node, and every "
	"page is on it",
	"fs/proc/base.c tgid_base_stuff[]",
	NULL,
};

static const struct mpol_rule unreadable = {
	"process-unreadable",
	EIO,
	"The files in /proc/PID are the only source of where a process's memory is.",
	"try again; where it stays so, see the kernel's log",
	"proc(5)",
	NULL,
};

static const struct mpol_rule changed = {
	"process-changed",
	EAGAIN,
	"A process that executes another program gets new memory; what was read of the old one "
	"says nothing about it.",
	"ask again",
	"fs/exec.c exec_mmap()",
	NULL,
};

static int name_of(const struct process *p, const char *file, char buf[64])
{
	return snprintf(buf, 64, "/proc/%d%s%s", (int)p->pid, *file ? "/" : "", file);
}

int process_fail(const struct process *p, const char *file, int r, struct mpol_error *err)
{
	char where[64];

	(void)name_of(p, file, where); /* fits: the names are ours */
	switch (-r) {
	case ESRCH:
		return mpol_fail_errno(err, &no_process, ESRCH, where, "process %d has ended",
				       (int)p->pid);
	case EACCES:
	case EPERM:
		return mpol_fail_errno(err, &not_permitted, -r, where, "%s", strerror(-r));
	default:
		return mpol_fail_errno(err, &unreadable, -r, where, "%s", strerror(-r));
	case ENOENT:
		break;
	}
	if (process_state(p) == PROCESS_ENDED)
		return process_fail(p, file, -ESRCH, err);
	if (!strstr(file, "numa_maps"))
		return mpol_fail_errno(err, &unreadable, ENOENT, where, "there is no such file");
	return mpol_fail(err, &no_numa_maps, where, "there is no such file%s",
			 p->live ? ": this kernel was built without NUMA" : " in the recording");
}

/* Whether the proc filesystem numbers processes as our system calls do. */
static bool same_numbers(int root_fd)
{
	char text[32];
	_cleanup_close_ int proc = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc");
	ssize_t n = proc < 0 ? -1 : readlinkat(proc, "self", text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return atoi(text) == getpid();
}

int process_open(int root_fd, pid_t pid, struct process *ret, struct mpol_error *err)
{
	struct process p = { .root_fd = root_fd, .pid = pid };
	struct statfs fs;

	p.dir_fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc/%d", (int)pid);
	if (p.dir_fd == -ENOENT || p.dir_fd == -ESRCH)
		return mpol_fail(err, &no_process, "", "there is no process %d", (int)pid);
	if (p.dir_fd < 0)
		return process_fail(&p, "", p.dir_fd, err);
	p.live = fstatfs(p.dir_fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	p.ours = p.live && same_numbers(root_fd);
	*ret = p;
	return 0;
}

void process_done(struct process *p)
{
	cleanup_close(&p->dir_fd);
}

enum process_state process_state(const struct process *p)
{
	_cleanup_free_ char *stat = NULL;
	unsigned flags = 0;
	char state = 0, *after;

	if (file_read_at(p->dir_fd, 4096, &stat, NULL, "stat") < 0)
		return p->live ? PROCESS_ENDED : PROCESS_RUNS; /* a recording need not have it */
	after = strrchr(stat, ')'); /* the name before it may hold anything */
	if (!after || sscanf(after + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
		return PROCESS_RUNS;
	if (state == 'Z' || state == 'X' || state == 'x')
		return PROCESS_ENDED;
	return flags & PF_KTHREAD ? PROCESS_KERNEL : PROCESS_RUNS;
}

int process_sizes(const struct process *p, uint64_t *ret_resident, uint64_t *ret_mapped)
{
	char line[128];
	uint64_t mapped, resident;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int r = file_read_line_at(p->dir_fd, line, sizeof(line), "statm");

	if (r < 0)
		return r;
	if (sscanf(line, "%" SCNu64 " %" SCNu64, &mapped, &resident) != 2)
		return -EBADMSG;
	*ret_mapped = mapped * page;
	*ret_resident = resident * page;
	return 0;
}

int process_gone(const struct process *p, struct mpol_error *err)
{
	switch (process_state(p)) {
	case PROCESS_KERNEL:
		return 0;
	case PROCESS_ENDED:
		return process_fail(p, "", -ESRCH, err);
	case PROCESS_RUNS:
		break;
	}
	return mpol_fail(err, &changed, "", "process %d executed another program while it was read",
			 (int)p->pid);
}
