/* SPDX-License-Identifier: MIT */
/*
 * Virtual machines through their C interface: what comes back from a guest, and what is said when a
 * guest, or QEMU, or whoever runs it, dies. Each test boots what it needs; the first is the only
 * one with many CPUs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "vm/kernel.h"
#include "vm/pack.h"
#include "vm/vm-private.h"
#include "check.h"

#define SMALL	   "1n,memory=256M"
#define LARGE_DATA 300000
#define SIXTY_FOUR "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Everything that came out of a machine. */
struct heard {
	struct strbuf out, err, lines, notices;
};

static void heard_done(struct heard *h)
{
	strbuf_done(&h->out);
	strbuf_done(&h->err);
	strbuf_done(&h->lines);
	strbuf_done(&h->notices);
}

static void on_output(void *ctx, int stream, const char *data, size_t len)
{
	struct heard *h = ctx;

	strbuf_add(stream == 1 ? &h->out : &h->err, data, len);
}

static void on_line(void *ctx, const char *line, size_t len)
{
	struct heard *h = ctx;

	CHECK_EQ(strlen(line), len);
	strbuf_printf(&h->lines, "[%s]", line);
}

static void on_notice(void *ctx, const char *text)
{
	struct heard *h = ctx;

	strbuf_printf(&h->notices, "%s\n", text);
}

/* What the test packs, and how it boots. */
struct bench {
	struct heard heard;
	struct vm_pack *pack;
	struct vm_kernel kernel;
	struct vm_options options;
	struct vm *vm;
};
static struct vm_shape shape; /* large */

static void bench_done(struct bench *b)
{
	vm_close(b->vm);
	vm_pack_free(b->pack);
	vm_kernel_done(&b->kernel);
	heard_done(&b->heard);
}

static void need_qemu(void)
{
	if (system("command -v qemu-system-x86_64 >/dev/null") != 0)
		check_skip("qemu-system-x86_64 is missing");
}

static void prepare(struct bench *b, const char *text)
{
	struct mpol_error err = { 0 };
	char *large = malloc(LARGE_DATA);

	need_qemu();
	*b = (struct bench){ .options = { .accel = VM_ACCEL_TCG, .shape = &shape } };
	CHECK_EQ(vm_shape_parse(text, &shape, NULL), 0);
	CHECK_EQ(vm_pack_new(&b->pack, NULL), 0);
	CHECK_EQ(vm_pack_init(b->pack, getenv("MPOL"), NULL, &err), 0);
	CHECK_EQ(vm_pack_file(b->pack, "/bin/sh", NULL, &err), 0);
	CHECK_EQ(vm_pack_file(b->pack, "/bin/cat", NULL, &err), 0);
	CHECK_EQ(vm_pack_file(b->pack, "/bin/sleep", NULL, &err), 0);
	for (unsigned i = 0; i < LARGE_DATA; i++)
		large[i] = (char)(i * 2654435761U >> 13);
	CHECK_EQ(vm_pack_data(b->pack, "/large", 0644, large, LARGE_DATA, &err), 0);
	free(large);
	b->options.initramfs = vm_pack_seal(b->pack, &err);
	CHECK_EQ(vm_kernel_find(NULL, NULL, NULL, &b->kernel, &err), 0);
	CHECK_STR(err.what, "");
	b->options.kernel = b->kernel.path;
	b->options.events = (struct vm_events){ on_output, on_line, NULL, on_notice, &b->heard };
}

static void start(struct bench *b)
{
	struct mpol_error err = { 0 };

	CHECK_EQ(vm_open(&b->options, &b->vm, &err), 0);
	CHECK_STR(err.what, "");
	if (!b->vm)
		exit(1); /* nothing more can be said */
}

/* Runs a script in the guest's shell, which has builtins, cat and sleep. */
static int run(struct bench *b, const char *script, double seconds, struct vm_end *end,
	       struct mpol_error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct vm_command c = { .argv = argv, .seconds = seconds };

	*end = (struct vm_end){ .status = -1 };
	*err = (struct mpol_error){ 0 };
	strbuf_clear(&b->heard.out);
	strbuf_clear(&b->heard.err);
	strbuf_clear(&b->heard.lines);
	return vm_run(b->vm, &c, end, err);
}

/* A command that ends by itself, with this status and output. */
static void expect(struct bench *b, const char *script, int status, const char *out)
{
	struct mpol_error err;
	struct vm_end end;

	CHECK_EQ(run(b, script, 60, &end, &err), 0);
	CHECK_STR(err.what, "");
	CHECK_EQ(end.status, status);
	CHECK_STR(strbuf_text(&b->heard.out), out);
}

/* A command that breaks the machine. */
static void expect_broken(struct bench *b, const char *script, double seconds, const char *rule,
			  const char *what)
{
	struct mpol_error err, again = { 0 };
	struct vm_end end;
	int r = run(b, script, seconds, &end, &err);

	CHECK(r < 0);
	CHECK_STR(err.rule ? err.rule->id : "no rule", rule);
	CHECK_HAS(err.what, what);
	CHECK_EQ(vm_dispatch(b->vm, &end, &again), r); /* it stays broken, and says so again */
	CHECK_STR(again.what, err.what);
}

static void command_cat(struct bench *b, const char *expected)
{
	const char *const argv[] = { "cat", NULL };
	const struct vm_command c = { .argv = argv, .input = true, .seconds = 60 };
	struct pollfd p = { .fd = vm_fd(b->vm), .events = POLLIN };
	struct mpol_error err = { 0 };
	size_t at = 0, len = strlen(expected);
	bool ended = false;
	struct vm_end end;
	int r;

	strbuf_clear(&b->heard.out);
	CHECK_EQ(vm_begin(b->vm, &c, &err), 0);
	CHECK_EQ(vm_begin(b->vm, &c, &err), -EBUSY);
	while ((r = vm_dispatch(b->vm, &end, &err)) == 0) {
		size_t part = MIN(vm_input_room(b->vm), len - at);

		if (part && vm_input(b->vm, expected + at, part) == 0)
			at += part;
		else if (at == len && !ended && vm_input_room(b->vm))
			ended = vm_input(b->vm, NULL, 0) == 0;
		(void)poll(&p, 1, 1000);
	}
	CHECK_EQ(r, 1);
	CHECK_EQ(end.status, 0);
	CHECK_STR(strbuf_text(&b->heard.out), expected);
}

TEST(a_machine_of_sixteen_cpus_runs_commands_one_after_the_other)
{
	_cleanup_(bench_done) struct bench b;
	char text[20001];
	struct mpol_error err;
	struct vm_end end;

	prepare(&b, "2n4l4c1t");
	start(&b);
	expect(&b, "cat /sys/devices/system/node/node1/cpulist", 0, "8-15\n");
	CHECK(vm_boot_seconds(b.vm) > 0);
	CHECK(vm_release(b.vm)[0] != '\0');
	CHECK_STR(vm_accel_name(b.vm), "tcg");

	/* Four last-level caches. */
	expect(&b,
	       "for c in 0 4 8 12; do cat "
	       "/sys/devices/system/cpu/cpu$c/cache/index3/shared_cpu_list; done",
	       0, "0-3\n4-7\n8-11\n12-15\n");

	/* Streams, status, signal. */
	expect(&b, "echo out; echo err >&2; exit 7", 7, "out\n");
	CHECK_STR(strbuf_text(&b.heard.err), "err\n");
	CHECK_EQ(run(&b, "kill -9 $$", 60, &end, &err), 0);
	CHECK_EQ(end.status, 137);
	CHECK_EQ(end.signal, 9);

	/* Result lines; the last one has no newline. */
	expect(&b, "eval \"exec 9>&$MPOL_RESULTS\"; echo one >&9; echo >&9; printf two >&9", 0, "");
	CHECK_STR(strbuf_text(&b.heard.lines), "[one][][two]");

	/* Any bytes, and more than any buffer holds. */
	CHECK_EQ(run(&b, "cat /large", 60, &end, &err), 0);
	CHECK_EQ(b.heard.out.len, LARGE_DATA);
	for (unsigned i = 0; i < LARGE_DATA && i < b.heard.out.len; i++)
		if (b.heard.out.data[i] != (char)(i * 2654435761U >> 13)) {
			CHECK_EQ(i, -1); /* the first wrong byte */
			break;
		}

	/* Input, in portions that the guest can take. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	command_cat(&b, text);

	/* What a command leaves behind is ended. */
	expect(&b, "sleep 1000 & exec sleep 0", 0, "");
	expect(&b,
	       "for p in /proc/[0-9]*/comm; do read c <$p; [ $c = sleep ] && echo left; done; :", 0,
	       "");

	expect_broken(&b, "exec 3>&-; echo c >/proc/sysrq-trigger", 60, "vm-panic",
		      "Kernel panic - not syncing: sysrq");
	CHECK_HAS(vm_console(b.vm), "sysrq");
}

TEST(a_memory_only_node_and_distances_are_seen)
{
	_cleanup_(bench_done) struct bench b;

	prepare(&b, "nodes=3,cpus=2:2:0,memory=256M:256M:128M,distance=10/20/30:20/10/25:30/25/10");
	b.options.cgroup = 1;
	start(&b);
	expect(&b,
	       "cd /sys/devices/system/node; cat node2/cpulist has_cpu has_memory node2/distance",
	       0, "\n0-1\n0-2\n30 25 10\n");
	expect(&b, "cd /sys/fs/cgroup/cpuset && cat cpuset.mems", 0,
	       "0-2\n"); /* version 1, as asked */
}

TEST(another_topology_than_the_shape_is_broken_and_named)
{
	_cleanup_(bench_done) struct bench b;

	prepare(&b, "2n,memory=256M");
	b.options.append = "numa=off";
	start(&b);
	expect_broken(&b, ":", 60, "vm-shape-differs",
		      "the guest has the nodes 0 online, and the shape has 2");
}

TEST(a_guest_without_an_init_is_tried_twice_and_then_broken)
{
	_cleanup_(bench_done) struct bench b;

	prepare(&b, SMALL);
	b.options.append = "rdinit=/none init=/none";
	start(&b);
	expect_broken(&b, ":", 60, "vm-boot",
		      "the guest did not boot, 2 times: Kernel panic - not syncing");
	CHECK_HAS(strbuf_text(&b.heard.notices), "trying once more");
	CHECK_HAS(vm_console(b.vm), "Kernel panic");
}

TEST(a_flood_on_the_console_and_a_hang_end_at_the_time_limit)
{
	_cleanup_(bench_done) struct bench b;

	prepare(&b, SMALL);
	start(&b);
	expect(&b, ":", 0, "");

	/* The kernel prints for a while (tests/wrong has megabytes), and the command ends all the
	 * same. */
	expect(&b,
	       "x=" SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR "; i=0; echo on "
	       ">/proc/sys/kernel/printk_devkmsg; while [ $i -lt 500 ]; do i=$((i + 1)); echo "
	       "\"<0>$i $x\" >/dev/kmsg; done; echo flooded",
	       0, "flooded\n");
	CHECK_HAS(vm_console(b.vm), "] 500 ");

	expect_broken(&b, "while :; do echo flood; done >/dev/ttyS0", 1, "vm-hang",
		      "the command had not ended after 1 s");
	CHECK_HAS(vm_console(b.vm), "flood\nflood\n");
}

TEST(a_machine_that_stands_still_is_broken_within_its_time)
{
	_cleanup_(bench_done) struct bench b;

	prepare(&b, SMALL);
	start(&b);
	expect(&b, ":", 0, "");
	b.vm->options.boot_seconds = 1; /* also from a command's sending to its start */
	CHECK_EQ(kill(vm_pid(b.vm), SIGSTOP), 0);
	expect_broken(&b, ":", 60, "vm-hang", "the command had not begun after 1 s");
}

TEST(a_command_that_is_not_there_is_broken)
{
	_cleanup_(bench_done) struct bench b;
	const char *const argv[] = { "/no/such/program", NULL };
	const struct vm_command c = { .argv = argv };
	struct mpol_error err = { 0 };
	struct vm_end end;

	prepare(&b, SMALL);
	start(&b);
	CHECK(vm_run(b.vm, &c, &end, &err) < 0);
	CHECK_STR(err.rule ? err.rule->id : "", "vm-exec");
	CHECK_HAS(err.what, "/no/such/program cannot be executed in the guest: No such file");
}

TEST(running_out_of_memory_is_seen_as_such)
{
	_cleanup_(bench_done) struct bench b;
	struct mpol_error err;
	struct vm_end end;

	prepare(&b, "1n,memory=160M");
	start(&b);
	CHECK_EQ(run(&b, "x=0123456789abcdef; while :; do x=$x$x; done", 120, &end, &err), 0);
	CHECK_EQ(end.signal, SIGKILL);
	CHECK_HAS(vm_console(b.vm), "Out of memory: Killed process");
}

TEST(qemu_killed_is_told_and_two_machines_are_apart)
{
	_cleanup_(bench_done) struct bench b;
	const char *const argv[] = { "/bin/sh", "-c", "echo alive", NULL };
	const struct vm_command c = { .argv = argv, .seconds = 60 };
	struct mpol_error err = { 0 };
	struct vm *other = NULL;
	struct vm_end end;

	prepare(&b, SMALL);
	start(&b);
	CHECK_EQ(vm_open(&b.options, &other, &err), 0);
	CHECK_EQ(vm_begin(b.vm, &c, &err), 0);
	CHECK_EQ(vm_begin(other, &c, &err), 0);
	for (bool killed = false, done = false; !done;) {
		struct pollfd p[] = { { .fd = vm_fd(b.vm), .events = POLLIN },
				      { .fd = vm_fd(other), .events = POLLIN } };
		int r;

		CHECK(poll(p, 2, 120000) > 0);
		r = vm_dispatch(b.vm, &end, &err);
		if (r != 0) {
			CHECK_EQ(r, 1);
			CHECK_STR(strbuf_text(&b.heard.out), "alive\n");
			done = true;
		}
		if (killed)
			continue;
		r = vm_dispatch(other, &end, &err);
		if (vm_release(other)[0] || r < 0) { /* it lives: end it */
			CHECK_EQ(kill(vm_pid(other), SIGKILL), 0);
			while ((r = vm_dispatch(other, &end, &err)) == 0)
				;
			CHECK(r < 0);
			CHECK_STR(err.rule ? err.rule->id : "", "vm-died");
			CHECK_STR(err.what, "QEMU was killed by signal 9");
			killed = true;
			strbuf_clear(&b.heard.out);
		}
	}
	vm_close(other);
}

TEST(a_runner_that_is_killed_leaves_no_qemu)
{
	int fds[2], status;
	pid_t runner, qemu = 0;

	need_qemu();
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0); /* so that QEMU is ours to reap */
	runner = fork();
	if (runner == 0) {
		static struct bench b;

		prepare(&b, SMALL);
		start(&b);
		qemu = vm_pid(b.vm);
		if (write(fds[1], &qemu, sizeof(qemu)) != sizeof(qemu))
			_exit(1);
		(void)pause();
		_exit(1);
	}
	CHECK_EQ(read(fds[0], &qemu, sizeof(qemu)), sizeof(qemu));
	CHECK_EQ(kill(runner, SIGKILL), 0);
	CHECK_EQ(waitpid(runner, &status, 0), runner);
	CHECK_EQ(waitpid(qemu, &status, 0), qemu); /* would wait for ever if it stayed */
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const struct {
	const char *name, *shape, *path, *kernel;
	const char *rule, *what;
} impossible[] = {
	{ "no QEMU", SMALL, "/nonexistent", NULL, "vm-qemu-missing",
	  "qemu-system-x86_64 is not here" },
	{ "too much memory", "1n,memory=1T", NULL, NULL, "vm-memory",
	  "the machine is to have 1048576 MiB, and this host has" },
	{ "no kernel", SMALL, NULL, "/nonexistent", "vm-kernel-unreadable",
	  "No such file or directory" },
	{ "a folder for a kernel", SMALL, NULL, "/", "vm-kernel-unreadable", "it is no file" },
};

TEST(what_cannot_be_started_is_refused_at_once)
{
	for (size_t i = 0; i < ELEMENTSOF(impossible); i++) {
		_cleanup_free_ char *path = strdup(getenv("PATH"));
		struct mpol_error err = { 0 };
		struct bench b;

		check_row(i, impossible[i].name);
		prepare(&b, impossible[i].shape);
		if (impossible[i].kernel)
			b.options.kernel = impossible[i].kernel;
		if (impossible[i].path)
			CHECK_EQ(setenv("PATH", impossible[i].path, 1), 0);
		CHECK(vm_open(&b.options, &b.vm, &err) < 0);
		CHECK_STR(err.rule ? err.rule->id : "", impossible[i].rule);
		CHECK_HAS(err.what, impossible[i].what);
		CHECK(b.vm == NULL);
		CHECK(vm_open(&b.options, &b.vm, NULL) < 0);
		CHECK_EQ(setenv("PATH", path, 1), 0);
		bench_done(&b);
	}
}
