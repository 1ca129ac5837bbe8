/* SPDX-License-Identifier: MIT */
/* The arguments of typical machines, whole, in tests/data/qemu/<name>: a change shows up as a
 * difference that a person reads. */
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "vm/qemu.h"
#include "check.h"

static struct vm_shape shape;

static const struct {
	const char *name, *shape, *append;
	bool kvm;
} cases[] = {
	{ "seed", "2n4l4c1t", NULL, false },
	{ "kvm", "2n4l4c1t", NULL, true },
	{ "cxl", "nodes=3,cpus=2:2:0,memory=256M:256M:128M,distance=10/20/30:20/10/25:30/25/10",
	  NULL, false },
	{ "uneven", "cpus=4:2,memory=256M:0", "loglevel=7", false },
	{ "hotplug", "nodes=2,cpus=2:0,memory=256M:0,hotplug=0:256M", NULL, false },
	{ "hmat", "cpus=2:2:0,latency=100/200/300:200/100/250,bandwidth=20G/10G/5G:10G/20G/6G",
	  NULL, false },
};

TEST(shapes_become_the_arguments_that_are_kept)
{
	_cleanup_close_ int root = open(check_source(), O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const struct qemu_plan plan = { "qemu", &shape, cases[i].kvm,	"/boot/vmlinuz", 3,
						4,	5,	cases[i].append };
		_cleanup_(strbuf_done) struct strbuf text = { 0 };
		_cleanup_(strv_done) struct strv argv = { 0 };
		_cleanup_free_ char *kept = NULL;

		check_row(i, cases[i].name);
		CHECK_EQ(vm_shape_parse(cases[i].shape, &shape, NULL), 0);
		qemu_arguments(&plan, &argv);
		CHECK(!argv.failed);
		CHECK(argv.v[argv.n] == NULL);
		for (size_t a = 0; a < argv.n; a++)
			strbuf_printf(&text, "%s%s", argv.v[a],
				      a + 1 < argv.n && argv.v[a + 1][0] != '-' &&
						      argv.v[a][0] == '-'
					      ? " "
					      : "\n");
		CHECK_EQ(file_read_at(root, 1 << 20, &kept, NULL, "tests/data/qemu/%s",
				      cases[i].name),
			 0);
		CHECK_STR(strbuf_text(&text), kept);
	}
}
