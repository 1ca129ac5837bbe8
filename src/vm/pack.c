/* SPDX-License-Identifier: MIT */
/*
 * What a guest finds on its root; see pack.h. The guest's folders mirror this machine's: where a
 * parent is a symbolic link here
 * (/lib64 -> usr/lib64), it is one there, so that every path means the same on both sides.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/elf.h"
#include "vm/initramfs.h"
#include "vm/pack.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"

static const struct mpol_rule rule_pack = {
	"vm-pack",
	EINVAL,
	"What a guest is to have is copied into its initramfs before it boots.",
	"name it as PATH, or as PATH:/DEST",
	NULL,
	NULL,
};

#define MAX_LINKS 40
#define SELF	  "/proc/self/exe"

/* Something the guest has. */
struct packed {
	char *path;
	char *target; /* of a symbolic link */
	bool directory;
};

struct vm_pack {
	int fd;
	struct initramfs archive;
	void *entries; /* tsearch(3) tree by path */
	bool sealed;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct packed *)a)->path, ((const struct packed *)b)->path);
}

static void packed_free(void *p)
{
	struct packed *e = p;

	free(e->path);
	free(e->target);
	free(e);
}

static const struct packed *find(const struct vm_pack *p, const char *path)
{
	struct packed key = { .path = (char *)(uintptr_t)path };
	void *found = tfind(&key, &p->entries, by_path);

	return found ? *(const struct packed *const *)found : NULL;
}

static int fail(struct mpol_error *err, int r, const char *path, const char *doing)
{
	return mpol_fail_errno(err, &rule_pack, -r, path, "it cannot be %s: %s", doing,
			       strerror(-r));
}

static int remember(struct vm_pack *p, const char *path, const char *target, bool directory)
{
	struct packed *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->path = strdup(path);
	e->target = target ? strdup(target) : NULL;
	e->directory = directory;
	if (!e->path || (target && !e->target) || !tsearch(e, &p->entries, by_path)) {
		packed_free(e);
		return -ENOMEM;
	}
	return 0;
}

static int add_directory(struct vm_pack *p, const char *path)
{
	int r = initramfs_add(&p->archive, path + 1, S_IFDIR | 0755, NULL, 0);

	return r < 0 ? r : remember(p, path, NULL, true);
}

static int add_link(struct vm_pack *p, const char *path, const char *target)
{
	int r = initramfs_add(&p->archive, path + 1, S_IFLNK | 0777, target, strlen(target));

	return r < 0 ? r : remember(p, path, target, false);
}

/* A symbolic link that the guest has, or that this machine has where the guest has nothing; freed
 * by the caller. */
static int link_at(struct vm_pack *p, const char *path, char **ret)
{
	const struct packed *e = find(p, path);
	char target[PATH_MAX];
	ssize_t n;
	int r;

	*ret = NULL;
	if (e)
		return e->target && !(*ret = strdup(e->target)) ? -ENOMEM : 0;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return 0;
	target[n] = '\0';
	r = add_link(p, path, target);
	if (r < 0)
		return r;
	return (*ret = strdup(target)) ? 0 : -ENOMEM;
}

/* Walks to a directory, making the links and directories on the way. ret: its path without links,
 * "" for the root. */
static int walk(struct vm_pack *p, const char *path, char ret[PATH_MAX], int links)
{
	char at[PATH_MAX] = "";
	size_t len = 0;

	if (links > MAX_LINKS)
		return -ELOOP;
	while (*(path += strspn(path, "/"))) {
		size_t part = strcspn(path, "/");
		_cleanup_free_ char *target = NULL;
		const char *rest = path + part;
		int r;

		if (part == 2 && memcmp(path, "..", 2) == 0) {
			while (len && at[--len] != '/')
				;
			at[len] = '\0';
			path = rest;
			continue;
		}
		if (part == 1 && *path == '.') {
			path = rest;
			continue;
		}
		if (len + 1 + part >= PATH_MAX)
			return -ENAMETOOLONG;
		at[len] = '/';
		memcpy(at + len + 1, path, part);
		at[len + 1 + part] = '\0';
		r = link_at(p, at, &target);
		if (r < 0)
			return r;
		if (target) {
			char next[PATH_MAX];
			int n;

			at[len] = '\0';
			n = snprintf(next, sizeof(next), "%s/%s/%s", *target == '/' ? "" : at,
				     target, rest);
			return n >= PATH_MAX ? -ENAMETOOLONG : walk(p, next, ret, links + 1);
		}
		len += 1 + part;
		if (!find(p, at)) {
			r = add_directory(p, at);
			if (r < 0)
				return r;
		} else if (!find(p, at)->directory)
			return -ENOTDIR;
		path = rest;
	}
	memcpy(ret, at, len + 1);
	return 0;
}

/* The path without links in its directories, which are made; its last part is left as it is. */
static int place(struct vm_pack *p, const char *path, char ret[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX], made[PATH_MAX];
	int r;

	if (*path != '/' || !slash[1] || STREQ(slash, "/.") || STREQ(slash, "/.."))
		return -EINVAL;
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	r = walk(p, parent, made, 0);
	if (r < 0)
		return r;
	return snprintf(ret, PATH_MAX, "%s%s", made, slash) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int add(struct vm_pack *p, const char *path, const char *dest, struct mpol_error *err);

static int add_needed(void *ctx, const char *path, struct mpol_error *err)
{
	return add(ctx, path, NULL, err);
}

static int add_regular(struct vm_pack *p, const char *path, const char *at, mode_t mode,
		       struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return fail(err, -errno, path, "read");
	r = initramfs_add_fd(&p->archive, at + 1, mode, fd);
	if (r == 0)
		r = remember(p, at, NULL, false);
	if (r < 0)
		return fail(err, r, path, "packed");
	return elf_needs(path, add_needed, p, err);
}

static int add_children(struct vm_pack *p, const char *path, const char *at, struct mpol_error *err)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	const struct dirent *e;

	if (!d)
		return fail(err, -errno, path, "read");
	while ((e = readdir(d))) {
		char from[PATH_MAX], to[PATH_MAX];
		int r;

		if (STREQ(e->d_name, ".") || STREQ(e->d_name, ".."))
			continue;
		if (snprintf(from, sizeof(from), "%s/%s", path, e->d_name) >= PATH_MAX ||
		    snprintf(to, sizeof(to), "%s/%s", at, e->d_name) >= PATH_MAX)
			return fail(err, -ENAMETOOLONG, path, "packed");
		r = add(p, from, to, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A link that is packed at its own place keeps being one; where it leads to comes along. */
static int add_symlink(struct vm_pack *p, const char *path, const char *at, struct mpol_error *err)
{
	char target[PATH_MAX], next[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	int r;

	if (n < 0)
		return fail(err, -errno, path, "read");
	target[n] = '\0';
	r = add_link(p, at, target);
	if (r < 0)
		return fail(err, r, path, "packed");
	if (*target == '/')
		return add(p, target, NULL, err);
	if (snprintf(next, sizeof(next), "%.*s/%s", (int)(strrchr(at, '/') - at), at, target) >=
	    PATH_MAX)
		return fail(err, -ENAMETOOLONG, path, "packed");
	return add(p, next, NULL, err);
}

/* path: on this machine. dest: in the guest; NULL: the same. */
static int add(struct vm_pack *p, const char *path, const char *dest, struct mpol_error *err)
{
	char at[PATH_MAX];
	struct stat st;
	int r = place(p, dest ? dest : path, at);

	if (r < 0)
		return fail(err, r, dest ? dest : path, "placed in the guest");
	if (find(p, at) && !find(p, at)->directory)
		return 0;
	r = (dest ? stat(path, &st) : lstat(path, &st)) < 0 ? -errno : 0;
	if (r < 0)
		return fail(err, r, path, "read");
	if (S_ISLNK(st.st_mode))
		return add_symlink(p, path, at, err);
	if (S_ISREG(st.st_mode))
		return find(p, at) ? fail(err, -EISDIR, at, "packed")
				   : add_regular(p, path, at, st.st_mode, err);
	if (!S_ISDIR(st.st_mode))
		return mpol_fail(err, &rule_pack, path, "it is neither a file nor a directory");
	if (!find(p, at)) {
		r = add_directory(p, at);
		if (r < 0)
			return fail(err, r, path, "packed");
	}
	return add_children(p, path, at, err);
}

int vm_pack_file(struct vm_pack *p, const char *path, const char *dest, struct mpol_error *err)
{
	char full[PATH_MAX], cwd[PATH_MAX];
	size_t len;

	if (dest && *dest != '/')
		return mpol_fail(err, &rule_pack, dest, "a path in the guest starts with '/'");
	if (*path == '/')
		cwd[0] = '\0';
	else if (!getcwd(cwd, sizeof(cwd)))
		return fail(err, -errno, path, "found from the current directory");
	if (snprintf(full, sizeof(full), "%s/%s", cwd, path + strspn(path, "/")) >= PATH_MAX)
		return fail(err, -ENAMETOOLONG, path, "packed");
	for (len = strlen(full); len > 1 && full[len - 1] == '/';)
		full[--len] = '\0';
	return add(p, full, dest, err);
}

int vm_pack_given(struct vm_pack *p, const char *text, struct mpol_error *err)
{
	const char *colon = strstr(text, ":/");
	_cleanup_free_ char *path = colon ? strndup(text, (size_t)(colon - text)) : strdup(text);

	if (!path)
		return fail(err, -ENOMEM, text, "packed");
	return vm_pack_file(p, path, colon ? colon + 1 : NULL, err);
}

int vm_pack_here(struct vm_pack *p, char **ret, struct mpol_error *err)
{
	static const char *const own[] = { "/proc", "/sys", "/dev" };
	char cwd[PATH_MAX], made[PATH_MAX];
	int r;

	*ret = NULL;
	if (!getcwd(cwd, sizeof(cwd)) || *cwd != '/')
		return 0; /* it was removed: nothing is relative to it */
	for (size_t i = 0; i < ELEMENTSOF(own); i++)
		if (STARTS(cwd, own[i]) && (!cwd[strlen(own[i])] || cwd[strlen(own[i])] == '/'))
			return 0;
	r = walk(p, cwd, made, 0);
	if (r == 0 && !(*ret = strdup(cwd)))
		r = -ENOMEM;
	return r < 0 ? fail(err, r, cwd, "made in the guest") : 0;
}

/* Where the running program was started from, when the file there has been replaced since. */
static int running_file(char ret[PATH_MAX])
{
	ssize_t n = readlink(SELF, ret, PATH_MAX - 1);
	char *deleted;

	if (n < 0 || *ret != '/')
		return -1;
	ret[n] = '\0';
	deleted = strstr(ret, " (deleted)");
	if (deleted)
		*deleted = '\0';
	return 0;
}

int vm_pack_init(struct vm_pack *p, const char *exe, char **ret_path, struct mpol_error *err)
{
	_cleanup_free_ char *path = NULL;
	char real[PATH_MAX], replaced[64];
	const char *from = real;
	int r;

	if (!realpath(exe, real)) {
		if (!STREQ(exe, SELF) || running_file(real) < 0)
			return fail(err, -errno, exe, "found");
		(void)snprintf(replaced, sizeof(replaced), "/proc/%ld/exe", (long)getpid());
		from = replaced; /* not "self", as the interpreter is asked about it by a child */
	}
	path = strdup(real);
	if (!path)
		return fail(err, -ENOMEM, exe, "packed");
	r = add(p, from, real, err);
	if (r < 0)
		return r;
	r = vm_pack_link(p, real, "/init", err);
	if (r < 0)
		return r;
	if (access("/etc/ld.so.cache", R_OK) ==
	    0) { /* libraries beyond the default directories are found by it */
		r = add(p, "/etc/ld.so.cache", NULL, err);
		if (r < 0)
			return r;
	}
	if (ret_path)
		*ret_path = TAKE(path);
	return 0;
}

int vm_pack_link(struct vm_pack *p, const char *target, const char *path, struct mpol_error *err)
{
	char at[PATH_MAX];
	int r = place(p, path, at);

	if (r == 0 && !find(p, at))
		r = add_link(p, at, target);
	return r < 0 ? fail(err, r, path, "packed") : 0;
}

int vm_pack_data(struct vm_pack *p, const char *dest, mode_t mode, const void *data, size_t len,
		 struct mpol_error *err)
{
	char at[PATH_MAX];
	int r = place(p, dest, at);

	if (r == 0 && find(p, at))
		r = -EEXIST;
	if (r == 0)
		r = initramfs_add(&p->archive, at + 1, S_IFREG | (mode & 07777), data, len);
	if (r == 0)
		r = remember(p, at, NULL, false);
	return r < 0 ? fail(err, r, dest, "packed") : 0;
}

bool vm_pack_has(const struct vm_pack *p, const char *path)
{
	return find(p, path) != NULL;
}

unsigned vm_pack_count(const struct vm_pack *p)
{
	return p->archive.next_inode;
}

int vm_pack_seal(struct vm_pack *p, struct mpol_error *err)
{
	int r;

	if (p->sealed)
		return p->fd;
	r = initramfs_end(&p->archive);
	if (r < 0)
		return fail(err, r, "the initramfs", "written");
	p->sealed = true;
	return p->fd;
}

int vm_pack_new(struct vm_pack **ret, struct mpol_error *err)
{
	struct vm_pack *p = calloc(1, sizeof(*p));

	if (!p)
		return fail(err, -ENOMEM, "the initramfs", "made");
	p->fd = memfd_create("mpol-initramfs", MFD_CLOEXEC);
	if (p->fd < 0) {
		int r = fail(err, -errno, "the initramfs", "made");

		free(p);
		return r;
	}
	p->archive.fd = p->fd;
	*ret = p;
	return 0;
}

void vm_pack_free(struct vm_pack *p)
{
	if (!p)
		return;
	tdestroy(p->entries, packed_free);
	if (p->fd >= 0)
		(void)close(p->fd);
	free(p);
}
