/* SPDX-License-Identifier: MIT */
/* The archive is read back by a reader of the test's own, written from the format's description. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "vm/initramfs.h"
#include "vm/pack.h"
#include "check.h"

struct entry {
	char path[256];
	unsigned mode, inode, links, size;
	char data[4096];
};

static unsigned hex(const char *field)
{
	char text[9] = "";

	memcpy(text, field, 8);
	return (unsigned)strtoul(text, NULL, 16);
}

/* The n-th entry; false at the trailer, or when the archive is damaged. */
static bool read_entry(const char *archive, size_t len, size_t n, struct entry *ret)
{
	size_t at = 0;

	for (;; n--) {
		const char *h = archive + at;
		unsigned size, name;

		if (at % 4 || at + 110 > len || memcmp(h, "070701", 6) != 0)
			return false;
		size = hex(h + 54);
		name = hex(h + 94);
		*ret = (struct entry){
			.mode = hex(h + 14), .inode = hex(h + 6), .links = hex(h + 38), .size = size
		};
		(void)snprintf(ret->path, sizeof(ret->path), "%s", h + 110);
		if (strlen(ret->path) + 1 != name || STREQ(ret->path, "TRAILER!!!"))
			return false;
		at = (at + 110 + name + 3) / 4 * 4;
		memcpy(ret->data, archive + at, MIN(size, sizeof(ret->data) - 1));
		at = (at + size + 3) / 4 * 4;
		if (n == 0)
			return true;
	}
}

static bool find_entry(const char *archive, size_t len, const char *path, struct entry *ret)
{
	for (size_t n = 0; read_entry(archive, len, n, ret); n++)
		if (STREQ(ret->path, path))
			return true;
	return false;
}

TEST(an_archive_has_its_entries_in_order_and_ends_with_the_trailer)
{
	struct initramfs a = { .fd = memfd_create("test", MFD_CLOEXEC) };
	_cleanup_free_ char *data = NULL;
	struct entry e;
	size_t len;

	CHECK_EQ(initramfs_add(&a, "dev", S_IFDIR | 0755, NULL, 0), 0);
	CHECK_EQ(initramfs_add(&a, "dev/x", S_IFREG | 0640, "12345", 5), 0);
	CHECK_EQ(initramfs_add(&a, "link", S_IFLNK | 0777, "dev/x", 5), 0);
	CHECK_EQ(initramfs_end(&a), 0);
	CHECK_EQ(lseek(a.fd, 0, SEEK_SET), 0);
	CHECK_EQ(fd_read_all(a.fd, 1 << 20, &data, &len), 0);
	CHECK_EQ(a.written, len);
	CHECK_EQ(len % 4, 0);
	CHECK(read_entry(data, len, 0, &e));
	CHECK_STR(e.path, "dev");
	CHECK_EQ(e.mode, S_IFDIR | 0755);
	CHECK_EQ(e.links, 2);
	CHECK(read_entry(data, len, 1, &e));
	CHECK_STR(e.path, "dev/x");
	CHECK_EQ(e.mode, S_IFREG | 0640);
	CHECK_EQ(e.size, 5);
	CHECK_STR(e.data, "12345");
	CHECK_EQ(e.links, 1);
	CHECK_EQ(e.inode, 2);
	CHECK(read_entry(data, len, 2, &e));
	CHECK_EQ(e.mode, S_IFLNK | 0777);
	CHECK_STR(e.data, "dev/x");
	CHECK(!read_entry(data, len, 3, &e));
	(void)close(a.fd);
}

/* A pack's archive, sealed. */
static char *sealed(struct vm_pack *pack, size_t *ret_len)
{
	int fd = vm_pack_seal(pack, NULL);
	char *data = NULL;

	CHECK(fd >= 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(fd_read_all(fd, 64 << 20, &data, ret_len), 0);
	return data;
}

TEST(a_program_brings_its_interpreter_and_libraries_and_the_links_to_them)
{
	_cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
	_cleanup_free_ char *data = NULL, *path = NULL;
	struct mpol_error err = { 0 };
	char lib64[256];
	struct entry e;
	bool libc = false;
	size_t len;
	ssize_t n;

	CHECK_EQ(vm_pack_new(&pack, &err), 0);
	CHECK_EQ(vm_pack_init(pack, "/proc/self/exe", &path, &err), 0);
	CHECK_STR(err.what, "");
	data = sealed(pack, &len);
	CHECK(find_entry(data, len, path + 1, &e));
	CHECK((e.mode & 0111) == 0111);
	CHECK(find_entry(data, len, "init", &e));
	CHECK_EQ(e.mode & S_IFMT, S_IFLNK);
	CHECK_STR(e.data, path);
	for (size_t i = 0; read_entry(data, len, i, &e); i++)
		libc = libc || strstr(e.path, "/libc.so.6");
	CHECK(libc);
	n = readlink("/lib64", lib64, sizeof(lib64) - 1);
	if (n > 0) { /* /usr merged: the link has to be there, as the interpreter's path goes
			through it */
		lib64[n] = '\0';
		CHECK(find_entry(data, len, "lib64", &e));
		CHECK_STR(e.data, lib64);
	}
}

TEST(parents_come_before_their_children_and_nothing_twice)
{
	_cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
	_cleanup_free_ char *data = NULL;
	static struct entry e, before;
	size_t len;

	CHECK_EQ(vm_pack_new(&pack, NULL), 0);
	CHECK_EQ(vm_pack_file(pack, "/bin/sh", NULL, NULL), 0);
	CHECK_EQ(vm_pack_file(pack, "/bin/sh", NULL, NULL), 0);
	CHECK_EQ(vm_pack_data(pack, "/a/b/c", 0600, "x", 1, NULL), 0);
	data = sealed(pack, &len);
	for (size_t i = 0; read_entry(data, len, i, &e); i++) {
		char parent[256];
		char *slash;

		(void)snprintf(parent, sizeof(parent), "%s", e.path);
		slash = strrchr(parent, '/');
		if (slash) {
			*slash = '\0';
			CHECK(find_entry(data, len, parent, &before));
			CHECK(before.inode < e.inode);
		}
		CHECK(find_entry(data, len, e.path, &before));
		CHECK_EQ(before.inode, e.inode); /* the first of that name is this one */
	}
	CHECK(find_entry(data, len, "a/b/c", &e));
	CHECK_EQ(e.mode, S_IFREG | 0600);
}

/* A directory of the test's own, with a file, a link and a folder; removed by the next step. */
static void make_tree(char ret[32])
{
	char path[64];
	int fd;

	(void)snprintf(ret, 32, "/tmp/mpol-test-XXXXXX");
	CHECK(mkdtemp(ret) != NULL);
	(void)snprintf(path, sizeof(path), "%s/sub", ret);
	CHECK_EQ(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/sub/file", ret);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK_EQ(fd_write_all(fd, "hello", 5), 0);
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "%s/loop", ret);
	CHECK_EQ(symlink("loop", path), 0);
	(void)snprintf(path, sizeof(path), "%s/fifo", ret);
	CHECK_EQ(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/dangling", ret);
	CHECK_EQ(symlink("nowhere", path), 0);
}

static void remove_tree(const char *base)
{
	static const char *const names[] = { "sub/file", "loop", "fifo", "dangling", "sub", "" };
	char path[64];

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", base, names[i]);
		CHECK_EQ(remove(path), 0);
	}
}

TEST(a_folder_is_packed_with_all_below_it_and_elsewhere_when_asked)
{
	_cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
	_cleanup_free_ char *data = NULL;
	char base[32], path[64];
	struct entry e;
	size_t len;

	make_tree(base);
	CHECK_EQ(vm_pack_new(&pack, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/sub", base);
	CHECK_EQ(vm_pack_file(pack, path, NULL, NULL), 0);
	CHECK_EQ(vm_pack_file(pack, path, "/else/where", NULL), 0);
	data = sealed(pack, &len);
	(void)snprintf(path, sizeof(path), "%s/sub/file", base + 1);
	CHECK(find_entry(data, len, path, &e));
	CHECK_STR(e.data, "hello");
	CHECK(find_entry(data, len, "else/where/file", &e));
	CHECK_STR(e.data, "hello");
	remove_tree(base);
}

static const struct {
	const char *name, *dest, *what;
	int r;
} unpackable[] = {
	{ "missing", NULL, "cannot be read: No such file", -ENOENT },
	{ "fifo", NULL, "neither a file nor a directory", -EINVAL },
	{ "dangling", NULL, "cannot be read: No such file", -ENOENT },
	{ "sub/file/deeper", NULL, "", -ENOTDIR },
	{ "sub/file", "relative", "starts with '/'", -EINVAL },
	{ "sub/file", "/", "cannot be placed", -EINVAL },
	{ "sub/file", "/a/..", "cannot be placed", -EINVAL },
};

TEST(what_cannot_be_packed_is_named)
{
	char base[32], path[64];

	make_tree(base);
	for (size_t i = 0; i < ELEMENTSOF(unpackable); i++) {
		_cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
		struct mpol_error err = { 0 };

		check_row(i, unpackable[i].name);
		CHECK_EQ(vm_pack_new(&pack, NULL), 0);
		(void)snprintf(path, sizeof(path), "%s/%s", base, unpackable[i].name);
		CHECK_EQ(vm_pack_file(pack, path, unpackable[i].dest, &err), unpackable[i].r);
		CHECK_HAS(err.what, unpackable[i].what);
		CHECK(err.where[0] != '\0');
	}
	remove_tree(base);
}
