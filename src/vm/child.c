/* SPDX-License-Identifier: MIT */
/* Helper programs; see child.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/child.h"

#include "base/cleanup.h"
#include "base/strbuf.h"

#define MAX_OUTPUT ((size_t)1 << 20)

int child_die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -1;
	return getppid() == parent ? 0 : -1;
}

/* Between fork and exec. */
_Noreturn static void become(const struct child *c, int out, int err_fd, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
	if (child_die_with(parent) < 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(out >= 0 ? out : null, 1) < 0 || dup2(err_fd >= 0 ? err_fd : null, 2) < 0)
		_exit(126);
	for (const char *const *env = c->env; env && *env; env++)
		if (putenv((char *)(uintptr_t)*env) != 0)
			_exit(126);
	if (c->directory && chdir(c->directory) < 0)
		_exit(126);
	(void)execvp(c->argv[0], (char *const *)(uintptr_t)c->argv); /* returns only on failure */
	_exit(127);
}

/* Reads one of the pipes; false at its end. */
static bool drain(struct pollfd *p, struct strbuf *into)
{
	char buf[4096];
	ssize_t n;

	if (!p->revents)
		return p->fd >= 0;
	n = read(p->fd, buf, sizeof(buf));
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		p->fd = -1;
		return false;
	}
	if (into->len < MAX_OUTPUT)
		strbuf_add(into, buf, (size_t)n);
	return true;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(const struct child *child, char **ret_out, char **ret_err)
{
	_cleanup_close_ int out = -1, out_end = -1, err_fd = -1, err_end = -1;
	_cleanup_(strbuf_done) struct strbuf out_text = { 0 }, err_text = { 0 };
	struct pollfd polls[2];
	pid_t pid, parent = getpid();
	int fds[2], status;

	if (ret_out) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		out = fds[0];
		out_end = fds[1];
	}
	if (ret_err) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		err_fd = fds[0];
		err_end = fds[1];
	}
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(child, out_end >= 0 || !child->out ? out_end : child->out, err_end, parent);
	cleanup_close(&out_end);
	cleanup_close(&err_end);
	polls[0] = (struct pollfd){ .fd = out, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = err_fd, .events = POLLIN };
	while (polls[0].fd >= 0 || polls[1].fd >= 0) {
		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			break;
		(void)drain(&polls[0], &out_text); /* ends by its descriptor becoming -1 */
		(void)drain(&polls[1], &err_text);
	}
	status = wait_status(pid);
	if (status < 0)
		return status;
	if ((ret_out && !(*ret_out = strbuf_take(&out_text))) ||
	    (ret_err && !(*ret_err = strbuf_take(&err_text))))
		return -ENOMEM;
	return status;
}
