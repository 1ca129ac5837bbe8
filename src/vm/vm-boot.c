/* SPDX-License-Identifier: MIT */
/*
 * How a machine starts: KVM where it is worth trying, emulation otherwise; a boot that fails is
 * tried once more. KVM may be present and broken (QEMU aborts, or the guest never says anything),
 * so it has to give a sign of life soon.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <fcntl.h>

#include "vm/accel.h"
#include "vm/vm-private.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define QEMU	     "qemu-system-x86_64"
#define KVM_SECONDS  8.0 /* for a sign of life; a working one needs about one */
#define BOOT_SECONDS 60.0
#define BOOT_PER_CPU 2.0 /* emulated CPUs come up one after the other */
#define MAX_BOOTS    2

const struct mpol_rule vm_rule_memory = {
	"vm-memory",
	ENOMEM,
	"A guest's memory is this host's memory.",
	"give the machine less with memory=",
	NULL,
	NULL,
};
static const struct mpol_rule rule_kvm = {
	"vm-kvm",
	ENODEV,
	"--accel kvm asks for the host's virtualisation, which is /dev/kvm.",
	"use --accel tcg (emulation), or auto",
	NULL,
	NULL,
};
static const struct mpol_rule rule_kernel = {
	"vm-kernel-unreadable",
	EACCES,
	"QEMU loads the guest's kernel from a file that this user can read.",
	NULL,
	NULL,
	NULL,
};

void vm_notice(const struct vm *vm, const char *text)
{
	if (vm->options.events.notice)
		vm->options.events.notice(vm->options.events.ctx, text);
}

/* Bytes this host could give without swapping; 0: unknown. */
static uint64_t available_memory(void)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	unsigned long long kib = 0;
	const char *at;

	if (root < 0 || file_read_at(root, FILE_MAX_SIZE, &text, NULL, "proc/meminfo") < 0)
		return 0;
	at = strstr(text, "MemAvailable:");
	if (!at || sscanf(at, "MemAvailable: %llu kB", &kib) != 1)
		return 0;
	return (uint64_t)kib << 10;
}

static int check_host(const struct vm *vm, struct mpol_error *err)
{
	uint64_t wanted = vm_shape_memory(&vm->shape), available = available_memory();

	if (available && wanted > available)
		return mpol_fail(err, &vm_rule_memory, NULL,
				 "the machine is to have %llu MiB, and this host has %llu MiB left",
				 (unsigned long long)(wanted >> 20),
				 (unsigned long long)(available >> 20));
	if (vm->options.accel == VM_ACCEL_KVM && !accel_kvm_present())
		return mpol_fail(err, &rule_kvm, NULL, "/dev/kvm cannot be opened: %s",
				 strerror(errno));
	return 0;
}

static int check_kernel(const char *path, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	return mpol_fail_errno(err, &rule_kernel, fd < 0 ? errno : EINVAL, path,
			       "the kernel cannot be read: %s",
			       fd < 0 ? strerror(errno) : "it is no file");
}

static int watch(struct vm *vm, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(vm->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

double vm_boot_limit(const struct vm *vm)
{
	if (vm->kvm && vm->options.accel == VM_ACCEL_AUTO)
		return KVM_SECONDS;
	if (vm->options.boot_seconds > 0)
		return vm->options.boot_seconds;
	if (vm->kvm)
		return 2 * KVM_SECONDS;
	return BOOT_SECONDS + BOOT_PER_CPU * vm->shape.n_cpus;
}

static int start(struct vm *vm, struct mpol_error *err)
{
	struct qemu_plan plan = {
		.program = QEMU,
		.shape = &vm->shape,
		.kvm = vm->kvm,
		.kernel = vm->options.kernel,
		.initramfs_fd = vm->options.initramfs,
		.append = vm->options.append,
	};
	int r = process_start(&vm->process, &plan, err);

	if (r < 0)
		return r;
	vm->attempts++;
	vm->alive = false;
	vm->started = vm_now();
	memset(&vm->reader, 0, sizeof(vm->reader));
	r = watch(vm, vm->process.console);
	if (r == 0)
		r = watch(vm, vm->process.channel);
	if (r == 0)
		r = watch(vm, vm->process.said_fd);
	if (r == 0)
		r = watch(vm, vm->process.pidfd);
	if (r < 0)
		return vm_broken_system(vm, -r, "watching QEMU", err);
	vm_limit(vm, vm_boot_limit(vm));
	return 0;
}

bool vm_begins_with_kvm(enum vm_accel accel, const char *cache)
{
	return accel == VM_ACCEL_KVM || (accel == VM_ACCEL_AUTO && accel_kvm_worth_trying(cache));
}

int vm_start(struct vm *vm, struct mpol_error *err)
{
	int r = check_kernel(vm->options.kernel, err);

	if (r == 0)
		r = check_host(vm, err);
	if (r < 0)
		return r;
	vm->kvm = vm_begins_with_kvm(vm->options.accel, vm->options.cache);
	return start(vm, err);
}

int vm_boot_failed(struct vm *vm, const char *why, struct mpol_error *err)
{
	bool was_kvm = vm->kvm && vm->options.accel == VM_ACCEL_AUTO;
	char text[300];
	int r;

	process_listen(&vm->process);
	r = was_kvm ? 0 : vm_broken_boot(vm, why, err);
	if (!was_kvm && (vm->attempts >= MAX_BOOTS || !STREQ(err->rule->id, "vm-boot")))
		return r;
	process_end(&vm->process);
	if (was_kvm) {
		accel_remember_broken(vm->options.cache);
		vm->attempts = 0;
		vm->kvm = false;
		(void)snprintf(text, sizeof(text),
			       "KVM does not work here (%s); emulating, which is slower", why);
	} else {
		(void)snprintf(text, sizeof(text), "the guest did not boot (%s); trying once more",
			       why);
	}
	vm_notice(vm, text);
	return start(vm, err);
}
