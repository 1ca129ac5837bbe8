/* SPDX-License-Identifier: MIT */
/* Tests on one virtual machine; see run-vm.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work/crew.h"
#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/pack-work.h"
#include "harness/run-vm.h"

#define GRACE_SECONDS \
	30 /* beyond the test's limit, until the guest itself must have said how it ended */
#define MAX_PLACE \
	4096 /* a longer text of a shape stays here: the command's arguments are limited */

static const struct mpol_rule said_nothing = {
	.id = "guest-said-nothing",
	.errnum = ENODATA,
	.why = "The guest runs the test and sends its result as a line.",
	.hint = "run it by hand: mpol vm SHAPE -- EXECUTABLE run --here NAME",
};

static const struct mpol_rule unknown_accel = {
	.id = "vm-accel",
	.errnum = EINVAL,
	.why = "A virtual machine runs on KVM or by emulation.",
	.hint = "use --accel kvm, --accel tcg, or neither.",
};

struct run_vm {
	const struct run_vm_options *options;
	const struct run_vm_pack *pack;
	const struct place *place;
	void *of_machine;
	struct vm *vm;
	struct mpol_error unbootable;	     /* why the machine cannot be had; rule NULL: it can */
	const struct mpol_test_entry *entry; /* that runs; NULL: none */
	struct strbuf line;		     /* its result */
};

int run_vm_accel(const char *name, enum vm_accel *ret, struct mpol_error *err)
{
	static const char *const names[] = {
		[VM_ACCEL_AUTO] = "auto",
		[VM_ACCEL_KVM] = "kvm",
		[VM_ACCEL_TCG] = "tcg",
	};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (!name || STREQ(name, names[i])) {
			*ret = (enum vm_accel)i;
			return 0;
		}
	return mpol_fail(err, &unknown_accel, "--accel",
			 "there is no accelerator \"%.40s\" (auto, kvm, tcg)", name);
}

/* --- What machines have in common. --- */

int run_vm_pack(const struct run_vm_options *o, struct run_vm_pack *p, struct mpol_error *err)
{
	int r = vm_cache(&p->cache, err);

	if (r == 0)
		r = vm_pack_new(&p->pack, err);
	if (r == 0)
		r = vm_pack_init(p->pack, o->executable, &p->executable, err);
	if (r == 0 && o->scenario)
		r = vm_pack_file(p->pack, o->scenario, NULL, err);
	for (size_t i = 0; r == 0 && i < o->n_files; i++)
		r = vm_pack_given(p->pack, o->files[i], err);
	if (r == 0)
		r = pack_work(p->pack, o->registry, err);
	if (r == 0)
		r = vm_pack_here(p->pack, &p->directory, err);
	if (r < 0)
		return r;
	p->initramfs = vm_pack_seal(p->pack, err);
	return p->initramfs < 0 ? p->initramfs : 0;
}

void run_vm_pack_done(struct run_vm_pack *p)
{
	vm_pack_free(p->pack);
	free(p->executable);
	free(p->directory);
	free(p->cache);
	*p = (struct run_vm_pack){ 0 };
}

/* --- The machine. --- */

struct run_vm *run_vm_new(const struct run_vm_options *options, const struct run_vm_pack *pack,
			  const struct place *place, void *of_machine)
{
	struct run_vm *v = calloc(1, sizeof(*v));

	if (v) {
		v->options = options;
		v->pack = pack;
		v->place = place;
		v->of_machine = of_machine;
	}
	return v;
}

void run_vm_free(struct run_vm *v)
{
	if (!v)
		return;
	vm_close(v->vm);
	strbuf_done(&v->line);
	free(v);
}

static void on_line(void *ctx, const char *line, size_t len)
{
	struct run_vm *v = ctx;

	strbuf_clear(&v->line);
	strbuf_add(&v->line, line, len);
}

static void on_output(void *ctx, int stream, const char *data, size_t len)
{
	const struct run_vm *v = ctx;

	(void)stream;
	if (v->entry && v->options->output)
		v->options->output(v->of_machine, data, len);
}

static void on_notice(void *ctx, const char *text)
{
	const struct run_vm *v = ctx;

	if (v->options->notice)
		v->options->notice(v->options->ctx, text);
}

/* A running machine: the one there is, or a new one. */
static int get_machine(struct run_vm *v, struct mpol_error *err)
{
	struct vm_options o = {
		.shape = &v->place->shape,
		.kernel = v->place->kernel->path,
		.cgroup = v->place->cgroup,
		.cache = v->pack->cache,
		.initramfs = v->pack->initramfs,
		.events = { .output = on_output, .line = on_line, .notice = on_notice, .ctx = v },
	};
	int r = 0;

	if (v->vm)
		return 0;
	if (v->unbootable.rule) { /* it would take as long to fail again */
		*err = v->unbootable;
		return -err->errnum;
	}
	r = run_vm_accel(v->options->accel, &o.accel, err);
	return r < 0 ? r : vm_open(&o, &v->vm, err);
}

/* --- A test. --- */

/* EXECUTABLE [SCENARIO] run --guest SHAPE --timeout SECONDS -- NAME */
static void fill_argv(const struct run_vm *v, const char *limit, const char *argv[10])
{
	size_t n = 0;

	argv[n++] = v->pack->executable;
	if (v->options->scenario)
		argv[n++] = v->options->scenario;
	argv[n++] = "run";
	argv[n++] = "--guest";
	argv[n++] = strlen(v->place->text) < MAX_PLACE ? v->place->text : "virtual";
	argv[n++] = "--timeout";
	argv[n++] = limit;
	argv[n++] = "--";
	argv[n++] = v->entry->name;
	argv[n++] = NULL;
}

static int begin(struct run_vm *v, struct mpol_error *err)
{
	char limit[32];
	const char *argv[10];
	struct vm_command command = {
		.argv = argv,
		.directory = v->pack->directory,
		.seconds = v->options->limit + GRACE_SECONDS,
	};
	int r = get_machine(v, err);

	if (r < 0)
		return r;
	(void)snprintf(limit, sizeof(limit), "%g", v->options->limit);
	fill_argv(v, limit, argv);
	strbuf_clear(&v->line);
	return vm_begin(v->vm, &command, err);
}

void run_vm_tell_place(const struct place *place, struct mpol_result *ret)
{
	free(ret->place);
	free(ret->asked);
	free(ret->were);
	ret->place = strdup(place->text);
	ret->asked = place->asked ? strdup(place->asked) : NULL;
	ret->were = place->were ? strdup(place->were) : NULL;
	if (!ret->release)
		ret->release = strdup(place->kernel->release);
}

static void break_test(struct run_vm *v, const struct mpol_error *err, struct mpol_result *ret)
{
	result_done(ret);
	result_end_early(ret, v->entry, VERDICT_BROKEN, err);
	ret->console = v->vm ? strdup(vm_console(v->vm)) : NULL;
}

/* The test that runs has ended, with a result where r is 0. */
static void end(struct run_vm *v, int r, const struct mpol_error *err, struct mpol_result *ret)
{
	bool booted = v->vm && *vm_release(v->vm);

	if (r < 0)
		break_test(v, err, ret);
	run_vm_tell_place(v->place, ret);
	if (booted) {
		ret->boot_seconds = vm_boot_seconds(v->vm);
		free(ret->accel);
		ret->accel = strdup(vm_accel_name(v->vm));
	}
	v->entry = NULL;
	if (r == 0)
		return;
	vm_close(TAKE(v->vm)); /* nothing more to be had from a broken one */
	if (!booted)
		v->unbootable = *err;
}

bool run_vm_begin(struct run_vm *v, const struct mpol_test_entry *entry, struct mpol_result *ret)
{
	struct mpol_error err = { 0 };
	int r;

	*ret = (struct mpol_result){ 0 };
	v->entry = entry;
	r = begin(v, &err);
	if (r == 0)
		return false;
	end(v, r, &err, ret);
	return true;
}

int run_vm_fd(const struct run_vm *v)
{
	return v->vm && v->entry ? vm_fd(v->vm) : -1;
}

static int no_result(struct run_vm *v, const struct vm_end *ended, struct mpol_error *err)
{
	char reason[160];
	bool has_reason = vm_reason(v->vm, reason, sizeof(reason)) != NULL;

	return mpol_fail(
		err, &said_nothing, "",
		"the test's process in the guest ended with status %d and without a result%s%s",
		ended->status, has_reason ? "; the guest said: " : "", has_reason ? reason : "");
}

bool run_vm_dispatch(struct run_vm *v, struct mpol_result *ret)
{
	struct mpol_error err = { 0 };
	struct vm_end ended;
	int r = vm_dispatch(v->vm, &ended, &err);

	if (r == 0)
		return false;
	*ret = (struct mpol_result){ 0 };
	if (r > 0 && v->line.len == 0)
		r = no_result(v, &ended, &err);
	else if (r > 0)
		r = result_read(strbuf_text(&v->line), v->line.len, ret, &err);
	end(v, r, &err, ret);
	return true;
}

void run_vm_interrupt(struct run_vm *v, struct mpol_result *ret)
{
	struct mpol_error err = { 0 };
	int r = mpol_fail(&err, &crew_interrupted, "", "interrupted");

	*ret = (struct mpol_result){ 0 };
	end(v, r, &err, ret);
}
