/* SPDX-License-Identifier: MIT */
/* From YAML documents to tests: one table of keys for each struct; see scenario.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "cli/scenario-read.h"
#include "cli/scenario.h"
#include "work/kinds.h"

static const struct mpol_rule scenario_file = {
	.id = "scenario-file",
	.errnum = ENOENT,
	.why = "A scenario is a file of YAML with a test in each document.",
	.hint = "`mpol test --show EXECUTABLE` prints tests in this form.",
};

static const struct mpol_rule scenario_syntax = {
	.id = "scenario-syntax",
	.errnum = EINVAL,
	.why = "A scenario is YAML 1.1.",
	.hint = "look at the indentation, at quotes, and at colons.",
};

/* A test needs six levels. Far fewer than what makes libyaml, whose time grows with the square of
 * them, slow. */
#define MAX_DEPTH 32
#define MAX_BYTES ((size_t)4 << 20)

static const struct mpol_rule scenario_size = {
	.id = "scenario-size",
	.errnum = E2BIG,
	.why = "A scenario is at most 4 MiB long, and its values are at most 32 levels deep.",
	.hint = "is it another kind of file? else split it: `mpol test` takes several.",
};

/* --- The structs. --- */

static const struct field work_fields[] = {
	FIELD(mpol_work_spec, kind, take_kind),	    FIELD(mpol_work_spec, bytes, take_bytes),
	FIELD(mpol_work_spec, huge, take_flag),	    FIELD(mpol_work_spec, seed, take_count),
	FIELD(mpol_work_spec, busy, take_seconds),  FIELD(mpol_work_spec, pause, take_seconds),
	FIELD(mpol_work_spec, file, take_text),	    FIELD(mpol_work_spec, command, take_command),
	FIELD(mpol_work_spec, held, take_flag),	    FIELD(mpol_work_spec, workers, take_unsigned),
	FIELD(mpol_work_spec, policy, take_policy), FIELD(mpol_work_spec, affinity, take_affinity),
	FIELD(mpol_work_spec, sched, take_sched),   FIELD(mpol_work_spec, priority, take_integer),
	FIELD(mpol_work_spec, nice, take_integer),
};

static int take_work(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "work", work_fields, ELEMENTSOF(work_fields), to);
}

static int take_works(struct reader *r, yaml_node_t *node, void *to)
{
	static const struct mpol_work_spec nothing;
	struct mpol_work_spec *works = to;
	int code = reader_sequence(r, node, "groups of workers", MPOL_MAX_WORKS);

	for (size_t i = 0; code == 0 && i < reader_length(node); i++) {
		code = take_work(r, reader_item(r, node, i), &works[i]);
		/* The usual work in the usual size: said, so that the list does not end here. */
		if (code == 0 && memcmp(&works[i], &nothing, sizeof(nothing)) == 0)
			works[i].bytes = WORK_DEFAULT_BYTES;
	}
	return code;
}

static const struct field cgroup_fields[] = {
	FIELD(mpol_cgroup_def, name, take_text),     FIELD(mpol_cgroup_def, cpuset, take_cpuset),
	FIELD(mpol_cgroup_def, mems, take_nodes),    FIELD(mpol_cgroup_def, workers, take_unsigned),
	FIELD(mpol_cgroup_def, work, take_work),     FIELD(mpol_cgroup_def, works, take_works),
	FIELD(mpol_cgroup_def, policy, take_policy), FIELD(mpol_cgroup_def, judge, take_nodes),
	FIELD(mpol_cgroup_def, shares, take_shares), FIELD(mpol_cgroup_def, expect, take_bounds),
};

static int take_cgroups(struct reader *r, yaml_node_t *node, void *to)
{
	struct mpol_cgroup_def *defs = to;
	int code = reader_sequence(r, node, "cgroups", MPOL_MAX_CGROUPS);

	for (size_t i = 0; code == 0 && i < reader_length(node); i++) {
		code = reader_mapping(r, reader_item(r, node, i), "a cgroup", cgroup_fields,
				      ELEMENTSOF(cgroup_fields), &defs[i]);
		if (code == 0 && !defs[i].name)
			return reader_fail(r, &scenario_value, reader_item(r, node, i),
					   "a cgroup needs a name");
	}
	return code;
}

static const struct field machine_fields[] = {
	FIELD(mpol_shape, nodes, take_unsigned), FIELD(mpol_shape, llcs, take_unsigned),
	FIELD(mpol_shape, cores, take_unsigned), FIELD(mpol_shape, threads, take_unsigned),
	FIELD(mpol_shape, cpus, take_text),	 FIELD(mpol_shape, memory, take_text),
	FIELD(mpol_shape, hotplug, take_text),	 FIELD(mpol_shape, distance, take_text),
	FIELD(mpol_shape, latency, take_text),	 FIELD(mpol_shape, bandwidth, take_text),
};

static int take_machine(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "a machine", machine_fields, ELEMENTSOF(machine_fields), to);
}

static const struct field needs_fields[] = {
	FIELD(mpol_needs, nodes, take_unsigned),
	FIELD(mpol_needs, cpus, take_unsigned),
	FIELD(mpol_needs, weighted_interleave, take_flag),
	FIELD(mpol_needs, preferred_many, take_flag),
	FIELD(mpol_needs, cgroup_v2, take_flag),
	FIELD(mpol_needs, cgroup_v1, take_flag),
	FIELD(mpol_needs, cpuset_migrates, take_flag),
	FIELD(mpol_needs, memory_only_node, take_flag),
	FIELD(mpol_needs, root, take_flag),
};

static int take_needs(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "needs", needs_fields, ELEMENTSOF(needs_fields), to);
}

/* A test, and what it is called. */
struct named_test {
	const char *name;
	struct mpol_test test;
};

#define TEST(member, take)                                              \
	{                                                               \
#member, take, offsetof(struct named_test, test.member) \
	}

static const struct field test_fields[] = {
	{ "name", take_text, offsetof(struct named_test, name) },
	TEST(why, take_text),
	TEST(machine, take_machine),
	TEST(needs, take_needs),
	TEST(seconds, take_seconds),
	TEST(weights, take_weights),
	TEST(hugepages, take_hugepages),
	TEST(numa_balancing, take_flag),
	TEST(cgroups, take_cgroups),
	TEST(then, take_steps),
	TEST(expect, take_bounds),
	TEST(must_end, take_text),
};

/* --- What holds for all tests of the file. --- */

struct suite {
	struct mpol_bound expect[MPOL_N_METRICS];
};

static const struct field suite_fields[] = { FIELD(suite, expect, take_bounds) };

static int take_suite(struct reader *r, yaml_node_t *node, void *to)
{
	return reader_mapping(r, node, "a suite", suite_fields, ELEMENTSOF(suite_fields), to);
}

static const struct field suite_document[] = { { "suite", take_suite, 0 } };

/* Whether the document is one of a suite: its first key tells. */
static bool is_suite(const struct reader *r, const yaml_node_t *root)
{
	const yaml_node_t *key;

	if (root->type != YAML_MAPPING_NODE ||
	    root->data.mapping.pairs.start == root->data.mapping.pairs.top)
		return false;
	key = yaml_document_get_node(r->document, root->data.mapping.pairs.start->key);
	return key->type == YAML_SCALAR_NODE &&
	       STREQ((const char *)key->data.scalar.value, "suite");
}

static int add_suite(struct reader *r, yaml_node_t *root, struct registry *registry)
{
	struct suite *suite = reader_keep(sizeof(*suite));

	if (!suite)
		return reader_fail(r, &scenario_value, root, "no memory for a suite");
	if (registry->suite)
		return reader_fail(r, &scenario_value, root, "there are two suites");
	registry->suite = suite->expect;
	return reader_mapping(r, root, "a document with a suite", suite_document,
			      ELEMENTSOF(suite_document), suite);
}

/* --- Documents. --- */

static int add_test(struct reader *r, yaml_node_t *root, struct registry *registry)
{
	struct named_test *named = reader_keep(sizeof(*named));
	struct mpol_test_entry *entry = reader_keep(sizeof(*entry));
	const struct mpol_test_entry **more =
		realloc(registry->tests, (registry->n + 1) * sizeof(*more));
	int code;

	if (more)
		registry->tests = more;
	if (!named || !entry || !more)
		return reader_fail(r, &scenario_value, root, "no memory for a test");
	code = reader_mapping(r, root, "a test", test_fields, ELEMENTSOF(test_fields), named);
	if (code < 0)
		return code;
	if (!named->name)
		return reader_fail(r, &scenario_value, root, "a test needs a name");
	for (size_t i = 0; i < registry->n; i++)
		if (STREQ(registry->tests[i]->name, named->name))
			return reader_fail(r, &scenario_value, root,
					   "there are two tests \"%.80s\"", named->name);
	*entry = (struct mpol_test_entry){ named->name, r->path, (int)root->start_mark.line + 1,
					   &named->test };
	registry->tests[registry->n++] = entry;
	return 0;
}

static int add_document(struct reader *r, yaml_node_t *root, struct registry *registry)
{
	return is_suite(r, root) ? add_suite(r, root, registry) : add_test(r, root, registry);
}

static int syntax_error(const yaml_parser_t *p, const char *path, struct mpol_error *err)
{
	char where[96];

	/* The reader (bad UTF-8) knows an offset only. */
	if (p->error == YAML_READER_ERROR)
		(void)snprintf(where, sizeof(where), "%.70s: byte %zu", path, p->problem_offset);
	else
		(void)snprintf(where, sizeof(where), "%.70s:%zu:%zu", path,
			       p->problem_mark.line + 1, p->problem_mark.column + 1);
	return mpol_fail(err, &scenario_syntax, where, "%s%s%s",
			 p->problem ? p->problem : "out of memory", p->context ? ", " : "",
			 p->context ? p->context : "");
}

/* One document; 1: there is none left. */
static int read_document(yaml_parser_t *parser, const char *path, struct registry *registry,
			 struct mpol_error *err)
{
	yaml_document_t document;
	yaml_node_t *root;
	int code = 1;

	if (!yaml_parser_load(parser, &document))
		return syntax_error(parser, path, err);
	root = yaml_document_get_root_node(&document);
	if (root)
		code = add_document(&(struct reader){ &document, path, err }, root, registry);
	yaml_document_delete(&document);
	return code;
}

/* Before documents are built of it: how deep it is. */
static int check_depth(const char *text, size_t len, const char *path, struct mpol_error *err)
{
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = { 0 };
	int depth = 0;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		return no_memory(err, path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (more && depth <= MAX_DEPTH) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event))
			return syntax_error(&parser, path, err);
		depth += (event.type == YAML_SEQUENCE_START_EVENT ||
			  event.type == YAML_MAPPING_START_EVENT) -
			 (event.type == YAML_SEQUENCE_END_EVENT ||
			  event.type == YAML_MAPPING_END_EVENT);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return more ? mpol_fail(err, &scenario_size, path, "line %zu is more than %d levels deep",
				parser.mark.line + 1, MAX_DEPTH)
		    : 0;
}

static int read_checked(const char *path, char **ret, size_t *len, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : fd_read_all(fd, MAX_BYTES, ret, len);

	if (r == -EFBIG)
		return mpol_fail(err, &scenario_size, path, "it is longer than 4 MiB");
	return r < 0 ? mpol_fail_errno(err, &scenario_file, -r, path, "%s", strerror(-r))
		     : check_depth(*ret, *len, path, err);
}

int scenario_read(const char *path, struct registry *ret, struct mpol_error *err)
{
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t len;
	int code = read_checked(path, &text, &len, err);

	*ret = (struct registry){ 0 };
	if (code < 0)
		return code;
	if (!yaml_parser_initialize(&parser))
		return no_memory(err, path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (code == 0)
		code = read_document(&parser, path, ret, err);
	if (code > 0 && ret->n == 0)
		return mpol_fail(err, &scenario_file, path, "it contains no tests");
	return code < 0 ? code : 0;
}
