/* SPDX-License-Identifier: MIT */
/* Process 1 of a guest; see guest.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "harness/guest.h"
#include "vm/channel.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"

#define CHANNEL_DEVICE "/dev/ttyS1"

struct guest {
	int channel, children; /* children: a signalfd of SIGCHLD */
	struct channel_reader reader;
	struct strbuf shape; /* text, until it is whole */
	struct guest_command command;
	struct timespec started;
	struct strbuf input; /* typed, but not yet taken by the command */
	bool input_ended;
};

bool guest_is_init(int argc, char **argv)
{
	return getpid() == 1 && argc > 0 && STREQ(argv[0], "/init");
}

static int say(struct guest *g, enum channel_type type, const char *text)
{
	return channel_write(g->channel, type, text, strlen(text));
}

/* The host decides what becomes of us. */
static int complain(struct guest *g, const char *text)
{
	return say(g, CHANNEL_BROKEN, text);
}

static int open_channel(void)
{
	int fd = open(CHANNEL_DEVICE, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd < 0 || tcgetattr(fd, &t) < 0)
		return -errno;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	(void)cfsetspeed(&t, B115200); /* a constant it knows */
	return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : fd;
}

/* Before the channel is there, the console is all we have. */
_Noreturn static void give_up(const char *what)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY);

	if (fd >= 0)
		(void)dprintf(fd, "mpol: process 1: %s\n", what);
	(void)reboot(RB_POWER_OFF); /* we are process 1; when even that fails the kernel panics, and
				       the host sees it */
	_exit(1);
}

/* --- What the host says. --- */

/* Complains, and returns -EIO, when the shape did not become this machine. */
static int compare(struct guest *g)
{
	_cleanup_free_ struct vm_shape *shape = malloc(sizeof(*shape));
	_cleanup_(mpol_machine_done) struct mpol_machine machine = { 0 };
	_cleanup_close_ int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char what[400] = "vm-shape-differs ", *rest = what + strlen(what);
	struct mpol_error err = { .where = "memory", .what = "there is none left" };

	if (!shape || g->shape.failed || vm_shape_parse(strbuf_text(&g->shape), shape, &err) < 0 ||
	    mpol_machine_read(root, 0, &machine, &err) < 0)
		(void)snprintf(what, sizeof(what), "vm-guest %s: %s", err.where, err.what);
	else if (!guest_topology_differs(&machine, shape, rest,
					 sizeof(what) - (size_t)(rest - what)))
		return 0;
	(void)complain(g, what); /* a broken channel is seen when reading it */
	return -EIO;
}

static int prepare(struct guest *g, const char *cgroup)
{
	char what[256] = "vm-guest ";
	size_t used = strlen(what);

	if (compare(g) < 0)
		return 0; /* the host has been told, and decides */
	if (guest_mount_cgroup(STREQ(cgroup, "1") ? 1 : 2, what + used, sizeof(what) - used) < 0 ||
	    guest_load_modules(what + used, sizeof(what) - used) < 0)
		return complain(g, what);
	return 0;
}

static int run(struct guest *g)
{
	char what[512];
	int r = guest_command_start(&g->command, what, sizeof(what));

	if (r < 0)
		return complain(g, what);
	(void)clock_gettime(CLOCK_MONOTONIC, &g->started); /* cannot fail for this clock */
	return say(g, CHANNEL_STARTED, "");
}

static void resize(struct guest *g, const char *text)
{
	struct winsize w = { 0 };

	if (g->command.input == GUEST_TERMINAL &&
	    sscanf(text, "%hu %hu", &w.ws_row, &w.ws_col) == 2)
		(void)ioctl(g->command.out, TIOCSWINSZ,
			    &w); /* a terminal of an odd size is one all the same */
}

static int on_frame(void *ctx, enum channel_type type, const char *data, size_t len)
{
	struct guest *g = ctx;

	switch ((int)type) {
	case CHANNEL_SHAPE:
		strbuf_add(&g->shape, data, len);
		return 0;
	case CHANNEL_CGROUP:
		return prepare(g, data);
	case CHANNEL_ARG:
		strv_add(&g->command.argv, data);
		return 0;
	case CHANNEL_ENV:
		strv_add(&g->command.env, data);
		return 0;
	case CHANNEL_DIR:
		free(g->command.directory);
		g->command.directory = strdup(data);
		return 0;
	case CHANNEL_STDIN:
		g->command.input = STREQ(data, "terminal") ? GUEST_TERMINAL
				   : STREQ(data, "input")  ? GUEST_INPUT
							   : GUEST_NULL;
		return 0;
	case CHANNEL_RUN:
		return run(g);
	case CHANNEL_INPUT:
		strbuf_add(&g->input, data, len);
		g->input_ended = g->input_ended || len == 0;
		return 0;
	case CHANNEL_SIZE:
		resize(g, data);
		return 0;
	}
	return complain(g, "vm-guest the host asks for something unknown");
}

static int listen_to_host(struct guest *g)
{
	char buf[4096];
	ssize_t n = read(g->channel, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	return channel_read(&g->reader, buf, (size_t)n, on_frame, g);
}

/* --- What the command says. --- */

/* Sends what there is now; false when there was nothing. Closes the descriptor at its end. */
static bool forward(struct guest *g, int *fd, enum channel_type type)
{
	char buf[CHANNEL_MAX];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return errno == EINTR;
	if (n <= 0) { /* a terminal answers EIO once nobody has it open */
		cleanup_close(fd);
		return false;
	}
	(void)channel_write(g->channel, type, buf,
			    (size_t)n); /* a broken channel is seen when reading it */
	return true;
}

static void forward_all(struct guest *g)
{
	struct guest_command *c = &g->command;

	while (forward(g, &c->results, CHANNEL_RESULT))
		;
	while (forward(g, &c->err, CHANNEL_STDERR))
		;
	while (forward(g, &c->out, CHANNEL_STDOUT))
		;
}

/* The keystroke that ends a terminal's input. */
static int end_input(struct guest_command *c)
{
	if (c->input == GUEST_TERMINAL)
		return write(c->out, "\004", 1) == 1 ? 0 : -EAGAIN;
	cleanup_close(&c->in);
	return 0;
}

static void feed(struct guest *g)
{
	struct guest_command *c = &g->command;
	int fd = c->input == GUEST_TERMINAL ? c->out : c->in;
	char text[32];
	ssize_t n;

	if (fd < 0)
		return;
	while (g->input.len && (n = write(fd, g->input.data, g->input.len)) > 0) {
		memmove(g->input.data, g->input.data + n, g->input.len - (size_t)n);
		g->input.len -= (size_t)n;
		(void)snprintf(text, sizeof(text), "%zd", n);
		(void)say(g, CHANNEL_TAKEN, text); /* a broken channel is seen when reading it */
	}
	if (!g->input.len && g->input_ended && end_input(c) == 0)
		g->input_ended = false;
}

/* --- Ends. --- */

static int tell_end(struct guest *g, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	struct timespec now;
	long long ns;
	char text[64];

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	ns = (now.tv_sec - g->started.tv_sec) * 1000000000LL + now.tv_nsec - g->started.tv_nsec;
	(void)kill(-1, SIGKILL); /* whatever it left behind; all processes but us */
	forward_all(g);
	guest_command_reset(&g->command);
	strbuf_clear(&g->input);
	g->input_ended = false;
	(void)snprintf(text, sizeof(text), "%d %d %lld", sig ? 128 + sig : WEXITSTATUS(status), sig,
		       ns);
	return say(g, CHANNEL_END, text);
}

static int reap(struct guest *g)
{
	struct signalfd_siginfo info;
	int status, ended = -1, r = 0;
	pid_t pid;

	while (read(g->children, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == g->command.pid)
			ended = status;
	if (ended >= 0)
		r = tell_end(g, ended);
	return r;
}

static int serve(struct guest *g)
{
	for (;;) {
		struct guest_command *c = &g->command;
		int in = c->input == GUEST_TERMINAL ? -1 : c->in;
		short typed = g->input.len || g->input_ended ? POLLOUT : 0;
		struct pollfd polls[] = {
			{ .fd = g->channel, .events = POLLIN },
			{ .fd = g->children, .events = POLLIN },
			{ .fd = c->results, .events = POLLIN },
			{ .fd = c->err, .events = POLLIN },
			{ .fd = c->out,
			  .events = (short)(POLLIN | (c->input == GUEST_TERMINAL ? typed : 0)) },
			{ .fd = typed ? in : -1, .events = typed },
		};
		int r = 0;

		if (poll(polls, ELEMENTSOF(polls), -1) < 0 && errno != EINTR)
			return -errno;
		if (polls[2].revents)
			(void)forward(g, &c->results, CHANNEL_RESULT); /* again in the next round */
		if (polls[3].revents)
			(void)forward(g, &c->err, CHANNEL_STDERR);
		if (polls[4].revents)
			(void)forward(g, &c->out, CHANNEL_STDOUT);
		if (polls[0].revents)
			r = listen_to_host(g);
		if (r == 0 && c->pid)
			feed(g);
		if (r == 0 && polls[1].revents)
			r = reap(g);
		if (r < 0)
			return r;
	}
}

static int watch_children(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int guest_main(void)
{
	struct guest g = { .channel = -1, .children = -1 };
	struct utsname host;
	char what[256];

	guest_command_reset(&g.command);
	if (guest_mount(what, sizeof(what)) < 0)
		give_up(what);
	g.channel = open_channel();
	g.children = watch_children();
	if (g.channel < 0 || g.children < 0)
		give_up("the second serial port cannot be opened");
	(void)signal(SIGPIPE, SIG_IGN); /* a command that closed its input is no reason to die */
	if (uname(&host) < 0 || say(&g, CHANNEL_READY, host.release) < 0)
		give_up("nothing can be said over the second serial port");
	(void)serve(&g); /* until the host ends the machine, or cannot be heard any more */
	give_up("the channel to the host is broken");
}
