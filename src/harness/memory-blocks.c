/* SPDX-License-Identifier: MIT */
/* Memory that is taken off the machine and brought back; see memory-blocks.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "harness/memory-blocks.h"

#define BLOCK "sys/devices/system/memory/memory%u"

static const struct mpol_rule memory_blocks = {
	.id = "memory-blocks",
	.errnum = EIO,
	.why = "Memory goes off the machine in blocks that hold nothing but movable pages, as "
	       "plugged "
	       "memory does.",
	.hint = "declare a machine with .hotplug on that node, whose memory is movable.",
	.source = "Documentation/admin-guide/mm/memory-hotplug.rst",
};

static bool is_online(int root_fd, unsigned number)
{
	char state[32];

	return file_read_line_at(root_fd, state, sizeof(state), BLOCK "/state", number) == 0 &&
	       STREQ(state, "online");
}

/* Online and of a zone that holds movable pages only. */
static bool can_go(int root_fd, unsigned number)
{
	char zones[64];

	return is_online(root_fd, number) &&
	       file_read_line_at(root_fd, zones, sizeof(zones), BLOCK "/valid_zones", number) ==
		       0 &&
	       STARTS(zones, "Movable");
}

static int take_off(int root_fd, unsigned node, unsigned number, struct memory_blocks *off,
		    struct mpol_error *err)
{
	int r;

	if (off->n == MEMORY_BLOCKS_MAX)
		return mpol_fail(err, &memory_blocks, "", "more than %d blocks", MEMORY_BLOCKS_MAX);
	off->of[off->n] = (struct memory_block){ node, number };
	off->n++;
	r = file_write_at(root_fd, "offline", BLOCK "/state", number);
	return r < 0 ? mpol_fail_errno(err, &memory_blocks, -r, "",
				       "block %u of node %u cannot be taken off: %s", number, node,
				       strerror(-r))
		     : 0;
}

int memory_offline(int root_fd, unsigned node, struct memory_blocks *off, struct mpol_error *err)
{
	_cleanup_closedir_ DIR *dir = NULL;
	size_t before = off->n;
	int r = 0, fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY,
				     "sys/devices/system/node/node%u", node);

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return mpol_fail_errno(err, &memory_blocks, fd < 0 ? -fd : errno, "", "node %u: %s",
				       node, strerror(fd < 0 ? -fd : errno));
	for (struct dirent *e; r == 0 && (e = readdir(dir));) {
		unsigned number;
		char more;

		if (sscanf(e->d_name, "memory%u%c", &number, &more) == 1 && can_go(root_fd, number))
			r = take_off(root_fd, node, number, off, err);
	}
	if (r == 0 && off->n == before)
		return mpol_fail(err, &memory_blocks, "",
				 "node %u has no memory that can be taken off", node);
	return r;
}

static int bring_back(int root_fd, const struct memory_block *b, struct mpol_error *err)
{
	int r = is_online(root_fd, b->number)
			? 0
			: file_write_at(root_fd, "online_movable", BLOCK "/state", b->number);

	return r < 0 ? mpol_fail_errno(err, &memory_blocks, -r, "",
				       "block %u of node %u cannot be brought back: %s", b->number,
				       b->node, strerror(-r))
		     : 0;
}

int memory_online(int root_fd, unsigned node, const struct memory_blocks *off,
		  struct mpol_error *err)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < off->n; i++)
		if (off->of[i].node == node) {
			any = true;
			r = bring_back(root_fd, &off->of[i], err);
		}
	return r < 0 || any ? r
			    : mpol_fail(err, &memory_blocks, "", "nothing of node %u was taken off",
					node);
}

int memory_restore(int root_fd, const struct memory_blocks *off, struct mpol_error *err)
{
	int first = 0;

	for (size_t i = 0; i < off->n; i++) {
		int r = bring_back(root_fd, &off->of[i], first < 0 ? NULL : err);

		first = first < 0 ? first : r;
	}
	return first;
}
