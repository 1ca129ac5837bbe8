/* SPDX-License-Identifier: MIT */
/* How much of a node processes can still take, from the text of /proc/zoneinfo. */
#include "base/macros.h"
#include "check.h"
#include "harness/fill.h"

#define ZONE(node, name, free, high, protection) \
	"Node " node ", zone   " name "\n"       \
	"  per-node stats\n"                     \
	"      nr_inactive_anon 12\n"            \
	"  pages free     " free "\n"            \
	"        boost    0\n"                   \
	"        min      11\n"                  \
	"        low      22\n"                  \
	"        high     " high "\n"            \
	"        spanned  131072\n"              \
	"        protection: (" protection ")\n" \
	"      nr_free_pages 777\n"              \
	"  pagesets\n"                           \
	"    cpu: 0\n"                           \
	"              count:    55\n"           \
	"              high:     999999\n"       \
	"  start_pfn:           4096\n"

static const char two_nodes[] = ZONE("0", "DMA", "3840", "40", "0, 400, 400, 400")
	ZONE("0", "DMA32", "1000", "100", "0, 0, 0, 0")
		ZONE("1", "Normal", "5000", "500", "0, 0, 0, 0")
			ZONE("1", "Movable", "10", "30", "0, 0, 0, 0");

static const struct {
	const char *name, *text;
	unsigned node;
	uint64_t pages;
} rows[] = {
	{ "two zones, of which one keeps something for the other", two_nodes, 0, 3840 - 440 + 900 },
	{ "a zone below its mark has nothing to give", two_nodes, 1, 4500 },
	{ "a node that is not there", two_nodes, 2, 0 },
	{ "nothing", "", 0, 0 },
	{ "cut off", "Node 0, zone", 0, 0 },
};

TEST(what_a_node_can_still_give_is_beyond_its_marks)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		check_row(i, rows[i].name);
		CHECK_EQ(fill_usable(rows[i].text, rows[i].node, 4096), rows[i].pages * 4096);
	}
}
