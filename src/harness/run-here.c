/* SPDX-License-Identifier: MIT */
/* A test's own process, its pipe, and its time limit; see run-here.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/run-here.h"
#include "work/oom.h"

#define GRACE_MS   15000 /* beyond the test's own limit, for cleaning up */
#define STOP_MS	   15000 /* from SIGTERM to SIGKILL */
#define RESULT_MAX ((size_t)64 << 20)

static const struct mpol_rule stage_died = {
	.id = "stage-died",
	.errnum = ECHILD,
	.why = "Each test runs in a process of its own, which reports when it has ended.",
	.hint = "run this test alone, under a debugger or built with sanitizers: its steps run in "
		"that process.",
};

static const struct mpol_rule stage_hangs = {
	.id = "stage-hangs",
	.errnum = ETIMEDOUT,
	.why = "A test ends within its time limit, whatever it does.",
	.hint = "look for an endless loop in the test's steps, or raise the limit with --timeout.",
};

static const struct mpol_rule no_stage = {
	.id = "stage-start",
	.errnum = EAGAIN,
	.why = "Each test runs in a process of its own.",
	.hint = "raise the limits on processes and open files (ulimit -u, ulimit -n).",
};

_Noreturn static void be_stage(const struct mpol_test_entry *entry,
			       const struct stage_options *options, pid_t parent, int fd)
{
	_cleanup_(strbuf_done) struct strbuf line = { 0 };
	struct mpol_result result;
	int r;

	/* Away from the terminal's Ctrl-C: the runner tells us when to stop. */
	(void)setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is the report's */
	stage_run(entry, options, &result);
	result_write(&result, &line);
	result_done(&result);
	r = line.failed ? -ENOMEM : fd_write_all(fd, strbuf_text(&line), line.len);
	strbuf_done(&line);
	exit(r < 0); /* with atexit, so that leaks are looked for */
}

struct reading {
	int fd, stop_fd;
	pid_t pid;
	int64_t deadline;
	bool stopping, hung;
	struct strbuf text;
	struct oom oom;
	struct progress *progress;
	const char *name; /* of the test */
};

/* What has to happen when the time is over: first a request, then the end. */
static void run_out(struct reading *rd)
{
	rd->hung = !rd->stopping;
	(void)kill(rd->pid, SIGKILL); /* its workers die with it, and its janitor cleans up */
	rd->deadline = INT64_MAX;
}

static void stop(struct reading *rd)
{
	rd->stopping = true;
	rd->stop_fd = -1;
	rd->deadline = MIN(rd->deadline, crew_now() + STOP_MS);
	(void)kill(rd->pid, SIGTERM);
}

/* Until the child closes the pipe, by ending. */
static void read_all(struct reading *rd)
{
	int timeout = rd->progress ? progress_timeout(rd->progress) : -1;
	int64_t wait = timeout > 0 ? timeout : 60000;
	char buf[4096];

	for (;;) {
		struct pollfd fds[] = { { .fd = rd->fd, .events = POLLIN },
					{ .fd = rd->stop_fd, .events = POLLIN } };
		int64_t left = rd->deadline - crew_now();
		ssize_t n;

		if (left <= 0)
			run_out(rd);
		left = MIN(MAX(left, 1), wait);
		(void)poll(fds, ELEMENTSOF(fds), (int)left); /* a failure is tried again */
		if (rd->progress)
			progress_show(rd->progress, rd->name, "this machine", 1);
		if (fds[1].revents)
			stop(rd);
		if (!fds[0].revents)
			continue;
		n = read(rd->fd, buf, sizeof(buf));
		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (n > 0 && rd->text.len < RESULT_MAX)
			strbuf_add(&rd->text, buf, (size_t)n);
	}
}

static int judge_end(struct reading *rd, int status, double limit, struct mpol_result *ret,
		     struct mpol_error *err)
{
	char how[OOM_HOW];

	if (rd->hung)
		return mpol_fail(err, &stage_hangs, "", "not ended after %g seconds, and killed",
				 limit);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	    oom_killed(&rd->oom, rd->pid, how))
		return mpol_fail(err, &stage_died, "",
				 "the OOM killer ended the test's process%s%s", *how ? ", " : "",
				 how);
	if (WIFSIGNALED(status))
		return mpol_fail(err, &stage_died, "",
				 "the test's process was killed by signal %d (%s)",
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (rd->text.failed || rd->text.len == 0 || WEXITSTATUS(status) != 0)
		return mpol_fail(err, &stage_died, "", "the test's process exited with status %d",
				 WEXITSTATUS(status));
	return result_read(strbuf_text(&rd->text), rd->text.len, ret, err);
}

static int start(const struct mpol_test_entry *entry, const struct stage_options *options,
		 struct reading *rd, struct mpol_error *err)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &no_stage, errno, "", "a pipe for its result: %m");
	(void)fflush(NULL); /* or the child would print it again */
	rd->pid = fork();
	if (rd->pid == 0) {
		(void)close(fds[0]);
		be_stage(entry, options, parent, fds[1]);
	}
	rd->fd = fds[0];
	(void)close(fds[1]);
	return rd->pid < 0 ? mpol_fail_errno(err, &no_stage, errno, "", "%m") : 0;
}

void run_here(const struct mpol_test_entry *entry, const struct stage_options *options, int stop_fd,
	      struct progress *progress, struct mpol_result *ret)
{
	struct reading rd = {
		.fd = -1,
		.stop_fd = stop_fd,
		.progress = progress,
		.name = entry->name,
	};
	struct mpol_error err = { 0 };
	int status = 0, r;

	oom_open(&rd.oom, options->root_fd);
	r = start(entry, options, &rd, &err);
	*ret = (struct mpol_result){ 0 };
	if (r == 0) {
		rd.deadline = crew_now() + (int64_t)(options->limit * 1000) + GRACE_MS;
		read_all(&rd);
		while (waitpid(rd.pid, &status, 0) < 0 && errno == EINTR)
			;
		r = judge_end(&rd, status, options->limit, ret, &err);
	}
	cleanup_close(&rd.fd);
	oom_done(&rd.oom);
	strbuf_done(&rd.text);
	if (r < 0) {
		result_end_early(ret, entry, VERDICT_BROKEN, &err);
		ret->place = strdup(options->place);
	}
}
