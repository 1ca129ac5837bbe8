/* SPDX-License-Identifier: MIT */
/* The grammar of numa_maps: every form, the cut ones, and what real kernels wrote. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "placement/numa_maps.h"

static const struct {
	const char *text;
	bool known, cut;
	enum mpol_mode mode;
	unsigned flags;
	const char *nodes;
} policies[] = {
	{ "default", true, false, MPOL_MODE_DEFAULT, 0, "" },
	{ "local", true, false, MPOL_MODE_LOCAL, 0, "" },
	{ "prefer:1", true, false, MPOL_MODE_PREFERRED, 0, "1" },
	{ "prefer", true, false, MPOL_MODE_PREFERRED, 0, "" }, /* no node is in force */
	{ "prefer=static:1", true, false, MPOL_MODE_PREFERRED, MPOL_FLAG_STATIC_NODES, "1" },
	{ "prefer (many):0-1", true, false, MPOL_MODE_PREFERRED_MANY, 0, "0-1" },
	{ "prefer (many)=static|balancing:0,3", true, false, MPOL_MODE_PREFERRED_MANY,
	  MPOL_FLAG_STATIC_NODES | MPOL_FLAG_NUMA_BALANCING, "0,3" },
	{ "bind:0", true, false, MPOL_MODE_BIND, 0, "0" },
	{ "bind=static:0-1,3", true, false, MPOL_MODE_BIND, MPOL_FLAG_STATIC_NODES, "0-1,3" },
	{ "bind=relative|balancing:2", true, false, MPOL_MODE_BIND,
	  MPOL_FLAG_RELATIVE_NODES | MPOL_FLAG_NUMA_BALANCING, "2" },
	{ "bind=balancing:1", true, false, MPOL_MODE_BIND, MPOL_FLAG_NUMA_BALANCING, "1" },
	{ "interleave:0-3", true, false, MPOL_MODE_INTERLEAVE, 0, "0-3" },
	{ "weighted interleave:0-3", true, false, MPOL_MODE_WEIGHTED_INTERLEAVE, 0, "0-3" },
	{ "weighted interleave=relative:5", true, false, MPOL_MODE_WEIGHTED_INTERLEAVE,
	  MPOL_FLAG_RELATIVE_NODES, "5" },
	{ "local=static", true, false, MPOL_MODE_LOCAL, MPOL_FLAG_STATIC_NODES,
	  "" }, /* Linux 5.10 */
	{ "bind:1023", true, false, MPOL_MODE_BIND, 0, "1023" },
	/* 63 characters: the last number may be the beginning of a longer one */
	{ "bind=static|balancing:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,3", true, true,
	  MPOL_MODE_BIND, MPOL_FLAG_STATIC_NODES | MPOL_FLAG_NUMA_BALANCING,
	  "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28" },
	{ "interleave:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,", true, true,
	  MPOL_MODE_INTERLEAVE, 0, "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36" },
	{ "interleave:100,102,104-105,107-110,112,114,116,118,120,122,124-", true, true,
	  MPOL_MODE_INTERLEAVE, 0, "100,102,104-105,107-110,112,114,116,118,120,122" },
	/* unknown to us: no policy, rather than a wrong one */
	{ "bin:0", false, false, 0, 0, "" },
	{ "binder:0", false, false, 0, 0, "" },
	{ "prefer (most):0", false, false, 0, 0, "" },
	{ "bind=sticky:0", false, false, 0, 0, "" },
	{ "bind=static|:0", false, false, 0, 0, "" },
	{ "bind=:0", false, false, 0, 0, "" },
	{ "bind:0,,1", false, false, 0, 0, "" },
	{ "bind:1024", false, false, 0, 0, "" },
	{ "bind 0", false, false, 0, 0, "" },
	{ "", false, false, 0, 0, "" },
};

TEST(every_policy_text_is_read_or_left_unknown)
{
	for (size_t i = 0; i < ELEMENTSOF(policies); i++) {
		struct numa_policy p =
			numa_policy_parse(policies[i].text, strlen(policies[i].text));
		char nodes[MPOL_NODES_TEXT];

		check_row(i, policies[i].text);
		CHECK_EQ(p.known, policies[i].known);
		CHECK_EQ(p.cut, policies[i].cut);
		CHECK_EQ(p.policy.mode, policies[i].mode);
		CHECK_EQ(p.policy.flags, policies[i].flags);
		(void)mpol_nodes_print(&p.policy.nodes, nodes, sizeof(nodes));
		CHECK_STR(nodes, policies[i].nodes);
	}
}

static const struct {
	const char *line;
	int r;
	uint64_t start, anon, pages, page_size;
	bool huge;
	const char *policy, *path, *name, *counts;
} lines[] = {
	{ "7f8332fb8000 default anon=4096 dirty=4096 active=0 N0=4096 kernelpagesize_kB=4", 0,
	  0x7f8332fb8000, 4096, 4096, 4096, false, "default", NULL, NULL, "0=4096" },
	{ "55e63bfbe000 default file=/usr/bin/cat mapped=2 N0=2 kernelpagesize_kB=4", 0,
	  0x55e63bfbe000, 0, 2, 4096, false, "default", "/usr/bin/cat", NULL, "0=2" },
	{ "55e63ca7c000 default heap anon=4 dirty=4 active=0 N0=3 N1=1 kernelpagesize_kB=4", 0,
	  0x55e63ca7c000, 4, 4, 4096, false, "default", NULL, "heap", "0=3 1=1" },
	{ "7ffd00000000 bind:0-1 stack anon=1 N1=1 kernelpagesize_kB=4", 0, 0x7ffd00000000, 1, 1,
	  4096, false, "bind:0-1", NULL, "stack", "1=1" },
	{ "7f0000000000 prefer (many):0-1 anon=1 N0=1 kernelpagesize_kB=4", 0, 0x7f0000000000, 1, 1,
	  4096, false, "prefer (many):0-1", NULL, NULL, "0=1" },
	{ "7f0000000000 weighted interleave=static:0-1 file=/a anon=1 N0=1 kernelpagesize_kB=4", 0,
	  0x7f0000000000, 1, 1, 4096, false, "weighted interleave=static:0-1", "/a", NULL, "0=1" },
	{ "7f0000000000 weighted interleave:0,2", 0, 0x7f0000000000, 0, 0, 0, false,
	  "weighted interleave:0,2", NULL, NULL, "" },
	{ "7f0000000000 prefer (many)", 0, 0x7f0000000000, 0, 0, 0, false, "prefer (many)", NULL,
	  NULL, "" },
	/* never touched: no stats at all, not even the page size */
	{ "7f0000000000 default", 0, 0x7f0000000000, 0, 0, 0, false, "default", NULL, NULL, "" },
	{ "7f0000000000 default file=/lib/x.so", 0, 0x7f0000000000, 0, 0, 0, false, "default",
	  "/lib/x.so", NULL, "" },
	/* hugetlb counts huge pages */
	{ "7f0000000000 default file=/anon_hugepage\\040(deleted) huge anon=2 dirty=2 N0=2 "
	  "kernelpagesize_kB=2048",
	  0, 0x7f0000000000, 2, 2, 2048 * 1024, true, "default", "/anon_hugepage\\040(deleted)",
	  NULL, "0=2" },
	{ "7f0000000000 bind:1 huge anon=1 dirty=1 N1=1 kernelpagesize_kB=1048576", 0,
	  0x7f0000000000, 1, 1, (uint64_t)1 << 30, true, "bind:1", NULL, NULL, "1=1" },
	{ "7f0000000000 default file=/a\\040b\\011c\\012d\\075e mapped=1 mapmax=7 N0=1 "
	  "kernelpagesize_kB=4",
	  0, 0x7f0000000000, 0, 1, 4096, false, "default", "/a\\040b\\011c\\012d\\075e", NULL,
	  "0=1" },
	{ "7f0000000000 default file=/N1/huge anon=1 swapcache=3 writeback=1 N1023=1 "
	  "kernelpagesize_kB=64",
	  0, 0x7f0000000000, 1, 1, 65536, false, "default", "/N1/huge", NULL, "1023=1" },
	/* a mode of a future kernel, and a key of one */
	{ "7f0000000000 nearest:0 anon=1 future=x more N0=1 kernelpagesize_kB=4", 0, 0x7f0000000000,
	  1, 1, 4096, false, "nearest:0", NULL, NULL, "0=1" },
	{ "0 default", 0, 0, 0, 0, 0, false, "default", NULL, NULL, "" },
	{ "ffffffffffffffff default", 0, UINT64_MAX, 0, 0, 0, false, "default", NULL, NULL, "" },
	{ "", -EBADMSG },
	{ "7f0000000000", -EBADMSG },
	{ "7f0000000000 ", -EBADMSG },
	{ "7f0000000000  default", -EBADMSG },
	{ "1ffffffffffffffff default", -EBADMSG },
	{ "7g default", -EBADMSG },
	{ "-7f default", -EBADMSG },
	{ "7f000 default N0=1", -EBADMSG }, /* pages of unknown size */
	{ "7f000 default N0=x kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0= kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N1024=1 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0x=1 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default anon=-1 N0=1 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0=99999999999999999999 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0=18446744073709551615 N1=1 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0=18446744073709551615 kernelpagesize_kB=4", -EBADMSG },
	{ "7f000 default N0=1 kernelpagesize_kB=18446744073709551615", -EBADMSG },
};

static void print_counts(const struct numa_mapping *m, char *buf, size_t size)
{
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < m->n_counts && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%u=%llu", i ? " " : "",
				       m->counts[i].node, (unsigned long long)m->counts[i].pages);
}

static struct numa_count counts[MPOL_MAX_NODES];

TEST(every_form_of_line_is_read_or_refused)
{
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		_cleanup_free_ char *line = strdup(lines[i].line);
		struct numa_mapping m = { .start = 42 };
		char *policy = NULL, text[256];
		int r = numa_mapping_parse(line, &m, counts, &policy);

		check_row(i, lines[i].line);
		CHECK_EQ(r, lines[i].r);
		if (r < 0) {
			CHECK_EQ(m.start, 42); /* untouched on failure */
			continue;
		}
		CHECK_EQ(m.start, lines[i].start);
		CHECK_EQ(m.anon, lines[i].anon);
		CHECK_EQ(m.pages, lines[i].pages);
		CHECK_EQ(m.page_size, lines[i].page_size);
		CHECK_EQ(m.huge, lines[i].huge);
		CHECK_STR(policy, lines[i].policy);
		CHECK_STR(m.path, lines[i].path);
		CHECK_STR(m.name, lines[i].name);
		print_counts(&m, text, sizeof(text));
		CHECK_STR(text, lines[i].counts);
	}
}

static const struct {
	const char *escaped, *path;
} paths[] = {
	{ "/a\\040b", "/a b" },
	{ "/a\\012\\011\\075", "/a\n\t=" },
	{ "/dev/zero\\040(deleted)", "/dev/zero (deleted)" },
	{ "/back\\slash", "/back\\slash" },
	{ "/\\04", "/\\04" },
	{ "/\\999", "/\\999" },
	{ "\\040", " " },
	{ "", "" },
};

TEST(octal_escapes_of_paths_are_decoded)
{
	for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
		char path[64];

		check_row(i, paths[i].escaped);
		(void)snprintf(path, sizeof(path), "%s", paths[i].escaped);
		numa_path_decode(path);
		CHECK_STR(path, paths[i].path);
	}
}

/* --- What kernels wrote, recorded together with what was asked of them. --- */

static const struct {
	const char *text;
	enum mpol_mode mode;
} modes[] = {
	{ "MPOL_DEFAULT", MPOL_MODE_DEFAULT },
	{ "MPOL_PREFERRED", MPOL_MODE_PREFERRED },
	{ "MPOL_BIND", MPOL_MODE_BIND },
	{ "MPOL_INTERLEAVE", MPOL_MODE_INTERLEAVE },
	{ "MPOL_LOCAL", MPOL_MODE_LOCAL },
	{ "MPOL_PREFERRED_MANY", MPOL_MODE_PREFERRED_MANY },
	{ "MPOL_WEIGHTED_INTERLEAVE", MPOL_MODE_WEIGHTED_INTERLEAVE },
};

static enum mpol_mode mode_named(const char *text)
{
	for (size_t i = 0; i < ELEMENTSOF(modes); i++)
		if (STREQ(modes[i].text, text))
			return modes[i].mode;
	return MPOL_N_MODES;
}

/* Calls row for each JSON object of a file of tests/data; returns how many there were. */
static size_t each_object(const char *file, void (*row)(json_t *object))
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	char path[4096];
	size_t cap = 0, n = 0;

	(void)snprintf(path, sizeof(path), "%s/tests/data/%s", check_source(), file);
	f = fopen(path, "re");
	if (!CHECK(f != NULL))
		return 0;
	while (getline(&line, &cap, f) > 0) {
		json_t *object = json_loads(line, 0, NULL);

		check_row(n, line);
		if (CHECK(object != NULL))
			row(object);
		json_decref(object);
		n++;
	}
	return n;
}

static void check_cut_text(json_t *o)
{
	const char *text = json_string_value(json_object_get(o, "numa_maps"));
	struct numa_policy p = numa_policy_parse(text, strlen(text));
	struct mpol_nodeset asked;

	CHECK(p.known);
	CHECK_EQ(p.policy.mode, mode_named(json_string_value(json_object_get(o, "get_mode"))));
	CHECK_EQ(mpol_nodes_parse(json_string_value(json_object_get(o, "get_nodes")), &asked, NULL),
		 0);
	CHECK_EQ(p.cut, strlen(text) == 63);
	if (p.cut)
		CHECK(mpol_nodes_subset(&p.policy.nodes, &asked)); /* no invented node */
	else
		CHECK(mpol_nodes_equal(&p.policy.nodes, &asked));
}

TEST(texts_cut_by_a_kernel_with_128_nodes_never_name_a_wrong_node)
{
	CHECK_EQ(each_object("numa_maps-cut-6.1.192.jsonl", check_cut_text), 20);
}

static void check_placed_line(json_t *o)
{
	const char *recorded = json_string_value(json_object_get(o, "line"));
	_cleanup_free_ char *line = recorded ? strdup(recorded) : NULL;
	json_t *placed = json_object_get(o, "placed");
	struct numa_mapping m;
	char *policy, key[16];

	if (!line || !placed)
		return;
	CHECK_EQ(numa_mapping_parse(line, &m, counts, &policy), 0);
	CHECK_STR(policy, json_string_value(json_object_get(o, "numa_maps")));
	CHECK(numa_policy_parse(policy, strlen(policy)).known);
	CHECK_EQ(m.n_counts, json_object_size(placed));
	for (size_t i = 0; i < m.n_counts; i++) {
		(void)snprintf(key, sizeof(key), "N%u", m.counts[i].node);
		CHECK_EQ(m.counts[i].pages, json_integer_value(json_object_get(placed, key)));
	}
}

TEST(placements_recorded_on_two_kernels_are_read_as_they_were)
{
	CHECK_EQ(each_object("numa_maps-placement-6.1.192.jsonl", check_placed_line), 101);
	CHECK_EQ(each_object("numa_maps-placement-6.12.107.jsonl", check_placed_line), 101);
}
