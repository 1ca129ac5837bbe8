/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include <mpol/notation.h>

#include "base/macros.h"
#include "check.h"
#include "model/nodes-expr.h"

static const struct {
	const char *text, *printed; /* printed NULL: refused */
	const char *where, *what;
} rows[] = {
	{ "", "" },
	{ "0", "0" },
	{ "7,0-3", "0-3,7" },
	{ "0+2", "0,2" },
	{ "0+2,4-5+7", "0,2,4-5,7" },
	{ "0x1f", "31" },
	{ "0x1-0xA", "1-10" },
	{ "007", "7" },
	{ "08", "8" },
	{ "all", "all" },
	{ "!2", "!2" },
	{ "!all", "!all" },
	{ "+0-1", "+0-1" },
	{ "+0+2", "+0,2" },
	{ "!+0", "!+0" },
	{ "same", "same" },
	{ "cpu", "cpu" },
	{ "mem-only", "mem-only" },
	{ "dist<=20", "dist<=20" },
	{ "dist<=20,dist<=30", "dist<=30" },
	{ "mem-only,cpu,3", "3,cpu,mem-only" },
	{ "!0,mem-only", "!0,mem-only" },
	{ "netdev:eth0", "netdev:eth0" },
	{ "0,ip:192.0.2.1", "0,ip:192.0.2.1" },
	{ "cpu,file:/srv/a,b+c", "cpu,file:/srv/a,b+c" },
	{ "block:sda", "block:sda" },
	{ "pci:0000:00:1f.2", "pci:0000:00:1f.2" },
	{ "pci:00:1f", "pci:00:1f" },
	{ "1023", "1023" },
	{ "0-1023", "0-1023" },

	{ "1024", NULL, "column 1", "node 1024 is above 1023, the highest there can be" },
	{ "0-4294967296", NULL, "column 3", "node 4294967296 is above 1023" },
	{ "0xffffffffffffffffffffff", NULL, "column 1", "is above 1023" },
	{ "010", NULL, "column 1", "010 is 10 to the kernel and another number to numactl" },
	{ "0-", NULL, "column 3", "a node number is expected, not the end" },
	{ "3-1", NULL, "column 1", "the range 3-1 is reversed" },
	{ "0,,2", NULL, "column 3", "a node number or a set's name is expected, not ','" },
	{ "0,", NULL, "column 3", "a node number or a set's name is expected, not the end" },
	{ ",0", NULL, "column 1", "a node number or a set's name is expected, not ','" },
	{ "-1", NULL, "column 1", "a node number or a set's name is expected, not '-'" },
	{ "!", NULL, "column 2", "a node number or a set's name is expected, not the end" },
	{ "+", NULL, "column 2", "a node number or a set's name is expected, not the end" },
	{ "+!0", NULL, "column 2", "a node number or a set's name is expected, not '!'" },
	{ "!!0", NULL, "column 2", "a node number or a set's name is expected, not '!'" },
	{ "0 1", NULL, "column 2", "a comma or the end is expected, not ' '" },
	{ "0-1-2", NULL, "column 4", "a comma or the end is expected, not '-'" },
	{ "0x", NULL, "column 2", "a comma or the end is expected, not 'x'" },
	{ "+all", NULL, "column 2", "numbers are expected after it" },
	{ "!same", NULL, "column 2", "\"same\" stands beside something else" },
	{ "0,same", NULL, "column 3", "\"same\" stands beside something else" },
	{ "alle", NULL, "column 1", "\"alle\" names no set of nodes" },
	{ "0,netdv:eth0", NULL, "column 3", "\"netdv:eth0\" names no set of nodes" },
	{ "dist<20", NULL, "column 1", "\"dist<20\" names no set of nodes" },
	{ "dist<=", NULL, "column 7", "a distance is expected after dist<=" },
	{ "dist<=9", NULL, "column 7", "9 is no distance" },
	{ "dist<=256", NULL, "column 7", "256 is no distance" },
	{ "netdev:", NULL, "column 8", "a name is expected after netdev:" },
	{ "netdev:../x", NULL, "column 8", "\"../x\" is no device's name" },
	{ "block:..", NULL, "column 7", "\"..\" is no device's name" },
	{ "pci:1f", NULL, "column 5", "\"1f\" is no PCI address" },
	{ "pci:00:1f:2", "pci:00:1f:2" }, /* segment 0, bus 1f, device 2 */
	{ "pci:00:1f.9", NULL, "column 5", "is no PCI address" },
	{ "pci:0:0:0:0", NULL, "column 5", "is no PCI address" },
	{ "0\n", NULL, "column 2", "byte 0x0a" },
	{ "\xff", NULL, "column 1", "byte 0xff" },
};

TEST(every_expression_is_printed_canonically_or_refused_with_its_column)
{
	static struct mpol_nodes_expr e, again;
	char text[MPOL_NODES_EXPR_TEXT];

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_error err = { 0 };
		int r = mpol_nodes_expr_parse(rows[i].text, &e, &err);

		check_row(i, rows[i].text);
		if (!rows[i].printed) {
			CHECK_EQ(r, -EINVAL);
			CHECK_STR(err.where, rows[i].where);
			CHECK_HAS(err.what, rows[i].what);
			CHECK(err.rule && mpol_error_hint(&err));
			continue;
		}
		CHECK_EQ(r, 0);
		CHECK_EQ(mpol_nodes_expr_print(&e, text, sizeof(text)), strlen(rows[i].printed));
		CHECK_STR(text, rows[i].printed);
		CHECK_EQ(mpol_nodes_expr_parse(text, &again, &err), 0);
		CHECK(mpol_nodes_expr_equal(&e, &again));
	}
}

/* Node 2 has memory only, node 4 CPUs only, node 5 is outside the cpuset. */
static struct mpol_node nodes[] = {
	{ .id = 0, .has_memory = true, .cpus = { { 0x03 } } },
	{ .id = 1, .has_memory = true, .cpus = { { 0x0c } } },
	{ .id = 2, .has_memory = true },
	{ .id = 4, .cpus = { { 0x30 } } },
	{ .id = 5, .has_memory = true, .cpus = { { 0xc0 } } },
};
static unsigned distance[] = {
	10, 20, 25, 20, 40, 20, 10, 35, 20, 40, 25, 35, 10,
	35, 40, 20, 20, 35, 10, 40, 40, 40, 40, 40, 10,
};
static const struct mpol_machine machine = {
	.numa = true,
	.n_nodes = ELEMENTSOF(nodes),
	.nodes = nodes,
	.distance = distance,
	.with_memory = MPOL_NODES(0, 1, 2, 5),
	.with_cpus = MPOL_NODES(0, 1, 4, 5),
	.mems_allowed = MPOL_NODES(0, 1, 2),
	.cpus_allowed = { { 0x13 } }, /* of nodes 0 and 4 */
};

static const struct {
	const char *text, *meant; /* meant NULL: refused */
	const char *what;
} meanings[] = {
	{ "", "" },
	{ "0-9", "0-9" }, /* numbers are taken as they are */
	{ "all", "0-2" },
	{ "!0", "1-2" },
	{ "!0-9", NULL, "!0-9 names no node here (allowed: 0-2)" },
	{ "!all", NULL, "!all names no node here" },
	{ "+0-1", "0-1" },
	{ "+2", "2" },
	{ "!+2", "0-1" },
	{ "+3", NULL, "there is no position 3 among 3 nodes" },
	{ "cpu", "0" },
	{ "mem-only", "2" },
	{ "cpu,mem-only", "0,2" },
	{ "7,mem-only", "2,7" },
	{ "dist<=10", "0" },
	{ "dist<=20", "0-1" },
	{ "dist<=25", "0-2" },
	{ "!dist<=20", "2" },
	{ "same", "63" },
};

TEST(sets_are_taken_from_the_allowed_nodes_with_memory)
{
	const struct mpol_nodeset previous = MPOL_NODES(63);
	static struct mpol_nodes_expr e;

	for (size_t i = 0; i < ELEMENTSOF(meanings); i++) {
		struct mpol_error err = { 0 };
		char text[MPOL_NODES_TEXT];
		struct mpol_nodeset s;
		int r;

		check_row(i, meanings[i].text);
		CHECK_EQ(mpol_nodes_expr_parse(meanings[i].text, &e, &err), 0);
		r = mpol_nodes_resolve(-1, &machine, &previous, &e, &s, &err);
		if (!meanings[i].meant) {
			CHECK_EQ(r, -EINVAL);
			CHECK_HAS(err.what, meanings[i].what);
			continue;
		}
		CHECK_EQ(r, 0);
		(void)mpol_nodes_print(&s, text, sizeof(text));
		CHECK_STR(text, meanings[i].meant);
	}
}

TEST(a_machine_that_does_not_tell_is_named_as_the_reason)
{
	struct mpol_machine no_distance = machine, no_numa = { .mems_allowed = MPOL_NODES(0) };
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };
	struct mpol_nodeset s;

	no_distance.distance = NULL;
	CHECK_EQ(mpol_nodes_expr_parse("dist<=20", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(-1, &no_distance, NULL, &e, &s, &err), -EINVAL);
	CHECK_HAS(err.what, "distances between nodes are unknown");
	CHECK_EQ(mpol_nodes_expr_parse("same", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(-1, &machine, NULL, &e, &s, &err), -EINVAL);
	CHECK_HAS(err.what, "needs a previous node list");
	CHECK_EQ(mpol_nodes_expr_parse("all", &e, &err), 0);
	CHECK_EQ(mpol_nodes_resolve(-1, &no_numa, NULL, &e, &s, &err), 0);
	CHECK_EQ(mpol_nodes_last(&s), 0);
}

TEST(the_resolution_can_be_shown)
{
	const struct mpol_nodeset s = MPOL_NODES(0, 1);
	static struct mpol_nodes_expr e;
	char text[64];

	CHECK_EQ(mpol_nodes_expr_parse("all", &e, NULL), 0);
	CHECK_EQ(mpol_nodes_resolution_print(&e, &s, text, sizeof(text)), 9);
	CHECK_STR(text, "all = 0-1");
	CHECK_EQ(mpol_nodes_expr_parse("0-1", &e, NULL), 0);
	CHECK_EQ(mpol_nodes_resolution_print(&e, &s, text, sizeof(text)), 0);
	CHECK_STR(text, "");
}

TEST(printing_into_too_little_room_says_how_much_is_needed)
{
	static struct mpol_nodes_expr e;
	char text[6];

	CHECK_EQ(mpol_nodes_expr_parse("!0-3,mem-only,file:/srv", &e, NULL), 0);
	for (size_t size = 0; size <= sizeof(text); size++) {
		CHECK_EQ(mpol_nodes_expr_print(&e, size ? text : NULL, size), 23);
		if (size)
			CHECK_EQ(strlen(text), size - 1);
	}
	CHECK_STR(text, "!0-3,");
}

TEST(numactl_reads_a_leading_zero_as_octal)
{
	static struct mpol_nodes_expr e;
	struct mpol_error err = { 0 };

	CHECK_EQ(nodes_expr_parse("010", 1, true, &e, &err), 0);
	CHECK_EQ(mpol_nodes_next(&e.nodes, 0), 8);
	CHECK_EQ(nodes_expr_parse("08", 11, true, &e, &err), -EINVAL);
	CHECK_STR(err.where, "column 11");
}
