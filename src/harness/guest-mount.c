/* SPDX-License-Identifier: MIT */
/* What a program expects of a Linux system, in a guest that has only its initramfs: mounts, links,
 * modules, loopback. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/guest.h"

#include "base/cleanup.h"
#include "base/macros.h"

struct mount {
	const char *type, *where, *options;
	unsigned long flags;
};

#define NOTHING_RUNS_HERE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct mount mounts[] = {
	{ "proc", "/proc", NULL, NOTHING_RUNS_HERE },
	{ "sysfs", "/sys", NULL, NOTHING_RUNS_HERE },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
	{ "devpts", "/dev/pts", "mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
};

static const struct mount unified[] = {
	{ "cgroup2", "/sys/fs/cgroup", NULL, NOTHING_RUNS_HERE },
};

static const struct mount legacy[] = {
	{ "tmpfs", "/sys/fs/cgroup", "mode=0755", NOTHING_RUNS_HERE },
	{ "cgroup", "/sys/fs/cgroup/cpuset", "cpuset", NOTHING_RUNS_HERE },
	{ "cgroup", "/sys/fs/cgroup/memory", "memory", NOTHING_RUNS_HERE },
	{ "cgroup2", "/sys/fs/cgroup/unified", NULL, NOTHING_RUNS_HERE },
};

static const struct {
	const char *target, *path;
} links[] = {
	{ "/proc/self/fd", "/dev/fd" },	      { "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
	{ "/dev/pts/ptmx", "/dev/ptmx" },     { "/proc/self/mounts", "/etc/mtab" },
};

static int mount_one(const struct mount *m, char *what, size_t size)
{
	if (mkdir(m->where, 0755) < 0 && errno != EEXIST) {
		int r = -errno;

		(void)snprintf(what, size, "mkdir %s: %s", m->where, strerror(errno));
		return r;
	}
	if (mount(m->type, m->where, m->type, m->flags, m->options) < 0 && errno != EBUSY) {
		int r = -errno;

		(void)snprintf(what, size, "mount -t %s %s: %s", m->type, m->where,
			       strerror(errno));
		return r;
	}
	return 0;
}

static void loopback_up(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	if (fd >= 0)
		(void)ioctl(
			fd, SIOCSIFFLAGS,
			&request); /* a kernel without networking runs tests of memory as well */
}

/* Whether something was packed into a folder, which a mount would hide: a project may lie below
 * /tmp. */
static bool was_packed(const char *where)
{
	_cleanup_closedir_ DIR *dir = opendir(where);
	struct dirent *e = dir ? readdir(dir) : NULL;

	while (e && (STREQ(e->d_name, ".") || STREQ(e->d_name, "..")))
		e = readdir(dir);
	return e != NULL;
}

int guest_mount(char *what, size_t size)
{
	for (size_t i = 0; i < ELEMENTSOF(mounts); i++) {
		int r;

		if (STREQ(mounts[i].type, "tmpfs") && was_packed(mounts[i].where)) {
			(void)chmod(mounts[i].where, 01777); /* the root is memory as well */
			continue;
		}
		r = mount_one(&mounts[i], what, size);
		if (r < 0)
			return r;
	}
	/* No filesystems of their own: what was packed from below /tmp would be hidden. */
	(void)mkdir("/tmp", 01777);
	(void)chmod("/tmp", 01777); /* past the umask, and where a packed file made it */
	(void)mkdir("/run", 0755);
	(void)mkdir("/etc", 0755); /* may be there; the links below tell if it cannot be */
	(void)mkdir("/root", 0700);
	(void)mkdir("/var", 0755);
	(void)symlink("/tmp", "/var/tmp"); /* may have been packed */
	for (size_t i = 0; i < ELEMENTSOF(links); i++) {
		if (STREQ(links[i].path, "/dev/ptmx"))
			(void)unlink(links[i].path); /* the node of the first devpts instance */
		if (symlink(links[i].target, links[i].path) < 0 && errno != EEXIST) {
			int r = -errno;

			(void)snprintf(what, size, "symlink %s: %s", links[i].path,
				       strerror(errno));
			return r;
		}
	}
	(void)sethostname("mpol", 4); /* only for a prompt */
	loopback_up();
	return 0;
}

int guest_mount_cgroup(unsigned version, char *what, size_t size)
{
	int r;

	if (version == 2)
		return mount_one(&unified[0], what, size);
	for (size_t i = 0; i < ELEMENTSOF(legacy); i++) {
		r = mount_one(&legacy[i], what, size);
		/* A kernel may have been built without cpusets of version 1: the command finds
		 * none. */
		if (r < 0 && STREQ(legacy[i].type, "tmpfs"))
			return r;
		if (r < 0 && i == 1)
			return r;
	}
	return 0;
}

static int load(const char *name, char *what, size_t size)
{
	char path[512];
	_cleanup_close_ int fd = -1;
	unsigned flags = 0;
	size_t len = strlen(name);

	(void)snprintf(path, sizeof(path), MODULE_FOLDER "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (len > 3 && !STREQ(name + len - 3, ".ko"))
		flags = 4; /* MODULE_INIT_COMPRESSED_FILE */
	if (fd >= 0 && (syscall(SYS_finit_module, fd, "", flags) == 0 || errno == EEXIST))
		return 0;
	(void)snprintf(what, size, "the module %s cannot be loaded: %s", name, strerror(errno));
	return -errno;
}

int guest_load_modules(char *what, size_t size)
{
	struct dirent **found;
	int n = scandir(MODULE_FOLDER, &found, NULL, alphasort), r = 0;

	for (int i = 0; i < n; i++) {
		if (found[i]->d_name[0] != '.' && r == 0)
			r = load(found[i]->d_name, what, size);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	return r;
}
