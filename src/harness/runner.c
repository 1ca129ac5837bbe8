/* SPDX-License-Identifier: MIT */
/* The order of things when tests are run; see runner.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/needs.h"
#include "harness/run-here.h"
#include "harness/run-vm.h"
#include "harness/runner.h"

#define USUAL_LIMIT 60 /* seconds */

struct runner {
	const struct registry *registry;
	const struct runner_options *options;
	struct stage_options stage;
	struct mpol_machine machine; /* this one */
	int root_fd, stop_fd;
	struct run_vm *vms;
};

static void runner_done(struct runner *r)
{
	run_vm_free(r->vms);
	mpol_machine_done(&r->machine);
	cleanup_close(&r->root_fd);
	cleanup_close(&r->stop_fd);
}

/* Ctrl-C and SIGTERM are read from a descriptor: the test that runs is ended, and what is known is
 * reported. */
static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool was_stopped(struct runner *r)
{
	struct signalfd_siginfo info;
	sigset_t pending;

	/* Left unread by whoever polled it; pending signals show the same. */
	(void)sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       read(r->stop_fd, &info, sizeof(info)) == sizeof(info);
}

static int prepare(struct runner *r, struct mpol_error *err)
{
	static const struct mpol_rule no_root = {
		.id = "runner-start",
		.errnum = EIO,
		.why = "The runner reads this machine, and waits for signals.",
	};

	r->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r->stop_fd = open_signals();
	if (r->root_fd < 0 || r->stop_fd < 0)
		return mpol_fail_errno(err, &no_root, errno, "", "%m");
	r->stage = (struct stage_options){
		.root_fd = r->root_fd,
		.place = r->options->place ? r->options->place : "here",
		.limit = r->options->limit > 0 ? r->options->limit : USUAL_LIMIT,
		.suite = r->registry->suite,
	};
	return mpol_machine_read(r->root_fd, 0, &r->machine, err);
}

static void say_notice(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "mpol: %s\n", text);
}

static int prepare_machines(struct runner *r, struct mpol_error *err)
{
	struct run_vm_options o = {
		.executable = r->options->executable,
		.scenario = r->options->scenario,
		.registry = r->registry,
		.on = r->options->on,
		.kernel = r->options->kernel,
		.accel = r->options->accel,
		.limit = r->stage.limit,
		.stop_fd = r->stop_fd,
		.notice = say_notice,
	};
	int n = run_vm_check(&o, err);

	if (n < 0)
		return n;
	r->vms = run_vm_new(&o);
	return r->vms ? 0 : -ENOMEM;
}

static bool is_for_here(const struct runner *r, const struct mpol_test_entry *entry)
{
	return r->options->here ||
	       (!r->options->on && !needs_missing(entry->test, &r->machine, r->root_fd, NULL));
}

static void run_one(struct runner *r, const struct mpol_test_entry *entry, struct mpol_result *ret)
{
	if (is_for_here(r, entry))
		run_here(entry, &r->stage, r->stop_fd, ret);
	else
		run_vm(r->vms, entry, ret);
}

static void say(const struct mpol_error *err)
{
	const char *hint = mpol_error_hint(err);

	fprintf(stderr, "mpol: %s%s%s\n", err->where, *err->where ? ": " : "", err->what);
	if (err->rule)
		fprintf(stderr, "      %s   [%s]\n", err->rule->why, err->rule->id);
	if (hint)
		fprintf(stderr, "      Hint: %s\n", hint);
}

int runner_run(const struct registry *registry, const struct mpol_test_entry *const *tests,
	       size_t n, const struct runner_options *options, struct reporter *reporter)
{
	_cleanup_(runner_done) struct runner r = {
		.registry = registry,
		.options = options,
		.root_fd = -1,
		.stop_fd = -1,
	};
	struct mpol_error err = { 0 };

	if (prepare(&r, &err) < 0) {
		say(&err);
		return REPORT_BROKEN;
	}
	if (prepare_machines(&r, &err) < 0) {
		say(&err);
		return REPORT_USAGE;
	}
	reporter->report.planned = n;
	reporter_begin(reporter);
	for (size_t i = 0; i < n && !was_stopped(&r); i++) {
		struct mpol_result result;

		run_one(&r, tests[i], &result);
		reporter_take(reporter, &result);
	}
	return reporter_end(reporter);
}
