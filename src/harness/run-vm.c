/* SPDX-License-Identifier: MIT */
/* Tests on virtual machines, one machine at a time, kept as long as the tests have its shape; see
 * run-vm.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/pack-work.h"
#include "harness/needs.h"
#include "harness/run-vm.h"
#include "vm/kernel.h"
#include "vm/pack.h"
#include "vm/vm.h"

#define GRACE_SECONDS \
	30 /* beyond the test's limit, until the guest itself must have said how it ended */

static const struct mpol_rule said_nothing = {
	.id = "guest-said-nothing",
	.errnum = ENODATA,
	.why = "The guest runs the test and sends its result as a line.",
	.hint = "run it by hand: mpol vm SHAPE -- EXECUTABLE run --here NAME",
};

static const struct mpol_rule interrupted = {
	.id = "interrupted",
	.errnum = EINTR,
	.why = "The runner was told to stop before the test had ended.",
};

static const struct mpol_rule no_memory = {
	.id = "runner-memory",
	.errnum = ENOMEM,
	.why = "Preparing a virtual machine takes a little memory.",
};

static const struct mpol_rule unknown_accel = {
	.id = "vm-accel",
	.errnum = EINVAL,
	.why = "A virtual machine runs on KVM or by emulation.",
	.hint = "use --accel kvm, --accel tcg, or neither.",
};

/* What a machine is; two tests share one when all of it is the same. */
struct wanted {
	struct vm_shape shape;
	unsigned cgroup;
	char *place; /* the shape's text */
	struct vm_kernel kernel;
};

struct run_vm {
	struct run_vm_options options;
	struct vm_pack *pack;
	int initramfs;
	char *executable; /* its path in the guest */
	char *cache;
	struct wanted *machine; /* of vm; NULL: none was wanted yet */
	struct vm *vm;
	struct mpol_error unbootable; /* why the machine cannot be had; errnum 0: it can */
	struct strbuf line;	      /* the result of the test that runs */
};

static void wanted_free(struct wanted *w)
{
	if (!w)
		return;
	free(w->place);
	vm_kernel_done(&w->kernel);
	free(w);
}

static void wanted_freep(struct wanted **w)
{
	wanted_free(*w);
}

struct run_vm *run_vm_new(const struct run_vm_options *options)
{
	struct run_vm *v = calloc(1, sizeof(*v));

	if (v)
		v->options = *options;
	return v;
}

void run_vm_free(struct run_vm *v)
{
	if (!v)
		return;
	vm_close(v->vm);
	vm_pack_free(v->pack);
	wanted_free(v->machine);
	free(v->executable);
	free(v->cache);
	strbuf_done(&v->line);
	free(v);
}

static int parse_accel(const char *name, enum vm_accel *ret, struct mpol_error *err)
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

int run_vm_check(const struct run_vm_options *options, struct mpol_error *err)
{
	_cleanup_free_ struct vm_shape *shape = malloc(sizeof(*shape));
	enum vm_accel accel;
	int r = parse_accel(options->accel, &accel, err);

	if (r < 0 || !options->on)
		return r;
	if (!shape)
		return mpol_fail(err, &no_memory, "", "no memory for a shape");
	r = vm_shape_parse(options->on, shape, err);
	if (r < 0)
		mpol_error_within(err, "--on");
	return r;
}

/* --- What a test wants. --- */

/*
 * The kernel that was asked for; when none was and the usual one lacks what the test needs, a newer
 * one. Where that cannot be had the usual one boots, and the test is skipped there, naming the
 * need.
 */
static int find_kernel(struct run_vm *v, const struct mpol_needs *needs, struct vm_kernel *ret,
		       struct mpol_error *err)
{
	struct vm_kernel newer = { 0 };
	int r = vm_kernel_find(v->options.kernel, v->options.notice, v->options.ctx, ret, err);

	if (r < 0 || v->options.kernel || getenv("MPOL_KERNEL") ||
	    !needs_newer_than(needs, ret->release))
		return r;
	if (vm_kernel_find("6.12", v->options.notice, v->options.ctx, &newer, NULL) < 0)
		return 0;
	vm_kernel_done(ret);
	*ret = newer;
	return 0;
}

static int want(struct run_vm *v, const struct mpol_test *test, struct wanted **ret,
		struct mpol_error *err)
{
	_cleanup_(wanted_freep) struct wanted *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return mpol_fail(err, &no_memory, "", "no memory for a machine");
	r = v->options.on ? vm_shape_parse(v->options.on, &w->shape, err)
			  : vm_shape_resolve(&test->machine, &w->shape, err);
	if (r < 0)
		return r;
	w->cgroup = test->needs.cgroup_v1 ? 1 : 2;
	w->place = vm_shape_print(&w->shape);
	if (!w->place)
		return mpol_fail(err, &no_memory, "", "no memory for a machine");
	r = find_kernel(v, &test->needs, &w->kernel, err);
	if (r == 0)
		*ret = TAKE(w);
	return r;
}

static bool is_same(const struct wanted *a, const struct wanted *b)
{
	return a->cgroup == b->cgroup && STREQ(a->kernel.path, b->kernel.path) &&
	       vm_shape_equal(&a->shape, &b->shape);
}

/* --- The machine. --- */

static void on_line(void *ctx, const char *line, size_t len)
{
	struct run_vm *v = ctx;

	strbuf_clear(&v->line);
	strbuf_add(&v->line, line, len);
}

/* What the test prints itself is conversation. */
static void on_output(void *ctx, int stream, const char *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)fd_write_all(STDERR_FILENO, data, len); /* nobody to tell */
}

static void on_notice(void *ctx, const char *text)
{
	struct run_vm *v = ctx;

	if (v->options.notice)
		v->options.notice(v->options.ctx, text);
}

static int pack_once(struct run_vm *v, struct mpol_error *err)
{
	int r;

	if (v->pack)
		return 0;
	r = vm_cache(&v->cache, err);
	if (r == 0)
		r = vm_pack_new(&v->pack, err);
	if (r == 0)
		r = vm_pack_init(v->pack, v->options.executable, &v->executable, err);
	if (r == 0 && v->options.scenario)
		r = vm_pack_file(v->pack, v->options.scenario, NULL, err);
	if (r == 0)
		r = pack_work(v->pack, v->options.registry, err);
	if (r < 0)
		return r;
	v->initramfs = vm_pack_seal(v->pack, err);
	return v->initramfs < 0 ? v->initramfs : 0;
}

static int boot(struct run_vm *v, struct mpol_error *err)
{
	struct vm_options o = {
		.shape = &v->machine->shape,
		.kernel = v->machine->kernel.path,
		.cgroup = v->machine->cgroup,
		.events = { .output = on_output, .line = on_line, .notice = on_notice, .ctx = v },
	};
	int r = parse_accel(v->options.accel, &o.accel, err);

	if (r == 0)
		r = pack_once(v, err);
	if (r < 0)
		return r;
	o.cache = v->cache; /* known once packed */
	o.initramfs = v->initramfs;
	return vm_open(&o, &v->vm, err);
}

/* A running machine of the kind the test wants: the one there is, or a new one. */
static int get_machine(struct run_vm *v, const struct mpol_test *test, struct mpol_error *err)
{
	_cleanup_(wanted_freep) struct wanted *w = NULL;
	int r = want(v, test, &w, err);

	if (r < 0)
		return r;
	if (v->machine && is_same(v->machine, w)) {
		if (v->vm)
			return 0;
		if (v->unbootable.errnum) { /* it would take as long to fail again */
			*err = v->unbootable;
			return -err->errnum;
		}
	} else {
		vm_close(TAKE(v->vm));
		wanted_free(v->machine);
		v->machine = TAKE(w);
		v->unbootable = (struct mpol_error){ 0 };
	}
	return boot(v, err);
}

/* --- A test. --- */

static int wait_for_end(struct run_vm *v, struct vm_end *ret, struct mpol_error *err)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = vm_fd(v->vm), .events = POLLIN },
			{ .fd = v->options.stop_fd, .events = POLLIN },
		};
		int r;

		(void)poll(fds, ELEMENTSOF(fds),
			   -1); /* the machine's descriptor knows its time limits */
		if (fds[1].revents)
			return mpol_fail(err, &interrupted, "", "interrupted");
		r = vm_dispatch(v->vm, ret, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

/* EXECUTABLE [SCENARIO] run --guest SHAPE --timeout SECONDS -- NAME */
static void fill_argv(const struct run_vm *v, const char *name, const char *limit,
		      const char *argv[10])
{
	size_t n = 0;

	argv[n++] = v->executable;
	if (v->options.scenario)
		argv[n++] = v->options.scenario;
	argv[n++] = "run";
	argv[n++] = "--guest";
	argv[n++] = v->machine->place;
	argv[n++] = "--timeout";
	argv[n++] = limit;
	argv[n++] = "--";
	argv[n++] = name;
	argv[n++] = NULL;
}

static int run_in(struct run_vm *v, const char *name, struct mpol_result *ret,
		  struct mpol_error *err)
{
	char limit[32];
	const char *argv[10];
	struct vm_command command = { .argv = argv, .seconds = v->options.limit + GRACE_SECONDS };
	struct vm_end end;
	int r;

	(void)snprintf(limit, sizeof(limit), "%g", v->options.limit);
	fill_argv(v, name, limit, argv);
	strbuf_clear(&v->line);
	r = vm_begin(v->vm, &command, err);
	if (r == 0)
		r = wait_for_end(v, &end, err);
	if (r < 0)
		return r;
	if (v->line.len == 0)
		return mpol_fail(
			err, &said_nothing, "",
			"the test's process in the guest ended with status %d and without a result",
			end.status);
	return result_read(strbuf_text(&v->line), v->line.len, ret, err);
}

static void break_test(struct run_vm *v, const struct mpol_test_entry *entry,
		       const struct mpol_error *err, struct mpol_result *ret)
{
	const char *must_end = entry->test->must_end;

	*ret = (struct mpol_result){ .test = strdup(entry->name) };
	ret->why = entry->test->why ? strdup(entry->test->why) : NULL;
	ret->must_end = must_end && *must_end ? strdup(must_end) : NULL;
	ret->place = v->machine ? strdup(v->machine->place) : NULL;
	ret->console = v->vm ? strdup(vm_console(v->vm)) : NULL;
	result_set_error(ret, VERDICT_BROKEN, err);
	result_decide(ret);
}

void run_vm(struct run_vm *v, const struct mpol_test_entry *entry, struct mpol_result *ret)
{
	struct mpol_error err = { 0 };
	bool booted = false;
	int r = get_machine(v, entry->test, &err);

	*ret = (struct mpol_result){ 0 };
	if (r == 0)
		r = run_in(v, entry->name, ret, &err);
	if (v->vm && *vm_release(v->vm)) {
		booted = true;
		ret->boot_seconds = vm_boot_seconds(v->vm);
		free(ret->accel);
		ret->accel = strdup(vm_accel_name(v->vm));
	}
	if (r == 0)
		return;
	result_done(ret);
	break_test(v, entry, &err, ret);
	vm_close(TAKE(v->vm)); /* nothing more to be had from a broken one */
	if (!booted && err.rule != &interrupted)
		v->unbootable = err;
}
