/* SPDX-License-Identifier: MIT */
/* Whether KVM works here; see accel.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vm/accel.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define NOTE "kvm-broken" /* holds the boot id */

static bool boot_id(char ret[64])
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root >= 0 && file_read_line_at(root, ret, 64, "proc/sys/kernel/random/boot_id") == 0;
}

bool accel_kvm_present(void)
{
	_cleanup_close_ int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	return fd >= 0;
}

bool accel_kvm_worth_trying(const char *cache)
{
	_cleanup_close_ int dir = cache ? open(cache, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	char now[64], noted[64];

	if (!accel_kvm_present())
		return false;
	if (dir < 0 || file_read_line_at(dir, noted, sizeof(noted), NOTE) < 0 || !boot_id(now))
		return true;
	return !STREQ(noted, now);
}

void accel_remember_broken(const char *cache)
{
	char now[64], path[4096], draft[4096];
	int fd;

	if (!cache || !boot_id(now))
		return;
	if (snprintf(path, sizeof(path), "%s/" NOTE, cache) >= (int)sizeof(path) ||
	    snprintf(draft, sizeof(draft), "%s/." NOTE "-%ld", cache, (long)getpid()) >=
		    (int)sizeof(draft))
		return;
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	if (dprintf(fd, "%s\n", now) < 0 || close(fd) < 0 || rename(draft, path) < 0)
		(void)unlink(draft); /* nothing was noted, and nothing stays */
}
