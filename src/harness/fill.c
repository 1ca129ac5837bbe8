/* SPDX-License-Identifier: MIT */
/* Filling nodes; see fill.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/fill.h"
#include "kernel/spawn.h"
#include "work/crew.h"

#define STEP	   (UINT64_C(8) << 20)
#define HUGE	   (UINT64_C(2) << 20)
#define MOST_BYTES (UINT64_C(1) << 44)

static const struct mpol_rule node_fill = {
	.id = "node-fill",
	.errnum = ENOMEM,
	.why = "A node is filled by a process that takes its memory, page by page, and that the "
	       "OOM killer must not choose: root's.",
	.hint = "run it in a virtual machine, whose nodes are small.",
	.source = "Documentation/filesystems/proc.rst, zoneinfo and oom_score_adj",
};

/* --- How much there is. --- */

struct zone {
	uint64_t free, high, reserved; /* pages */
};

/* The largest of "protection: (0, 427, 427)": what this zone keeps from those that could do with a
 * higher one. */
static uint64_t largest(const char *list)
{
	uint64_t most = 0;

	for (char *end; *list && *list != ')'; list = end) {
		uint64_t value = strtoull(list, &end, 10);

		if (end == list)
			end++;
		else
			most = MAX(most, value);
	}
	return most;
}

static uint64_t usable(const struct zone *z)
{
	uint64_t kept = z->high + z->reserved;

	return z->free > kept ? z->free - kept : 0;
}

/* Per-CPU lists have lines of the same words, with a colon. */
uint64_t fill_usable(const char *zoneinfo, unsigned node, uint64_t page_size)
{
	struct zone zone = { 0 };
	uint64_t pages = 0;
	bool ours = false;

	for (const char *line = zoneinfo; line && *line; line = strchr(line, '\n')) {
		unsigned of;
		unsigned long long value;
		const char *list;

		line += *line == '\n';
		if (sscanf(line, "Node %u, zone", &of) == 1) {
			pages += ours ? usable(&zone) : 0;
			zone = (struct zone){ 0 };
			ours = of == node;
		} else if (sscanf(line, " pages free %llu", &value) == 1) {
			zone.free = value;
		} else if (sscanf(line, " high %llu", &value) == 1) {
			zone.high = value;
		} else if (STARTS(line, "        protection: (")) {
			list = strchr(line, '(') + 1;
			zone.reserved = largest(list);
		}
	}
	return (pages + (ours ? usable(&zone) : 0)) * page_size;
}

static int read_usable(int root_fd, unsigned node, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, &len, "proc/zoneinfo");

	if (r == 0)
		*ret = fill_usable(text, node, (uint64_t)sysconf(_SC_PAGESIZE));
	return r;
}

/* --- The process. --- */

struct filler {
	int root_fd;
	unsigned node;
	uint64_t bytes;
	pid_t parent;
	int ready; /* closed by its end, or written to when the node is full */
	struct mpol_error *answer;
};

static int be_hard_to_kill(const struct filler *f)
{
	int r = file_write_at(f->root_fd, "-1000", "proc/self/oom_score_adj");

	return r < 0 ? mpol_fail_errno(f->answer, &node_fill, -r, "",
				       "keeping the OOM killer away: %s", strerror(-r))
		     : 0;
}

static void touch(char *memory, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (uint64_t i = 0; i < bytes; i += page)
		((volatile char *)memory)[i] = 1;
}

/* By huge pages while there is much room, for speed. */
static int take(const struct filler *f, char *memory, uint64_t all)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), left = 0, done = 0;

	for (;;) {
		int r = read_usable(f->root_fd, f->node, &left);
		uint64_t piece;

		if (r < 0)
			return mpol_fail_errno(f->answer, &node_fill, -r, "", "zoneinfo: %s",
					       strerror(-r));
		if (left <= f->bytes || left - f->bytes < page)
			return 0;
		piece = MIN(left - f->bytes, STEP) / page * page;
		if (piece < STEP)
			piece = MAX(piece / 2 / page, (uint64_t)1) *
				page; /* others take some, too */
		if (done + piece > all)
			return mpol_fail(f->answer, &node_fill, "", "it is larger than it says");
		(void)madvise(memory + done, piece,
			      piece == STEP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		touch(memory + done, piece);
		done += piece;
	}
}

static int fill(const struct filler *f)
{
	struct mpol_policy policy = { .mode = MPOL_MODE_BIND, .flags = MPOL_FLAG_STATIC_NODES };
	char *memory;
	int r;

	mpol_nodes_add(&policy.nodes, f->node);
	r = be_hard_to_kill(f);
	if (r == 0)
		r = mpol_apply(&policy, f->answer);
	if (r < 0)
		return r;
	memory = mmap(NULL, MOST_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return mpol_fail_errno(f->answer, &node_fill, errno, "", "room for its memory: %m");
	memory = (char *)(((uintptr_t)memory + HUGE - 1) / HUGE * HUGE);
	return take(f, memory, MOST_BYTES - HUGE);
}

_Noreturn static void be_filler(const struct filler *f)
{
	char done;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != f->parent)
		_exit(1);
	done = fill(f) == 0;
	(void)fd_write_all(f->ready, &done, 1); /* nobody to tell */
	for (;;)
		(void)pause();
}

/* --- Its parent. --- */

/* Until it says that it is done. */
static int await(int fd, unsigned node, int64_t deadline, struct mpol_error *answer,
		 struct mpol_error *err)
{
	struct pollfd poll_for = { .fd = fd, .events = POLLIN };
	char done = 0;
	int n;

	do
		n = poll(&poll_for, 1, (int)MIN(MAX(deadline - crew_now(), 0), 600000));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return mpol_fail_errno(err, &node_fill, ETIMEDOUT, "",
				       "node %u is not full in time", node);
	if (read(fd, &done, 1) == 1 && done)
		return 0;
	if (answer->errnum && err)
		*err = *answer;
	return answer->errnum ? -answer->errnum
			      : mpol_fail(err, &node_fill, "",
					  "the process that fills node %u died", node);
}

static int start(struct fill *to, struct filler *f, int64_t deadline, struct mpol_error *err)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &node_fill, errno, "", "a pipe: %m");
	f->ready = fds[1];
	f->parent = getpid();
	to->node = f->node;
	to->pid = spawn_unseen();
	if (to->pid == 0) {
		(void)close(fds[0]);
		be_filler(f);
	}
	(void)close(fds[1]);
	r = to->pid < 0 ? mpol_fail_errno(err, &node_fill, -to->pid, "", "forking: %s",
					  strerror(-to->pid))
			: await(fds[0], f->node, deadline, f->answer, err);
	(void)close(fds[0]);
	to->pid = MAX(to->pid, 0);
	return r;
}

static void end(struct fill *f)
{
	if (f->pid > 0) {
		(void)kill(f->pid, SIGKILL);
		(void)spawn_wait(f->pid); /* killed, and ours */
	}
	*f = (struct fill){ 0 };
}

int fill_node(struct fills *f, int root_fd, unsigned node, uint64_t bytes, int64_t deadline,
	      struct mpol_error *err)
{
	struct filler filler = { .root_fd = root_fd, .node = node, .bytes = bytes };
	struct fill *to = NULL;
	void *answer;
	int r;

	for (size_t i = 0; i < FILL_MAX && !to; i++)
		to = f->of[i].pid ? NULL : &f->of[i];
	if (!to)
		return mpol_fail(err, &node_fill, "", "nodes are filled at most %d times",
				 FILL_MAX);
	answer = mmap(NULL, sizeof(*filler.answer), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		return mpol_fail_errno(err, &node_fill, errno, "", "memory for its answer: %m");
	filler.answer = answer;
	r = start(to, &filler, deadline, err);
	if (r < 0)
		end(to);
	(void)munmap(answer, sizeof(*filler.answer)); /* our own mapping */
	return r;
}

int fill_release(struct fills *f, unsigned node, struct mpol_error *err)
{
	bool any = false;

	for (size_t i = 0; i < FILL_MAX; i++)
		if (f->of[i].pid && f->of[i].node == node) {
			end(&f->of[i]);
			any = true;
		}
	return any ? 0 : mpol_fail(err, &node_fill, "", "node %u was not filled", node);
}

void fill_done(struct fills *f)
{
	for (size_t i = 0; i < FILL_MAX; i++)
		end(&f->of[i]);
}
