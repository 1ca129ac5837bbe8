/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "oci/config.h"
#include "oci/patch.h"
#include "root.h"

static int take(const char *text, struct oci_config *ret, struct mpol_error *err)
{
	return oci_config_take(strdup(text), strlen(text), ret, err);
}

#define HOOK "{\"path\":\"/x\"}"
#define OURS "{\"path\":\"/x\",\"args\":[\"mpol-runtime\",\"hook\",\"--policy=bind:0\"]}"

static const struct {
	const char *before, *hooked;
} hook_edits[] = {
	{ "{}", "{\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"a\":1}", "{\"a\":1,\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":{}}", "{\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":null,\"b\":2}", "{\"hooks\":{\"createRuntime\":[" HOOK "]},\"b\":2}" },
	{ "{\"hooks\":{\"poststop\":[1]}}",
	  "{\"hooks\":{\"poststop\":[1],\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":{\"createRuntime\":null}}", "{\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":{\"createRuntime\":[]}}", "{\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":{\"createRuntime\":[{\"path\":\"/y\"}]}}",
	  "{\"hooks\":{\"createRuntime\":[{\"path\":\"/y\"}," HOOK "]}}" },
	{ "{\"hooks\":{\"createRuntime\":[" OURS ",{\"path\":\"/y\"}," OURS "]}}",
	  "{\"hooks\":{\"createRuntime\":[{\"path\":\"/y\"}," HOOK "]}}" },
	{ "{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}}}",
	  "{\"linux\":{},\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"linux\":{\"a\":1,\"memoryPolicy\":{}},\"hooks\":{}}",
	  "{\"linux\":{\"a\":1},\"hooks\":{\"createRuntime\":[" HOOK "]}}" },
	{ "{\"hooks\":{},\"linux\":{\"memoryPolicy\":null, \"a\":1}}",
	  "{\"hooks\":{\"createRuntime\":[" HOOK "]},\"linux\":{\"a\":1}}" },
	{ "{\n\t\"linux\": {\n\t\t\"x\": 18446744073709551616,\n\t\t\"memoryPolicy\": {}\n\t}\n}\n",
	  "{\n\t\"linux\": {\n\t\t\"x\": "
	  "18446744073709551616\n\t},\n\t\"hooks\":{\"createRuntime\": "
	  "[" HOOK "]}\n}\n" },
};

TEST(a_hook_is_put_last_and_ours_are_taken_out)
{
	for (size_t i = 0; i < ELEMENTSOF(hook_edits); i++) {
		_cleanup_(oci_config_done) struct oci_config c = { 0 }, again = { 0 };
		_cleanup_free_ char *text = NULL;
		size_t len = 0;

		check_row(i, hook_edits[i].before);
		CHECK_EQ(take(hook_edits[i].before, &c, NULL), 0);
		CHECK_EQ(oci_config_with_hook(&c, HOOK, true, &text, &len, NULL), 0);
		CHECK_STR(text, hook_edits[i].hooked);
		CHECK_EQ(len, strlen(hook_edits[i].hooked));
		CHECK_EQ(take(text, &again, NULL), 0); /* and is JSON still */
	}
}

#define POLICY "{\"mode\":\"MPOL_LOCAL\"}"

static const struct {
	const char *before, *with, *without;
} policy_edits[] = {
	{ "{}", "{\"linux\":{\"memoryPolicy\":" POLICY "}}", "{}" },
	{ "{\"linux\":{}}", "{\"linux\":{\"memoryPolicy\":" POLICY "}}", "{\"linux\":{}}" },
	{ "{\"linux\":null}", "{\"linux\":{\"memoryPolicy\":" POLICY "}}", "{\"linux\":null}" },
	{ "{\"linux\":{\"memoryPolicy\":{\"mode\":\"x\"},\"a\":1}}",
	  "{\"linux\":{\"memoryPolicy\":" POLICY ",\"a\":1}}", "{\"linux\":{\"a\":1}}" },
	{ "{\n  \"linux\": {\n    \"a\": 1\n  },\n  \"z\": 1.50\n}\n",
	  "{\n  \"linux\": {\n    \"a\": 1,\n    \"memoryPolicy\": " POLICY
	  "\n  },\n  \"z\": 1.50\n}\n",
	  "{\n  \"linux\": {\n    \"a\": 1\n  },\n  \"z\": 1.50\n}\n" },
	{ "{\n  \"linux\": {\n    \"a\": 1,\n    \"memoryPolicy\": {}\n  }\n}",
	  "{\n  \"linux\": {\n    \"a\": 1,\n    \"memoryPolicy\": " POLICY "\n  }\n}",
	  "{\n  \"linux\": {\n    \"a\": 1\n  }\n}" },
};

TEST(a_policy_is_put_in_and_taken_out_and_nothing_else_changes)
{
	for (size_t i = 0; i < ELEMENTSOF(policy_edits); i++) {
		_cleanup_(oci_config_done) struct oci_config c = { 0 };
		_cleanup_free_ char *with = NULL, *without = NULL;
		size_t len = 0;

		check_row(i, policy_edits[i].before);
		CHECK_EQ(take(policy_edits[i].before, &c, NULL), 0);
		CHECK_EQ(oci_config_with_policy(&c, POLICY, &with, &len, NULL), 0);
		CHECK_STR(with, policy_edits[i].with);
		CHECK_EQ(oci_config_with_policy(&c, NULL, &without, &len, NULL), 0);
		CHECK_STR(without, policy_edits[i].without);
	}
}

static const struct {
	const char *text, *rule, *what;
} refused[] = {
	{ "[]", "config-type", "the configuration is an array, not an object" },
	{ "{\"linux\":[]}", "config-type", "linux is an array, not an object" },
	{ "{\"linux\":{\"memoryPolicy\":\"bind\"}}", "config-type",
	  "linux.memoryPolicy is a string, not an object" },
	{ "{\"linux\":{\"resources\":{\"cpu\":{\"mems\":0}}}}", "config-type",
	  "linux.resources.cpu.mems is a number, not a string" },
	{ "{\"hooks\":{\"createRuntime\":{}}}", "config-type",
	  "hooks.createRuntime is an object, not an array" },
	{ "{\"linux\":{},\"linux\":{}}", "config-duplicate-key", "linux appears twice" },
	{ "{\"linux\":{\"memoryPolicy\":{},\"memoryPolicy\":{}}}", "config-duplicate-key",
	  "linux.memoryPolicy appears twice" },
	{ "{\"annotations\":1}", "config-type", "annotations is a number, not an object" },
};

TEST(a_configuration_that_readers_may_read_differently_is_refused)
{
	for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
		_cleanup_(oci_config_done) struct oci_config c = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, refused[i].text);
		CHECK_EQ(take(refused[i].text, &c, &err), -EINVAL);
		CHECK_STR(err.rule->id, refused[i].rule);
		CHECK_STR(err.what, refused[i].what);
	}
}

TEST(annotations_and_environment_are_found)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	_cleanup_free_ char *a = NULL, *b = NULL, *e = NULL, *none = NULL;

	CHECK_EQ(take("{\"annotations\":{\"x/y\":\"bind:0\",\"n\":null},"
		      "\"process\":{\"env\":[\"A=1\",\"MPOL=a=b\",\"MPOL=c\",\"MPOLX=d\",5]}}",
		      &c, NULL),
		 0);
	CHECK_EQ(oci_config_annotation(&c, "x/y", &a, NULL), 0);
	CHECK_STR(a, "bind:0");
	CHECK_EQ(oci_config_annotation(&c, "n", &b, NULL), 0);
	CHECK_STR(b, NULL);
	CHECK_EQ(oci_config_env(&c, "MPOL", &e, NULL), 0);
	CHECK_STR(e, "c");
	CHECK_EQ(oci_config_env(&c, "B", &none, NULL), 0);
	CHECK_STR(none, NULL);
}

TEST(a_file_that_is_none_or_too_large_is_refused_quickly)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	struct mpol_error err = { 0 };
	int root = root_make();
	char path[4200];

	(void)snprintf(path, sizeof(path), "%s/large", root_path());
	CHECK_EQ(oci_config_read(root, "missing", &c, &err), -ENOENT);
	CHECK_STR(err.where, "missing");
	root_put("large", "{}");
	CHECK_EQ(truncate(path, (off_t)10 << 20), 0);
	CHECK_EQ(oci_config_read(root, "large", &c, &err), -EFBIG);
	CHECK_STR(err.what, "has more than 8 MiB");
	CHECK_EQ(mkfifoat(root, "fifo", 0600), 0);
	CHECK_EQ(oci_config_read(root, "fifo", &c, &err), -EINVAL);
	CHECK_EQ(mkdirat(root, "dir", 0700), 0);
	CHECK_EQ(oci_config_read(root, "dir", &c, &err), -EINVAL);
}

static const struct mpol_policy_expr local = { .mode = MPOL_MODE_LOCAL };

TEST(a_patch_is_written_once_and_keeps_mode)
{
	int root = root_make();
	struct stat first, second;
	char dir[4200];

	(void)snprintf(dir, sizeof(dir), "%s/b", root_path());
	root_put("b/config.json", "{\"linux\":{}}");
	CHECK_EQ(fchmodat(root, "b/config.json", 0640, 0), 0);
	CHECK_EQ(oci_patch(dir, &local, NULL), 1);
	CHECK_EQ(fstatat(root, "b/config.json", &first, 0), 0);
	CHECK_EQ(first.st_mode & 07777, 0640);
	CHECK_EQ(oci_patch(dir, &local, NULL), 0);
	CHECK_EQ(fstatat(root, "b/config.json", &second, 0), 0);
	CHECK_EQ(first.st_ino, second.st_ino);
	CHECK_EQ(oci_patch(dir, NULL, NULL), 1);
	CHECK_EQ(oci_patch(dir, NULL, NULL), 0);
	CHECK(faccessat(root, "b/.config.json.mpol-patch", F_OK, 0) < 0);
}

TEST(a_symbolic_link_is_not_written_through)
{
	struct mpol_error err = { 0 };
	int root = root_make();
	char dir[4200];

	(void)snprintf(dir, sizeof(dir), "%s/b", root_path());
	root_put("elsewhere", "{}");
	root_put("b/x", "");
	CHECK_EQ(symlinkat("../elsewhere", root, "b/config.json"), 0);
	CHECK_EQ(oci_patch(dir, &local, &err), -ELOOP);
	CHECK_STR(err.rule->id, "config-is-link");
}
