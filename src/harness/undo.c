/* SPDX-License-Identifier: MIT */
/* Putting the machine back; see undo.h. */
#include <sys/mman.h>

#include "base/macros.h"
#include "harness/undo.h"

struct undo *undo_new(void)
{
	void *memory = mmap(NULL, sizeof(struct undo), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void undo_free(struct undo *u)
{
	if (u)
		(void)munmap(u, sizeof(*u)); /* our own mapping */
}

static int put_weights(int root_fd, const struct undo *u, struct mpol_error *err)
{
	return weights_restore(root_fd, &u->weights, err);
}

static int bring_cpus_back(int root_fd, const struct undo *u, struct mpol_error *err)
{
	return cpus_switch(root_fd, &u->offline, true, err);
}

static int bring_memory_back(int root_fd, const struct undo *u, struct mpol_error *err)
{
	return memory_restore(root_fd, &u->memory, err);
}

static int put_hugepages(int root_fd, const struct undo *u, struct mpol_error *err)
{
	return hugepages_restore(root_fd, u->hugepages, err);
}

static int put_balancing(int root_fd, const struct undo *u, struct mpol_error *err)
{
	return balancing_restore(root_fd, &u->balancing, err);
}

int undo_all(int root_fd, const struct undo *u, struct mpol_error *err)
{
	static int (*const parts[])(int root_fd, const struct undo *u, struct mpol_error *err) = {
		put_weights, bring_cpus_back, bring_memory_back, put_hugepages, put_balancing,
	};
	int first = 0;

	for (size_t i = 0; u && i < ELEMENTSOF(parts); i++) {
		int r = parts[i](root_fd, u, first < 0 ? NULL : err);

		first = first < 0 ? first : r;
	}
	return first;
}
