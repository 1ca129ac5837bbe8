/* SPDX-License-Identifier: MIT */
/* Kinds of work that are about processes and CPUs: computing, sleeping, forking, running a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "work/kinds.h"

#define STEPS_OF_A_ROUND 1024
#define ROUNDS_OF_A_LOOK 16
#define USUAL_SECONDS	 0.001
#define POLL_NS		 2000000 /* between two looks at a command that runs */

static const struct mpol_rule command_failed = {
	.id = "worker-command",
	.errnum = ECHILD,
	.why = "A command that works ends with status 0, and is then run again.",
	.hint = "run the command by itself first; what it needs besides its libraries is packed "
		"with `mpol vm --file`.",
};

static const struct mpol_rule no_child = {
	.id = "worker-child",
	.errnum = EAGAIN,
	.why = "Every child is a process.",
	.hint = "raise the limit on processes (ulimit -u, pids.max), or declare fewer workers.",
};

static void compute(uint64_t *value)
{
	for (int i = 0; i < STEPS_OF_A_ROUND; i++)
		*(volatile uint64_t *)value = *value * UINT64_C(6364136223846793005) + 1;
}

int work_spin(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t value = w->random;

	(void)err;
	worker_touched(w);
	while (worker_goes_on(w)) {
		for (int i = 0; i < ROUNDS_OF_A_LOOK; i++)
			compute(&value);
		worker_iteration(w, ROUNDS_OF_A_LOOK);
	}
	return 0;
}

static double seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sleeps in pieces that a command of the runner can wait for. */
static bool sleep_for(struct mpol_worker *w, double seconds)
{
	double until = seconds_now() + seconds;

	for (double left = seconds; left > 0; left = until - seconds_now()) {
		double piece = MIN(left, 0.01);
		struct timespec t = { .tv_nsec = (long)(piece * 1e9) };

		(void)nanosleep(&t, NULL);
		worker_rested(w);
		if (!worker_goes_on(w))
			return false;
	}
	return true;
}

int work_sleep(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_work_spec *spec = w->plan->work;
	double busy = spec->busy > 0 ? spec->busy : USUAL_SECONDS,
	       pause = spec->pause > 0 ? spec->pause : USUAL_SECONDS;
	uint64_t value = w->random;

	(void)err;
	worker_touched(w);
	for (;;) {
		double until = seconds_now() + busy;

		while (seconds_now() < until) {
			if (!worker_goes_on(w))
				return 0;
			compute(&value);
		}
		worker_iteration(w, 1);
		if (!sleep_for(w, pause))
			return 0;
	}
}

/* In a child: dies with its parent. */
static void bind_to_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

static int wait_for(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int work_fork(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t bytes = work_page_bytes(w->plan->work), page = work_page();
	char *memory = worker_map(w, bytes, w->plan->work->huge, err);
	pid_t self = getpid();

	if (!memory)
		return -err->errnum;
	if (!work_write_pages(w, memory, bytes / page, 1))
		return 0;
	worker_iteration(w, 0);
	worker_touched(w);
	while (worker_goes_on(w)) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0) {
			bind_to_parent(self);
			for (uint64_t i = 0; i < bytes; i += page)
				((volatile char *)memory)[i] = 2;
			_exit(0);
		}
		if (pid < 0)
			return mpol_fail_errno(err, &no_child, errno, "", "forking: %m");
		if (wait_for(pid, &status) < 0 || status != 0)
			return mpol_fail(err, &command_failed, "",
					 "a forked child ended with wait status %#x",
					 (unsigned)status);
		worker_iteration(w, 1);
	}
	return 0;
}

int work_function(struct mpol_worker *w, struct mpol_error *err)
{
	return w->plan->work->function(w, err);
}

/* --- A command: a child of the worker, which stops it, continues it, ends it. --- */

static void stop_or_continue(void *ctx, bool parks)
{
	pid_t pid = *(pid_t *)ctx;

	if (kill(pid, parks ? SIGSTOP : SIGCONT) < 0 || !parks)
		return;
	/* Left for who reaps it: waiting for the stop only. */
	(void)waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WSTOPPED | WEXITED | WNOWAIT);
}

/* In the child; what could not be executed is written as an errno. */
_Noreturn static void become_command(const struct mpol_work_spec *spec, int answer, pid_t parent)
{
	int failed;

	bind_to_parent(parent);
	execvp(spec->command[0], (char *const *)(uintptr_t)spec->command);
	failed = errno;
	(void)fd_write_all(answer, &failed, sizeof(failed)); /* the exit code says so, too */
	_exit(127);
}

/* A running command's PID, once it has been executed. */
static int start_command(const struct mpol_work_spec *spec, pid_t *ret, struct mpol_error *err)
{
	_cleanup_close_ int read_fd = -1, write_fd = -1;
	pid_t self = getpid(), pid;
	int fds[2], failed = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &no_child, errno, "", "a pipe: %m");
	read_fd = fds[0];
	write_fd = fds[1];
	pid = fork();
	if (pid == 0)
		become_command(spec, write_fd, self);
	if (pid < 0)
		return mpol_fail_errno(err, &no_child, errno, "", "forking: %m");
	cleanup_close(&write_fd);
	if (read(read_fd, &failed, sizeof(failed)) == sizeof(failed)) {
		(void)wait_for(pid, &(int){ 0 });
		return mpol_fail_errno(err, &command_failed, failed, "", "%.150s: %s",
				       spec->command[0], strerror(failed));
	}
	*ret = pid;
	return 0;
}

/* Until it has ended: 1, or the runner says so: 0. */
static int accompany(struct mpol_worker *w, pid_t pid, int *status)
{
	const struct timespec piece = { .tv_nsec = POLL_NS };

	for (;;) {
		pid_t ended = waitpid(pid, status, WNOHANG);

		if (ended == pid)
			return 1;
		if (!worker_goes_on_with(w, stop_or_continue, &pid))
			return 0;
		(void)nanosleep(&piece, NULL);
		worker_rested(w);
	}
}

int work_exec(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_work_spec *spec = w->plan->work;

	for (;;) {
		int status = 0, r = start_command(spec, &w->slot->subject, err);

		if (r < 0)
			return r;
		worker_iteration(w, 1);
		if (!atomic_load(&w->slot->touched))
			worker_touched(w);
		if (accompany(w, w->slot->subject, &status) == 0) {
			(void)kill(w->slot->subject, SIGKILL);
			(void)wait_for(w->slot->subject, &status);
			return 0;
		}
		if (WIFSIGNALED(status))
			return mpol_fail(err, &command_failed, "",
					 "%.100s was killed by signal %d (%s)", spec->command[0],
					 WTERMSIG(status), strsignal(WTERMSIG(status)));
		if (WEXITSTATUS(status))
			return mpol_fail(err, &command_failed, "", "%.100s exited with status %d",
					 spec->command[0], WEXITSTATUS(status));
	}
}
