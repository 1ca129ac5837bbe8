/* SPDX-License-Identifier: MIT */
/* Kernels from the distribution's package archive; see kernel-fetch.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/kernel.h"
#include "vm/apt.h"
#include "vm/kernel-fetch.h"

#include "base/cleanup.h"
#include "base/macros.h"

static const struct mpol_rule rule_unpack = {
	"vm-kernel-unpack",
	EIO,
	"A downloaded kernel is unpacked into the cache, and put there whole or not at all.",
	"give one with --kernel FILE",
	NULL,
	NULL,
};

#define DRAFT	     ".draft"
#define MAX_PACKAGES 8

/* Which suite of Debian has which kernel; others are looked for where new ones arrive. */
static const struct {
	const char *version, *suite;
} debian[] = {
	{ "5.10", "bullseye" },
	{ "6.1", "bookworm" },
	{ "6.12", "trixie" },
	{ NULL, "sid" },
};

/* What a distribution calls the package that depends on its newest kernel for virtual machines. */
static const struct {
	const char *distribution, *package;
} metapackages[] = {
	{ "debian", "linux-image-cloud-amd64" },
	{ "ubuntu", "linux-image-virtual" },
};

static const char *metapackage(const char *distribution)
{
	for (size_t i = 0; i < ELEMENTSOF(metapackages); i++)
		if (STREQ(metapackages[i].distribution, distribution))
			return metapackages[i].package;
	return NULL;
}

static bool is_version(const char *release, const char *version)
{
	size_t len = strlen(version);

	return strncmp(release, version, len) == 0 && (release[len] < '0' || release[len] > '9');
}

static const char *debian_suite(const char *version)
{
	size_t i = 0;

	while (debian[i].version && !is_version(version, debian[i].version))
		i++;
	return debian[i].suite;
}

/* --- A directory that is put into place whole. --- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16,
		   FTW_DEPTH | FTW_PHYS); /* what stays is removed by the next fetch */
}

/* The image among what was unpacked: its path below draft, and the release it names. */
static bool find_image(const char *draft, char image[PATH_MAX], char release[65])
{
	static const char *const places[] = { "boot", "usr/lib/modules", "lib/modules" };

	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		char folder[PATH_MAX], path[2 * PATH_MAX];
		_cleanup_closedir_ DIR *d = NULL;
		const struct dirent *e;

		if (snprintf(folder, sizeof(folder), "%s/%s", draft, places[i]) >= PATH_MAX)
			return false;
		d = opendir(folder);
		while (d && (e = readdir(d))) {
			(void)snprintf(image, PATH_MAX, "%s/%s%s", places[i], e->d_name,
				       i ? "/vmlinuz" : "");
			(void)snprintf(path, sizeof(path), "%s/%s", draft, image);
			if ((i || STARTS(e->d_name, "vmlinuz-")) &&
			    vm_kernel_release(path, release, 65) == 0)
				return true;
		}
	}
	return false;
}

/* A link that appears at once, replacing an older one. */
static int put_link(const char *target, const char *path)
{
	char draft[PATH_MAX + 8];

	(void)snprintf(draft, sizeof(draft), "%s.new", path);
	(void)unlink(draft); /* of one that was killed here */
	return symlink(target, draft) < 0 || rename(draft, path) < 0 ? -errno : 0;
}

/* Verifies the draft and moves it to its place; ret_release is what it turned out to be. */
static int put_into_place(const char *kernels, const char *draft, char release[65],
			  struct mpol_error *err)
{
	char image[PATH_MAX], path[2 * PATH_MAX];

	if (!find_image(draft, image, release))
		return mpol_fail(err, &rule_unpack, NULL, "the packages hold no kernel image");
	(void)snprintf(path, sizeof(path), "%s/vmlinuz", draft);
	if (symlink(image, path) < 0 || chmod(draft, 0755) < 0)
		return mpol_fail_errno(err, &rule_unpack, errno, path, "%s", strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/%s", kernels, release);
	if (rename(draft, path) < 0) {
		remove_tree(path); /* an older build of the same release, or a damaged one */
		if (rename(draft, path) < 0)
			return mpol_fail_errno(err, &rule_unpack, errno, path, "%s",
					       strerror(errno));
	}
	return 0;
}

/* --- Which packages. --- */

static bool is_kernel_part(const char *name)
{
	static const char *const parts[] = { "linux-image-", "linux-binary-", "linux-modules-" };

	for (size_t i = 0; i < ELEMENTSOF(parts); i++)
		if (STARTS(name, parts[i]) && !strstr(name, "-unsigned") &&
		    strpbrk(name, "0123456789"))
			return true;
	return false;
}

static bool has(const struct strv *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++)
		if (STREQ(v->v[i], text))
			return true;
	return false;
}

/* The parts of a kernel that a package depends on, theirs included, into ret. -ENOENT: no such
 * package, or none of that version. */
static int collect(const struct strv *options, const char *meta, const char *version,
		   struct strv *ret)
{
	_cleanup_free_ char *depends = NULL;
	int r = apt_depends(options, meta, &depends);
	char *save = NULL;

	for (size_t next = 0;; next++) {
		for (char *name = r < 0 ? NULL : strtok_r(depends, "\n", &save); name;
		     name = strtok_r(NULL, "\n", &save)) {
			const char *digit = strpbrk(name, "0123456789");

			if (is_kernel_part(name) && !has(ret, name) && ret->n < MAX_PACKAGES &&
			    (!version || is_version(digit, version)))
				strv_add(ret, name);
		}
		if (next >= ret->n)
			break;
		free(TAKE(depends));
		r = apt_depends(options, ret->v[next], &depends);
	}
	if (ret->failed)
		return -ENOMEM;
	return ret->n ? 0 : -ENOENT;
}

struct fetch {
	const char *kernels, *cache, *version; /* version NULL: whatever the suite has */
	const char *link; /* a name under which it will be found again; NULL: none */
	vm_kernel_notice notice;
	void *ctx;
};

static int download(const struct fetch *f, const struct strv *options, const struct strv *packages,
		    const char *from, struct mpol_error *err)
{
	char draft[PATH_MAX], path[PATH_MAX], release[65], text[600];
	int r;

	(void)snprintf(text, sizeof(text), "downloading the kernel %s of %s into %s, once",
		       packages->v[0], from, f->kernels);
	if (f->notice)
		f->notice(f->ctx, text);
	(void)snprintf(draft, sizeof(draft), "%s/" DRAFT, f->kernels);
	remove_tree(draft); /* of one that was killed here: we hold the lock */
	if (mkdir(draft, 0755) < 0)
		return mpol_fail_errno(err, &rule_unpack, errno, draft, "%s", strerror(errno));
	r = apt_unpack(options, packages, draft, err);
	if (r == 0)
		r = put_into_place(f->kernels, draft, release, err);
	remove_tree(draft);
	if (r < 0 || !f->link)
		return r < 0 ? r : 1;
	(void)snprintf(path, sizeof(path), "%s/%s", f->kernels, f->link);
	r = put_link(release, path);
	return r < 0 ? mpol_fail_errno(err, &rule_unpack, -r, path, "%s", strerror(-r)) : 1;
}

/* 1: it is in the cache; 0: that suite has no such kernel; negative: described. */
static int fetch_from(const struct fetch *f, const char *distribution, const char *suite,
		      struct mpol_error *err)
{
	_cleanup_(strv_done) struct strv options = { 0 }, packages = { 0 };
	const struct apt_suite s = { distribution, suite };
	const char *meta = metapackage(distribution);
	char from[80];
	int r;

	r = apt_prepare(f->cache, suite ? &s : NULL, &options, err);
	if (r < 0)
		return r;
	r = collect(&options, meta, f->version, &packages);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return mpol_fail_errno(err, &kernel_rule_missing, -r, NULL, "%s", strerror(-r));
	(void)snprintf(from, sizeof(from), "%s%s%s", distribution, suite ? " " : "",
		       suite ? suite : "");
	return download(f, &options, &packages, from, err);
}

/* The distribution's own: as the host is configured, or, when its package lists are not there, with
 * lists of our own. */
static int fetch_own(const struct fetch *f, struct mpol_error *err)
{
	char distribution[32], codename[32];
	int r;

	apt_host(distribution, codename);
	if (!metapackage(distribution)) {
		(void)mpol_fail(err, &kernel_rule_missing, NULL,
				"there is no kernel here, and this is neither Debian nor Ubuntu to "
				"get one from");
		return mpol_hint(err, "give one with --kernel FILE, like /boot/vmlinuz-VERSION");
	}
	r = fetch_from(f, distribution, NULL, err);
	return r ? r : fetch_from(f, distribution, *codename ? codename : "sid", err);
}

static int fetch(const struct fetch *f, struct mpol_error *err)
{
	char distribution[32], codename[32];
	int r = 0;

	if (!f->version && !STREQ(f->link, CACHE_NEWEST))
		return fetch_own(f, err);
	apt_host(distribution, codename);
	if (STREQ(distribution, "ubuntu") && f->version)
		r = fetch_from(f, distribution, *codename ? codename : NULL, err);
	return r ? r : fetch_from(f, "debian", f->version ? debian_suite(f->version) : "sid", err);
}

int kernel_fetch(const char *cache, const char *version, vm_kernel_notice notice, void *ctx,
		 struct mpol_error *err)
{
	char kernels[PATH_MAX - 128], lock_path[PATH_MAX];
	bool newest = version && STREQ(version, CACHE_NEWEST);
	const struct fetch f = {
		.kernels = kernels,
		.cache = cache,
		.version = newest ? NULL : version,
		.link = newest	  ? CACHE_NEWEST
			: version ? NULL
				  : CACHE_DEFAULT,
		.notice = notice,
		.ctx = ctx,
	};
	_cleanup_close_ int lock = -1;
	int r;

	if (snprintf(kernels, sizeof(kernels), "%s/" CACHE_KERNELS, cache) >= (int)sizeof(kernels))
		return mpol_fail_errno(err, &rule_unpack, ENAMETOOLONG, cache, "%s",
				       strerror(ENAMETOOLONG));
	(void)snprintf(lock_path, sizeof(lock_path), "%s/.lock", kernels);
	if (mkdir(kernels, 0755) < 0 && errno != EEXIST)
		return mpol_fail_errno(err, &rule_unpack, errno, kernels, "it cannot be made: %s",
				       strerror(errno));
	lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return mpol_fail_errno(err, &rule_unpack, errno, lock_path,
				       "it cannot be locked: %s", strerror(errno));
	if (kernel_is_cached(cache, version))
		return 1; /* somebody else fetched it while we waited */
	r = fetch(&f, err);
	if (r)
		return r;
	(void)mpol_fail(err, &kernel_rule_missing, NULL,
			"no kernel %s is to be had from the distribution", version ? version : "");
	return mpol_hint(
		err,
		"5.10, 6.1 and 6.12 are Debian's, newest is the one of unstable; or give a file");
}
