/* SPDX-License-Identifier: MIT */
/* Finding a guest's kernel, in a cache of the test's own with images that are only a header. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "vm/kernel.h"
#include "check.h"

static char base[32]; /* XDG_CACHE_HOME */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void base_remove(void)
{
	CHECK_EQ(nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void put_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(fd_write_all(fd, data, len), 0);
	(void)close(fd);
}

/* The header of a bzImage whose version text is this. */
static void put_image(const char *path, const char *version)
{
	char head[0x300] = { 0 };

	head[0x1fe] = 0x55;
	head[0x1ff] = (char)0xaa;
	memcpy(head + 0x202, "HdrS", 4);
	head[0x20e] = (char)0x80;
	(void)snprintf(head + 0x280, 0x80, "%s", version);
	put_file(path, head, sizeof(head));
}

static void put_cached(const char *release)
{
	char path[256], text[128];

	(void)snprintf(path, sizeof(path), "%s/mpol/kernels/%s", base, release);
	CHECK_EQ(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/mpol/kernels/%s/vmlinuz", base, release);
	(void)snprintf(text, sizeof(text), "%s (somebody) #1 SMP", release);
	put_image(path, text);
}

static void prepare(void)
{
	static const char *const releases[] = { "5.10.0-46-cloud-amd64", "6.1.0-56-cloud-amd64",
						"6.1.0-9-cloud-amd64", "6.12.107+deb13-cloud-amd64",
						"6.12.9-cloud-amd64" };
	char path[256];

	(void)snprintf(base, sizeof(base), "/tmp/mpol-test-XXXXXX");
	CHECK(mkdtemp(base) != NULL);
	CHECK_EQ(setenv("XDG_CACHE_HOME", base, 1), 0);
	CHECK_EQ(unsetenv("MPOL_KERNEL"), 0);
	(void)snprintf(path, sizeof(path), "%s/mpol", base);
	CHECK_EQ(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/mpol/kernels", base);
	CHECK_EQ(mkdir(path, 0755), 0);
	for (size_t i = 0; i < ELEMENTSOF(releases); i++)
		put_cached(releases[i]);
}

static const struct {
	const char *wanted, *variable, *release;
} found[] = {
	{ "6.1", NULL, "6.1.0-56-cloud-amd64" },
	{ "6.12", NULL, "6.12.107+deb13-cloud-amd64" },
	{ "6.12.9", NULL, "6.12.9-cloud-amd64" },
	{ "6.1.0-9", NULL, "6.1.0-9-cloud-amd64" },
	{ "6", NULL, "6.12.107+deb13-cloud-amd64" },
	{ "5.10.0-46-cloud-amd64", NULL, "5.10.0-46-cloud-amd64" },
	{ NULL, "5.10", "5.10.0-46-cloud-amd64" },
	{ "6.1", "5.10", "6.1.0-56-cloud-amd64" },
	{ "", "", "6.12.107+deb13-cloud-amd64" },
	{ NULL, NULL, "6.12.107+deb13-cloud-amd64" },
};

static void find(const char *wanted, const char *variable, const char *release)
{
	_cleanup_(vm_kernel_done) struct vm_kernel k = { 0 };
	struct mpol_error err = { 0 };

	CHECK_EQ(variable ? setenv("MPOL_KERNEL", variable, 1) : unsetenv("MPOL_KERNEL"), 0);
	CHECK_EQ(vm_kernel_find(wanted, NULL, NULL, &k, &err), 0);
	CHECK_STR(err.what, "");
	CHECK_STR(k.release, release);
	CHECK_HAS(k.path, release);
	CHECK(access(k.path ? k.path : "", R_OK) == 0);
}

TEST(the_newest_release_of_a_version_is_found_in_the_cache)
{
	prepare();
	for (size_t i = 0; i < ELEMENTSOF(found); i++) {
		check_row(i, found[i].wanted);
		find(found[i].wanted, found[i].variable, found[i].release);
	}
	base_remove();
}

TEST(marks_decide_where_no_version_is_named)
{
	char path[256];

	prepare();
	(void)snprintf(path, sizeof(path), "%s/mpol/kernels/default", base);
	CHECK_EQ(symlink("6.1.0-56-cloud-amd64", path), 0);
	(void)snprintf(path, sizeof(path), "%s/mpol/kernels/newest", base);
	CHECK_EQ(symlink("6.12.9-cloud-amd64", path), 0);
	find(NULL, NULL, "6.1.0-56-cloud-amd64");
	find("newest", NULL, "6.12.9-cloud-amd64");
	find("6.12", NULL, "6.12.107+deb13-cloud-amd64");
	base_remove();
}

TEST(a_damaged_entry_of_the_cache_is_passed_over)
{
	char path[256];

	prepare();
	(void)snprintf(path, sizeof(path), "%s/mpol/kernels/6.12.107+deb13-cloud-amd64/vmlinuz",
		       base);
	CHECK_EQ(truncate(path, 100), 0);
	find("6.12", NULL, "6.12.9-cloud-amd64");
	base_remove();
}

TEST(modules_are_looked_for_beside_the_image)
{
	_cleanup_(vm_kernel_done) struct vm_kernel with = { 0 }, without = { 0 };
	static const char *const parts[] = { "lib", "lib/modules",
					     "lib/modules/6.1.0-9-cloud-amd64" };
	char path[256];

	prepare();
	for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
		(void)snprintf(path, sizeof(path), "%s/mpol/kernels/6.1.0-9-cloud-amd64/%s", base,
			       parts[i]);
		CHECK_EQ(mkdir(path, 0755), 0);
	}
	CHECK_EQ(vm_kernel_find("6.1.0-9", NULL, NULL, &with, NULL), 0);
	CHECK_STR(with.modules, path);
	CHECK_EQ(vm_kernel_find("6.12.9", NULL, NULL, &without, NULL), 0);
	CHECK_STR(without.modules, NULL);
	base_remove();
}

static const struct {
	const char *name, *version;
	int r;
	const char *release;
} images[] = {
	{ "Debian", "6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org) #1 SMP", 0,
	  "6.1.0-56-cloud-amd64" },
	{ "no space", "6.1", 0, "6.1" },
	{ "no version", "", -ENOEXEC, NULL },
	{ "text", "abc def", -ENOEXEC, NULL },
	{ "a very long one",
	  "6.1-0123456789012345678901234567890123456789012345678901234567890123456789", -ENOEXEC,
	  NULL },
};

TEST(the_release_is_read_from_the_image)
{
	char path[64], release[65] = "";

	prepare();
	(void)snprintf(path, sizeof(path), "%s/image", base);
	for (size_t i = 0; i < ELEMENTSOF(images); i++) {
		put_image(path, images[i].version);
		check_row(i, images[i].name);
		CHECK_EQ(vm_kernel_release(path, release, sizeof(release)), images[i].r);
		if (images[i].release)
			CHECK_STR(release, images[i].release);
	}
	put_file(path, "MZ", 2);
	CHECK_EQ(vm_kernel_release(path, release, sizeof(release)), -ENOEXEC);
	put_file(path, "", 0);
	CHECK_EQ(vm_kernel_release(path, release, sizeof(release)), -ENOEXEC);
	CHECK_EQ(vm_kernel_release("/nonexistent", release, sizeof(release)), -ENOENT);
	CHECK_EQ(vm_kernel_release("/tmp", release, sizeof(release)), -EISDIR);
	base_remove();
}

TEST(the_cache_is_where_the_environment_says)
{
	_cleanup_free_ char *xdg = NULL, *home = NULL, *none = NULL;
	struct mpol_error err = { 0 };
	char expected[64];

	prepare();
	CHECK_EQ(vm_cache(&xdg, &err), 0);
	(void)snprintf(expected, sizeof(expected), "%s/mpol", base);
	CHECK_STR(xdg, expected);
	CHECK_EQ(unsetenv("XDG_CACHE_HOME"), 0);
	if (geteuid() == 0) { /* as an ordinary user, below HOME */
		CHECK_EQ(chmod(base, 0777), 0);
		CHECK_EQ(seteuid(65534), 0);
	}
	CHECK_EQ(setenv("HOME", base, 1), 0);
	CHECK_EQ(vm_cache(&home, &err), 0);
	(void)snprintf(expected, sizeof(expected), "%s/.cache/mpol", base);
	CHECK_STR(home, expected);
	CHECK(access(expected, W_OK) == 0);
	CHECK_EQ(setenv("HOME", "/proc/nothing", 1), 0);
	CHECK(vm_cache(&none, &err) < 0);
	CHECK_HAS(err.what, "the cache directory cannot be made");
	CHECK_EQ(unsetenv("HOME"), 0);
	CHECK(vm_cache(&none, &err) < 0);
	CHECK_HAS(err.what, "neither XDG_CACHE_HOME nor HOME is set");
	CHECK(vm_cache(&none, NULL) < 0);
	if (getuid() == 0)
		CHECK_EQ(seteuid(0), 0);
	base_remove();
}
