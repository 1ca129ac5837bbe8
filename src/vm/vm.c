/* SPDX-License-Identifier: MIT */
/*
 * A machine from QEMU's start to its end; see vm.h. All that can happen arrives in one epoll set:
 * the console, the channel, what QEMU says, QEMU's end, and the time limit.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vm/vm-private.h"

#include "base/cleanup.h"
#include "base/macros.h"

#define INPUT_WINDOW  ((size_t)4096) /* bytes of input on their way into the guest */
#define CONSOLE_LINES 40
#define READ_AT_ONCE  65536

static const struct mpol_rule rule_busy = {
	"vm-busy",
	EBUSY,
	"A machine runs one command at a time.",
	"wait for the end of the first one",
	NULL,
	NULL,
};
static const struct mpol_rule rule_request = {
	"vm-command-too-long",
	E2BIG,
	"A command's arguments and environment reach the guest over a serial line that holds 32 "
	"KiB.",
	"pack a script with --file and run that",
	NULL,
	NULL,
};

double vm_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void vm_limit(struct vm *vm, double seconds)
{
	struct itimerspec spec = { 0 };

	vm->deadline = seconds > 0 ? vm_now() + seconds : 0;
	if (seconds > 0) {
		spec.it_value.tv_sec = (time_t)seconds;
		spec.it_value.tv_nsec = (long)((seconds - (double)spec.it_value.tv_sec) * 1e9) + 1;
	}
	(void)timerfd_settime(vm->timer, 0, &spec,
			      NULL); /* cannot fail: our descriptor, a valid time */
}

/* --- What is asked of the guest. --- */

static int send_bytes(struct vm *vm, const void *data, size_t len)
{
	ssize_t n = send(vm->process.channel, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EAGAIN; /* 32 KiB into an empty socket fit */
}

static void add_frame(struct strbuf *b, enum channel_type type, const char *data, size_t len)
{
	uint8_t header[CHANNEL_HEADER];

	if (len > CHANNEL_MAX) { /* found by the length of the whole */
		b->len += CHANNEL_REQUEST;
		len = CHANNEL_MAX;
	}
	channel_header(header, type, len);
	strbuf_add(b, (const char *)header, sizeof(header));
	strbuf_add(b, data, len);
}

static void add_text(struct strbuf *b, enum channel_type type, const char *text)
{
	add_frame(b, type, text, strlen(text));
}

static int send_request(struct vm *vm, struct mpol_error *err)
{
	int r = send_bytes(vm, vm->request.data, vm->request.len);

	if (r < 0)
		return vm_broken_system(vm, -r, "sending the command into the guest", err);
	strbuf_clear(&vm->request);
	vm->state = VM_RUNNING;
	vm->begun = false;
	vm_limit(vm, vm_boot_limit(vm)); /* its own time counts from its start in the guest */
	return 0;
}

int vm_begin(struct vm *vm, const struct vm_command *c, struct mpol_error *err)
{
	struct strbuf *b = &vm->request;
	size_t len = 0;

	if (vm->state == VM_BROKEN) {
		if (err)
			*err = vm->error;
		return -vm->error.errnum;
	}
	if (vm->state == VM_RUNNING || b->len)
		return mpol_fail(err, &rule_busy, NULL, "this machine runs a command already");
	for (const char *const *a = c->argv; *a; a++)
		len += CHANNEL_HEADER + strlen(*a) +
		       (strlen(*a) > CHANNEL_MAX ? CHANNEL_REQUEST : 0);
	for (const char *const *e = c->env; e && *e; e++)
		len += CHANNEL_HEADER + strlen(*e) +
		       (strlen(*e) > CHANNEL_MAX ? CHANNEL_REQUEST : 0);
	if (len > CHANNEL_REQUEST - CHANNEL_MAX)
		return mpol_fail(err, &rule_request, NULL,
				 "the command's arguments and environment are too long");
	for (const char *const *a = c->argv; *a; a++)
		add_text(b, CHANNEL_ARG, *a);
	for (const char *const *e = c->env; e && *e; e++)
		add_text(b, CHANNEL_ENV, *e);
	if (c->directory)
		add_text(b, CHANNEL_DIR, c->directory);
	add_text(b, CHANNEL_STDIN, c->terminal ? "terminal" : c->input ? "input" : "null");
	add_text(b, CHANNEL_RUN, "");
	if (b->failed)
		return vm_broken_system(vm, ENOMEM, "preparing the command", err);
	vm->command_seconds = c->seconds;
	vm->input_open = c->terminal || c->input;
	vm->input_sent = vm->input_taken = 0;
	vm->ended = false;
	strbuf_clear(&vm->line);
	return vm->state == VM_READY ? send_request(vm, err) : 0;
}

size_t vm_input_room(const struct vm *vm)
{
	size_t way = vm->input_sent - vm->input_taken;

	if (vm->state != VM_RUNNING || !vm->input_open || way >= INPUT_WINDOW)
		return 0;
	return MIN(INPUT_WINDOW - way, CHANNEL_MAX);
}

int vm_input(struct vm *vm, const void *data, size_t len)
{
	uint8_t frame[CHANNEL_HEADER + CHANNEL_MAX];
	int r;

	if (vm->state != VM_RUNNING || !vm->input_open || len > vm_input_room(vm))
		return -EAGAIN;
	channel_header(frame, CHANNEL_INPUT, len);
	if (len)
		memcpy(frame + CHANNEL_HEADER, data, len);
	r = send_bytes(vm, frame, CHANNEL_HEADER + len);
	if (r < 0)
		return r;
	vm->input_sent += len;
	vm->input_open = len != 0;
	return 0;
}

void vm_resize(struct vm *vm, unsigned rows, unsigned columns)
{
	uint8_t frame[CHANNEL_HEADER + 32];
	int n = snprintf((char *)frame + CHANNEL_HEADER, 32, "%u %u", rows, columns);

	channel_header(frame, CHANNEL_SIZE, (size_t)n);
	if (vm->state == VM_RUNNING)
		(void)send_bytes(vm, frame,
				 CHANNEL_HEADER + (size_t)n); /* a lost size is no harm */
}

/* --- What comes from the guest. --- */

struct heard {
	struct vm *vm;
	struct mpol_error *err;
};

static int on_ready(struct vm *vm, const char *release, struct mpol_error *err)
{
	_cleanup_free_ char *shape = vm_shape_print(&vm->shape);
	struct strbuf b = { 0 };
	int r;

	if (vm->state != VM_BOOTING)
		return vm_broken_channel(vm, "the guest booted a second time", err);
	(void)snprintf(vm->release, sizeof(vm->release), "%s", release);
	vm->boot_seconds = vm_now() - vm->started;
	vm->state = VM_READY;
	vm_limit(vm, 0);
	if (!shape)
		return vm_broken_system(vm, ENOMEM, "describing the shape", err);
	for (size_t at = 0, len = strlen(shape); at == 0 || at < len; at += CHANNEL_MAX)
		add_frame(&b, CHANNEL_SHAPE, shape + at, MIN(len - at, CHANNEL_MAX));
	add_text(&b, CHANNEL_CGROUP, vm->options.cgroup == 1 ? "1" : "2");
	r = b.failed ? -ENOMEM : send_bytes(vm, b.data, b.len);
	strbuf_done(&b);
	if (r < 0)
		return vm_broken_system(vm, -r, "sending the shape into the guest", err);
	return vm->request.len ? send_request(vm, err) : 0;
}

/* Whole lines go on; the rest waits. */
static int on_result(struct vm *vm, const char *data, size_t len, struct mpol_error *err)
{
	const struct vm_events *e = &vm->options.events;

	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline ? (size_t)(newline - data) : len;

		strbuf_add(&vm->line, data, part);
		if (vm->line.failed)
			return vm_broken_system(vm, ENOMEM, "keeping a result line", err);
		if (vm->line.len > VM_MAX_LINE)
			return vm_broken_channel(vm, "a result line has more than 1 MiB", err);
		data += part + (newline != NULL);
		len -= part + (newline != NULL);
		if (!newline)
			continue;
		if (e->line)
			e->line(e->ctx, strbuf_text(&vm->line), vm->line.len);
		strbuf_clear(&vm->line);
	}
	return 0;
}

static int on_end(struct vm *vm, const char *text, struct mpol_error *err)
{
	unsigned long long ns;

	if (vm->state != VM_RUNNING ||
	    sscanf(text, "%d %d %llu", &vm->end.status, &vm->end.signal, &ns) != 3)
		return vm_broken_channel(vm, "the guest tells of an end that cannot be", err);
	if (vm->line.len && on_result(vm, "\n", 1, err) < 0)
		return -EBADMSG;
	vm->end.seconds = (double)ns / 1e9;
	vm->ended = true;
	vm->state = VM_READY;
	vm_limit(vm, 0);
	return 0;
}

static int on_frame(void *ctx, enum channel_type type, const char *data, size_t len)
{
	const struct heard *h = ctx;
	struct vm *vm = h->vm;
	const struct vm_events *e = &vm->options.events;

	switch ((int)type) {
	case CHANNEL_READY:
		return on_ready(vm, data, h->err);
	case CHANNEL_STDOUT:
	case CHANNEL_STDERR:
		if (e->output)
			e->output(e->ctx, type == CHANNEL_STDOUT ? 1 : 2, data, len);
		return 0;
	case CHANNEL_RESULT:
		return on_result(vm, data, len, h->err);
	case CHANNEL_STARTED:
		vm->begun = true;
		vm_limit(vm, vm->command_seconds);
		return 0;
	case CHANNEL_TAKEN:
		vm->input_taken += strtoull(data, NULL, 10);
		return 0;
	case CHANNEL_END:
		return on_end(vm, data, h->err);
	case CHANNEL_BROKEN:
		return vm_broken_guest(vm, data, h->err);
	}
	return vm_broken_channel(vm, "the guest sends a frame of an unknown type", h->err);
}

/* Reads a socket until there is nothing now. */
static int read_socket(struct vm *vm, int *fd, struct mpol_error *err)
{
	const struct vm_events *e = &vm->options.events;
	struct heard h = { vm, err };

	while (*fd >= 0) {
		char buf[READ_AT_ONCE];
		ssize_t n = recv(*fd, buf, sizeof(buf), MSG_DONTWAIT);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0) {
			cleanup_close(fd); /* QEMU's end is told by its own descriptor */
			return 0;
		}
		vm->alive = true;
		if (fd == &vm->process.console) {
			console_add(&vm->console, buf, (size_t)n);
			if (e->console)
				e->console(e->ctx, buf, (size_t)n);
			return 0; /* the others come first, however much it prints */
		}
		r = channel_read(&vm->reader, buf, (size_t)n, on_frame, &h);
		if (r == -EBADMSG && (!err || err->errnum != EBADMSG))
			return vm_broken_channel(vm, "what came from the guest is no frame", err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int on_limit(struct vm *vm, struct mpol_error *err)
{
	char why[160];

	if (vm->state == VM_RUNNING)
		return vm_broken_late(vm, err);
	if (vm->state != VM_BOOTING)
		return 0;
	(void)snprintf(why, sizeof(why), "no sign of life within %.0f s", vm_now() - vm->started);
	return vm_boot_failed(vm, why, err);
}

static int on_process_end(struct vm *vm, struct mpol_error *err)
{
	unsigned long long before;
	char why[200];
	int r;

	process_listen(&vm->process);
	do { /* what it still said */
		before = vm->console.seen;
		r = read_socket(vm, &vm->process.console, err);
	} while (r == 0 && vm->console.seen != before);
	r = read_socket(vm, &vm->process.channel, err);
	if (r < 0)
		return r;
	if (vm->state == VM_BOOTING)
		return vm_boot_failed(vm, vm_why_ended(vm, why, sizeof(why)), err);
	return vm_broken_ended(vm, err);
}

/* One thing that is due. */
static int on_event(struct vm *vm, int fd, struct mpol_error *err)
{
	struct process *p = &vm->process;

	if (fd == p->channel)
		return read_socket(vm, &p->channel, err);
	if (fd == p->console)
		return read_socket(vm, &p->console, err);
	if (fd == p->said_fd)
		process_listen(p);
	else if (fd == p->pidfd && process_ended(p))
		return on_process_end(vm, err);
	else if (fd == vm->timer && vm->deadline > 0 && vm_now() >= vm->deadline)
		return on_limit(vm, err);
	return 0;
}

int vm_dispatch(struct vm *vm, struct vm_end *ret, struct mpol_error *err)
{
	struct epoll_event events[8];
	int n, r = 0;

	if (vm->state != VM_BROKEN) {
		n = epoll_wait(vm->epoll, events, ELEMENTSOF(events), 0);
		for (int i = 0; r == 0 && i < n; i++)
			r = on_event(vm, events[i].data.fd, &vm->error);
		if (r < 0)
			vm->state = VM_BROKEN;
	}
	if (vm->state == VM_BROKEN) {
		if (err)
			*err = vm->error;
		return -vm->error.errnum;
	}
	if (!vm->ended)
		return 0;
	vm->ended = false;
	*ret = vm->end;
	return 1;
}

int vm_run(struct vm *vm, const struct vm_command *command, struct vm_end *ret,
	   struct mpol_error *err)
{
	struct pollfd p = { .fd = vm->epoll, .events = POLLIN };
	int r = vm_begin(vm, command, err);

	while (r == 0) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return vm_broken_system(vm, errno, "waiting for the guest", err);
		r = vm_dispatch(vm, ret, err);
	}
	return r < 0 ? r : 0;
}

/* --- Opening and closing. --- */

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int open_parts(struct vm *vm, const struct vm_options *o)
{
	struct epoll_event e = { .events = EPOLLIN };

	vm->options = *o;
	vm->shape = *o->shape;
	vm->options.shape = &vm->shape;
	vm->options.kernel = copy(o->kernel);
	vm->options.append = copy(o->append);
	vm->options.cache = copy(o->cache);
	if (!vm->options.kernel || (o->append && !vm->options.append) ||
	    (o->cache && !vm->options.cache))
		return -ENOMEM;
	vm->epoll = epoll_create1(EPOLL_CLOEXEC);
	vm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	e.data.fd = vm->timer;
	if (vm->epoll < 0 || vm->timer < 0 ||
	    epoll_ctl(vm->epoll, EPOLL_CTL_ADD, vm->timer, &e) < 0)
		return -errno;
	return 0;
}

int vm_open(const struct vm_options *options, struct vm **ret, struct mpol_error *err)
{
	_cleanup_(vm_closep) struct vm *vm = calloc(1, sizeof(*vm));
	struct mpol_error ignored;
	int r;

	err = err ? err : &ignored;
	if (!vm)
		return vm_broken_system(vm, ENOMEM, "keeping a machine", err);
	vm->process = (struct process)PROCESS_NONE;
	vm->epoll = vm->timer = -1;
	r = open_parts(vm, options);
	if (r < 0)
		return vm_broken_system(vm, -r, "preparing a machine", err);
	r = vm_start(vm, err);
	if (r < 0)
		return r;
	*ret = TAKE(vm);
	return 0;
}

void vm_close(struct vm *vm)
{
	if (!vm)
		return;
	process_end(&vm->process); /* the guest has nothing but memory: there is nothing to save */
	cleanup_close(&vm->epoll);
	cleanup_close(&vm->timer);
	strbuf_done(&vm->request);
	strbuf_done(&vm->line);
	free(vm->console_text);
	free((void *)(uintptr_t)vm->options.kernel);
	free((void *)(uintptr_t)vm->options.append);
	free((void *)(uintptr_t)vm->options.cache);
	free(vm);
}

/* --- Facts. --- */

int vm_fd(const struct vm *vm)
{
	return vm->epoll;
}

const char *vm_console(struct vm *vm)
{
	char said[200];

	free(vm->console_text);
	vm->console_text = console_tail(&vm->console, CONSOLE_LINES);
	if (vm->console_text && !*vm->console_text &&
	    *process_complaint(&vm->process, said, sizeof(said))) {
		free(vm->console_text);
		vm->console_text = strdup(said);
	}
	return vm->console_text ? vm->console_text : "";
}

const char *vm_reason(const struct vm *vm, char *ret, size_t size)
{
	return console_reason(&vm->console, ret, size);
}

const char *vm_release(const struct vm *vm)
{
	return vm->release;
}

double vm_boot_seconds(const struct vm *vm)
{
	return vm->boot_seconds;
}

const char *vm_accel_name(const struct vm *vm)
{
	return vm->kvm ? "kvm" : "tcg";
}

pid_t vm_pid(const struct vm *vm)
{
	return vm->process.pid;
}
