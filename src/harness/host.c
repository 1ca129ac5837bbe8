/* SPDX-License-Identifier: MIT */
/* What this host can give to virtual machines; see host.h. */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/host.h"
#include "vm/kernel.h"

#define MIB ((uint64_t)1 << 20)

/* What QEMU itself takes, with the translated code of an emulated guest. */
#define QEMU_BYTES (256 * MIB)
/* Emulated CPUs come up one after the other, and take turns: so many boot in seconds. */
#define EMULATED_CPUS 16U
/* What the model of a machine gets in all: enough to see where pages lie. */
#define MODEL_BYTES (4096 * MIB)
/* Of what is available, the part that guests may get. */
#define GUESTS_PERCENT 80

static uint64_t available(int root_fd)
{
	_cleanup_free_ char *text = NULL;
	unsigned long long kib;
	const char *at;

	if (file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "proc/meminfo") < 0)
		return UINT64_MAX;
	at = strstr(text, "MemAvailable:");
	if (!at || sscanf(at, "MemAvailable: %llu kB", &kib) != 1)
		return UINT64_MAX;
	return (uint64_t)kib << 10;
}

struct host host_read(int root_fd)
{
	uint64_t bytes = available(root_fd);
	cpu_set_t cpus;

	return (struct host){
		.cpus = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus)
								       : 1,
		.memory = bytes == UINT64_MAX ? bytes : bytes / 100 * GUESTS_PERCENT,
	};
}

struct vm_shape_limits host_limits(int root_fd, enum vm_accel accel)
{
	_cleanup_free_ char *cache = NULL;
	struct host h = host_read(root_fd);
	uint64_t memory = h.memory > QEMU_BYTES ? h.memory - QEMU_BYTES : 0;
	bool kvm = vm_cache(&cache, NULL) == 0 && vm_begins_with_kvm(accel, cache);

	return (struct vm_shape_limits){
		.cpus = kvm ? MAX(h.cpus, EMULATED_CPUS) : EMULATED_CPUS,
		.memory = MIN(memory, MODEL_BYTES),
	};
}

uint64_t host_memory_of(const struct vm_shape *s)
{
	return vm_shape_memory(s) + QEMU_BYTES;
}

unsigned host_cpus_of(const struct vm_shape *s, bool kvm)
{
	return kvm ? s->n_cpus : 1;
}

bool host_has_room(const struct host *h, const struct host_use *use, const struct vm_shape *s,
		   bool kvm, unsigned most)
{
	uint64_t bytes = host_memory_of(s);

	if (use->machines == 0)
		return true;
	if (h->memory < use->memory || bytes > h->memory - use->memory)
		return false;
	if (most)
		return use->machines < most;
	return use->cpus + host_cpus_of(s, kvm) <= h->cpus;
}
