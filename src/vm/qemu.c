/* SPDX-License-Identifier: MIT */
/* A shape as QEMU's arguments; see qemu.h. What each choice was measured to do stands in
 * docs/decisions.md. */
#include <stdio.h>
#include <string.h>

#include "vm/qemu.h"

#include "base/strbuf.h"

#define MIB ((uint64_t)1 << 20)

/* An LLC is a die: with this vendor the guest reads caches from leaf 4, where dies share the last
 * level. */
/* Without ERMS and FSRM kernels clear pages eight bytes at a time, not one: emulated, a first touch
 * costs a third. */
/* With more leaves than these, leaf 0x1f is the highest, and is what any higher one answers; asked
 * so with a large ECX, QEMU 10.0 aborts (target/i386/cpu.c encode_topo_cpuid1f()). */
static const char cpu_emulated[] = "max,level=0xd,-cx16,-erms,-fsrm,vendor=GenuineIntel";
static const char cpu_kvm[] = "host";

/* Nothing secret runs there: without mitigations and self-tests emulated kernels are twice as fast.
 */
static const char kernel_arguments[] =
	"console=ttyS0 quiet panic=-1 rdinit=/init mitigations=off cryptomgr.notests";

static bool has_hotplug(const struct vm_shape *s)
{
	for (unsigned n = 0; n < s->n_nodes; n++)
		if (s->hotplug[n])
			return true;
	return false;
}

static void put_topology(const struct vm_shape *s, struct strv *v)
{
	unsigned sockets = s->n_nodes;

	for (unsigned n = 0; n < s->n_nodes; n++)
		if (s->cpus[n] * s->n_nodes != s->n_cpus)
			sockets = s->llcs; /* no socket may span nodes */

	strv_add(v, "-smp");
	strv_addf(v, "%u,sockets=%u,dies=%u,cores=%u,threads=%u", s->n_cpus, sockets,
		  s->llcs / sockets, s->cores, s->threads);
}

static void put_memory(const struct vm_shape *s, struct strv *v)
{
	uint64_t boot = 0, plugged = 0;
	unsigned slots = 0;

	for (unsigned n = 0; n < s->n_nodes; n++) {
		boot += s->memory[n];
		plugged += s->hotplug[n];
		slots += s->hotplug[n] != 0;
	}
	strv_add(v, "-m");
	if (slots)
		strv_addf(v, "size=%lluM,slots=%u,maxmem=%lluM", (unsigned long long)(boot / MIB),
			  slots, (unsigned long long)((boot + plugged) / MIB));
	else
		strv_addf(v, "size=%lluM", (unsigned long long)(boot / MIB));
}

static void put_node(const struct vm_shape *s, unsigned n, struct strv *v)
{
	struct strbuf b = { 0 };
	unsigned first = vm_shape_first_cpu(s, n);

	if (s->memory[n]) {
		strv_add(v, "-object");
		strv_addf(v, "memory-backend-ram,id=m%u,size=%lluM", n,
			  (unsigned long long)(s->memory[n] / MIB));
	}
	strbuf_printf(&b, "node,nodeid=%u", n);
	if (s->cpus[n])
		strbuf_printf(&b, ",cpus=%u-%u", first, first + s->cpus[n] - 1);
	if (s->memory[n])
		strbuf_printf(&b, ",memdev=m%u", n);
	if (s->has_latency)
		strbuf_printf(&b, ",initiator=%u", vm_shape_initiator(s, n));
	strv_add(v, "-numa");
	strv_add(v, strbuf_text(&b));
	v->failed = v->failed || b.failed;
	strbuf_done(&b);
}

static void put_plugged(const struct vm_shape *s, struct strv *v)
{
	for (unsigned n = 0; n < s->n_nodes; n++) {
		if (!s->hotplug[n])
			continue;
		strv_add(v, "-object");
		strv_addf(v, "memory-backend-ram,id=h%u,size=%lluM", n,
			  (unsigned long long)(s->hotplug[n] / MIB));
		strv_add(v, "-device");
		strv_addf(v, "pc-dimm,id=d%u,memdev=h%u,node=%u", n, n, n);
	}
}

static void put_distances(const struct vm_shape *s, struct strv *v)
{
	for (unsigned i = 0; s->has_distance && i < s->n_nodes; i++)
		for (unsigned j = 0; j < s->n_nodes; j++) {
			strv_add(v, "-numa");
			strv_addf(v, "dist,src=%u,dst=%u,val=%u", i, j, s->distance[i][j]);
		}
}

static void put_hmat(const struct vm_shape *s, struct strv *v)
{
	for (unsigned i = 0; s->has_latency && i < s->n_nodes; i++)
		for (unsigned j = 0; s->cpus[i] && j < s->n_nodes; j++) {
			strv_add(v, "-numa");
			strv_addf(v,
				  "hmat-lb,initiator=%u,target=%u,hierarchy=memory,data-type="
				  "access-latency,latency=%u",
				  i, j, s->latency[i][j]);
			strv_add(v, "-numa");
			strv_addf(v,
				  "hmat-lb,initiator=%u,target=%u,hierarchy=memory,data-type="
				  "access-bandwidth,bandwidth=%uM",
				  i, j, s->bandwidth[i][j]);
		}
}

static void put_serial(struct strv *v, const char *id, int fd)
{
	strv_add(v, "-chardev");
	strv_addf(v, "socket,id=%s,fd=%d", id, fd);
	strv_add(v, "-serial");
	strv_addf(v, "chardev:%s", id);
}

void qemu_arguments(const struct qemu_plan *plan, struct strv *v)
{
	const struct vm_shape *s = plan->shape;

	strv_add(v, plan->program);
	strv_add(v, "-nodefaults");
	strv_add(v, "-no-user-config");
	strv_add(v, "-display");
	strv_add(v, "none");
	strv_add(v, "-no-reboot");
	strv_add(v, "-M");
	strv_addf(v, "q35%s", s->has_latency ? ",hmat=on" : "");
	strv_add(v, "-accel");
	strv_add(v, plan->kvm ? "kvm" : "tcg,thread=single");
	strv_add(v, "-cpu");
	strv_add(v, plan->kvm ? cpu_kvm : cpu_emulated);
	put_memory(s, v);
	put_topology(s, v);
	for (unsigned n = 0; n < s->n_nodes; n++)
		put_node(s, n, v);
	put_distances(s, v);
	put_hmat(s, v);
	put_plugged(s, v);
	put_serial(v, "console", plan->console_fd);
	put_serial(v, "channel", plan->channel_fd);
	strv_add(v, "-kernel");
	strv_add(v, plan->kernel);
	strv_add(v, "-initrd");
	strv_addf(v, "/proc/self/fd/%d", plan->initramfs_fd);
	strv_add(v, "-append");
	strv_addf(v, "%s%s%s%s", kernel_arguments,
		  has_hotplug(s) ? " memhp_default_state=online_movable movable_node" : "",
		  plan->append ? " " : "", plan->append ? plan->append : "");
}
