/* SPDX-License-Identifier: MIT */
/* One QEMU process; see process.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/child.h"
#include "vm/process.h"

#include "base/cleanup.h"
#include "base/macros.h"

static const struct mpol_rule rule_start = {
	"vm-start",
	EAGAIN,
	"A virtual machine needs a process, two socket pairs and a pipe on this host.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_missing = {
	"vm-qemu-missing",
	ENOENT,
	"Virtual NUMA machines are QEMU's, and its program is not in PATH.",
	"apt-get install qemu-system-x86 (Debian, Ubuntu)",
	NULL,
	NULL,
};

static void close_all(struct process *p)
{
	cleanup_close(&p->pidfd);
	cleanup_close(&p->console);
	cleanup_close(&p->channel);
	cleanup_close(&p->said_fd);
}

static bool inherit(int fd)
{
	return fcntl(fd, F_SETFD, 0) == 0;
}

/* Between fork and exec: nothing that allocates. A failing exec is told by exit status 127. */
_Noreturn static void become(const struct qemu_plan *plan, char *const *argv, int said,
			     pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
	if (child_die_with(parent) < 0 || null < 0 || dup2(null, 0) < 0 || dup2(said, 1) < 0 ||
	    dup2(said, 2) < 0 || !inherit(plan->initramfs_fd) || !inherit(plan->console_fd) ||
	    !inherit(plan->channel_fd))
		_exit(126);
	(void)setpgid(0, 0);	     /* a Ctrl-C is for us, and we end QEMU; works in a new child */
	(void)execvp(argv[0], argv); /* returns only on failure */
	_exit(errno == ENOENT ? 127 : 126);
}

static int socket_pair(int *ours, int *theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	*ours = fds[0];
	*theirs = fds[1];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int fork_qemu(struct process *p, struct qemu_plan *plan, int said)
{
	_cleanup_(strv_done) struct strv argv = { 0 };
	pid_t parent = getpid();

	qemu_arguments(plan, &argv);
	if (argv.failed)
		return -ENOMEM;
	p->pid = fork();
	if (p->pid < 0) {
		p->pid = 0;
		return -errno;
	}
	if (p->pid == 0)
		become(plan, argv.v, said, parent);
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return p->pidfd < 0 ? -errno : 0;
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	for (path = path ? path : "/usr/bin:/bin"; *path;) {
		size_t len = strcspn(path, ":");

		if (snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, program) <
			    (int)sizeof(file) &&
		    access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

int process_start(struct process *p, struct qemu_plan *plan, struct mpol_error *err)
{
	_cleanup_close_ int console = -1, channel = -1, said = -1;
	int fds[2], r;

	*p = (struct process)PROCESS_NONE;
	if (!in_path(plan->program))
		return mpol_fail(err, &rule_missing, NULL, "%s is not here", plan->program);
	r = socket_pair(&p->console, &console);
	if (r == 0)
		r = socket_pair(&p->channel, &channel);
	if (r == 0)
		r = pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
	if (r == 0) {
		p->said_fd = fds[0];
		said = fds[1];
		plan->console_fd = console;
		plan->channel_fd = channel;
		r = fcntl(p->said_fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : fork_qemu(p, plan, said);
	}
	if (r < 0) {
		process_end(p);
		return mpol_fail_errno(err, &rule_start, -r, NULL, "QEMU cannot be started: %s",
				       strerror(-r));
	}
	return 0;
}

void process_listen(struct process *p)
{
	char rest[1024];

	while (p->said_fd >= 0) {
		size_t room = sizeof(p->said) - 1 - p->said_len;
		ssize_t n = read(p->said_fd, room ? p->said + p->said_len : rest,
				 room ? room : sizeof(rest));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			cleanup_close(&p->said_fd); /* also leaves its epoll set */
			return;
		}
		if (room)
			p->said_len += (size_t)n;
		p->said[p->said_len] = '\0';
	}
}

int process_ended(struct process *p)
{
	pid_t r;

	if (!p->pid)
		return 1;
	while ((r = waitpid(p->pid, &p->status, WNOHANG)) < 0 && errno == EINTR)
		;
	if (r == 0)
		return 0;
	p->pid = 0;
	return 1;
}

void process_end(struct process *p)
{
	if (p->pid && !process_ended(p)) {
		(void)kill(p->pid, SIGKILL); /* our own child, not yet waited for */
		while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
			;
		p->pid = 0;
	}
	close_all(p);
}

const char *process_complaint(struct process *p, char *ret, size_t size)
{
	static const char self[] = "qemu-system-x86_64: ";

	process_listen(p);
	*ret = '\0';
	for (const char *line = p->said; *line;) {
		size_t len = strcspn(line, "\n");
		const char *next = line + len + (line[len] == '\n');

		if (STARTS(line, self)) {
			line += strlen(self);
			len -= strlen(self);
		}
		if (len && !memmem(line, len, "warning: ", 9))
			(void)snprintf(ret, size, "%.*s", (int)len, line);
		line = next;
	}
	return ret;
}
