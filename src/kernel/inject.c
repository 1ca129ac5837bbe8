/* SPDX-License-Identifier: MIT */
/* Which processes can be injected into, and the thread of ours that does it; see inject.h. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/inject-room.h"
#include "kernel/inject-thread.h"
#include "kernel/inject.h"
#include "kernel/proc.h"
#include "kernel/trace.h"

#define LOCK_TRIES    2500
#define LOCK_PAUSE_MS 2
#define FREE_SLOT_MS  100
#define OUR_STACK     ((size_t)256 << 10)

static const struct mpol_rule rule_no_process = {
	"inject-no-process",
	ESRCH,
	"A process is named by its number while it lives.",
	"look for it with ps or pgrep",
	NULL,
	NULL,
};
static const struct mpol_rule rule_zombie = {
	"zombie",
	ESRCH,
	"A process that has ended and waits for its parent has neither memory nor threads.",
	NULL,
	"proc(5), State: Z",
	NULL,
};
static const struct mpol_rule rule_program = {
	"inject-program",
	EOPNOTSUPP,
	"The injector knows the registers, system calls and vDSO of 64-bit x86 programs only.",
	"start the program under the policy instead: mpol run POLICY -- COMMAND",
	NULL,
	NULL,
};
static const struct mpol_rule rule_locked = {
	"inject-locked",
	EBUSY,
	"Two injectors in one process would write over each other's instructions; the first holds "
	"a lock on /proc/PID.",
	"wait for the other mpol to end",
	"flock(2)",
	NULL,
};
static const struct mpol_rule rule_hidden = {
	"inject-not-permitted-to-look",
	EPERM,
	"Changing another process needs the same permission as debugging it, and this one may not "
	"even be looked at.",
	"run it as the same user, or as root (CAP_SYS_PTRACE)",
	"ptrace(2), Ptrace access mode checking",
	NULL,
};
static const struct mpol_rule rule_failed = {
	"inject-open-failed", EIO, "The process could not be looked at.", NULL, NULL, NULL,
};

struct inject {
	int dir_fd; /* of /proc/PID, which also holds the lock */
	pid_t pid;
	bool alone; /* this process does nothing else, and ends: its end lets go */
	struct inject_room room;
};

int inject_supported(struct mpol_error *err)
{
	return arch_supported(err);
}

struct inject *inject_free(struct inject *i)
{
	if (i) {
		cleanup_close(&i->dir_fd);
		room_done(&i->room);
	}
	free(i);
	return NULL;
}

static void inject_cleanup(struct inject **i)
{
	(void)inject_free(*i); /* always NULL */
}

static int fail_open(pid_t pid, int r, struct mpol_error *err)
{
	if (r == -ESRCH || r == -ENOENT)
		return mpol_fail(err, &rule_no_process, "", "there is no process %d", pid);
	if (r == -EACCES || r == -EPERM)
		return mpol_fail(err, &rule_hidden, "",
				 "the kernel does not let this process look into process %d", pid);
	return mpol_fail_errno(err, &rule_failed, -r, "", "process %d: %s", pid, strerror(-r));
}

/* Whose lock it is is not known; it is held for milliseconds, unless the other waits for a thread.
 */
static int lock(const struct inject *i, struct mpol_error *err)
{
	for (unsigned tries = 0;; tries++) {
		if (flock(i->dir_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_open(i->pid, -errno, err);
		if (tries == LOCK_TRIES)
			return mpol_fail(err, &rule_locked, "",
					 "process %d is being changed by another mpol", i->pid);
		(void)nanosleep(&(struct timespec){ .tv_nsec = LOCK_PAUSE_MS * 1000000 },
				NULL); /* only a pause */
	}
}

static int check_state(const struct inject *i, struct mpol_error *err)
{
	struct proc_stat stat;
	int r = proc_stat(i->dir_fd, 0, &stat);

	if (r < 0)
		return fail_open(i->pid, r, err);
	if (stat.kernel_thread)
		return proc_fail_kernel_thread(i->pid, &stat, err);
	if (stat.state == 'Z' || stat.state == 'X') {
		pid_t *threads = NULL;
		size_t n = 0;

		r = proc_threads(i->dir_fd, &threads, &n);
		free(threads);
		if (r < 0 || n <= 1) /* with more, only its first thread has ended */
			return mpol_fail(err, &rule_zombie, "", "process %d (%s) has ended", i->pid,
					 stat.comm);
	}
	return 0;
}

/* The program's ELF header; the kind of the program decides which registers its threads have. */
static int check_program(const struct inject *i, struct mpol_error *err)
{
	_cleanup_close_ int fd = file_open_at(i->dir_fd, O_RDONLY, "exe");
	unsigned char ident[EI_NIDENT + 4];
	uint16_t machine;

	if (fd < 0)
		return fail_open(i->pid, fd, err);
	if (read(fd, ident, sizeof(ident)) != (ssize_t)sizeof(ident))
		return 0; /* not a file that can be read: the registers will tell */
	memcpy(&machine, ident + EI_NIDENT + 2, sizeof(machine));
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return 0;
	if (ident[EI_CLASS] == ELFCLASS32)
		return mpol_fail(err, &rule_program, "", "process %d runs a 32-bit program",
				 i->pid);
	if (machine != ARCH_ELF_MACHINE)
		return mpol_fail(err, &rule_program, "",
				 "process %d runs a program for ELF machine %u", i->pid, machine);
	return 0;
}

int inject_open(int root_fd, pid_t pid, struct inject **ret, struct mpol_error *err)
{
	_cleanup_(inject_cleanup) struct inject *i = NULL;
	int r = inject_supported(err);

	if (r < 0)
		return r;
	i = calloc(1, sizeof(*i));
	if (!i)
		return fail_open(pid, -ENOMEM, err);
	i->pid = pid;
	i->room.mem_fd = -1;
	i->dir_fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "proc/%d", pid);
	if (i->dir_fd < 0)
		return fail_open(pid, i->dir_fd, err);
	r = check_state(i, err);
	if (r == 0)
		r = check_program(i, err);
	if (r == 0)
		r = lock(i, err);
	if (r < 0)
		return r;
	r = room_find(i->dir_fd, pid, &i->room, err);
	if (r == -EOPNOTSUPP)
		return r;
	if (r < 0)
		return fail_open(pid, r, err);
	*ret = TAKE(i);
	return 0;
}

static void *run(void *argument)
{
	struct inject_session *s = argument;

	return (void *)(intptr_t)session_run(s);
}

/*
 * A thread of our own for each of theirs: its end is the only way to let go of one that cannot be
 * stopped. It takes no signals.
 */
static int in_own_thread(struct inject_session *s)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	void *result;
	int r = -pthread_attr_init(&attr);

	if (r < 0)
		return r;
	(void)pthread_attr_setstacksize(&attr, OUR_STACK); /* at worst the usual, larger one */
	(void)sigfillset(&all);				   /* cannot fail */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);	   /* cannot fail with these arguments */
	r = -pthread_create(&thread, &attr, run, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr); /* holds nothing on Linux */
	if (r < 0)
		return r;
	(void)pthread_join(thread, &result); /* ours, joined once */
	return (int)(intptr_t)result;
}

static int run_session(struct inject *i, struct inject_session *s, struct inject_report *ret)
{
	int r;

	s->room = &i->room;
	s->dir_fd = i->dir_fd;
	for (size_t c = 0; c < s->n_calls; c++) {
		s->calls[c].made = false;
		s->calls[c].result = 0;
	}
	r = i->alone ? session_run(s) : in_own_thread(s);
	if (ret)
		*ret = s->report;
	return r;
}

int inject_ask(struct inject *i, pid_t tid, const struct mpol_policy *p, struct inject_call *calls,
	       size_t n, unsigned timeout_ms, struct mpol_error *err)
{
	struct inject_session s = {
		.tid = tid,
		.policy = p,
		.calls = calls,
		.n_calls = n,
		.timeout_ms = timeout_ms,
		.ask_only = true,
		.err = err,
	};

	return run_session(i, &s, NULL);
}

/* Killed injectors left a thread in every slot: those that have come out give theirs back when they
 * are stopped. */
static void free_slots(struct inject *i, const struct mpol_policy *p)
{
	for (unsigned n = 0; n < i->room.n; n++)
		if (i->room.owner[n])
			(void)inject_ask(i, i->room.owner[n], p, NULL, 0, FREE_SLOT_MS, NULL);
}

int inject_thread(struct inject *i, pid_t tid, const struct mpol_policy *p,
		  struct inject_call *calls, size_t n, unsigned timeout_ms,
		  struct inject_report *ret, struct mpol_error *err)
{
	struct inject_session s = {
		.tid = tid,
		.policy = p,
		.calls = calls,
		.n_calls = n,
		.timeout_ms = timeout_ms,
		.err = err,
	};

	if (!room_slot(&i->room))
		free_slots(i, p);
	return run_session(i, &s, ret);
}

int inject_dir(const struct inject *i)
{
	return i->dir_fd;
}

int inject_policy(int root_fd, pid_t pid, const struct mpol_policy *p, bool alone,
		  struct mpol_error *err)
{
	_cleanup_(inject_cleanup) struct inject *i = NULL;
	struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
	int r = inject_open(root_fd, pid, &i, err);

	if (r < 0)
		return r;
	i->alone = alone;
	if (alone)
		trace_sleep();
	return inject_thread(i, pid, p, &call, 1, INJECT_TIMEOUT_MS, NULL, err);
}
