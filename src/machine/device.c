/* SPDX-License-Identifier: MIT */
/*
 * Which node a device is attached to. sysfs has one directory per device, within that of what it is
 * plugged into; the first on the way up that has numa_node tells. Class and bus directories are
 * relative links into that tree, so that a recorded root works as a running one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "machine/device.h"
#include "machine/route.h"
#include "model/nodes-expr.h"

static const struct mpol_rule rule_device_unknown = {
	"nodes-device-unknown",
	ENOENT,
	"A device's node is looked up in /sys, where every device has its place.",
	"look for its name in /sys/class/net, /sys/class/block or with lspci",
	"numactl(8)",
	NULL,
};
static const struct mpol_rule rule_device_nowhere = {
	"nodes-device-nowhere",
	ENOENT,
	"The kernel knows the node of a device from the firmware's tables or its bus; of virtual "
	"devices, "
	"and where the firmware is silent, it knows none.",
	"name the node by number, or the real device behind it",
	"Documentation/ABI/testing/sysfs-bus-pci numa_node",
	NULL,
};
static const struct mpol_rule rule_device_file = {
	"nodes-device-file",
	ENOENT,
	"file: asks for the block device that holds a file; file systems in memory, on the network "
	"or of "
	"several layers have none.",
	"name the device with block:, or the node by number",
	"numactl(8), stat(2) st_dev",
	NULL,
};
static const struct mpol_rule rule_device_address = {
	"nodes-device-address",
	EHOSTUNREACH,
	"ip: asks by which interface an address is reached.",
	"name the interface with netdev:, or the node by number",
	"numactl(8), rtnetlink(7) RTM_GETROUTE",
	NULL,
};
static const struct mpol_rule rule_device_recorded = {
	"nodes-device-not-recorded",
	EINVAL,
	"Devices are looked up where the machine was read: a recording has them in sys/, but "
	"neither files nor "
	"routes, and a machine that is only described has nothing.",
	"use netdev:, block: or pci:, or name the node by number",
	"mpol-policy(7)",
	NULL,
};

const struct mpol_rule *const device_rules[] = {
	&rule_device_unknown, &rule_device_nowhere,  &rule_device_file,
	&rule_device_address, &rule_device_recorded, NULL,
};

#define MOST_LAYERS 8 /* a partition on a dm on a md on … */

struct search {
	int root_fd;
	const struct mpol_machine *machine;
	const char *shown; /* "netdev:eth0" */
	struct mpol_nodeset nodes;
	bool silent; /* some numa_node said -1 */
	struct mpol_error *err;
};

static int search_link(struct search *s, const char *link, unsigned layer);

/* Cuts the last part of a path. */
static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

/* The node that a directory, or one it lies in, tells; false: none has numa_node. path is cut. */
static bool search_up(struct search *s, char *path)
{
	while (strlen(path) > strlen("sys/devices/")) {
		char line[32], *end;
		int r = file_read_line_at(s->root_fd, line, sizeof(line), "%s/numa_node", path);

		if (r == 0) {
			long node = strtol(line, &end, 10);

			if (end != line && node >= 0 && node < MPOL_MAX_NODES)
				mpol_nodes_add(&s->nodes, (unsigned)node);
			else
				s->silent = true;
			return true;
		}
		cut_last(path);
	}
	return false;
}

/* Of a device made of others: below "slaves" (block devices), or links "lower_eth0" (networks). */
static void search_lower(struct search *s, const char *path, const char *dir, const char *prefix,
			 unsigned layer)
{
	int fd = file_open_at(s->root_fd, O_RDONLY | O_DIRECTORY, "%s%s", path, dir);
	_cleanup_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((e = readdir(d))) {
		char link[PATH_MAX];

		if (e->d_name[0] == '.' || !STARTS(e->d_name, prefix))
			continue;
		if (snprintf(link, sizeof(link), "%s%s/%s", path, dir, e->d_name) <
		    (int)sizeof(link))
			(void)search_link(s, link, layer + 1);
	}
}

/*
 * Where a relative link leads to, by its text alone: "sys/class/net/eth0" with
 * "../../devices/pci0000:00/…" is "sys/devices/pci0000:00/…". Never leaves the root.
 */
static int follow(const char *link, char *target, char path[PATH_MAX])
{
	char *part;

	(void)snprintf(path, PATH_MAX, "%s", link);
	cut_last(path);
	while ((part = strsep(&target, "/"))) {
		size_t len = strlen(path);

		if (STREQ(part, "..")) {
			cut_last(path);
			continue;
		}
		if (!*part || STREQ(part, "."))
			continue;
		if (len + strlen(part) + 2 > PATH_MAX)
			return -ENAMETOOLONG;
		path[len] = '/';
		memcpy(path + len + 1, part, strlen(part) + 1);
	}
	return 0;
}

/* Where a link in the root leads to; old kernels have a directory with a link "device" instead. */
static int read_target(struct search *s, const char *link, char path[PATH_MAX])
{
	char target[PATH_MAX], device[PATH_MAX];
	ssize_t n = readlinkat(s->root_fd, link, target, sizeof(target) - 1);

	(void)snprintf(device, sizeof(device), "%s", link);
	if (n < 0 && errno == EINVAL && strlen(link) + sizeof("/device") <= sizeof(device)) {
		memcpy(device + strlen(link), "/device", sizeof("/device"));
		n = readlinkat(s->root_fd, device, target, sizeof(target) - 1);
	}
	if (n < 0)
		return -errno;
	target[n] = '\0';
	return follow(device, target, path);
}

static int search_link(struct search *s, const char *link, unsigned layer)
{
	char path[PATH_MAX], up[PATH_MAX];
	int r = read_target(s, link, path);

	if (r < 0)
		return r;
	memcpy(up, path, sizeof(up));
	if (search_up(s, up) || layer >= MOST_LAYERS)
		return 0;
	search_lower(s, path, "/slaves", "", layer);
	search_lower(s, path, "", "lower_", layer);
	return 0;
}

/* Concludes: nodes were found, or the machine has but one, or why not. */
static int conclude(struct search *s, int r, struct mpol_nodeset *ret)
{
	if (r < 0)
		return mpol_fail_errno(s->err, &rule_device_unknown, -r, s->shown,
				       "there is no such device");
	if (mpol_nodes_empty(&s->nodes) && s->silent && mpol_nodes_count(&s->machine->online) == 1)
		s->nodes = s->machine->online;
	if (mpol_nodes_empty(&s->nodes))
		return mpol_fail(s->err, &rule_device_nowhere, s->shown,
				 s->silent
					 ? "the kernel does not know its node"
					 : "it is attached to no node: no device above it has one");
	*ret = s->nodes;
	return 0;
}

__attribute__((format(printf, 3, 4))) static int
search_path(struct search *s, struct mpol_nodeset *ret, const char *fmt, ...)
{
	char link[PATH_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(link, sizeof(link), fmt, ap);
	va_end(ap);
	return conclude(s, n < (int)sizeof(link) ? search_link(s, link, 0) : -ENAMETOOLONG, ret);
}

static int of_netdev(struct search *s, const char *name, struct mpol_nodeset *ret)
{
	return search_path(s, ret, "sys/class/net/%s", name);
}

static int of_block(struct search *s, const char *name, struct mpol_nodeset *ret)
{
	return search_path(s, ret, "sys/class/block/%s", name);
}

/* [SEGMENT:]BUS:DEVICE[.FUNCTION] in hexadecimal, as the parser has made sure. */
static int of_pci(struct search *s, const char *name, struct mpol_nodeset *ret)
{
	unsigned segment = 0, bus, device, function = 0;

	if (sscanf(name, "%x:%x:%x.%x", &segment, &bus, &device, &function) < 3) {
		segment = 0;
		(void)sscanf(name, "%x:%x.%x", &bus, &device, &function);
	}
	return search_path(s, ret, "sys/bus/pci/devices/%04x:%02x:%02x.%x", segment, bus, device,
			   function);
}

/* Whether the root is the running machine's own. */
static bool is_running(int root_fd)
{
	struct stat root, own;

	return fstat(root_fd, &root) == 0 && stat("/", &own) == 0 && root.st_dev == own.st_dev &&
	       root.st_ino == own.st_ino;
}

static int of_file(struct search *s, const char *name, struct mpol_nodeset *ret)
{
	struct stat st;
	dev_t d;

	if (!is_running(s->root_fd))
		return mpol_fail(s->err, &rule_device_recorded, s->shown,
				 "a recording has not the files of its machine");
	if (stat(name, &st) < 0)
		return mpol_fail_errno(s->err, &rule_device_file, errno, s->shown,
				       "there is no such file: %s", strerror(errno));
	d = S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode) ? st.st_rdev : st.st_dev;
	if (!S_ISCHR(st.st_mode) && major(d) == 0)
		return mpol_fail(s->err, &rule_device_file, s->shown,
				 "its file system stands on no single block device");
	return search_path(s, ret, "sys/dev/%s/%u:%u", S_ISCHR(st.st_mode) ? "char" : "block",
			   major(d), minor(d));
}

static int of_ip(struct search *s, const char *name, struct mpol_nodeset *ret)
{
	struct addrinfo *found = NULL;
	char interface[IF_NAMESIZE];
	int r;

	if (!is_running(s->root_fd))
		return mpol_fail(s->err, &rule_device_recorded, s->shown,
				 "a recording has not the routes of its machine");
	r = getaddrinfo(name, NULL, NULL, &found);
	if (r != 0)
		return mpol_fail(s->err, &rule_device_address, s->shown,
				 "the address cannot be found: %s", gai_strerror(r));
	r = route_interface(found->ai_addr);
	freeaddrinfo(found);
	if (r >= 0 && !if_indextoname((unsigned)r, interface))
		r = -errno;
	if (r < 0)
		return mpol_fail_errno(s->err, &rule_device_address, -r, s->shown,
				       "no route leads there: %s", strerror(-r));
	return of_netdev(s, interface, ret);
}

int device_nodes(int root_fd, const struct mpol_machine *machine, enum mpol_device device,
		 const char *name, struct mpol_nodeset *ret, struct mpol_error *err)
{
	static int (*const lookups[])(struct search *, const char *, struct mpol_nodeset *) = {
		[MPOL_DEVICE_NETDEV] = of_netdev, [MPOL_DEVICE_IP] = of_ip,
		[MPOL_DEVICE_FILE] = of_file,	  [MPOL_DEVICE_BLOCK] = of_block,
		[MPOL_DEVICE_PCI] = of_pci,
	};
	char shown[80];
	struct search s = { .root_fd = root_fd, .machine = machine, .shown = shown, .err = err };

	(void)snprintf(shown, sizeof(shown), "%s%s", nodes_expr_device_prefix(device), name);
	if (root_fd == -1)
		return mpol_fail(err, &rule_device_recorded, shown,
				 "a machine that is only described has no devices");
	return lookups[device](&s, name, ret);
}
