/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "devices.h"

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
	_cleanup_close_ int root = devices_root();

	for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
		struct mpol_error err = { 0 };
		struct mpol_nodeset s;
		char text[MPOL_NODES_TEXT];
		int r;

		check_row(i, devices[i].text);
		CHECK_EQ(mpol_nodes_expr_parse(devices[i].text, &e, &err), 0);
		r = mpol_nodes_resolve(root, &two, NULL, &e, &s, &err);
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
}

TEST(on_a_machine_with_one_node_every_known_device_is_there)
{
	const struct mpol_machine one = { .online = MPOL_NODES(0), .mems_allowed = MPOL_NODES(0) };
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;
	_cleanup_close_ int root = devices_root();

	CHECK_EQ(mpol_nodes_expr_parse("netdev:eth1", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root, &one, NULL, &e, &s, &err), 0);
	CHECK_EQ(mpol_nodes_last(&s), 0);
	CHECK_EQ(mpol_nodes_expr_parse("netdev:lo", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(root, &one, NULL, &e, &s, &err), -ENOENT);
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
