/* SPDX-License-Identifier: MIT */
/*
 * Prediction against what real kernels answered: tests/data/oracle/, recorded on virtual machines
 * with the nodes 0, 1, 3 (CPUs and memory), 2 (memory only) and 4 (possible, offline), and on one
 * with 128 nodes. Every line is compared in everything it has: errno, what get_mempolicy(2) read
 * back, the numa_maps text.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpol/predict.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/macros.h"
#include "check.h"

#define HIGHEST_BIT 32767

static const char *const mode_names[] = { "MPOL_DEFAULT",
					  "MPOL_PREFERRED",
					  "MPOL_BIND",
					  "MPOL_INTERLEAVE",
					  "MPOL_LOCAL",
					  "MPOL_PREFERRED_MANY",
					  "MPOL_WEIGHTED_INTERLEAVE",
					  "INVALID_7" };
static const struct {
	const char *name;
	int bit;
} flag_names[] = { { "MPOL_F_STATIC_NODES", 1 << 15 },
		   { "MPOL_F_RELATIVE_NODES", 1 << 14 },
		   { "MPOL_F_NUMA_BALANCING", 1 << 13 } };

static int mode_number(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(mode_names); i++)
		if (STREQ(mode_names[i], name))
			return (int)i;
	return -1;
}

static int flag_bits(json_t *flags)
{
	int bits = 0;
	json_t *flag;
	size_t i;

	json_array_foreach(flags, i,
			   flag) for (size_t f = 0; f < ELEMENTSOF(flag_names);
				      f++) if (STREQ(flag_names[f].name, json_string_value(flag)))
		bits |= flag_names[f].bit;
	return bits;
}

static const char *text_of(json_t *line, const char *key)
{
	return json_string_value(json_object_get(line, key));
}

static struct mpol_nodeset nodes_of(json_t *line, const char *key)
{
	struct mpol_nodeset s = { { 0 } };

	CHECK_EQ(mpol_nodes_parse(text_of(line, key), &s, NULL), 0);
	return s;
}

/* The mask as the recording program passed it: room for all bits, and maxnode as recorded or exact.
 */
static void read_request(json_t *line, struct mpol_request *r, uint64_t words[HIGHEST_BIT / 64 + 2])
{
	const char *nodes = text_of(line, "nodes"), *mode_arg = text_of(line, "mode_arg");
	json_t *maxnode = json_object_get(line, "maxnode");

	memset(words, 0, (HIGHEST_BIT / 64 + 2) * sizeof(words[0]));
	r->mode = mode_arg ? (int)strtoul(mode_arg, NULL, 0)
			   : mode_number(text_of(line, "mode")) |
				     flag_bits(json_object_get(line, "flags"));
	r->mask = nodes ? words : NULL;
	if (nodes && !STREQ(nodes, "EMPTY"))
		CHECK_EQ(list_parse(nodes, HIGHEST_BIT, "node", words, NULL), 0);
	r->maxnode = HIGHEST_BIT + 2;
	if (json_is_integer(maxnode))
		r->maxnode = (uint64_t)json_integer_value(maxnode);
	else if (json_is_real(maxnode)) /* 2^64 - 1, for which jansson has no integer */
		r->maxnode = UINT64_MAX;
	r->readable = STREQ(text_of(line, "test") ?: "", "one-word-then-unmapped");
}

static const char *errno_name(int r)
{
	return r == 0 ? NULL : r == -EINVAL ? "EINVAL" : r == -EFAULT ? "EFAULT" : "another";
}

/* Compares what the line has; get_flags and the rest are absent where only the errno was recorded.
 */
static void compare(json_t *line, int r, const struct mpol_kept *kept,
		    const struct mpol_situation *s)
{
	char nodes[MPOL_NODES_TEXT], text[MPOL_KEPT_TEXT];
	struct mpol_policy back;

	CHECK_STR(errno_name(r), text_of(line, "errno"));
	if (r < 0 || !text_of(line, "get_mode"))
		return;
	back = mpol_kept_readback(kept, s);
	(void)mpol_nodes_print(&back.nodes, nodes, sizeof(nodes));
	(void)mpol_kept_text(kept, &s->kernel, text);
	CHECK_STR(mode_names[back.mode], text_of(line, "get_mode"));
	CHECK_EQ(back.flags, (unsigned)flag_bits(json_object_get(line, "get_flags")));
	CHECK_STR(nodes, text_of(line, "get_nodes"));
	CHECK_STR(text, text_of(line, "numa_maps"));
}

/* Runs `one` for every line of the file; returns how many there were. */
static size_t each_line(const char *file, void (*one)(json_t *line, struct mpol_situation *s))
{
	char command[4096], label[64];
	struct mpol_situation s = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t size = 0, n = 0;
	FILE *in;

	(void)snprintf(command, sizeof(command), "gzip -dc '%s/tests/data/oracle/%s.jsonl.gz'",
		       check_source(), file);
	in = popen(command, "r");
	CHECK(in != NULL);
	while (in && getline(&text, &size, in) > 0) {
		json_t *line = json_loads(text, 0, NULL)
				       ?: json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);

		(void)snprintf(label, sizeof(label), "%s line", file);
		check_row(++n, label);
		if (!CHECK(line != NULL))
			continue;
		CHECK_EQ(mpol_kernel_from_version(strchr(file, '-') + 1, &s.kernel, NULL), 0);
		one(line, &s);
		json_decref(line);
	}
	check_row(0, NULL);
	CHECK_EQ(pclose(in), 0);
	return n;
}

static void predict_line(json_t *line, struct mpol_situation *s)
{
	static uint64_t words[HIGHEST_BIT / 64 + 2];
	struct mpol_request r = { 0 };
	struct mpol_kept kept;

	read_request(line, &r, words);
	compare(line, mpol_predict(&r, s, &kept, NULL), &kept, s);
}

static void one_set(json_t *line, struct mpol_situation *s)
{
	s->mems_allowed = nodes_of(line, "mems_allowed");
	(void)mpol_nodes_range(0, 4, &s->possible, NULL);
	predict_line(line, s);
}

TEST(every_answer_to_set_mempolicy_is_predicted)
{
	CHECK_EQ(each_line("set_mempolicy-6.1.192", one_set), 5120);
	CHECK_EQ(each_line("set_mempolicy-6.12.107", one_set), 5120);
}

/* path: "0-3>1-2>2-3": the policy was set in the first, and the task is now in the last. */
static void one_move(json_t *line, struct mpol_situation *s)
{
	static uint64_t words[HIGHEST_BIT / 64 + 2];
	char path[64], *save = NULL;
	struct mpol_request request = { 0 };
	struct mpol_kept kept;
	int r;

	(void)snprintf(path, sizeof(path), "%s", text_of(line, "path"));
	(void)mpol_nodes_range(0, 4, &s->possible, NULL);
	CHECK_EQ(mpol_nodes_parse(strtok_r(path, ">", &save), &s->mems_allowed, NULL), 0);
	read_request(line, &request, words);
	r = mpol_predict(&request, s, &kept, NULL);
	for (const char *next = strtok_r(NULL, ">", &save); r == 0 && next;
	     next = strtok_r(NULL, ">", &save)) {
		struct mpol_nodeset mems;

		CHECK_EQ(mpol_nodes_parse(next, &mems, NULL), 0);
		mpol_kept_move(&kept, &s->kernel, &mems);
	}
	compare(line, r, &kept, s);
}

TEST(every_change_of_the_cpuset_is_predicted)
{
	CHECK_EQ(each_line("remap-6.1.192", one_move), 954);
	CHECK_EQ(each_line("remap-6.12.107", one_move), 1152);
}

static void one_maxnode(json_t *line, struct mpol_situation *s)
{
	json_int_t expected = json_integer_value(json_object_get(line, "words_written"));
	int r;

	(void)mpol_nodes_range(0, 3, &s->mems_allowed, NULL);
	(void)mpol_nodes_range(0, 4, &s->possible, NULL);
	if (!json_object_get(line, "words_written")) {
		predict_line(line, s);
		return;
	}
	r = mpol_predict_readback((uint64_t)json_integer_value(json_object_get(line, "maxnode")), s,
				  NULL);
	CHECK_STR(errno_name(MIN(r, 0)), text_of(line, "errno"));
	if (r >= 0)
		CHECK_EQ(r, expected);
}

TEST(every_size_of_the_node_mask_is_predicted)
{
	CHECK_EQ(each_line("maxnode-6.12.107", one_maxnode), 329);
}

static void one_of_128_nodes(json_t *line, struct mpol_situation *s)
{
	int r;

	(void)mpol_nodes_range(0, 127, &s->mems_allowed, NULL);
	s->possible = s->mems_allowed;
	if (text_of(line, "mode_arg")) {
		predict_line(line, s);
		return;
	}
	r = mpol_predict_readback((uint64_t)json_integer_value(json_object_get(line, "maxnode")), s,
				  NULL);
	CHECK_STR(errno_name(MIN(r, 0)), text_of(line, "errno"));
}

TEST(every_cut_of_numa_maps_is_predicted)
{
	CHECK_EQ(each_line("numa_maps_trunc-6.1.192-n128", one_of_128_nodes), 36);
}

/* Lines of tests/vm/oracle.c: [mems, mode, nodes, errno, …] and [mems, mode, nodes, [[mems, mode,
 * nodes, numa_maps], …]] */
static const char *item(json_t *array, size_t i)
{
	return json_string_value(json_array_get(array, i));
}

static void compare_kept(json_t *answer, size_t first, const struct mpol_kept *kept,
			 const struct mpol_situation *s)
{
	char nodes[MPOL_NODES_TEXT], text[MPOL_KEPT_TEXT];
	struct mpol_policy back = mpol_kept_readback(kept, s);

	(void)mpol_nodes_print(&back.nodes, nodes, sizeof(nodes));
	(void)mpol_kept_text(kept, &s->kernel, text);
	CHECK_EQ((unsigned)back.mode | back.flags,
		 json_integer_value(json_array_get(answer, first)));
	CHECK_STR(nodes, item(answer, first + 1));
	CHECK_STR(text, item(answer, first + 2));
}

static int predict_array(json_t *asked, struct mpol_situation *s, struct mpol_kept *kept)
{
	static uint64_t words[HIGHEST_BIT / 64 + 2];
	struct mpol_request r = { .mode = (int)json_integer_value(json_array_get(asked, 1)),
				  .mask = item(asked, 2) ? words : NULL,
				  .maxnode = 2049 };

	memset(words, 0, sizeof(words));
	if (item(asked, 2))
		CHECK_EQ(list_parse(item(asked, 2), HIGHEST_BIT, "node", words, NULL), 0);
	CHECK_EQ(mpol_nodes_parse(item(asked, 0), &s->mems_allowed, NULL), 0);
	return mpol_predict(&r, s, kept, NULL);
}

static void one_of_a_virtual_machine(json_t *line, struct mpol_situation *s)
{
	json_t *set = json_object_get(line, "set"), *move = json_object_get(line, "move"), *step;
	struct mpol_kept kept;
	size_t i;

	(void)mpol_nodes_range(0, 4, &s->possible, NULL);
	if (set) {
		CHECK_EQ(-predict_array(set, s, &kept), json_integer_value(json_array_get(set, 3)));
		if (json_array_size(set) > 4)
			compare_kept(set, 4, &kept, s);
	}
	if (!move || !CHECK_EQ(predict_array(move, s, &kept), 0))
		return;
	json_array_foreach(json_array_get(move, 3), i, step)
	{
		CHECK_EQ(mpol_nodes_parse(item(step, 0), &s->mems_allowed, NULL), 0);
		mpol_kept_move(&kept, &s->kernel, &s->mems_allowed);
		compare_kept(step, 1, &kept, s);
	}
}

TEST(every_answer_of_a_kernel_without_newer_rules_is_predicted)
{
	CHECK(each_line("vm-5.10", one_of_a_virtual_machine) > 11000);
}
