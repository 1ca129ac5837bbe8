/* SPDX-License-Identifier: MIT */
/* Which machine runs when, and in which order results are told; see fleet.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/fleet.h"
#include "harness/host.h"

#define MAX_SAID ((size_t)1 << 20) /* of what a test prints, kept until it is its turn */

struct job {
	const struct mpol_test_entry *entry;
	const struct place *place; /* NULL: here, or the result was known before */
	bool begun, ended;
	struct mpol_result result; /* once ended */
	struct strbuf said;	   /* what it printed while others were being told */
};

/* A machine that runs. */
struct lane {
	struct fleet *fleet;
	const struct place *place;
	struct run_vm *vm;
	struct job *job; /* that it runs */
	unsigned cpus;	 /* of the host, that it keeps busy */
};

struct fleet {
	struct fleet_options options;
	struct run_vm_pack pack;
	struct mpol_error unpackable; /* why no machine can be had; rule NULL: they can */
	size_t n_jobs, n_told;
	struct job *jobs;
	size_t n_lanes;
	struct lane **lanes; /* room for as many as there are jobs */
	struct host host;
	struct host_use use;
	enum vm_accel accel;
};

struct fleet *fleet_new(const struct fleet_options *options)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (f)
		f->options = *options;
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_lanes; i++) {
		run_vm_free(f->lanes[i]->vm);
		free(f->lanes[i]);
	}
	for (size_t i = 0; i < f->n_jobs; i++) {
		result_done(&f->jobs[i].result);
		strbuf_done(&f->jobs[i].said);
	}
	run_vm_pack_done(&f->pack);
	free(f->lanes);
	free(f->jobs);
	free(f);
}

static struct job *add(struct fleet *f, struct mpol_error *err)
{
	struct job *more = realloc(f->jobs, (f->n_jobs + 1) * sizeof(*more));

	if (!more) {
		(void)no_memory(err, "a test");
		return NULL;
	}
	f->jobs = more;
	f->jobs[f->n_jobs] = (struct job){ 0 };
	return &f->jobs[f->n_jobs++];
}

int fleet_add(struct fleet *f, const struct mpol_test_entry *entry, const struct place *place,
	      struct mpol_error *err)
{
	struct job *job = add(f, err);

	if (!job)
		return -ENOMEM;
	job->entry = entry;
	job->place = place;
	return 0;
}

int fleet_add_result(struct fleet *f, struct mpol_result *result, struct mpol_error *err)
{
	struct job *job = add(f, err);

	if (!job)
		return -ENOMEM;
	job->begun = job->ended = true;
	job->result = *result;
	*result = (struct mpol_result){ 0 };
	return 0;
}

/* --- What is told, in order. --- */

static void say(struct fleet *f, const char *data, size_t len)
{
	progress_hide(f->options.progress);
	(void)fd_write_all(STDERR_FILENO, data, len); /* nobody to tell */
}

/* What a test prints is conversation: of the one whose turn it is at once, of others later. */
static void on_output(void *of_machine, const char *data, size_t len)
{
	const struct lane *lane = of_machine;
	struct fleet *f = lane->fleet;

	if (lane->job == &f->jobs[f->n_told])
		say(f, data, len);
	else if (lane->job->said.len < MAX_SAID)
		strbuf_add(&lane->job->said, data, len);
}

static void tell(struct fleet *f, struct job *job)
{
	if (job->said.len)
		say(f, job->said.data, job->said.len);
	strbuf_done(&job->said);
	f->options.progress->done++;
	f->options.ended(f->options.ctx, &job->result);
	job->result = (struct mpol_result){ 0 };
}

/* Those that have ended, up to the first that has not; what that one has printed so far. */
static void tell_next(struct fleet *f)
{
	struct job *next;

	while (f->n_told < f->n_jobs && f->jobs[f->n_told].ended)
		tell(f, &f->jobs[f->n_told++]);
	if (f->n_told == f->n_jobs)
		return;
	next = &f->jobs[f->n_told];
	if (next->said.len)
		say(f, next->said.data, next->said.len);
	strbuf_done(&next->said);
}

static void show_progress(struct fleet *f)
{
	const struct lane *first = f->n_lanes ? f->lanes[0] : NULL;

	if (first && first->job)
		progress_show(f->options.progress, first->job->entry->name,
			      first->place->asked ? first->place->asked : first->place->text,
			      f->n_lanes);
}

/* --- Machines. --- */

static struct job *next_of(struct fleet *f, const struct place *place)
{
	for (size_t i = f->n_told; i < f->n_jobs; i++)
		if (f->jobs[i].place == place && !f->jobs[i].begun)
			return &f->jobs[i];
	return NULL;
}

/* Starts the next tests of a machine, until one runs; false: none is left. */
static bool feed(struct fleet *f, struct lane *lane)
{
	while ((lane->job = next_of(f, lane->place))) {
		lane->job->begun = true;
		if (!run_vm_begin(lane->vm, lane->job->entry, &lane->job->result))
			return true;
		lane->job->ended = true;
	}
	return false;
}

/* Machines that have found KVM broken tell the later ones by a note in the cache. */
static bool is_kvm(const struct fleet *f)
{
	return vm_begins_with_kvm(f->accel, f->pack.cache);
}

static void count(struct fleet *f, const struct lane *lane, int sign)
{
	uint64_t memory = host_memory_of(&lane->place->shape);

	f->use.machines += sign > 0 ? 1U : -1U;
	f->use.memory += sign > 0 ? memory : -memory;
	f->use.cpus += sign > 0 ? lane->cpus : -lane->cpus;
}

static void close_lane(struct fleet *f, size_t i)
{
	struct lane *lane = f->lanes[i];

	count(f, lane, -1);
	run_vm_free(lane->vm);
	free(lane);
	f->n_lanes--;
	memmove(&f->lanes[i], &f->lanes[i + 1], (f->n_lanes - i) * sizeof(*f->lanes));
}

/* The job cannot run at all. */
static void refuse(struct job *job, const struct mpol_error *err)
{
	job->begun = job->ended = true;
	result_end_early(&job->result, job->entry, VERDICT_BROKEN, err);
	run_vm_tell_place(job->place, &job->result);
}

static void open_lane(struct fleet *f, struct job *job)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	struct mpol_error err = { 0 };

	if (lane)
		*lane = (struct lane){ .fleet = f, .place = job->place };
	if (lane)
		lane->vm = run_vm_new(&f->options.vm, &f->pack, job->place, lane);
	if (!lane || !lane->vm) {
		free(lane);
		(void)no_memory(&err, "a machine");
		refuse(job, &err);
		return;
	}
	f->lanes[f->n_lanes++] = lane;
	lane->cpus = host_cpus_of(&job->place->shape, is_kvm(f));
	count(f, lane, 1);
	if (!feed(f, lane))
		close_lane(f, f->n_lanes - 1);
}

static bool has_lane(const struct fleet *f, const struct place *place)
{
	for (size_t i = 0; i < f->n_lanes; i++)
		if (f->lanes[i]->place == place)
			return true;
	return false;
}

/* Machines for the first tests that wait for one, as long as there is room. */
static void open_lanes(struct fleet *f)
{
	for (size_t i = f->n_told; i < f->n_jobs; i++) {
		struct job *job = &f->jobs[i];

		if (job->begun || has_lane(f, job->place))
			continue;
		if (f->unpackable.rule)
			refuse(job, &f->unpackable);
		else if (host_has_room(&f->host, &f->use, &job->place->shape, is_kvm(f),
				       f->options.machines))
			open_lane(f, job);
	}
}

static void dispatch(struct fleet *f, const struct pollfd *fds)
{
	for (size_t i = f->n_lanes; i-- > 0;) {
		struct lane *lane = f->lanes[i];

		if (!fds[i].revents || !run_vm_dispatch(lane->vm, &lane->job->result))
			continue;
		lane->job->ended = true;
		if (!feed(f, lane))
			close_lane(f, i);
	}
}

/* Those that run are broken, those that have ended are told, the rest is missing. */
static void interrupt(struct fleet *f)
{
	while (f->n_lanes) {
		struct lane *lane = f->lanes[0];

		run_vm_interrupt(lane->vm, &lane->job->result);
		lane->job->ended = true;
		close_lane(f, 0);
	}
	for (; f->n_told < f->n_jobs; f->n_told++)
		if (f->jobs[f->n_told].ended)
			tell(f, &f->jobs[f->n_told]);
}

/* Waits for whatever comes first. */
static void wait_for_any(struct fleet *f, struct pollfd *fds)
{
	for (size_t i = 0; i < f->n_lanes; i++)
		fds[i] = (struct pollfd){ .fd = run_vm_fd(f->lanes[i]->vm), .events = POLLIN };
	fds[f->n_lanes] = (struct pollfd){ .fd = f->options.stop_fd, .events = POLLIN };
	if (poll(fds, f->n_lanes + 1, progress_timeout(f->options.progress)) < 0)
		memset(fds, 0, (f->n_lanes + 1) * sizeof(*fds)); /* a signal: tried again */
}

static bool has_place(const struct fleet *f)
{
	for (size_t i = 0; i < f->n_jobs; i++)
		if (f->jobs[i].place)
			return true;
	return false;
}

/* The pack and what the host can give. */
static void prepare(struct fleet *f)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	f->options.vm.output = on_output;
	f->host = host_read(root);
	if (run_vm_pack(&f->options.vm, &f->pack, &f->unpackable) < 0)
		return;
	(void)run_vm_accel(f->options.vm.accel, &f->accel, NULL); /* was checked before */
}

static bool was_stopped(const struct fleet *f)
{
	struct pollfd stop = { .fd = f->options.stop_fd, .events = POLLIN };

	return poll(&stop, 1, 0) > 0;
}

/* Those of this machine come first and alone: virtual ones would take its CPUs. */
static void run_those_here(struct fleet *f)
{
	for (size_t i = 0; i < f->n_jobs && !was_stopped(f); i++) {
		struct job *job = &f->jobs[i];

		if (job->begun || job->place)
			continue;
		job->begun = true;
		f->options.here(f->options.ctx, job->entry, &job->result);
		job->ended = true;
		tell_next(f);
	}
}

void fleet_run(struct fleet *f)
{
	_cleanup_free_ struct pollfd *fds = calloc(f->n_jobs + 1, sizeof(*fds));

	f->lanes = calloc(f->n_jobs + 1, sizeof(*f->lanes));
	if (!fds || !f->lanes)
		return; /* the report says how many tests are missing */
	run_those_here(f);
	if (has_place(f) && !was_stopped(f))
		prepare(f);
	while (!was_stopped(f)) {
		open_lanes(f);
		tell_next(f);
		if (f->n_told == f->n_jobs)
			return;
		show_progress(f);
		wait_for_any(f, fds);
		dispatch(f, fds);
	}
	interrupt(f);
}
