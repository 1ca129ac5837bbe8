/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "vm/shape.h"
#include "check.h"

#define MIB ((uint64_t)1 << 20)

/* Large: not on a stack. */
static struct vm_shape shape, again;

static const struct {
	const char *text, *printed;
	unsigned nodes, cpus, llcs, cores, threads;
	unsigned first_cpus, last_cpus;	    /* of the first and the last node */
	unsigned first_memory, last_memory; /* MiB */
} good[] = {
	{ "2n4l4c1t", "2n4l4c1t", 2, 16, 4, 4, 1, 8, 8, 512, 512 },
	{ "1n", "1n1l1c1t", 1, 1, 1, 1, 1, 1, 1, 512, 512 },
	{ "2n", "2n2l1c1t", 2, 2, 2, 1, 1, 1, 1, 512, 512 },
	{ "2n3c", "2n2l3c1t", 2, 6, 2, 3, 1, 3, 3, 512, 512 },
	{ "2n2t", "2n2l1c2t", 2, 4, 2, 1, 2, 2, 2, 512, 512 },
	{ "2n3l2c", "2n3l2c1t", 2, 6, 3, 2, 1, 2, 4, 512, 512 },
	{ "4n4l1c1t,memory=1G", "4n4l1c1t,memory=1G", 4, 4, 4, 1, 1, 1, 1, 1024, 1024 },
	{ "2n,memory=1G:512M", "2n2l1c1t,memory=1G:512M", 2, 2, 2, 1, 1, 1, 1, 1024, 512 },
	{ "2n,memory=524288K", "2n2l1c1t", 2, 2, 2, 1, 1, 1, 1, 512, 512 },
	{ "nodes=2,llcs=4,cores=4,threads=1", "2n4l4c1t", 2, 16, 4, 4, 1, 8, 8, 512, 512 },
	{ "nodes=3,cpus=2:2:0,memory=256M:256M:128M",
	  "nodes=3,cpus=2:2:0,llcs=2,memory=256M:256M:128M", 3, 4, 2, 2, 1, 2, 0, 256, 128 },
	{ "cpus=2:2:0", "nodes=3,cpus=2:2:0,llcs=2", 3, 4, 2, 2, 1, 2, 0, 512, 512 },
	{ "cpus=4:4", "2n2l4c1t", 2, 8, 2, 4, 1, 4, 4, 512, 512 },
	{ "cpus=4:4,llcs=4", "2n4l2c1t", 2, 8, 4, 2, 1, 4, 4, 512, 512 },
	{ "cpus=4:4,llcs=4,threads=2", "2n4l1c2t", 2, 8, 4, 1, 2, 4, 4, 512, 512 },
	{ "cpus=6:2", "nodes=2,cpus=6:2,llcs=4", 2, 8, 4, 2, 1, 6, 2, 512, 512 },
	{ "nodes=4,cpus=2", "4n4l2c1t", 4, 8, 4, 2, 1, 2, 2, 512, 512 },
	{ "2n,memory=256M:0", "2n2l1c1t,memory=256M:0", 2, 2, 2, 1, 1, 1, 1, 256, 0 },
	{ "nodes=2,cpus=1:0,memory=256M:0,hotplug=0:256M",
	  "nodes=2,cpus=1:0,llcs=1,memory=256M:0,hotplug=0:256M", 2, 1, 1, 1, 1, 1, 0, 256, 0 },
	{ "1n,hotplug=128M", "1n1l1c1t,hotplug=128M", 1, 1, 1, 1, 1, 1, 1, 512, 512 },
	{ "2n,distance=10/20:20/10", "2n2l1c1t,distance=10/20:20/10", 2, 2, 2, 1, 1, 1, 1, 512,
	  512 },
	{ "distance=10/11/254:11/10/20:254/20/10", "3n3l1c1t,distance=10/11/254:11/10/20:254/20/10",
	  3, 3, 3, 1, 1, 1, 1, 512, 512 },
	{ "cpus=1:0,latency=100/300,bandwidth=20G/5G",
	  "nodes=2,cpus=1:0,llcs=1,latency=100/300,bandwidth=20G/5G", 2, 1, 1, 1, 1, 1, 0, 512,
	  512 },
	{ "16n", "16n16l1c1t", 16, 16, 16, 1, 1, 1, 1, 256, 256 },
	{ "nodes=128,cpus=1", "128n128l1c1t", 128, 128, 128, 1, 1, 1, 1, 32, 32 },
	{ "1n1l255c", "1n1l255c1t", 1, 255, 1, 255, 1, 255, 255, 512, 512 },
};

TEST(shapes_are_resolved_and_print_what_parses_to_the_same)
{
	for (size_t i = 0; i < ELEMENTSOF(good); i++) {
		_cleanup_free_ char *text = NULL;
		struct mpol_error err = { 0 };
		unsigned last = good[i].nodes - 1;

		check_row(i, good[i].text);
		if (!CHECK_EQ(vm_shape_parse(good[i].text, &shape, &err), 0)) {
			CHECK_STR(err.what, "");
			continue;
		}
		CHECK_EQ(shape.n_nodes, good[i].nodes);
		CHECK_EQ(shape.n_cpus, good[i].cpus);
		CHECK_EQ(shape.llcs, good[i].llcs);
		CHECK_EQ(shape.cores, good[i].cores);
		CHECK_EQ(shape.threads, good[i].threads);
		CHECK_EQ(shape.cpus[0], good[i].first_cpus);
		CHECK_EQ(shape.cpus[last], good[i].last_cpus);
		CHECK_EQ(shape.memory[0] / MIB, good[i].first_memory);
		CHECK_EQ(shape.memory[last] / MIB, good[i].last_memory);
		CHECK_EQ(vm_shape_first_cpu(&shape, last) + shape.cpus[last], shape.n_cpus);
		CHECK_EQ(vm_shape_llc_cpus(&shape) * shape.llcs, shape.n_cpus);
		text = vm_shape_print(&shape);
		CHECK_STR(text, good[i].printed);
		CHECK_EQ(vm_shape_parse(text, &again, NULL), 0);
		CHECK(vm_shape_equal(&shape, &again));
	}
}

static const struct {
	const char *text, *where, *what;
} bad[] = {
	{ "", "column 1", "2n4l4c1t or KEY=VALUE is expected, not the end" },
	{ "x", "column 1", "2n4l4c1t or KEY=VALUE is expected, not 'x'" },
	{ "2", "column 2", "n is expected, not the end" },
	{ "2x", "column 2", "n is expected, not 'x'" },
	{ "4l", "column 2", "n is expected, not 'l'" },
	{ "2n4l4c1t1t", "column 10", "the end is expected, not 't'" },
	{ "2n4c4l", "column 6", "t or the end is expected, not 'l'" },
	{ "2n2n", "column 4", "l, c, t or the end is expected, not 'n'" },
	{ "2n-1l", "column 3", "a number is expected, not '-'" },
	{ "2n ", "column 3", "a number is expected, not ' '" },
	{ "2n,", "column 4", "KEY=VALUE is expected, not the end" },
	{ "2n,,memory=1G", "column 4", "KEY=VALUE is expected, not ','" },
	{ "2n,nodes=2", "column 10", "nodes is said twice" },
	{ "2n,memory=1G,memory=1G", "column 21", "memory is said twice" },
	{ "nods=2", "column 1", "there is no key 'nods'" },
	{ "=2", "column 1", "there is no key ''" },
	{ "nodes=", "column 7", "a number is expected, not the end" },
	{ "nodes=2x", "column 8", "the end of the number is expected, not 'x'" },
	{ "nodes=2:2", "column 8", "the end of the number is expected, not ':'" },
	{ "nodes=0", "column 7", "there cannot be 0 nodes" },
	{ "0n", "column 1", "there cannot be 0 nodes" },
	{ "129n", "column 1", "there cannot be 129 nodes" },
	{ "99999999999999999999999999n", "column 1", "there cannot be" },
	{ "2n0l", "column 3", "no node has a CPU" },
	{ "2n2l0c", "column 5", "no node has a CPU" },
	{ "2n2l1c0t", "column 7", "no node has a CPU" },
	{ "2n1l", "column 3", "1 LLCs cannot serve 2 nodes" },
	{ "1n1l256c", "column 5", "256 CPUs are too many" },
	{ "2n4l8c8t", "column 5", "256 CPUs are too many" },
	{ "cpus=0:0", "column 6", "no node has a CPU" },
	{ "cpus=200:200", "column 6", "400 CPUs are too many" },
	{ "cpus=99999999999999999999:1", "column 6", "CPUs are too many" },
	{ "cpus=2:2,cores=2", "column 16", "cores follow from cpus" },
	{ "cpus=4:2,llcs=2", "column 15", "2 LLCs of equal size do not fit these nodes' CPUs" },
	{ "cpus=4:4,llcs=0", "column 15", "0 LLCs of equal size" },
	{ "cpus=3:3,threads=2", "column 18", "2 threads per core do not divide 3 CPUs" },
	{ "cpus=3:3,threads=0", "column 18", "0 threads per core" },
	{ "1n,cpus=2:2", "column 9", "there are values for 2 nodes, and 1 node" },
	{ "2n,memory=1G:1G:1G", "column 11", "there are values for 3 nodes, and 2 nodes" },
	{ "2n,memory=1", "column 12", "1 has no unit" },
	{ "2n,memory=1X", "column 12", "1 has no unit" },
	{ "2n,memory=1GB", "column 13", "':' or the end is expected, not 'B'" },
	{ "2n,memory=G", "column 11", "a size is expected, not 'G'" },
	{ "2n,memory=1G:", "column 14", "a size is expected, not the end" },
	{ "2n,memory=1M", "column 11", "node 0 cannot have 1048576 bytes" },
	{ "2n,memory=1500K", "column 11", "node 0 cannot have 1536000 bytes" },
	{ "2n,memory=2T", "column 11", "node 0 cannot have 2199023255552 bytes" },
	{ "2n,memory=9999999999999999T", "column 11", "node 0 cannot have" },
	{ "2n,memory=32M", "column 11", "64 MiB in all are too little to boot" },
	{ "2n,memory=0", "column 11", "0 MiB in all are too little to boot" },
	{ "cpus=1:0,memory=256M:0", "column 17", "node 1 has neither CPUs nor memory" },
	{ "1n,hotplug=64M", "column 12", "node 0 cannot be given 67108864 bytes" },
	{ "2n,distance=10/20", "column 13", "1 rows of 2 distances are no table of 2 nodes" },
	{ "2n,distance=10/20:20/10:20/20", "column 13", "there are values for 3 nodes" },
	{ "2n,distance=10/20:20", "column 21", "row 2 has 1 values, and the first row 2" },
	{ "2n,distance=10/20:20/10/30", "column 24", "':' or the end" },
	{ "2n,distance=10/20:20/11", "column 13",
	  "the distance from node 1 to node 1 cannot be 11" },
	{ "2n,distance=10/10:20/10", "column 13",
	  "the distance from node 0 to node 1 cannot be 10" },
	{ "2n,distance=10/255:20/10", "column 13",
	  "the distance from node 0 to node 1 cannot be 255" },
	{ "2n,distance=10/20,20/10", "column 21", "n is expected, not '/'" },
	{ "2n,latency=1/1:1/1", "column 12", "latency and bandwidth belong together" },
	{ "2n,bandwidth=1G/1G:1G/1G", "column 14", "latency and bandwidth belong together" },
	{ "2n,latency=1/1,bandwidth=1G/1G", "column 12",
	  "1 rows of 2 values, where 2 nodes with CPUs reach 2 nodes" },
	{ "cpus=0:2", "column 6", "node 1 has CPUs and node 0 has none" },
	{ "nodes=4,cpus=2:2:0:2", "column 14", "node 3 has CPUs and node 2 has none" },
	{ "2n,memory=256M:0,latency=1/1:1/1,bandwidth=1G/1G:1G/1G", "column 26",
	  "node 1 has no memory to be reached" },
	{ "1n,latency=0,bandwidth=1G", "column 12", "0 from node 0 to node 0 is out of range" },
	{ "1n,latency=65001,bandwidth=1G", "column 12", "65001 from node 0" },
	{ "1n,latency=1,bandwidth=1500K", "column 24", "1536000 from node 0" },
	{ "1n\n", "column 3", "byte 0x0a" },
};

TEST(every_bad_shape_is_refused_with_its_column_and_a_hint)
{
	memset(&shape, 7, sizeof(shape));
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct mpol_error err = { 0 };

		check_row(i, bad[i].text);
		CHECK_EQ(vm_shape_parse(bad[i].text, &shape, &err), -EINVAL);
		CHECK_STR(err.where, bad[i].where);
		CHECK_HAS(err.what, bad[i].what);
		CHECK(mpol_error_hint(&err) != NULL);
		CHECK_EQ(shape.n_nodes, 0x07070707); /* untouched */
		CHECK_EQ(vm_shape_parse(bad[i].text, &again, NULL), -EINVAL);
	}
}

TEST(a_list_of_more_nodes_than_there_can_be_is_refused_at_that_place)
{
	char text[2048] = "cpus=";
	struct mpol_error err = { 0 };

	for (unsigned i = 0; i < 129; i++)
		strcat(text, i ? ":1" : "1");
	CHECK_EQ(vm_shape_parse(text, &shape, &err), -EINVAL);
	CHECK_HAS(err.what, "cpus has more than 128 values");
}

static const struct {
	struct mpol_shape declared;
	const char *printed, *where; /* where: refused there */
} declared[] = {
	{ { 0 }, "1n1l1c1t", NULL },
	{ { .nodes = 2, .llcs = 4, .cores = 4, .threads = 1 }, "2n4l4c1t", NULL },
	{ { .nodes = 2, .cores = 2 }, "2n2l2c1t", NULL },
	{ { .nodes = 2, .memory = "1G" }, "2n2l1c1t,memory=1G", NULL },
	{ { .cpus = "2:2:0", .memory = "256M:256M:128M", .distance = "10/20/30:20/10/25:30/25/10" },
	  "nodes=3,cpus=2:2:0,llcs=2,memory=256M:256M:128M,distance=10/20/30:20/10/25:30/25/10",
	  NULL },
	{ { .memory = "", .cpus = "", .distance = "", .latency = "", .bandwidth = "" },
	  "1n1l1c1t",
	  NULL },
	{ { .cpus = "1:1:0",
	    .latency = "100/200/300:200/100/400",
	    .bandwidth = "20G/10G/5G:10G/20G/4G" },
	  "nodes=3,cpus=1:1:0,llcs=2,latency=100/200/300:200/100/400,bandwidth=20G/10G/5G:10G/20G/"
	  "4G",
	  NULL },
	{ { .nodes = 2, .latency = "100/x", .bandwidth = "1G" },
	  NULL,
	  "machine.latency, column 5" },
	{ { .nodes = 2, .latency = "100/200" }, NULL, "machine.latency" },
	{ { .nodes = 2, .latency = "9/9:9/9", .bandwidth = "1G" }, NULL, "machine.bandwidth" },
	{ { .nodes = 2, .latency = "9/9:9/9" }, NULL, "machine.latency" },
	{ { .nodes = 2, .bandwidth = "1G/1G:1G/1G" }, NULL, "machine.bandwidth" },
	{ { .nodes = 200 }, NULL, "machine.nodes" },
	{ { .nodes = 2, .llcs = 1 }, NULL, "machine.llcs" },
	{ { .nodes = 2, .memory = "1Q" }, NULL, "machine.memory, column 2" },
	{ { .nodes = 2, .memory = "1M" }, NULL, "machine.memory" },
	{ { .cpus = "2:x" }, NULL, "machine.cpus, column 3" },
	{ { .nodes = 2, .distance = "10/20" }, NULL, "machine.distance" },
};

TEST(declared_fields_resolve_as_text_does_and_errors_name_the_field)
{
	for (size_t i = 0; i < ELEMENTSOF(declared); i++) {
		_cleanup_free_ char *text = NULL;
		struct mpol_error err = { 0 };
		int r = vm_shape_resolve(&declared[i].declared, &shape, &err);

		check_row(i, declared[i].printed ? declared[i].printed : declared[i].where);
		if (declared[i].where) {
			CHECK_EQ(r, -EINVAL);
			CHECK_STR(err.where, declared[i].where);
			continue;
		}
		CHECK_EQ(r, 0);
		text = vm_shape_print(&shape);
		CHECK_STR(text, declared[i].printed);
	}
}

TEST(hmat_rows_belong_to_the_nodes_with_cpus)
{
	CHECK_EQ(vm_shape_parse("cpus=1:1:0,latency=100/200/300:200/100/400,bandwidth=20G/10G/"
				"5G:10G/20G/4G",
				&shape, NULL),
		 0);
	CHECK_EQ(shape.latency[0][2], 300);
	CHECK_EQ(shape.latency[1][2], 400);
	CHECK_EQ(shape.latency[2][0], 0);
	CHECK_EQ(shape.bandwidth[1][2], 4096);
}

TEST(memory_of_a_shape_counts_what_is_plugged)
{
	CHECK_EQ(vm_shape_parse("2n,memory=256M:512M,hotplug=0:128M", &shape, NULL), 0);
	CHECK_EQ(vm_shape_memory(&shape) / MIB, 896);
}
