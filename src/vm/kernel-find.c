/* SPDX-License-Identifier: MIT */
/* Where a guest's kernel comes from; see kernel.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vm/kernel-fetch.h"
#include "vm/kernel.h"

#include "base/cleanup.h"
#include "base/macros.h"

static const struct mpol_rule rule_file = {
	"vm-kernel-file",
	ENOENT,
	"A virtual machine boots a kernel image of this architecture (bzImage) that this user can "
	"read.",
	"name a file like /boot/vmlinuz-VERSION, or a version like 6.12",
	"Documentation/arch/x86/boot.rst",
	NULL,
};
const struct mpol_rule kernel_rule_missing = {
	"vm-kernel-missing",
	ENOENT,
	"A virtual machine needs a kernel: --kernel, $MPOL_KERNEL, the cache, /boot, or a "
	"download.",
	"give one with --kernel FILE",
	NULL,
	NULL,
};
static const struct mpol_rule rule_cache = {
	"vm-cache",
	EACCES,
	"Kernels are kept in a cache directory, so that they are downloaded once.",
	"set XDG_CACHE_HOME to a directory that can be written",
	"XDG Base Directory Specification",
	NULL,
};

#define SYSTEM_CACHE "/var/cache/mpol" /* root's own; others may read it */

/* Makes a directory and its parents. */
static int make_directories(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST) {
			*p = '/';
			return -errno;
		}
		*p = '/';
	}
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int vm_cache(char **ret, struct mpol_error *err)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	_cleanup_free_ char *path = NULL;
	int r;

	if (xdg && *xdg == '/')
		r = asprintf(&path, "%s/mpol", xdg);
	else if (geteuid() == 0)
		r = asprintf(&path, SYSTEM_CACHE);
	else if (home && *home == '/')
		r = asprintf(&path, "%s/.cache/mpol", home);
	else
		return mpol_fail(err, &rule_cache, NULL, "neither XDG_CACHE_HOME nor HOME is set");
	if (r < 0) {
		path = NULL;
		return mpol_fail_errno(err, &rule_cache, ENOMEM, NULL, "no memory is left");
	}
	r = make_directories(path);
	if (r < 0)
		return mpol_fail_errno(err, &rule_cache, -r, path,
				       "the cache directory cannot be made: %s", strerror(-r));
	*ret = TAKE(path);
	return 0;
}

void vm_kernel_done(struct vm_kernel *k)
{
	free(k->path);
	free(k->release);
	free(k->modules);
	*k = (struct vm_kernel){ 0 };
}

/* The modules of a release: beside the image in an unpacked package, or in a root. */
static char *find_modules(const char *root, const char *release)
{
	static const char *const places[] = { "usr/lib/modules", "lib/modules" };
	struct stat st;
	char *path;

	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		if (asprintf(&path, "%s/%s/%s", root, places[i], release) < 0)
			return NULL;
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return path;
		free(path);
	}
	return NULL;
}

/* ret for an image that is known to be one; root: where its modules would be. */
static int take(const char *path, const char *release, const char *root, struct vm_kernel *ret,
		struct mpol_error *err)
{
	struct vm_kernel k = { strdup(path), strdup(release), find_modules(root, release) };

	if (!k.path || !k.release) {
		vm_kernel_done(&k);
		return mpol_fail_errno(err, &kernel_rule_missing, ENOMEM, NULL,
				       "no memory is left");
	}
	*ret = k;
	return 0;
}

static int from_file(const char *path, struct vm_kernel *ret, struct mpol_error *err)
{
	char release[65], real[PATH_MAX];
	int r = vm_kernel_release(path, release, sizeof(release));

	if (r == -ENOEXEC)
		return mpol_fail_errno(err, &rule_file, ENOEXEC, path,
				       "this is no x86 kernel image");
	if (r < 0)
		return mpol_fail_errno(err, &rule_file, -r, path, "it cannot be read: %s",
				       strerror(-r));
	if (!realpath(path, real))
		return mpol_fail_errno(err, &rule_file, errno, path, "it cannot be found: %s",
				       strerror(errno));
	return take(real, release, "", ret, err);
}

/* Whether a release is of that version: "6.1" is of "6.1.0-56-cloud-amd64", and not of "6.12.107".
 */
static bool is_version(const char *release, const char *version)
{
	size_t len = strlen(version);

	if (strncmp(release, version, len) != 0)
		return false;
	return !release[len] || release[len] < '0' || release[len] > '9';
}

/* Names that are links to a release. */
static bool is_mark(const char *name)
{
	return STREQ(name, CACHE_DEFAULT) || STREQ(name, CACHE_NEWEST);
}

/* kernels/NAME/vmlinuz into image, when it is one, and its release. */
static bool cached_image(const char *kernels, const char *name, char image[PATH_MAX],
			 char release[65])
{
	return snprintf(image, PATH_MAX, "%s/%s/vmlinuz", kernels, name) < PATH_MAX &&
	       vm_kernel_release(image, release, 65) == 0;
}

/* The newest release in the cache, of a version where one is given; freed by the caller; NULL:
 * none. */
static char *newest_cached(const char *kernels, const char *version)
{
	_cleanup_closedir_ DIR *d = opendir(kernels);
	char *best = NULL, image[PATH_MAX], release[65];
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || is_mark(e->d_name) ||
		    (version && !is_version(e->d_name, version)) ||
		    (best && strverscmp(e->d_name, best) < 0) ||
		    !cached_image(kernels, e->d_name, image, release))
			continue;
		free(best);
		best = strdup(e->d_name);
	}
	return best;
}

/* -ENOENT, undescribed, when the cache has none. */
static int from_cache(const char *cache, const char *version, struct vm_kernel *ret,
		      struct mpol_error *err)
{
	char kernels[PATH_MAX], root[PATH_MAX], image[PATH_MAX], release[65];
	const char *mark = version ? version : CACHE_DEFAULT;
	_cleanup_free_ char *name = NULL;

	if (snprintf(kernels, sizeof(kernels), "%s/" CACHE_KERNELS, cache) >= PATH_MAX)
		return -ENOENT;
	if (is_mark(mark) && cached_image(kernels, mark, image, release))
		name = strdup(release);
	else if (!version || !is_mark(version))
		name = newest_cached(kernels, version);
	if (!name || !cached_image(kernels, name, image, release) ||
	    snprintf(root, sizeof(root), "%s/%s", kernels, name) >= PATH_MAX)
		return -ENOENT;
	return take(image, release, root, ret, err);
}

bool kernel_is_cached(const char *cache, const char *version)
{
	_cleanup_(vm_kernel_done) struct vm_kernel k = { 0 };

	return from_cache(cache, version, &k, NULL) == 0;
}

/* The running kernel's image, where this user can read it. */
static int from_boot(const char *version, struct vm_kernel *ret, struct mpol_error *err)
{
	struct utsname host;
	char path[PATH_MAX], release[65];

	if (uname(&host) < 0 || (version && !is_version(host.release, version)) ||
	    snprintf(path, sizeof(path), "/boot/vmlinuz-%s", host.release) >= PATH_MAX ||
	    vm_kernel_release(path, release, sizeof(release)) < 0)
		return -ENOENT;
	return take(path, release, "", ret, err);
}

static bool looks_like_version(const char *text)
{
	return STREQ(text, CACHE_NEWEST) ||
	       (text[0] >= '0' && text[0] <= '9' && !strchr(text, '/'));
}

int vm_kernel_find(const char *wanted, vm_kernel_notice notice, void *ctx, struct vm_kernel *ret,
		   struct mpol_error *err)
{
	_cleanup_free_ char *cache = NULL;
	struct mpol_error ignored;
	int r;

	err = err ? err : &ignored;
	if (!wanted || !*wanted)
		wanted = getenv("MPOL_KERNEL");
	if (wanted && !*wanted)
		wanted = NULL;
	if (wanted && (!looks_like_version(wanted) || access(wanted, F_OK) == 0))
		return from_file(wanted, ret, err);
	r = vm_cache(&cache, err);
	if (r < 0)
		return r;
	r = from_cache(cache, wanted, ret, err);
	if (r == -ENOENT)
		r = from_boot(wanted, ret, err);
	if (r == -ENOENT)
		r = from_cache(SYSTEM_CACHE, wanted, ret, err);
	if (r != -ENOENT)
		return r;
	r = kernel_fetch(cache, wanted, notice, ctx, err);
	if (r < 0)
		return r;
	r = from_cache(cache, wanted, ret, err);
	if (r != -ENOENT)
		return r;
	return mpol_fail(err, &kernel_rule_missing, NULL,
			 "the kernel that was fetched is of another version");
}
