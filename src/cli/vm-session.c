/* SPDX-License-Identifier: MIT */
/* A command in a virtual machine, seen from a terminal; see vm-session.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/command.h"
#include "cli/vm-session.h"

#define INPUT_AT_ONCE 4096

struct session {
	struct vm *vm;
	bool terminal;	 /* ours is raw, the command's is one, too */
	bool input;	 /* stdin goes into the guest, and has not ended */
	bool unwritable; /* our output cannot be written any more */
	int resized;	 /* a signalfd of SIGWINCH; -1: no terminal */
	struct termios saved;
};

static void on_output(void *ctx, int stream, const char *data, size_t len)
{
	struct session *s = ctx;
	FILE *out = stream == 1 ? stdout : stderr;

	s->unwritable = s->unwritable || fwrite(data, 1, len, out) != len || fflush(out) != 0;
}

static int watch_size(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Our terminal hands every key on; the one in the guest gives them their meaning. */
static void terminal_raw(struct session *s)
{
	struct termios raw;

	if (tcgetattr(0, &s->saved) < 0)
		return;
	raw = s->saved;
	cfmakeraw(&raw);
	if (tcsetattr(0, TCSANOW, &raw) == 0)
		s->terminal = true;
	s->resized = watch_size();
}

static void session_done(struct session *s)
{
	if (s->terminal)
		(void)tcsetattr(
			0, TCSANOW,
			&s->saved); /* nothing better can be done about a terminal that is gone */
	cleanup_close(&s->resized);
	vm_close(s->vm);
}

static void tell_size(struct session *s)
{
	struct winsize w;

	if (ioctl(0, TIOCGWINSZ, &w) == 0)
		vm_resize(s->vm, w.ws_row, w.ws_col);
}

static void on_typed(struct session *s)
{
	char buf[INPUT_AT_ONCE];
	ssize_t n = read(0, buf, MIN(vm_input_room(s->vm), sizeof(buf)));

	if (n < 0 && errno == EINTR)
		return;
	if (vm_input(s->vm, buf, n > 0 ? (size_t)n : 0) == 0 && n <= 0)
		s->input = false;
}

static int wait_for_end(struct session *s, struct vm_end *end, struct mpol_error *err)
{
	bool sized = false;
	int r = 0;

	while (r == 0 && !s->unwritable) {
		bool room = s->input && vm_input_room(s->vm) > 0;
		struct pollfd polls[] = {
			{ .fd = vm_fd(s->vm), .events = POLLIN },
			{ .fd = room ? 0 : -1, .events = POLLIN },
			{ .fd = s->resized, .events = POLLIN },
		};
		struct signalfd_siginfo info;

		if (poll(polls, ELEMENTSOF(polls), -1) < 0 && errno != EINTR)
			return -errno;
		r = vm_dispatch(s->vm, end, err);
		if (r == 0 && polls[1].revents)
			on_typed(s);
		if (s->terminal && (polls[2].revents || (!sized && room))) {
			sized = true;
			while (s->resized >= 0 && read(s->resized, &info, sizeof(info)) > 0)
				;
			tell_size(s);
		}
	}
	return r;
}

/* The console's end, so that what broke can be understood. */
static void show_console(struct vm *vm)
{
	const char *text = vm_console(vm);

	if (!*text)
		return;
	fprintf(stderr, "mpol: the guest's console ended with:\n");
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(stderr, "      | %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

int vm_session(const struct vm_options *options, const char *const *argv, const char *directory,
	       double seconds, struct mpol_error *err)
{
	_cleanup_(session_done) struct session s = { .resized = -1 };
	bool terminal = isatty(0) && isatty(1);
	const char *term = getenv("TERM");
	char term_entry[128] = "TERM=dumb";
	struct vm_options o = *options;
	struct vm_command c = {
		.argv = argv,
		.directory = directory,
		.env = (const char *const[]){ term_entry, NULL },
		.seconds = seconds,
		.terminal = terminal,
		.input = !terminal,
	};
	struct vm_end end = { 0 };
	int r;

	if (terminal && term)
		(void)snprintf(term_entry, sizeof(term_entry), "TERM=%s", term);
	o.events.output = on_output;
	o.events.ctx = &s;
	s.input = true;
	r = vm_open(&o, &s.vm, err);
	if (r == 0)
		r = vm_begin(s.vm, &c, err);
	if (r == 0 && terminal)
		terminal_raw(&s);
	if (r == 0)
		r = wait_for_end(&s, &end, err);
	if (s.terminal)
		(void)tcsetattr(
			0, TCSANOW,
			&s.saved); /* so that the report reads well; done again at the end */
	if (s.unwritable)
		return -EPIPE;
	if (r < 0) {
		(void)cli_report(err);
		if (s.vm)
			show_console(s.vm);
		return r;
	}
	return end.status;
}
