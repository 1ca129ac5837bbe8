/* SPDX-License-Identifier: MIT */
/*
 * Tests in which the guest goes wrong, each in another way: tests/wrong/run. They do it only where process 1 is this very
 * executable, which is in a guest of ours and nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <mpol/test.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void only_in_a_guest(void)
{
	struct stat own, first;

	if (stat("/proc/self/exe", &own) < 0 || stat("/proc/1/exe", &first) < 0 || own.st_ino != first.st_ino ||
	    own.st_dev != first.st_dev)
		exit(1);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %m\n", path);
	if (fd >= 0)
		(void)close(fd);
}

static int panic(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	only_in_a_guest();
	put("/proc/sysrq-trigger", "c");
	return 0;
}

static int reset(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	only_in_a_guest();
	put("/proc/sysrq-trigger", "b");
	return pause();
}

__attribute__((noreturn)) static int hang(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	only_in_a_guest();
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)pause();
}

__attribute__((noreturn)) static int stop_everybody(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	only_in_a_guest();
	(void)kill(-1, SIGSTOP); /* the runner in the guest as well: only the host can end that */
	for (;;)
		(void)pause();
}

__attribute__((noreturn)) static int eat_all_memory(struct mpol_run *run, struct mpol_error *err)
{
	(void)run;
	(void)err;
	only_in_a_guest();
	for (;;) {
		char *more = malloc(1 << 20);

		if (more)
			memset(more, 1, 1 << 20);
	}
}

/* More than a megabyte of the kernel's own messages. */
static int flood(struct mpol_run *run, struct mpol_error *err)
{
	char line[256];
	int fd;

	(void)run;
	(void)err;
	only_in_a_guest();
	put("/proc/sys/kernel/printk_devkmsg", "on\n");
	fd = open("/dev/kmsg", O_WRONLY);
	for (int i = 0; fd >= 0 && i < 6000; i++) {
		int n = snprintf(line, sizeof(line), "<0>flood %d %0200d\n", i, i);

		if (write(fd, line, (size_t)n) < 0)
			break;
	}
	return fd < 0 ? -errno : close(fd);
}

#define GROUP(name_) { { (name_), .workers = 1, .policy = mpol_bind(0) } }

MPOL_TEST(a_panic) = { .why = "the kernel gives up", .cgroups = GROUP("a"), .steps = panic };
MPOL_TEST(after_a_panic) = { .why = "the next test gets a machine again", .cgroups = GROUP("a") };
MPOL_TEST(a_reset) = { .why = "the machine resets itself", .cgroups = GROUP("a"), .steps = reset };
MPOL_TEST(a_hang) = { .why = "a step never ends", .cgroups = GROUP("a"), .steps = hang };
MPOL_TEST(after_a_hang) = { .why = "the machine survived that", .cgroups = GROUP("a") };
MPOL_TEST(a_standstill) = { .why = "nobody in the guest does anything", .cgroups = GROUP("a"), .steps = stop_everybody };
MPOL_TEST(no_memory_left) = { .why = "a step takes all memory", .cgroups = GROUP("a"), .steps = eat_all_memory };
MPOL_TEST(after_no_memory) = { .why = "the machine survived that", .cgroups = GROUP("a") };
MPOL_TEST(a_flood) = { .why = "more than a megabyte on the console does not hide a result", .cgroups = GROUP("a"), .steps = flood };
MPOL_TEST(last) = { .why = "and the machine lives", .cgroups = GROUP("a") };
