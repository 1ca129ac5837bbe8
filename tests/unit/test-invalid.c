/* SPDX-License-Identifier: MIT */
/*
 * tests/invalid/<notation>/<case>/{input,error}: every way to be wrong, and what is said about it.
 * In to-<notation>/ the input is a policy that cannot be said there; in resolved/ a node list that
 * means nothing on the machine below. MPOL_ACCEPT=1 writes down what is said now: look at it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "check.h"
#include "devices.h"
#include "json/scan.h"
#include "machine/device.h"
#include "model/nodes-expr.h"
#include "notation/rules.h"
#include "root.h"

#define MOST_CASES 256

static const char *seen[4 * MOST_CASES]; /* the rules that were named */
static size_t n_seen;

static void describe(const struct mpol_error *err, struct strbuf *out)
{
	strbuf_printf(out, "%s%s%s\n", err->where, *err->where ? ": " : "", err->what);
	if (err->rule)
		strbuf_printf(out, "%s   [%s]\n", err->rule->why, err->rule->id);
	if (err->rule && mpol_error_hint(err))
		strbuf_printf(out, "Hint: %s\n", mpol_error_hint(err));
}

/* The files are UTF-8 as all of the tree: bytes that are none stand in the input as \xHH, other
 * escapes too. */
static void unescape(char *text)
{
	char *to = text;

	for (char *p = text; *p; p++) {
		unsigned byte;

		if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &byte) == 1) {
			*to++ = (char)byte;
			p += 3;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
}

static int parse_policy(const char *text, struct mpol_error *err)
{
	static struct mpol_policy_expr p;

	return mpol_policy_parse(text, &p, err);
}

static int parse_nodes(const char *text, struct mpol_error *err)
{
	static struct mpol_nodes_expr e;

	return mpol_nodes_expr_parse(text, &e, err);
}

static int print_to(const char *notation, const char *text, struct mpol_error *err)
{
	static struct mpol_policy_expr p;
	_cleanup_free_ char *printed = NULL;

	CHECK_EQ(mpol_policy_parse(text, &p, NULL), 0);
	return mpol_notation(notation)->print(&p, &printed, err);
}

/* Two nodes, of which one has memory only; devices are those of devices.h. */
static struct mpol_node nodes[] = { { .id = 0, .cpus = { { 3 } } }, { .id = 1 } };
static unsigned distance[] = { 10, 30, 30, 10 };
static const struct mpol_machine machine = {
	.n_nodes = 2,
	.nodes = nodes,
	.distance = distance,
	.online = MPOL_NODES(0, 1),
	.with_memory = MPOL_NODES(0, 1),
	.with_cpus = MPOL_NODES(0),
	.mems_allowed = MPOL_NODES(0, 1),
	.cpus_allowed = { { 1 } },
};

/* "NODES", or with a note behind: of a machine that tells less, or of the running one. */
static int resolve(char *text, struct mpol_error *err)
{
	static struct mpol_nodes_expr e;
	struct mpol_machine m = machine;
	struct mpol_nodeset s;
	const char *note = "";
	char *bracket = strstr(text, " (");
	int r, devices = devices_root(), running = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (bracket) {
		*bracket = '\0';
		note = bracket + 1;
	}
	if (STREQ(note, "(no distances)"))
		m.distance = NULL;
	CHECK_EQ(mpol_nodes_expr_parse(text, &e, NULL), 0);
	r = mpol_nodes_resolve(STREQ(note, "(no root)")	  ? -1
			       : STREQ(note, "(running)") ? running
							  : devices,
			       &m, NULL, &e, &s, err);
	close(devices);
	close(running);
	root_remove();
	return r;
}

static int try(const char *kind, char *text, struct mpol_error *err)
{
	static struct mpol_policy_expr p;

	if (STARTS(kind, "to-"))
		return print_to(kind + 3, text, err);
	if (STREQ(kind, "nodes"))
		return parse_nodes(text, err);
	if (STREQ(kind, "resolved"))
		return resolve(text, err);
	if (STREQ(kind, "policy"))
		return parse_policy(text, err);
	return mpol_notation(kind)->parse(text, &p, err);
}

static void check_case(const char *kind, const char *name)
{
	_cleanup_free_ char *input = NULL, *expected = NULL;
	_cleanup_(strbuf_done) struct strbuf got = { 0 };
	struct mpol_error err = { 0 };
	char path[512];
	int r, root = open(check_source(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)snprintf(path, sizeof(path), "tests/invalid/%s/%s", kind, name);
	check_row(0, path);
	CHECK_EQ(file_read_at(root, 1 << 20, &input, NULL, "%s/input", path), 0);
	if (input && *input && input[strlen(input) - 1] == '\n')
		input[strlen(input) - 1] = '\0';
	unescape(input);
	r = try(kind, input, &err);
	CHECK(r < 0);
	CHECK_EQ(r, -err.errnum);
	CHECK(err.rule && *err.what);
	describe(&err, &got);
	if (err.rule && n_seen < ELEMENTSOF(seen))
		seen[n_seen++] = err.rule->id;
	if (getenv("MPOL_ACCEPT")) {
		(void)snprintf(path, sizeof(path), "%s/tests/invalid/%s/%s/error", check_source(),
			       kind, name);
		FILE *f = fopen(path, "w");

		CHECK(f && fputs(strbuf_text(&got), f) >= 0);
		fclose(f);
	}
	(void)snprintf(path, sizeof(path), "tests/invalid/%s/%s", kind, name);
	CHECK_EQ(file_read_at(root, 1 << 20, &expected, NULL, "%s/error", path), 0);
	CHECK_STR(strbuf_text(&got), expected);
	close(root);
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Runs the cases of a kind; returns how many there are. */
static int check_kind(const char *kind)
{
	struct dirent **entries = NULL;
	char path[512];
	int n;

	(void)snprintf(path, sizeof(path), "%s/tests/invalid/%s", check_source(), kind);
	n = scandir(path, &entries, is_visible, alphasort);
	for (int i = 0; i < n; i++) {
		check_case(kind, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return n;
}

static const char *const kinds[] = { "nodes",	"policy",    "kernel",	   "oci",
				     "numactl", "systemd",   "to-numactl", "to-systemd",
				     "to-oci",	"to-podman", "to-docker",  "to-kubernetes",
				     "to-c",	"resolved" };

TEST(every_message_is_what_its_golden_file_says)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		CHECK(check_kind(kinds[i]) > 0);
}

static bool was_seen(const char *id)
{
	for (size_t i = 0; i < n_seen; i++)
		if (STREQ(seen[i], id))
			return true;
	return false;
}

static void check_rules(const struct mpol_rule *const *rules)
{
	/* Numbers that no text can say: tests of their own. */
	static const char *const elsewhere[] = { "notation-no-name" };

	for (size_t i = 0; rules[i]; i++) {
		check_row(i, rules[i]->id);
		if (!STREQ(rules[i]->id, elsewhere[0]))
			CHECK(was_seen(rules[i]->id));
		CHECK(rules[i]->why && rules[i]->source);
	}
}

TEST(every_rule_about_texts_has_a_case)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		(void)check_kind(kinds[i]);
	check_rules(nodes_expr_rules);
	check_rules(notation_rules);
	check_rules(scan_rules);
	check_rules(nodes_meant_rules);
	check_rules(device_rules);
}

TEST(no_folder_is_left_out)
{
	struct dirent **entries = NULL;
	char path[512];
	int n;

	(void)snprintf(path, sizeof(path), "%s/tests/invalid", check_source());
	n = scandir(path, &entries, is_visible, alphasort);
	CHECK_EQ(n, ELEMENTSOF(kinds));
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
}
