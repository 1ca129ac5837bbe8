/* SPDX-License-Identifier: MIT */
/* Placement from recorded roots. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpol/placement.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)

static const char *write_root(char dir[64], const char *numa_maps, const char *maps,
			      const char *mountinfo)
{
	static const char *const names[] = { "numa_maps", "maps", "mountinfo" };
	const char *texts[] = { numa_maps, maps, mountinfo };
	char path[128];

	(void)strcpy(dir, "/tmp/mpol-test-XXXXXX");
	if (!mkdtemp(dir))
		check_skip("cannot make a folder in /tmp");
	(void)snprintf(path, sizeof(path), "%s/proc", dir);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/proc/7", dir);
	(void)mkdir(path, 0700);
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		_cleanup_fclose_ FILE *f = NULL;

		if (!texts[i])
			continue;
		(void)snprintf(path, sizeof(path), "%s/proc/7/%s", dir, names[i]);
		f = fopen(path, "we");
		if (f)
			(void)fputs(texts[i], f);
	}
	return dir;
}

static void remove_root(const char *dir)
{
	static const char *const names[] = { "proc/7/numa_maps", "proc/7/maps", "proc/7/mountinfo",
					     "proc/7",		 "proc",	"" };
	char path[128];

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
}

static const char recorded[] =
	"1000 default anon=10 dirty=10 N0=4 N1=6 kernelpagesize_kB=4\n"
	"20000 default file=/mnt/a\\040b/x anon=2 mapped=8 N0=6 N1=2 kernelpagesize_kB=4\n"
	"30000 default file=/lib/x.so mapped=3 N3=3 kernelpagesize_kB=4\n"
	"40000 bind:1 file=/huge/x huge anon=1 N1=1 kernelpagesize_kB=2048\n"
	"50000 default\n"
	"60000 default file=/mnt/a\\040b/sub/y mapped=1 N2=1 kernelpagesize_kB=64\n";
static const char recorded_mounts[] =
	"22 1 0:20 / / rw - ext4 /dev/sda1 rw\n"
	"23 22 0:21 / /mnt/a\\040b rw,noatime shared:1 - tmpfs tmpfs rw\n"
	"24 23 0:22 / /mnt/a\\040b/sub rw - xfs /dev/sdb rw\n";

TEST(a_recorded_process_is_weighed_by_page_size_and_told_apart_by_kind)
{
	char dir[64];
	_cleanup_close_ int fd = open(write_root(dir, recorded, NULL, recorded_mounts),
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_placement p = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_placement_of(fd, 7, &p, &err), 0);
	CHECK_STR(err.what, "");
	CHECK_EQ(p.bytes[MPOL_PAGE_ANON][0], 4 * PAGE + 2 * PAGE); /* 6/8 of 2, rounded */
	CHECK_EQ(p.bytes[MPOL_PAGE_ANON][1], 6 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_SHARED][0],
		 4 * PAGE); /* on a tmpfs, whose mount point has a space */
	CHECK_EQ(p.bytes[MPOL_PAGE_SHARED][1], 2 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_FILE][3], 3 * PAGE);
	CHECK_EQ(p.bytes[MPOL_PAGE_HUGE][1], 2 * MIB);
	CHECK_EQ(p.bytes[MPOL_PAGE_FILE][2], 64 * 1024); /* on what is mounted over a part of it */
	CHECK_EQ(mpol_placement_read_own(fd, 7, NULL, 0, &p, &err), -EOPNOTSUPP);
	CHECK(!p.own_known);
	remove_root(dir);
}

TEST(what_reaches_beyond_a_range_in_a_recording_is_said_apart)
{
	static const char maps[] = "1000-b000 rw-p 00000000 00:00 0 \n"
				   "20000-28000 rw-p 00000000 00:15 7          /mnt/a b/x\n"
				   "30000-33000 r--p 00000000 08:01 8          /lib/x.so\n";
	char dir[64];
	_cleanup_close_ int fd = open(write_root(dir, recorded, maps, recorded_mounts),
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_range ranges[] = { { 0x1000, 0xb000 }, { 0x21000, 0x28000 } };
	struct mpol_placement p = { 0 };

	CHECK_EQ(mpol_placement_of_ranges(fd, 7, ranges, 2, &p, NULL), 0);
	CHECK_EQ(mpol_placement_on(&p, NULL), 10 * PAGE);
	CHECK_EQ(p.unattributed, 8 * PAGE);
	remove_root(dir);
}

static const struct {
	const char *numa_maps, *rule, *what;
	int r;
} broken[] = {
	{ NULL, "numa-maps-missing", "no such file in the recording", -ENOENT },
	{ "1000 default\nrubbish\n", "numa-maps-format", "line 2 of /proc/7/numa_maps: 'rubbish'",
	  -EBADMSG },
	{ "1000 default N0=1 N9999=1 kernelpagesize_kB=4", "numa-maps-format", "line 1", -EBADMSG },
};

TEST(a_broken_recording_is_described)
{
	for (size_t i = 0; i < ELEMENTSOF(broken); i++) {
		char dir[64];
		_cleanup_close_ int fd = open(write_root(dir, broken[i].numa_maps, NULL, NULL),
					      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct mpol_placement p = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, broken[i].rule);
		CHECK_EQ(mpol_placement_of(fd, 7, &p, &err), broken[i].r);
		CHECK_STR(err.rule ? err.rule->id : NULL, broken[i].rule);
		CHECK_HAS(err.what, broken[i].what);
		remove_root(dir);
	}
}
