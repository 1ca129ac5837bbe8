/* SPDX-License-Identifier: MIT */
/* /proc/PID/maps; see maps.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "placement/maps.h"
#include "placement/lines.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule bad_line = {
	"maps-format",
	EBADMSG,
	"A line of maps is an address range, permissions, an offset, a device, an inode and a "
	"name.",
	"report the line, with the version of the kernel that wrote it",
	"fs/proc/task_mmu.c show_map_vma(), proc(5)",
	NULL,
};

struct map_line {
	uint64_t start, end, device;
	const char *permissions; /* "rwxp" */
	const char *path;	 /* "" where there is none */
};

/* A hexadecimal number that `end` follows; the text behind that, or NULL. */
static char *hex(char *text, char end, uint64_t *ret)
{
	char *p;

	if (!text || *text == '-' || *text == '+' || *text == ' ')
		return NULL;
	*ret = strtoull(text, &p, 16);
	return p > text && *p == end ? p + 1 : NULL;
}

/* "7f0-7f1 rw-p 00000000 00:01 1234                 /memfd:x (deleted)" */
static bool parse_line(char *line, struct map_line *ret)
{
	uint64_t offset, major, minor;
	char *p = hex(hex(line, '-', &ret->start), ' ', &ret->end);

	if (!p || strlen(p) < 5 || p[4] != ' ')
		return false;
	ret->permissions = p;
	p = hex(hex(hex(p + 5, ' ', &offset), ':', &major), ' ', &minor);
	if (!p)
		return false;
	p += strspn(p, "0123456789"); /* the inode */
	ret->device = makedev((unsigned)major, (unsigned)minor);
	ret->path = p + strspn(p, " ");
	return ret->start < ret->end;
}

/* [heap], [stack] and names that programs give (prctl(2) PR_SET_VMA_ANON_NAME) are ordinary memory.
 */
static bool is_special(const char *path)
{
	static const char *const ordinary[] = { "[heap]", "[stack", "[anon" };

	for (size_t i = 0; i < ELEMENTSOF(ordinary); i++)
		if (STARTS(path, ordinary[i]))
			return false;
	return *path == '[';
}

static int add_map(struct map **maps, size_t *n, const struct map *map)
{
	if ((*n & (*n - 1)) == 0) { /* a power of two, or 0: full */
		struct map *more = reallocarray(*maps, *n ? *n * 2 : 64, sizeof(*more));

		if (!more)
			return -ENOMEM;
		*maps = more;
	}
	(*maps)[(*n)++] = *map;
	return 0;
}

int maps_read(const struct process *p, struct kinds *kinds, struct map **ret, size_t *ret_n,
	      struct mpol_error *err)
{
	_cleanup_(lines_done) struct lines lines;
	_cleanup_free_ struct map *maps = NULL;
	uint64_t shm_device = p->ours ? kinds_shm_device() : 0;
	size_t n = 0;
	int r, fd = file_open_at(p->dir_fd, O_RDONLY, "maps");

	lines_init(&lines, fd);
	if (fd < 0)
		return process_fail(p, "maps", fd, err);
	for (;;) {
		struct map_line l;
		struct map map;
		char *line;
		size_t len;

		r = lines_next(&lines, &line, &len);
		if (r < 0)
			return process_fail(p, "maps", r, err);
		if (r == 0)
			break;
		if (!parse_line(line, &l))
			return mpol_fail(err, &bad_line, "", "/proc/%d/maps: '%.80s'", (int)p->pid,
					 line);
		map = (struct map){
			.start = l.start,
			.end = l.end,
			.kind = kinds_of_map(kinds, l.path, l.device, shm_device),
			.accessible = strncmp(l.permissions, "---", 3) != 0,
			.writable = l.permissions[1] == 'w',
			.shared = l.permissions[3] == 's',
			.special = is_special(l.path),
		};
		r = add_map(&maps, &n, &map);
		if (r < 0)
			return process_fail(p, "maps", r, err);
	}
	*ret = TAKE(maps);
	*ret_n = n;
	return 0;
}

size_t maps_find(const struct map *maps, size_t n, uint64_t address)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
