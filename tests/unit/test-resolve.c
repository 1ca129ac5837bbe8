/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"

/* A recorded machine, in a directory of its own that is removed afterwards. */
struct root {
	char path[64];
	int fd;
};

static void root_make(struct root *r)
{
	strcpy(r->path, "/tmp/test-resolve-XXXXXX");
	CHECK(mkdtemp(r->path) != NULL);
	r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(r->fd >= 0);
}

static void root_done(struct root *r)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", r->path);
	CHECK_EQ(system(command), 0);
	close(r->fd);
}

static void make_parents(struct root *r, const char *path)
{
	char dir[256];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		(void)mkdirat(r->fd, dir, 0755); /* it may be there already */
	}
}

static void make_file(struct root *r, const char *path, const char *text)
{
	int fd;

	make_parents(r, path);
	fd = openat(r->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void make_link(struct root *r, const char *path, const char *target)
{
	make_parents(r, path);
	CHECK_EQ(symlinkat(target, r->fd, path), 0);
}

/* A network card and a disk behind a virtio bus on node 1, a card whose node is unknown, a bond of
 * both cards, an md of a partition, and things that are nowhere. */
static void make_machine(struct root *r)
{
	root_make(r);
	make_file(r, "sys/devices/pci0000:00/0000:00:03.0/numa_node", "1\n");
	make_file(r, "sys/devices/pci0000:00/0000:00:03.0/virtio0/net/eth0/upper_bond0/x", "");
	make_file(r, "sys/devices/pci0000:00/0000:00:03.0/virtio1/block/vda/vda1/dev", "8:1\n");
	make_file(r, "sys/devices/pci0001:3a/0001:3a:1f.2/numa_node", "-1\n");
	make_file(r, "sys/devices/pci0001:3a/0001:3a:1f.2/net/eth1/mtu", "1500\n");
	make_file(r, "sys/devices/virtual/net/lo/mtu", "65536\n");
	make_file(r, "sys/devices/virtual/block/md0/dev", "9:0\n");
	make_file(r, "sys/devices/virtual/net/bond0/mtu", "1500\n");
	make_link(r, "sys/class/net/eth0",
		  "../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0");
	make_link(r, "sys/class/net/eth1", "../../devices/pci0001:3a/0001:3a:1f.2/net/eth1");
	make_link(r, "sys/class/net/lo", "../../devices/virtual/net/lo");
	make_link(r, "sys/class/net/bond0", "../../devices/virtual/net/bond0");
	make_link(r, "sys/class/block/vda1",
		  "../../devices/pci0000:00/0000:00:03.0/virtio1/block/vda/vda1");
	make_link(r, "sys/class/block/md0", "../../devices/virtual/block/md0");
	make_link(r, "sys/class/net/old0/device",
		  "../../../devices/pci0000:00/0000:00:03.0/virtio0");
	make_link(r, "sys/class/net/loop", "../../devices/virtual/net/loop");
	make_link(r, "sys/class/net/far", "../../../../../../../../etc");
	make_link(r, "sys/bus/pci/devices/0000:00:03.0",
		  "../../../devices/pci0000:00/0000:00:03.0");
	make_link(r, "sys/bus/pci/devices/0001:3a:1f.2",
		  "../../../devices/pci0001:3a/0001:3a:1f.2");
	make_link(r, "sys/devices/virtual/net/bond0/lower_eth0",
		  "../../../pci0000:00/0000:00:03.0/virtio0/net/eth0");
	make_link(r, "sys/devices/virtual/net/bond0/lower_eth1",
		  "../../../pci0001:3a/0001:3a:1f.2/net/eth1");
	make_link(r, "sys/devices/virtual/net/loop/lower_loop", "../loop");
	make_link(r, "sys/devices/virtual/block/md0/slaves/vda1",
		  "../../../../pci0000:00/0000:00:03.0/virtio1/block/vda/vda1");
}

static const struct {
	const char *text, *nodes; /* nodes NULL: refused */
	const char *rule, *what;
} devices[] = {
	{ "netdev:eth0", "1" },
	{ "0,netdev:eth0", "0-1" },
	{ "!netdev:eth0", "0" },
	{ "netdev:bond0", "1" }, /* of its two cards, the one that is known */
	{ "netdev:old0", "1" },
	{ "block:vda1", "1" },
	{ "block:md0", "1" },
	{ "pci:00:03.0", "1" },
	{ "pci:00:03", "1" },
	{ "pci:0:0:3.0", "1" },
	{ "pci:0001:3a:1f.2", NULL, "nodes-device-nowhere", "the kernel does not know its node" },
	{ "netdev:eth1", NULL, "nodes-device-nowhere", "the kernel does not know its node" },
	{ "netdev:lo", NULL, "nodes-device-nowhere", "attached to no node" },
	{ "netdev:loop", NULL, "nodes-device-nowhere", "attached to no node" },
	{ "netdev:far", NULL, "nodes-device-nowhere",
	  "attached to no node" }, /* never leaves the root */
	{ "netdev:eth7", NULL, "nodes-device-unknown", "no such device" },
	{ "block:sda", NULL, "nodes-device-unknown", "no such device" },
	{ "pci:00:04.0", NULL, "nodes-device-unknown", "no such device" },
	{ "file:/etc/passwd", NULL, "nodes-device-not-recorded", "not the files" },
	{ "ip:127.0.0.1", NULL, "nodes-device-not-recorded", "not the routes" },
};

TEST(a_device_is_where_its_bus_is)
{
	const struct mpol_machine two = { .online = MPOL_NODES(0, 1),
					  .mems_allowed = MPOL_NODES(0, 1) };
	static struct mpol_nodes_expr e;
	struct root root;

	make_machine(&root);
	for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
		struct mpol_error err = { 0 };
		struct mpol_nodeset s;
		char text[MPOL_NODES_TEXT];
		int r;

		check_row(i, devices[i].text);
		CHECK_EQ(mpol_nodes_expr_parse(devices[i].text, &e, &err), 0);
		r = mpol_nodes_resolve(root.fd, &two, NULL, &e, &s, &err);
		if (!devices[i].nodes) {
			CHECK(r < 0);
			CHECK_STR(err.rule ? err.rule->id : "", devices[i].rule);
			CHECK_HAS(err.what, devices[i].what);
			CHECK_STR(err.where, devices[i].text);
			continue;
		}
		CHECK_EQ(r, 0);
		(void)mpol_nodes_print(&s, text, sizeof(text));
		CHECK_STR(text, devices[i].nodes);
	}
	root_done(&root);
}

TEST(on_a_machine_with_one_node_every_known_device_is_there)
{
	const struct mpol_machine one = { .online = MPOL_NODES(0), .mems_allowed = MPOL_NODES(0) };
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;
	struct root root;

	make_machine(&root);
	CHECK_EQ(mpol_nodes_expr_parse("netdev:eth1", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root.fd, &one, NULL, &e, &s, &err), 0);
	CHECK_EQ(mpol_nodes_last(&s), 0);
	CHECK_EQ(mpol_nodes_expr_parse("netdev:lo", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root.fd, &one, NULL, &e, &s, &err), -ENOENT);
	root_done(&root);
}

TEST(a_machine_without_a_root_has_no_devices)
{
	const struct mpol_machine one = { .online = MPOL_NODES(0), .mems_allowed = MPOL_NODES(0) };
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;

	CHECK_EQ(mpol_nodes_expr_parse("netdev:eth0", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(-1, &one, NULL, &e, &s, &err), -EINVAL);
	CHECK_STR(err.rule->id, "nodes-device-not-recorded");
}

TEST(files_and_addresses_are_asked_of_the_running_machine)
{
	const struct mpol_machine two = { .online = MPOL_NODES(0, 1),
					  .mems_allowed = MPOL_NODES(0, 1) };
	_cleanup_close_ int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;

	CHECK_EQ(mpol_nodes_expr_parse("file:/proc/version", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root, &two, NULL, &e, &s, &err), -ENOENT);
	CHECK_HAS(err.what, "its file system stands on no single block device");
	CHECK_EQ(mpol_nodes_expr_parse("file:/no/such/file", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root, &two, NULL, &e, &s, &err), -ENOENT);
	CHECK_HAS(err.what, "there is no such file: No such file or directory");
	CHECK_EQ(mpol_nodes_expr_parse("ip:no..host", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root, &two, NULL, &e, &s, &err), -EHOSTUNREACH);
	CHECK_HAS(err.what, "the address cannot be found");
	if (!faccessat(root, "sys/class/net/lo", F_OK, 0)) {
		CHECK_EQ(mpol_nodes_expr_parse("ip:127.0.0.1", &e, &err), 0);
		CHECK(mpol_nodes_resolve(root, &two, NULL, &e, &s, &err) < 0);
		/* Reached by lo, which is attached to no node; without routes, unreachable. */
		CHECK(strstr(err.what, "attached to no node") || strstr(err.what, "no route"));
	}
}
