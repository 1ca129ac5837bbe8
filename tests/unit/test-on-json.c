/* SPDX-License-Identifier: MIT */
/* Machines that were seen, and the shapes that come nearest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/on-json.h"
#include "vm/shape-nearest.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

/* A node as JSON; bytes in GiB. */
#define NODE(id, online, gib, cpus, distances, more)                                        \
	"{\"id\":" #id ",\"online\":" #online ",\"has_memory\":true,\"memory_total\":" #gib \
	"073741824,\"cpus\":\"" cpus "\",\"distances\":" distances more "}"
#define LLC(cpus) "{\"cpus\":\"" cpus "\"}"
#define MACHINE(cpus, nodes, llcs) \
	"{\"numa\":true,\"cpus_online\":\"" cpus "\",\"nodes\":[" nodes "],\"llcs\":[" llcs "]}"
#define ACCESS(initiators, latency, bandwidth)                                                   \
	",\"access\":[{\"class\":0,\"initiators\":\"" initiators "\",\"read_latency\":" #latency \
	",\"read_bandwidth\":" #bandwidth "}]"

static const struct {
	const char *name, *machine;
	struct vm_shape_limits limits;
	const char *shape; /* NULL: refused */
	const char *tells; /* part of it */
} rows[] = {
	{ "as it is",
	  MACHINE("0-3",
		  NODE(0, true, 1, "0-1", "[10,21]", "") "," NODE(1, true, 1, "2-3", "[21,10]", ""),
		  LLC("0-1") "," LLC("2-3")),
	  { 16, 4 * GIB },
	  "2n2l2c1t,memory=1G,distance=10/21:21/10",
	  "4 CPUs, 2.0 GiB\nnode 0 is node 0 here: 2 CPUs, 1.0 GiB\nnode 1 is node 1 here: 2 CPUs, "
	  "1.0 GiB" },
	{ "usual distances go without saying",
	  MACHINE("0-1",
		  NODE(0, true, 1, "0", "[10,20]", "") "," NODE(1, true, 1, "1", "[20,10]", ""),
		  LLC("0") "," LLC("1")),
	  { 16, 4 * GIB },
	  "2n2l1c1t,memory=1G",
	  "" },
	{ "ids become contiguous, an offline node is left out",
	  MACHINE("0-3",
		  NODE(0, true, 1, "0-1", "[10,15,20,30]",
		       "") "," NODE(2, false, 1, "", "[15,10,15,15]",
				    "") "," NODE(5, true, 1, "2-3", "[20,15,10,30]",
						 "") "," NODE(9, true, 1, "", "[30,15,30,10]", ""),
		  LLC("0-1") "," LLC("2-3")),
	  { 16, 4 * GIB },
	  "nodes=3,cpus=2:2:0,llcs=2,memory=1G,distance=10/20/30:20/10/30:30/30/10",
	  "node 5 is node 1 here: 2 CPUs, 1.0 GiB\nnode 9 is node 2 here: 0 CPUs, 1.0 GiB\nnodes "
	  "that are "
	  "offline" },
	{ "nodes without CPUs come last",
	  MACHINE("0-1",
		  NODE(0, true, 1, "0", "[10,20,30]", "") "," NODE(1, true, 2, "", "[20,10,40]",
								   "") "," NODE(2, true, 1, "1",
										"[30,40,10]", ""),
		  LLC("0") "," LLC("1")),
	  { 16, 16 * GIB },
	  "nodes=3,cpus=1:1:0,llcs=2,memory=1G:1G:1984M,distance=10/30/20:30/10/40:20/40/10",
	  "node 2 is node 1 here: 1 CPU, 1.0 GiB\nnode 1 is node 2 here: 0 CPUs" },
	{ "CPUs in proportion, first of each cache",
	  MACHINE("0-31",
		  NODE(0, true, 1, "0-15", "[10,20]", "") "," NODE(1, true, 1, "16-31", "[20,10]",
								   ""),
		  LLC("0-7") "," LLC("8-15") "," LLC("16-23") "," LLC("24-31")),
	  { 16, 4 * GIB },
	  "2n4l4c1t,memory=1G",
	  "32 CPUs become 16" },
	{ "then caches",
	  MACHINE("0-7",
		  NODE(0, true, 1, "0-5", "[10,20]", "") "," NODE(1, true, 1, "6-7", "[20,10]", ""),
		  LLC("0") "," LLC("1") "," LLC("2") "," LLC("3") "," LLC("4") "," LLC("5") "," LLC(
			  "6") "," LLC("7")),
	  { 4, 4 * GIB },
	  "nodes=2,cpus=3:1,llcs=4,memory=1G",
	  "there are fewer last-level caches" },
	{ "a node with CPUs keeps one",
	  MACHINE("0-8",
		  NODE(0, true, 1, "0-7", "[10,20]", "") "," NODE(1, true, 1, "8", "[20,10]", ""),
		  ""),
	  { 2, 4 * GIB },
	  "nodes=2,cpus=2:1,llcs=3,memory=1G",
	  "9 CPUs become 3" },
	{ "a cache of two nodes cannot be",
	  MACHINE("0-3",
		  NODE(0, true, 1, "0-1", "[10,20]", "") "," NODE(1, true, 1, "2-3", "[20,10]", ""),
		  LLC("0-3")),
	  { 16, 4 * GIB },
	  "2n2l2c1t,memory=1G",
	  "the last-level caches cannot be kept" },
	{ "memory in proportion, and not below what boots",
	  MACHINE("0-1",
		  NODE(0, true, 1, "0-1", "[10,20,20]", "") "," NODE(1, true, 61, "", "[20,10,20]",
								     "") "," NODE(2, true, 1, "",
										  "[20,20,10]", ""),
		  LLC("0-1")),
	  { 16, 2 * GIB },
	  "nodes=3,cpus=2:0,llcs=1,memory=256M:1984M:32M",
	  "node 2 is node 2 here: 0 CPUs, 1.0 GiB become 32 MiB" },
	{ "distances that cannot be",
	  MACHINE("0-1",
		  NODE(0, true, 1, "0", "[10,10]", "") "," NODE(1, true, 1, "1", "[255,20]", ""),
		  LLC("0") "," LLC("1")),
	  { 16, 4 * GIB },
	  "2n2l1c1t,memory=1G,distance=10/11:254/10",
	  "distances that no firmware may tell are changed" },
	{ "latencies and bandwidths, estimated where nobody told",
	  MACHINE("0-1",
		  NODE(0, true, 1, "0", "[10,20,30]", ACCESS("0", 80, 20000)) "," NODE(
			  1, true, 1, "1", "[20,10,30]",
			  ACCESS("1", 80, 20000)) "," NODE(4, true, 1, "", "[30,30,10]",
							   ACCESS("0", 300, 6000)),
		  LLC("0") "," LLC("1")),
	  { 16, 4 * GIB },
	  "nodes=3,cpus=1:1:0,llcs=2,memory=1G,distance=10/20/30:20/10/30:30/30/10,"
	  "latency=80/160/300:160/80/450,bandwidth=20000M/10000M/6000M:10000M/20000M/4000M",
	  "are estimates by distance" },
	{ "some without memory: none are told",
	  "{\"numa\":true,\"cpus_online\":\"0\",\"nodes\":[{\"id\":0,\"online\":true,\"memory_"
	  "total\":0,\"cpus\":\"0\"}," NODE(1, true, 1, "", "null",
					    ACCESS("0", 80, 20000)) "],\"llcs\":[" LLC("0") "]}",
	  { 16, 4 * GIB },
	  "nodes=2,cpus=1:0,llcs=1,memory=0:1G",
	  "latencies and bandwidths are left out" },
	{ "memory that is unknown",
	  "{\"numa\":true,\"cpus_online\":\"0\",\"nodes\":[{\"id\":3,\"online\":true,\"has_"
	  "memory\":true,\"memory_total\":null,\"cpus\":\"0\"}],\"llcs\":[]}",
	  { 16, 4 * GIB },
	  "1n1l1c1t,memory=1G",
	  "a node's memory is not known, and taken for 1 GiB" },
	{ "a kernel without NUMA",
	  "{\"numa\":false,\"cpus_online\":\"0-3\",\"nodes\":[],\"llcs\":[" LLC("0-3") "]}",
	  { 16, 4 * GIB },
	  "1n1l4c1t,memory=1G",
	  "4 CPUs, 1.0 GiB" },
	{ "no CPU at all",
	  MACHINE("", NODE(0, true, 1, "", "[10]", ""), ""),
	  { 16, 4 * GIB },
	  NULL,
	  "no node of the machine has a CPU" },
};

TEST(a_machine_becomes_the_nearest_shape)
{
	_cleanup_free_ struct vm_nearest *n = malloc(sizeof(*n));

	for (size_t i = 0; n && i < ELEMENTSOF(rows); i++) {
		_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
		_cleanup_(strbuf_done) struct strbuf told = { 0 };
		_cleanup_free_ char *shape = NULL;
		struct mpol_error err = { 0 };
		static struct vm_shape again; /* large */

		check_row(i, rows[i].name);
		CHECK_EQ(on_json_read(rows[i].machine, strlen(rows[i].machine), &m, &err), 0);
		CHECK_STR(err.what, "");
		CHECK_EQ(vm_shape_nearest(&m, &rows[i].limits, n, &err),
			 rows[i].shape ? 0 : -EINVAL);
		if (!rows[i].shape) {
			CHECK_HAS(err.what, rows[i].tells);
			vm_nearest_done(n);
			continue;
		}
		shape = vm_shape_print(&n->shape);
		CHECK_STR(shape, rows[i].shape);
		CHECK_EQ(vm_shape_parse(shape, &again, &err), 0); /* all of it can be made */
		CHECK_STR(err.what, "");
		CHECK(vm_shape_equal(&again, &n->shape));
		vm_nearest_tell(n, &told);
		CHECK_HAS(strbuf_text(&told), rows[i].tells);
		vm_nearest_done(n);
	}
}

static const struct {
	const char *text, *where, *what;
} malformed[] = {
	{ "{", "line 1", "" },
	{ "[]", "line 1, column 1", "a machine is expected, not an array" },
	{ "{\"cpus_online\":3}", "cpus_online, line 1", "a list, as text, is expected" },
	{ "{\"cpus_online\":\"0\"}", "line 1, column 1",
	  "an array of nodes is expected, not nothing" },
	{ "{\"cpus_online\":\"0-x\"}", "cpus_online, line 1, column 19", "" },
	{ "{\"cpus_online\":\"0\",\n\"nodes\":[{}]}", "nodes[0], line 2", "a node with an id" },
	{ "{\"cpus_online\":\"0\",\"nodes\":[{\"id\":0,\"memory_total\":\"1G\",\"cpus\":\"0\"}]}",
	  "nodes[0].memory_total", "a number is expected" },
	{ "{\"cpus_online\":\"0\",\"nodes\":[{\"id\":0,\"cpus\":\"0\",\"distances\":[10,20]}]}",
	  "nodes[0].distances", "a distance to each node" },
};

TEST(what_is_no_machine_is_refused_with_its_place)
{
	for (size_t i = 0; i < ELEMENTSOF(malformed); i++) {
		_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, malformed[i].text);
		CHECK(on_json_read(malformed[i].text, strlen(malformed[i].text), &m, &err) < 0);
		CHECK_HAS(err.where, malformed[i].where);
		CHECK_HAS(err.what, malformed[i].what);
	}
}
