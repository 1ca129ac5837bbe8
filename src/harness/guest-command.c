/* SPDX-License-Identifier: MIT */
/* A command in the guest: started with pipes or a terminal. Everything of it ends when it ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/guest.h"

#include "base/cleanup.h"
#include "base/macros.h"

static const char *const usual_env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"TERM=dumb",
	"USER=root",
};

#define RESULTS "3" /* the descriptor of the results, in the command */

/* Their ends of the pipes. */
struct ends {
	int in, out, err, results, failed; /* failed: the errno of exec, close-on-exec */
};

static void ends_close(struct ends *e)
{
	cleanup_close(&e->in);
	if (e->err == e->out)
		e->err = -1;
	cleanup_close(&e->out);
	cleanup_close(&e->err);
	cleanup_close(&e->results);
	cleanup_close(&e->failed);
}

static int make_pipe(int *ours, int *theirs, bool we_read)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*ours = fds[we_read ? 0 : 1];
	*theirs = fds[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int make_terminal(struct guest_command *c, struct ends *e)
{
	int number, unlock = 0;
	char path[32];

	c->out = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (c->out < 0 || ioctl(c->out, TIOCSPTLCK, &unlock) < 0 ||
	    ioctl(c->out, TIOCGPTN, &number) < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/dev/pts/%d", number);
	e->in = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (e->in < 0)
		return -errno;
	e->out = fcntl(e->in, F_DUPFD_CLOEXEC, 3);
	e->err = e->out;
	return e->out < 0 ? -errno : 0;
}

static int make_ends(struct guest_command *c, struct ends *e)
{
	int r = make_pipe(&c->results, &e->results, true);

	if (r == 0 && c->input == GUEST_TERMINAL)
		return make_terminal(c, e);
	if (r == 0)
		r = make_pipe(&c->out, &e->out, true);
	if (r == 0)
		r = make_pipe(&c->err, &e->err, true);
	if (r == 0 && c->input == GUEST_INPUT)
		return make_pipe(&c->in, &e->in, false);
	if (r == 0) {
		e->in = open("/dev/null", O_RDWR | O_CLOEXEC);
		r = e->in < 0 ? -errno : 0;
	}
	return r;
}

/* In the child. Tells why it could not become the command. */
_Noreturn static void become(const struct guest_command *c, const struct ends *e)
{
	int why;
	/* Out of the way of the numbers they become; a shell can write to one-digit ones only. */
	int in = fcntl(e->in, F_DUPFD_CLOEXEC, 10), out = fcntl(e->out, F_DUPFD_CLOEXEC, 10),
	    err = fcntl(e->err, F_DUPFD_CLOEXEC, 10),
	    results = fcntl(e->results, F_DUPFD_CLOEXEC, 10),
	    failed = fcntl(e->failed, F_DUPFD_CLOEXEC, 10);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
	(void)signal(SIGPIPE, SIG_DFL);		     /* process 1 ignores it */
	(void)setsid();				     /* a new child can always */
	if (c->input == GUEST_TERMINAL)
		(void)ioctl(e->in, TIOCSCTTY, 0); /* without job control it works all the same */
	for (size_t i = 0; i < ELEMENTSOF(usual_env); i++)
		(void)putenv((char *)(uintptr_t)usual_env[i]);
	for (size_t i = 0; i < c->env.n; i++)
		(void)putenv(c->env.v[i]);
	if (setenv("MPOL_RESULTS", RESULTS, 1) == 0 && dup2(in, 0) >= 0 && dup2(out, 1) >= 0 &&
	    dup2(err, 2) >= 0 && dup2(results, atoi(RESULTS)) >= 0 &&
	    chdir(c->directory ? c->directory : "/") == 0)
		(void)execvp(c->argv.v[0], c->argv.v); /* returns only on failure */
	why = errno;
	if (write(failed, &why, sizeof(why)) < 0)
		_exit(126);
	_exit(127);
}

int guest_command_start(struct guest_command *c, char *what, size_t size)
{
	_cleanup_(ends_close) struct ends e = { -1, -1, -1, -1, -1 };
	_cleanup_close_ int failed = -1;
	int r, why = 0;

	if (!c->argv.n || c->argv.failed || c->env.failed) {
		(void)snprintf(what, size, "vm-guest the command did not arrive");
		return -EINVAL;
	}
	r = make_ends(c, &e);
	if (r == 0)
		r = make_pipe(&failed, &e.failed, true);
	if (r == 0) {
		c->pid = fork();
		r = c->pid < 0 ? -errno : 0;
	}
	if (r < 0) {
		(void)snprintf(what, size, "vm-guest the command cannot be started: %s",
			       strerror(-r));
		return r;
	}
	if (c->pid == 0)
		become(c, &e);
	ends_close(&e);
	if (fcntl(failed, F_SETFL, 0) == 0 && read(failed, &why, sizeof(why)) == sizeof(why)) {
		(void)snprintf(what, size, "vm-exec %s cannot be executed in the guest: %s",
			       c->argv.v[0], strerror(why));
		return -why;
	}
	return 0;
}

void guest_command_reset(struct guest_command *c)
{
	strv_done(&c->argv);
	strv_done(&c->env);
	free(c->directory);
	cleanup_close(&c->in);
	cleanup_close(&c->out);
	cleanup_close(&c->err);
	cleanup_close(&c->results);
	*c = (struct guest_command){ .in = -1, .out = -1, .err = -1, .results = -1 };
}
