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
#include "base/error-text.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/needs.h"
#include "harness/fleet.h"
#include "harness/host.h"
#include "harness/run-here.h"
#include "harness/runner.h"
#include "harness/step-kinds.h"

#define USUAL_LIMIT 60 /* seconds */

struct runner {
	const struct registry *registry;
	const struct runner_options *options;
	struct stage_options stage;
	struct mpol_machine machine; /* this one */
	int root_fd, stop_fd;
	struct on_list on;
	struct kernel_list kernels;
	struct places places;
	struct fleet *fleet;
	struct reporter *reporter;
	struct progress progress;
};

static void runner_done(struct runner *r)
{
	progress_hide(&r->progress);
	fleet_free(r->fleet);
	places_done(&r->places);
	on_done(&r->on);
	kernel_done(&r->kernels);
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

static void on_notice(void *ctx, const char *text)
{
	struct runner *r = ctx;

	progress_hide(&r->progress);
	fprintf(stderr, "mpol: %s\n", text);
}

static void on_ended(void *ctx, struct mpol_result *result)
{
	struct runner *r = ctx;

	progress_hide(&r->progress);
	reporter_take(r->reporter, result);
}

static void on_here(void *ctx, const struct mpol_test_entry *entry, struct mpol_result *ret)
{
	struct runner *r = ctx;

	run_here(entry, &r->stage, r->stop_fd, &r->progress, ret);
}

static int prepare_machines(struct runner *r, struct mpol_error *err)
{
	const struct runner_options *o = r->options;
	const struct fleet_options fleet = {
		.vm = {
			.executable = o->executable,
			.scenario = o->scenario,
			.files = o->files,
			.n_files = o->n_files,
			.registry = r->registry,
			.accel = o->accel,
			.limit = r->stage.limit,
			.notice = on_notice,
			.ctx = r,
		},
		.machines = o->machines,
		.stop_fd = r->stop_fd,
		.progress = &r->progress,
		.here = on_here,
		.ended = on_ended,
		.ctx = r,
	};
	enum vm_accel accel;
	int n = run_vm_accel(o->accel, &accel, err);

	if (n == 0)
		r->on = (struct on_list){
			.where = "--on",
			.limits = host_limits(r->root_fd, accel),
			.notice = on_notice,
			.ctx = r,
		};
	for (size_t i = 0; n == 0 && i < o->n_on; i++)
		n = on_add(&r->on, o->on[i], err);
	for (size_t i = 0; n == 0 && i < o->n_kernels; i++)
		n = kernel_add(&r->kernels, o->kernels[i], err);
	if (n < 0)
		return n;
	r->places.notice = on_notice;
	r->places.ctx = r;
	r->fleet = fleet_new(&fleet);
	return r->fleet ? 0 : no_memory(err, "a list of tests");
}

/* --- Which tests run where. --- */

static bool is_for_here(const struct runner *r, const struct mpol_test_entry *entry)
{
	return r->options->here ||
	       (r->on.n == 0 && r->kernels.n <= 1 && !(test_effects(entry->test) & STEP_DISTURBS) &&
		!needs_missing(entry->test, &r->machine, r->root_fd, NULL));
}

/* On a virtual machine; without one where it is known already how that would end. */
static int plan_one(struct runner *r, const struct mpol_test_entry *entry,
		    const struct on_machine *on, const char *kernel, struct mpol_error *err)
{
	struct mpol_result result = { 0 };
	struct mpol_error why = { 0 };
	struct place *place = NULL;
	int n;

	if (places_find(&r->places, on, kernel, entry->test, &place, &why) < 0) {
		result_end_early(&result, entry, VERDICT_BROKEN, &why);
		result.place = strdup(on ? on->text : "virtual");
	} else if (needs_missing_on(entry->test, &place->shape, &why)) {
		result_end_early(&result, entry, VERDICT_SKIP, &why);
		run_vm_tell_place(place, &result);
	} else {
		return fleet_add(r->fleet, entry, place, err);
	}
	n = fleet_add_result(r->fleet, &result, err);
	result_done(&result);
	return n;
}

/* Machine by machine, so that what is told first is all of the first one. */
static int plan(struct runner *r, const struct mpol_test_entry *const *tests, size_t n,
		struct mpol_error *err)
{
	int e = 0;

	for (size_t k = 0; k < MAX(r->kernels.n, 1); k++)
		for (size_t m = 0; m < MAX(r->on.n, 1); m++)
			for (size_t i = 0; e == 0 && i < n; i++)
				e = is_for_here(r, tests[i])
					    ? fleet_add(r->fleet, tests[i], NULL, err)
					    : plan_one(r, tests[i], r->on.n ? &r->on.of[m] : NULL,
						       r->kernels.n ? r->kernels.of[k] : NULL, err);
	return e;
}

int runner_run(const struct registry *registry, const struct mpol_test_entry *const *tests,
	       size_t n, const struct runner_options *options, struct reporter *reporter)
{
	_cleanup_(runner_done) struct runner r = {
		.registry = registry,
		.options = options,
		.root_fd = -1,
		.stop_fd = -1,
		.reporter = reporter,
		.progress = { .fd = -1 },
	};
	struct mpol_error err = { 0 };
	size_t planned;

	if (prepare(&r, &err) < 0) {
		error_print(stderr, "mpol", "", &err);
		return REPORT_BROKEN;
	}
	if (prepare_machines(&r, &err) < 0) {
		error_print(stderr, "mpol", "", &err);
		return REPORT_USAGE;
	}
	if (plan(&r, tests, n, &err) < 0) {
		error_print(stderr, "mpol", "", &err);
		return REPORT_BROKEN;
	}
	planned = n * MAX(r.kernels.n, 1) * MAX(r.on.n, 1);
	reporter->report.planned = planned;
	reporter->report.gauntlet = r.on.n > 1 || r.kernels.n > 1;
	progress_begin(&r.progress, reporter->lines_fd < 0 ? STDERR_FILENO : -1, planned);
	reporter_begin(reporter);
	fleet_run(r.fleet);
	return reporter_end(reporter);
}
