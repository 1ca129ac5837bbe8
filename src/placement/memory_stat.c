/* SPDX-License-Identifier: MIT */
/* The memory of a cgroup by node: memory.numa_stat of both versions; see mpol/counters.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <mpol/counters.h>

#include "placement/keyed.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule no_memory_stat = {
	"cgroup-memory-missing",
	ENOENT,
	"A cgroup's memory by node is in its memory.numa_stat, which is there when the memory "
	"controller is enabled for the "
	"cgroup and the kernel has NUMA.",
	"name the cgroup's folder below the v2 or the memory hierarchy, and enable the controller: "
	"echo +memory > "
	"cgroup.subtree_control of its parent",
	"mm/memcontrol.c memory_numa_stat_show(), mm/memcontrol-v1.c memcg_numa_stat_show()",
	NULL,
};

const char *mpol_memory_class_name(enum mpol_memory_class c)
{
	static const char *const names[MPOL_N_MEMORY_CLASSES] = {
		[MPOL_MEMORY_ANON] = "anon",
		[MPOL_MEMORY_FILE] = "file",
		[MPOL_MEMORY_SHARED] = "shared",
		[MPOL_MEMORY_KERNEL] = "kernel",
	};

	return names[c];
}

/*
 * Keys of v2, in bytes: "anon N0=4096 N1=0". Of v1, in pages: "hierarchical_anon=3 N0=3", with
 * shared memory on the anonymous lists.
 */
static const struct {
	const char *key;
	enum mpol_memory_class class;
	bool v1;
} keys[] = {
	{ "anon", MPOL_MEMORY_ANON, false },
	{ "file", MPOL_MEMORY_FILE, false },
	{ "shmem", MPOL_MEMORY_SHARED, false },
	{ "kernel_stack", MPOL_MEMORY_KERNEL, false },
	{ "pagetables", MPOL_MEMORY_KERNEL, false },
	{ "sec_pagetables", MPOL_MEMORY_KERNEL, false },
	{ "slab_reclaimable", MPOL_MEMORY_KERNEL, false },
	{ "slab_unreclaimable", MPOL_MEMORY_KERNEL, false },
	{ "hierarchical_anon", MPOL_MEMORY_ANON, true },
	{ "hierarchical_file", MPOL_MEMORY_FILE, true },
};

static void add_line(char *line, uint64_t page_size, struct mpol_cgroup_memory *m)
{
	char *p = line + strcspn(line, " =");
	bool v1 = *p == '=';
	size_t len = (size_t)(p - line), i;
	uint64_t value;
	unsigned node;

	for (i = 0; i < ELEMENTSOF(keys); i++)
		if (keys[i].v1 == v1 && strlen(keys[i].key) == len &&
		    strncmp(keys[i].key, line, len) == 0)
			break;
	if (i == ELEMENTSOF(keys))
		return;
	p += strcspn(p, " "); /* v1 has the sum there */
	while (keyed_node(&p, &node, &value)) {
		m->bytes[keys[i].class][node] += value * (v1 ? page_size : 1);
		m->known[keys[i].class] = true;
	}
}

/* v2 counts shared memory as part of the page cache. */
static void take_shared_out_of_files(struct mpol_cgroup_memory *m)
{
	if (!m->known[MPOL_MEMORY_SHARED])
		return;
	for (size_t n = 0; n < MPOL_MAX_NODES; n++)
		m->bytes[MPOL_MEMORY_FILE][n] -=
			MIN(m->bytes[MPOL_MEMORY_FILE][n], m->bytes[MPOL_MEMORY_SHARED][n]);
}

int mpol_cgroup_memory_read(int root_fd, const char *dir, struct mpol_cgroup_memory *ret,
			    struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	struct mpol_cgroup_memory m = { 0 };
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "%s/memory.numa_stat", dir);
	char *rest, *line;

	if (r < 0)
		return mpol_fail_errno(err, &no_memory_stat, -r, dir, "memory.numa_stat: %s",
				       strerror(-r));
	rest = text;
	while (keyed_line(&rest, &line))
		add_line(line, (uint64_t)sysconf(_SC_PAGESIZE), &m);
	take_shared_out_of_files(&m);
	*ret = m;
	return 0;
}
