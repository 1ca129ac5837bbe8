/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "notation/notation.h"
#include "oci/exec.h"
#include "oci/nri.h"
#include "oci/runtimes.h"
#include "oci/source.h"
#include "root.h"

#define A_POLICY "\"org.mpol.memory-policy\":"
#define NAME	 "\"io.kubernetes.cri.container-name\":\"db\","

/* The policy that counts; NULL: none. where NULL: not looked at. */
static const struct {
	const char *config, *argument;
	bool env;
	const char *policy, *where;
} sources[] = {
	{ "{}", NULL, false, NULL, NULL },
	{ "{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"1\"}},"
	  "\"annotations\":{" A_POLICY "\"bind:2\"}}",
	  "bind:3", true, "bind:1", "linux.memoryPolicy" },
	{ "{\"annotations\":{" A_POLICY "\"bind=static:0+2\"}}", "bind:3", false, "bind=static:0,2",
	  "annotation org.mpol.memory-policy" },
	{ "{\"annotations\":{" A_POLICY "\"\"}}", "bind:3", true, NULL, NULL },
	{ "{\"annotations\":{" NAME A_POLICY "\"bind:1\","
	  "\"org.mpol.memory-policy/container.db\":\"bind:2\"}}",
	  NULL, false, "bind:2", "annotation org.mpol.memory-policy/container.db" },
	{ "{\"annotations\":{" NAME A_POLICY "\"bind:1\","
	  "\"org.mpol.memory-policy/container.web\":\"bind:2\"}}",
	  NULL, false, "bind:1", NULL },
	{ "{\"annotations\":{\"policy.memory-policy.nri.io\":"
	  "\"mode: MPOL_BIND\\nnodes: 4,5\\nflags:\\n- MPOL_F_STATIC_NODES\\n\"}}",
	  NULL, false, "bind=static:4-5", "annotation policy.memory-policy.nri.io" },
	{ "{\"annotations\":{" NAME "\"memory-policy.noderesource.dev/container.db\":"
	  "\"mode: MPOL_INTERLEAVE\\nnodes: \\\"0,1\\\"\\n\"}}",
	  NULL, false, "interleave:0-1", NULL },
	{ "{\"annotations\":{\"class.memory-policy.nri.io\":\"gold\"}}", NULL, false, "local",
	  "annotation class.memory-policy.nri.io" },
	{ "{\"annotations\":{\"class.memory-policy.nri.io\":\"gold\"," A_POLICY "\"bind:1\"}}",
	  NULL, false, "bind:1", NULL },
	{ "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"," A_POLICY
	  "\"bind:1\"}}",
	  "bind:3", false, NULL, NULL },
	{ "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\"," A_POLICY
	  "\"bind:1\"}}",
	  NULL, false, "bind:1", NULL },
	{ "{}", "interleave:all", false, "interleave:all", "--mpol" },
	{ "{\"process\":{\"env\":[\"MPOL_POLICY=bind:1\"]}}", NULL, false, NULL, NULL },
	{ "{\"process\":{\"env\":[\"MPOL_POLICY=bind:1\"]}}", NULL, true, "bind:1",
	  "environment MPOL_POLICY" },
	{ "{\"process\":{\"env\":[\"MPOL_POLICY=bind:1\"]}}", "bind:2", true, "bind:2", "--mpol" },
	{ "{\"annotations\":{" A_POLICY "\"{\\\"mode\\\":\\\"MPOL_LOCAL\\\"}\"}}", NULL, false,
	  "local", NULL },
};

static void settings_make(struct oci_settings *ret)
{
	char path[4200];

	(void)root_make();
	root_put("s.json", "{\"classes\":{\"gold\":\"local\"}}");
	(void)snprintf(path, sizeof(path), "%s/s.json", root_path());
	CHECK_EQ(oci_settings_read(path, ret, NULL), 0);
}

static int find(const char *config, const struct oci_settings *s, const char *argument, bool env,
		struct oci_source *ret, struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };

	CHECK_EQ(oci_config_take(strdup(config), strlen(config), &c, NULL), 0);
	return oci_source_find(&c, s, argument, env, ret, err);
}

TEST(the_first_source_that_is_there_counts)
{
	_cleanup_(oci_settings_done) struct oci_settings s = { 0 };

	settings_make(&s);
	for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
		struct strbuf text = { 0 };
		struct oci_source source;

		check_row(i, sources[i].config);
		CHECK_EQ(find(sources[i].config, &s, sources[i].argument, sources[i].env, &source,
			      NULL),
			 0);
		CHECK_EQ(source.found, sources[i].policy != NULL);
		if (source.found)
			kernel_words(&source.policy, false, &text);
		CHECK_STR(source.found ? strbuf_text(&text) : NULL, sources[i].policy);
		if (sources[i].where)
			CHECK_STR(source.where, sources[i].where);
		strbuf_done(&text);
	}
}

#define MEMORY_POLICY(object) "{\"linux\":{\"memoryPolicy\":" object "}}"

/* What runc's and crun's users look for in the message. */
static const struct {
	const char *config, *headline;
} refused[] = {
	{ MEMORY_POLICY("{}"), "invalid memory policy mode" },
	{ MEMORY_POLICY("{\"mode\":\"INTERLEAVE\",\"nodes\":\"0\"}"),
	  "invalid memory policy mode" },
	{ MEMORY_POLICY("{\"nodes\":\"0-7\"}"), "invalid memory policy mode" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_PREFERRED\",\"nodes\":\"0\",\"flags\":[\"bad\"]}"),
	  "invalid memory policy flag" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-9876543210\",\"flags\":[]}"),
	  "invalid memory policy node" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_PREFERRED\",\"nodes\":\"bad\"}"),
	  "invalid memory policy node" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_PREFERRED\",\"nodes\":\"10284838\"}"),
	  "invalid memory policy node" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_DEFAULT\",\"nodes\":\"0-7\"}"),
	  "invalid memory policy node: set_mempolicy: invalid argument: mode requires 0 nodes but "
	  "got "
	  "8" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_INTERLEAVE\"}"),
	  "invalid memory policy node: set_mempolicy: invalid argument" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_PREFERRED\",\"flags\":[\"MPOL_F_NUMA_BALANCING\"]}"),
	  "invalid memory policy flag: set_mempolicy: invalid argument" },
	{ MEMORY_POLICY("{\"mode\":\"MPOL_PREFERRED\",\"nodes\":\"0\",\"flags\":["
			"\"MPOL_F_STATIC_NODES\",\"MPOL_F_RELATIVE_NODES\"]}"),
	  "invalid memory policy flag: set_mempolicy: invalid argument" },
	{ "{\"annotations\":{" A_POLICY "\"@/etc/shadow\"}}", "invalid memory policy" },
	{ "{\"annotations\":{" A_POLICY "\"bind:netdev:eth0\"}}", "invalid memory policy node" },
	{ "{\"annotations\":{" A_POLICY "\"bind:same\"}}", "invalid memory policy node" },
	{ "{\"annotations\":{" A_POLICY "\"bund:0\"}}", "invalid memory policy" },
	{ "{\"annotations\":{\"class.memory-policy.nri.io\":\"silver\"}}",
	  "invalid memory policy" },
	{ "{\"annotations\":{\"policy.memory-policy.nri.io\":\"nodes: 1\"}}",
	  "invalid memory policy mode" },
};

TEST(what_is_no_policy_is_refused_in_the_runtimes_words)
{
	_cleanup_(oci_settings_done) struct oci_settings s = { 0 };

	settings_make(&s);
	for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
		struct mpol_error err = { 0 };
		char headline[OCI_HEADLINE];
		struct oci_source source;

		check_row(i, refused[i].config);
		CHECK(find(refused[i].config, &s, NULL, false, &source, &err) < 0);
		CHECK(!source.found);
		CHECK_HAS(oci_source_headline(&source, &err, headline), refused[i].headline);
	}
}

static const struct {
	const char *text, *policy; /* policy NULL: what is wrong, in wrong */
	const char *wrong;
} nri[] = {
	{ "mode: MPOL_BIND\nnodes: 0-1", "bind:0-1", NULL },
	{ "---\n# a comment\n mode : 'MPOL_LOCAL'\n\n", "local", NULL },
	{ "mode: MPOL_INTERLEAVE\nnodes: max-dist:19\nflags: [MPOL_F_STATIC_NODES, "
	  "MPOL_F_NUMA_BALANCING]",
	  "interleave=static|balancing:dist<=19", NULL },
	{ "mode: MPOL_BIND\nnodes: allowed-mems", "bind:all", NULL },
	{ "mode: MPOL_BIND\nnodes: cpu-nodes\nflags: []", "bind:cpu", NULL },
	{ "{\"mode\":\"MPOL_BIND\",\"nodes\":\"2\"}", "bind:2", NULL },
	{ "mode: MPOL_BIND\nnodes: cpu-packages", NULL, "packages" },
	{ "mode: BIND", NULL, "there is no mode \"BIND\"" },
	{ "mode: MPOL_BIND\nflags: x", NULL, "a list is expected" },
	{ "mode: MPOL_BIND\nflags: [x", NULL, "a list ends with ]" },
	{ "mode: MPOL_BIND\nflags:\n- X", NULL, "there is no flag \"X\"" },
	{ "mode: MPOL_BIND\ncolour: red", NULL, "there is no key \"colour\"" },
	{ "MPOL_BIND", NULL, "\"key: value\" is expected" },
	{ "nodes: 1", NULL, "the mode is missing" },
};

TEST(the_nri_plugins_mappings_are_read)
{
	for (size_t i = 0; i < ELEMENTSOF(nri); i++) {
		struct mpol_error err = { 0 };
		struct strbuf text = { 0 };
		struct mpol_policy_expr e;
		int r = nri_parse(nri[i].text, &e, &err);

		check_row(i, nri[i].text);
		CHECK_EQ(r >= 0, nri[i].policy != NULL);
		if (r >= 0) {
			kernel_words(&e, false, &text);
			CHECK_STR(strbuf_text(&text), nri[i].policy);
		} else {
			CHECK_HAS(err.what, nri[i].wrong);
		}
		strbuf_done(&text);
	}
}

TEST(settings_that_are_misspelt_are_errors)
{
	static const struct {
		const char *text, *what;
	} wrong[] = {
		{ "{\"reel\":\"/usr/bin/runc\"}", "there is no such key" },
		{ "{\"env\":\"yes\"}", "true or false is expected" },
		{ "{\"native\":\"perhaps\"}", "\"auto\", \"never\" or \"always\" is expected" },
		{ "{\"classes\":[]}", "an object of names and policies is expected" },
		{ "[]", "an object is expected" },
		{ "{", "a string is expected" },
	};
	char path[4200];

	(void)root_make();
	(void)snprintf(path, sizeof(path), "%s/s.json", root_path());
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
		struct mpol_error err = { 0 };
		struct oci_settings s;

		check_row(i, wrong[i].text);
		root_put("s.json", wrong[i].text);
		CHECK_EQ(oci_settings_read(path, &s, &err), -EINVAL);
		CHECK_HAS(err.what, wrong[i].what);
		CHECK_HAS(err.where, "line 1");
	}
}

static const struct {
	const char *name, *version;
	enum oci_does run, exec;
} known[] = {
	{ "runc", "1.1.5+ds1", OCI_IGNORES, OCI_IGNORES },
	{ "runc", "1.1.15+ds1", OCI_IGNORES, OCI_IGNORES },
	{ "runc", "1.4.0-rc.1", OCI_IGNORES, OCI_IGNORES },
	{ "runc", "1.4.0-rc.2", OCI_APPLIES, OCI_APPLIES },
	{ "runc", "1.4.0", OCI_APPLIES, OCI_APPLIES },
	{ "runc", "1.5.0+ds1", OCI_APPLIES, OCI_APPLIES },
	{ "runc", "1.5.0-rc.1+dev", OCI_DIFFERS, OCI_DIFFERS },
	{ "runc", "1.6.0", OCI_DIFFERS, OCI_DIFFERS },
	{ "crun", "1.8.1", OCI_IGNORES, OCI_IGNORES },
	{ "crun", "1.23.1", OCI_IGNORES, OCI_IGNORES },
	{ "crun", "1.24", OCI_DIFFERS, OCI_IGNORES },
	{ "crun", "1.28", OCI_DIFFERS, OCI_IGNORES },
	{ "youki", "0.5.7", OCI_IGNORES, OCI_IGNORES },
	{ "youki", "0.6.0", OCI_DIFFERS, OCI_DIFFERS },
};

TEST(each_version_of_a_runtime_has_its_row)
{
	for (size_t i = 0; i < ELEMENTSOF(known); i++) {
		const struct oci_runtime *r = oci_runtime_find(known[i].name, known[i].version);

		check_row(i, known[i].version);
		CHECK(r != NULL);
		CHECK_EQ(r ? r->run : 99, known[i].run);
		CHECK_EQ(r ? r->exec : 99, known[i].exec);
	}
	CHECK(oci_runtime_find("kata", "3.0") == NULL);
}

static bool right(const char *name, const char *version, const char *policy)
{
	const struct oci_runtime *r = oci_runtime_find(name, version);
	struct mpol_policy_expr e;
	struct mpol_policy p;

	CHECK_EQ(notation_kernel.parse(policy, &e, NULL), 0);
	p = (struct mpol_policy){ e.mode, e.flags, e.nodes.nodes };
	return r->right && r->right(&p);
}

TEST(defects_are_told_from_what_they_leave_right)
{
	CHECK(right("runc", "1.5.0-rc.1+dev", "bind:0-6"));
	CHECK(!right("runc", "1.5.0-rc.1+dev", "bind:7"));
	CHECK(!right("runc", "1.5.0-rc.1+dev", "bind:0,63"));
	CHECK(right("runc", "1.5.0-rc.1+dev", "local"));
	CHECK(right("runc", "1.4.0", "bind:127"));
	CHECK(!right("runc", "1.4.0", "bind:1023"));
	CHECK(right("youki", "0.6.0", "bind:0-62"));
	CHECK(!right("youki", "0.6.0", "bind:127"));
	CHECK(right("crun", "1.28", "local"));
	CHECK(!right("crun", "1.28", "bind:1"));
}

static const struct {
	const char *policy;
	const char *inside, *outside;
	bool survives;
} leaving[] = {
	{ "default", "1-2", "0", true },
	{ "local", "1-2", "0", true },
	{ "preferred", "1-2", "0", true },
	{ "bind:1", "1-2", "0-3", true },
	{ "bind:1-2", "1-2", "0", false }, /* two nodes cannot be told apart in one */
	{ "interleave=static:0-2", "1-2", "0", true },
	{ "bind=relative:1", "1-2", "0", true },
	{ "preferred:1", "1-2", "0-3", true },
	{ "preferred=static:1", "1-2", "1-2", false },
	{ "preferred-many=relative:0", "1-2", "0-3", false },
	{ "bind=balancing:1", "1-2", "1-2", false },
	{ "bind=static|balancing:1", "1-2", "0-3", true },
};

TEST(what_a_move_between_cpusets_would_change_is_known)
{
	for (size_t i = 0; i < ELEMENTSOF(leaving); i++) {
		struct mpol_nodeset inside, outside;
		struct mpol_policy_expr e;
		struct mpol_policy p;

		check_row(i, leaving[i].policy);
		CHECK_EQ(mpol_nodes_parse(leaving[i].inside, &inside, NULL), 0);
		CHECK_EQ(mpol_nodes_parse(leaving[i].outside, &outside, NULL), 0);
		CHECK_EQ(notation_kernel.parse(leaving[i].policy, &e, NULL), 0);
		p = (struct mpol_policy){ e.mode, e.flags, e.nodes.nodes };
		CHECK_EQ(exec_survives_leaving(&p, &inside, &outside), leaving[i].survives);
	}
}
