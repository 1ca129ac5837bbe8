/* SPDX-License-Identifier: MIT */
/*
 * All notations: what each reads and writes, that reading what was written gives the same policy
 * over the whole product of modes, flags and node sets, and that what cannot be said names its
 * rule.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "notation/notation.h"

static const struct {
	const char *text, *kernel;
} readings[] = {
	/* kernel */
	{ "default", "default" },
	{ "local", "local" },
	{ "bind:0-1", "bind:0-1" },
	{ "bind=static:0-1", "bind=static:0-1" },
	{ "bind=static|balancing:0-1", "bind=static|balancing:0-1" },
	{ "bind=balancing|static:0-1", "bind=static|balancing:0-1" },
	{ "prefer:1", "prefer:1" },
	{ "preferred:1", "prefer:1" },
	{ "prefer=relative:0", "prefer=relative:0" },
	{ "prefer (many):0-1", "prefer (many):0-1" },
	{ "preferred-many:0-1", "prefer (many):0-1" },
	{ "prefer-many:0-1", "prefer (many):0-1" },
	{ "weighted interleave:0-1", "weighted interleave:0-1" },
	{ "weighted-interleave:0+2", "weighted interleave:0,2" },
	{ "interleave:0+2", "interleave:0,2" },
	{ "interleave:2,0,1", "interleave:0-2" },
	{ "bind:all", "bind:all" },
	{ "bind:!2", "bind:!2" },
	{ "bind:+0-1", "bind:+0-1" },
	{ "prefer:netdev:eth0", "prefer:netdev:eth0" },
	{ "bind:dist<=20", "bind:dist<=20" },
	{ "bind", "bind" }, /* invalid, but sayable: check explains it */
	{ "bind:", "bind" },
	{ "default=static", "default=static" },
	{ "local:0", "local:0" },
	{ "bind=static|relative:0", "bind=static|relative:0" },
	/* oci */
	{ "{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\",\"flags\":[\"MPOL_F_STATIC_NODES\"]}",
	  "bind=static:0-1" },
	{ "{\"mode\":\"MPOL_LOCAL\"}", "local" },
	{ "{\"mode\":\"MPOL_LOCAL\",\"nodes\":null,\"flags\":null}", "local" },
	{ "{\"mode\":\"MPOL_PREFERRED_MANY\",\"nodes\":\"0,2\",\"flags\":[]}",
	  "prefer (many):0,2" },
	{ "{\"flags\":[\"MPOL_F_NUMA_BALANCING\",\"MPOL_F_RELATIVE_NODES\"],\"nodes\":\"0\","
	  "\"mode\":"
	  "\"MPOL_BIND\"}",
	  "bind=relative|balancing:0" },
	{ "{\"memoryPolicy\":{\"mode\":\"MPOL_DEFAULT\"}}", "default" },
	{ "{\"ociVersion\":\"1.3.0\",\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_INTERLEAVE\","
	  "\"nodes\":\"0-3\"}}}",
	  "interleave:0-3" },
	{ " \n{ \"mode\" : \"MPOL_BIND\", \"nodes\" : \"\\u0030\" }\n", "bind:0" },
	/* numactl */
	{ "--membind=0-1", "bind:0-1" },
	{ "--membind 0-1", "bind:0-1" },
	{ "-m0-1", "bind:0-1" },
	{ "-m 0-1", "bind:0-1" },
	{ "--membind=", "bind" },
	{ "--balancing --membind=0", "bind=balancing:0" },
	{ "--membind=0 --balancing", "bind=balancing:0" },
	{ "-bm0", "bind=balancing:0" },
	{ "numactl --interleave=all", "interleave:all" },
	{ "--interleave='!0'", "interleave:!0" },
	{ "--interleave=\"0,1\"", "interleave:0-1" },
	{ "--inter=0", "interleave:0" },
	{ "-w 0,2", "weighted interleave:0,2" },
	{ "--preferred=1", "prefer:1" },
	{ "-P +0-1", "prefer (many):+0-1" },
	{ "--localalloc", "local" },
	{ "-l", "local" },
	{ "--membind=010", "bind:8" }, /* octal to numactl */
	{ "--membind='file:/a b'", "bind:file:/a b" },
	/* systemd */
	{ "[Service]\nNUMAPolicy=bind\nNUMAMask=0-1\n", "bind:0-1" },
	{ "NUMAPolicy=local", "local" },
	{ "# a comment\n; another\n[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n"
	  "NUMAPolicy = interleave \n\tNUMAMask=0, 2 3\n",
	  "interleave:0,2-3" },
	{ "NUMAPolicy=bind\nNUMAMask=0\nNUMAMask=2\n", "bind:0,2" },
	{ "NUMAPolicy=bind\nNUMAMask=0\nNUMAMask=\nNUMAMask=2\n", "bind:2" },
	{ "NUMAPolicy=bind\nNUMAMask=all\n", "bind:all" },
	{ "NUMAPolicy=bind\nNUMAMask=0 \\\n 1\n", "bind:0-1" },
	{ "# no \\\nNUMAPolicy=preferred\nNUMAMask=3", "prefer:3" },
	{ "NUMAPolicy=bind\nNUMAPolicy=default\n", "default" },
	{ "NUMAPolicy=weighted-interleave\r\nNUMAMask=0-1\r\n", "weighted interleave:0-1" },
};

TEST(every_notation_is_recognised_and_read)
{
	static struct mpol_policy_expr p;

	for (size_t i = 0; i < ELEMENTSOF(readings); i++) {
		_cleanup_free_ char *text = NULL;
		struct mpol_error err = { 0 };

		check_row(i, readings[i].text);
		CHECK_EQ(mpol_policy_parse(readings[i].text, &p, &err), 0);
		CHECK_STR(err.what, "");
		CHECK_EQ(mpol_notation("kernel")->print(&p, &text, &err), 0);
		CHECK_STR(text, readings[i].kernel);
	}
}

static const struct {
	const char *policy, *notation, *text;
} writings[] = {
	{ "bind=static:0-1", "oci",
	  "{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\",\"flags\":[\"MPOL_F_STATIC_NODES\"]}" },
	{ "local", "oci", "{\"mode\":\"MPOL_LOCAL\"}" },
	{ "default=static", "oci",
	  "{\"mode\":\"MPOL_DEFAULT\",\"flags\":[\"MPOL_F_STATIC_NODES\"]}" },
	{ "bind=balancing:0", "numactl", "--balancing --membind=0" },
	{ "interleave:!0", "numactl", "--interleave='!0'" },
	{ "interleave:0,2", "numactl", "--interleave=0,2" },
	{ "prefer:1", "numactl", "--preferred=1" },
	{ "prefer:netdev:eth0", "numactl", "--preferred=netdev:eth0" },
	{ "local", "numactl", "--localalloc" },
	{ "bind:0-1", "systemd", "[Service]\nNUMAPolicy=bind\nNUMAMask=0-1" },
	{ "bind:all", "systemd", "[Service]\nNUMAPolicy=bind\nNUMAMask=all" },
	{ "prefer", "systemd", "[Service]\nNUMAPolicy=preferred" },
	{ "default", "systemd", "[Service]\nNUMAPolicy=default" },
	{ "bind:0-1", "c", "mpol_bind(0, 1)" },
	{ "prefer:5", "c", "mpol_preferred(5)" },
	{ "local", "c", "mpol_local()" },
	{ "local:0", "c", "mpol_policy(MPOL_MODE_LOCAL, .nodes = MPOL_NODES(0))" },
	{ "prefer:0-1", "c", "mpol_policy(MPOL_MODE_PREFERRED, .nodes = MPOL_NODES(0, 1))" },
	{ "bind=static|balancing:63", "c",
	  "mpol_policy(MPOL_MODE_BIND, .flags = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_NUMA_BALANCING, "
	  ".nodes = MPOL_NODES(63))" },
	{ "bind:64", "c", "mpol_policy(MPOL_MODE_BIND, .nodes = { { [1] = 0x1 } })" },
	{ "bind:0-16", "c", "mpol_policy(MPOL_MODE_BIND, .nodes = { { [0] = 0x1ffff } })" },
	{ "bind:0,1023", "c",
	  "mpol_policy(MPOL_MODE_BIND, .nodes = { { [0] = 0x1, [15] = 0x8000000000000000 } })" },
	{ "bind", "c", "mpol_policy(MPOL_MODE_BIND)" },
	{ "interleave:0,2", "podman",
	  "podman --runtime " MPOL_BINDIR
	  "/mpol-runtime run --annotation org.mpol.memory-policy=interleave:0+2" },
	{ "prefer (many)=static|balancing:0", "podman",
	  "podman --runtime " MPOL_BINDIR "/mpol-runtime run --annotation "
	  "'org.mpol.memory-policy=preferred-many=static|balancing:0'" },
	{ "bind:file:/a,b+\"c\"", "podman",
	  "podman --runtime " MPOL_BINDIR
	  "/mpol-runtime run --annotation '\"org.mpol.memory-policy=bind:file:/a,b+\"\"c\"\"\"'" },
	{ "bind=static:0-1,3", "docker",
	  "{\n  \"runtimes\": {\n    \"mpol-bind-static-0-1_3\": {\n"
	  "      \"path\": \"" MPOL_BINDIR "/mpol-runtime\",\n"
	  "      \"runtimeArgs\": [\n        \"--mpol=bind=static:0-1,3\"\n      ]\n"
	  "    }\n  }\n}" },
	{ "weighted interleave:all", "kubernetes",
	  "metadata:\n  annotations:\n    org.mpol.memory-policy: \"weighted-interleave:all\"\n"
	  "spec:\n  runtimeClassName: mpol" },
};

TEST(every_notation_is_written)
{
	static struct mpol_policy_expr p;

	for (size_t i = 0; i < ELEMENTSOF(writings); i++) {
		_cleanup_free_ char *text = NULL;
		struct mpol_error err = { 0 };

		check_row(i, writings[i].policy);
		CHECK_EQ(mpol_policy_parse(writings[i].policy, &p, NULL), 0);
		CHECK_EQ(mpol_notation(writings[i].notation)->print(&p, &text, &err), 0);
		CHECK_STR(err.what, "");
		CHECK_STR(text, writings[i].text);
	}
}

static const struct {
	const char *policy, *notation, *rule;
} unsayable[] = {
	{ "bind=static:0", "numactl", "numactl-no-node-flags" },
	{ "bind=relative:0", "numactl", "numactl-no-node-flags" },
	{ "default", "numactl", "numactl-no-default" },
	{ "prefer:0-1", "numactl", "numactl-preferred-one" },
	{ "prefer", "numactl", "numactl-preferred-one" },
	{ "prefer (many)=balancing:0", "numactl", "numactl-balancing" },
	{ "local:0", "numactl", "numactl-local-nodes" },
	{ "bind:cpu", "numactl", "notation-needs-numbers" },
	{ "bind:mem-only", "numactl", "notation-needs-numbers" },
	{ "bind:all,netdev:eth0", "numactl", "notation-needs-numbers" },
	{ "bind=balancing:0", "systemd", "systemd-no-flags" },
	{ "bind=static:0", "systemd", "systemd-no-flags" },
	{ "bind", "systemd", "systemd-needs-mask" },
	{ "prefer:0-1", "systemd", "systemd-preferred-one" },
	{ "prefer:all", "systemd", "systemd-preferred-one" },
	{ "local:0", "systemd", "systemd-drops-mask" },
	{ "default:all", "systemd", "systemd-drops-mask" },
	{ "bind:!0", "systemd", "notation-needs-numbers" },
	{ "bind:all,0", "systemd", "notation-needs-numbers" },
	{ "bind:all", "oci", "notation-needs-numbers" },
	{ "bind:+0", "oci", "notation-needs-numbers" },
	{ "bind:all", "c", "notation-needs-numbers" },
	{ "bind:same", "podman", "notation-needs-numbers" },
	{ "bind:same", "docker", "notation-needs-numbers" },
	{ "bind:same", "kubernetes", "notation-needs-numbers" },
};

TEST(what_cannot_be_said_names_its_rule)
{
	static struct mpol_policy_expr p;

	for (size_t i = 0; i < ELEMENTSOF(unsayable); i++) {
		struct mpol_error err = { 0 };
		char *text = NULL;

		check_row(i, unsayable[i].policy);
		CHECK_EQ(mpol_policy_parse(unsayable[i].policy, &p, NULL), 0);
		CHECK_EQ(mpol_notation(unsayable[i].notation)->print(&p, &text, &err), -ENOTSUP);
		CHECK(text == NULL);
		CHECK_STR(err.rule ? err.rule->id : "", unsayable[i].rule);
		CHECK(*err.what && mpol_error_hint(&err));
	}
}

TEST(numbers_that_are_no_modes_or_flags_have_no_name)
{
	for (size_t i = 0; mpol_notations[i]; i++) {
		static struct mpol_policy_expr p;
		struct mpol_error err = { 0 };
		char *text = NULL;

		check_row(i, mpol_notations[i]->name);
		p = (struct mpol_policy_expr){ .mode = MPOL_N_MODES };
		CHECK_EQ(mpol_notations[i]->print(&p, &text, &err), -ENOTSUP);
		CHECK_STR(err.rule->id, "notation-no-name");
		p = (struct mpol_policy_expr){ .flags = 1 };
		CHECK_EQ(mpol_notations[i]->print(&p, &text, &err), -ENOTSUP);
		CHECK_STR(err.rule->id, "notation-no-name");
	}
}

static const char *const node_texts[] = {
	"",
	"0",
	"0-1",
	"0,2",
	"1-3,63",
	"64",
	"1023",
	"0-1023",
	"5,7,9",
	"all",
	"!2",
	"!0-3,7",
	"+0",
	"+0-1,5",
	"!+1",
	"same",
	"cpu",
	"mem-only",
	"dist<=20",
	"!cpu",
	"0,mem-only",
	"cpu,mem-only",
	"all,dist<=255",
	"1,all",
	"netdev:eth0.100",
	"0,ip:2001:db8::1",
	"file:/srv/a b'c\"d\\e,f",
	"block:nvme0n1",
	"pci:00:1f.2",
	"all,cpu,mem-only,dist<=10,file:/",
};

/* Every policy of the model goes through every notation that can say it. */
TEST(reading_what_was_written_gives_the_same_policy)
{
	static struct mpol_policy_expr p, again;
	size_t sayable[16] = { 0 };

	for (unsigned mode = 0; mode < MPOL_N_MODES; mode++)
		for (unsigned flags = 0; flags < 8; flags++)
			for (size_t s = 0; s < ELEMENTSOF(node_texts); s++) {
				check_row(mode << 16 | flags << 8 | s, node_texts[s]);
				CHECK_EQ(mpol_nodes_expr_parse(node_texts[s], &p.nodes, NULL), 0);
				p.mode = (enum mpol_mode)mode;
				p.flags = flags << 13;
				for (size_t n = 0; mpol_notations[n]; n++) {
					const struct mpol_notation *to = mpol_notations[n];
					_cleanup_free_ char *text = NULL, *stable = NULL;
					struct mpol_error err = { 0 };
					int r = to->print(&p, &text, &err);

					if (r < 0) {
						CHECK(err.rule && mpol_error_hint(&err));
						continue;
					}
					sayable[n]++;
					if (!to->parse)
						continue;
					CHECK_EQ(mpol_policy_parse(text, &again, &err), 0);
					CHECK_STR(err.what, "");
					CHECK(mpol_policy_expr_equal(&p, &again));
					CHECK_EQ(to->print(&again, &stable, &err), 0);
					CHECK_STR(stable, text);
				}
			}
	for (size_t n = 0; mpol_notations[n]; n++) {
		check_row(n, mpol_notations[n]->name);
		CHECK(sayable[n] > 20);
	}
	CHECK_EQ(sayable[0], MPOL_N_MODES * 8 * ELEMENTSOF(node_texts));
}

/* What annotations and options of runtimes carry: no spaces, and no commas but in a device's name.
 */
TEST(words_carry_every_policy)
{
	static struct mpol_policy_expr p, again;

	for (unsigned mode = 0; mode < MPOL_N_MODES; mode++)
		for (size_t s = 0; s < ELEMENTSOF(node_texts) * 2; s++) {
			_cleanup_(strbuf_done) struct strbuf b = { 0 };
			bool plus = s % 2;

			check_row(s, node_texts[s / 2]);
			CHECK_EQ(mpol_nodes_expr_parse(node_texts[s / 2], &p.nodes, NULL), 0);
			p.mode = (enum mpol_mode)mode;
			p.flags = MPOL_ALL_FLAGS;
			kernel_words(&p, plus, &b);
			CHECK(p.nodes.device != MPOL_DEVICE_NONE ||
			      !strpbrk(strbuf_text(&b), plus ? " ," : " "));
			CHECK_EQ(mpol_policy_parse(strbuf_text(&b), &again, NULL), 0);
			CHECK(mpol_policy_expr_equal(&p, &again));
		}
}

TEST(a_policy_is_printed_as_the_kernel_does)
{
	static struct mpol_policy_expr p;

	for (unsigned mode = 0; mode < MPOL_N_MODES; mode++)
		for (unsigned flags = 0; flags < 8; flags++) {
			struct mpol_policy value = { (enum mpol_mode)mode, flags << 13,
						     MPOL_NODES(0, 2, 3) };
			_cleanup_free_ char *text = NULL;
			char buf[MPOL_POLICY_TEXT];

			mpol_policy_expr_from(&value, &p);
			CHECK_EQ(mpol_notation("kernel")->print(&p, &text, NULL), 0);
			CHECK_EQ(mpol_policy_print(&value, buf, sizeof(buf)), strlen(text));
			CHECK_STR(buf, text);
		}
}

TEST(unknown_modes_and_flags_are_printed_as_numbers)
{
	struct mpol_policy p = { (enum mpol_mode)42, MPOL_FLAG_STATIC_NODES | 5, MPOL_NODES(1) };
	char text[MPOL_POLICY_TEXT];

	CHECK_EQ(mpol_policy_print(&p, text, sizeof(text)), strlen("42=static|0x5:1"));
	CHECK_STR(text, "42=static|0x5:1");
	CHECK_EQ(mpol_policy_print(&p, text, 4), strlen("42=static|0x5:1"));
	CHECK_STR(text, "42=");
}

TEST(a_policy_is_read_from_a_file)
{
	static const char *const texts[] = {
		"bind=static:0\n",
		"{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":["
		"\"MPOL_F_STATIC_NODES\"]}}}\n",
	};
	static struct mpol_policy_expr p;

	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		char path[] = "/tmp/test-notation-XXXXXX", text[64];
		struct mpol_error err = { 0 };
		int fd = mkstemp(path);

		CHECK(fd >= 0 && write(fd, texts[i], strlen(texts[i])) > 0);
		close(fd);
		(void)snprintf(text, sizeof(text), "@%s", path);
		CHECK_EQ(mpol_policy_parse(text, &p, &err), 0);
		CHECK_EQ(p.mode, MPOL_MODE_BIND);
		CHECK_EQ(p.flags, MPOL_FLAG_STATIC_NODES);
		unlink(path);
		CHECK_EQ(mpol_policy_parse(text, &p, &err), -ENOENT);
		CHECK_STR(err.where, path);
		CHECK_HAS(err.what, "cannot be read: No such file");
	}
}

/* Ten megabytes: head, then part again and again, then tail. */
static char *long_text(const char *head, const char *part, const char *tail)
{
	struct strbuf b = { 0 };

	strbuf_puts(&b, head);
	while (b.len < (size_t)2 << 20)
		strbuf_puts(&b, part);
	strbuf_puts(&b, tail);
	return strbuf_take(&b);
}

static const struct {
	const char *head, *part, *tail;
	bool read;
} long_texts[] = {
	{ "bind:0", ",0-1023", "", true },
	{ "bind:0", ",0-1023", ",x", false },
	{ "bind:file:/", "a", "", false },
	{ "x", "x", "", false },
	{ "{\"mode\":\"MPOL_BIND\",\"nodes\":\"0", ",5", "\"}", true },
	{ "{\"mode\":\"MPOL_BIND\",\"nodes\":\"0", ",5", ",\"}", false },
	{ "{\"mode\":\"MPOL_BIND\",\"flags\":[1", ",1", "]}", false },
	{ "{\"a\":[", "[],", "1],\"mode\":\"MPOL_LOCAL\"}", false },
	{ "{\"a\":", "[", "", false },
	{ "--membind=0", " --membind=0", "", false },
	{ "--membind=0", ",0", "", false },
	{ "NUMAPolicy=bind\n", "NUMAMask=0-1,3\n", "", true },
	{ "NUMAPolicy=bind\nNUMAMask=0", " 1", " x", false },
	{ "NUMAPolicy=bind\n", "# \\\n", "x\n", false },
};

TEST(megabytes_are_read_or_refused)
{
	static struct mpol_policy_expr p;

	for (size_t i = 0; i < ELEMENTSOF(long_texts); i++) {
		_cleanup_free_ char *text =
			long_text(long_texts[i].head, long_texts[i].part, long_texts[i].tail);
		struct mpol_error err = { 0 };

		check_row(i, long_texts[i].head);
		CHECK_EQ(mpol_policy_parse(text, &p, &err) == 0, long_texts[i].read);
		CHECK_EQ(err.rule == NULL, long_texts[i].read);
	}
}

TEST(a_long_file_name_hides_no_place)
{
	char path[] = "/tmp/test-notation-a-name-that-is-longer-than-anybody-needs-it-to-be-XXXXXX",
	     text[96];
	static struct mpol_policy_expr p;
	struct mpol_error err = { 0 };
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, "bind:x", 6) == 6);
	close(fd);
	(void)snprintf(text, sizeof(text), "@%s", path);
	CHECK_EQ(mpol_policy_parse(text, &p, &err), -EINVAL);
	unlink(path);
	CHECK_HAS(err.where, "...");
	CHECK_HAS(err.where, ": column 6");
	CHECK_HAS(err.where, path + strlen(path) - 30);
}

TEST(failure_leaves_the_result_alone)
{
	static struct mpol_policy_expr p;
	static const char *const bad[] = { "bind=x:0", "bind:0-", "{\"mode\":\"x\"}", "--membind=x",
					   "[x" };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		memset(&p, 0, sizeof(p));
		p.mode = MPOL_MODE_LOCAL;
		check_row(i, bad[i]);
		CHECK(mpol_policy_parse(bad[i], &p, NULL) < 0);
		CHECK_EQ(p.mode, MPOL_MODE_LOCAL);
		CHECK_EQ(p.flags, 0);
		CHECK(mpol_nodes_empty(&p.nodes.nodes));
	}
}
