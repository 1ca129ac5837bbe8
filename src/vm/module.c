/* SPDX-License-Identifier: MIT */
/* Kernel modules for a guest; see module.h. What a module depends on stands in its .modinfo, as
 * modules.dep is not in packages. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm/child.h"
#include "vm/module.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule rule_module = {
	"vm-module",
	ENOENT,
	"A guest has only the modules that are packed, and these belong to its kernel's release.",
	"see the kernel's modules directory for the names there are",
	NULL,
	NULL,
};

#define MAX_MODULE ((size_t)64 << 20)
#define MAX_DEPTH  16

static const struct {
	const char *suffix;
	const char *tool[3]; /* NULL first: none is needed */
} forms[] = {
	{ ".ko", { NULL } },
	{ ".ko.xz", { "xz", "-dc" } },
	{ ".ko.zst", { "zstd", "-dcq" } },
	{ ".ko.gz", { "gzip", "-dc" } },
};

/* The form of a file that is this module; -1: it is another one. '-' and '_' are the same in names
 * of modules. */
static int form_of(const char *file, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (file[i] != name[i] &&
		    !(strchr("-_", file[i]) && file[i] && strchr("-_", name[i])))
			return -1;
	for (size_t f = 0; f < ELEMENTSOF(forms); f++)
		if (STREQ(file + len, forms[f].suffix))
			return (int)f;
	return -1;
}

/* The module's file below the kernel's folder into path; its form, or -1. */
static int find(const char *folder, const char *name, char path[PATH_MAX])
{
	char *const roots[] = { (char *)(uintptr_t)folder, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int form = -1;

	for (const FTSENT *e = walk ? fts_read(walk) : NULL; e && form < 0; e = fts_read(walk)) {
		if (e->fts_info != FTS_F)
			continue;
		form = form_of(e->fts_name, name);
		if (form >= 0)
			(void)snprintf(path, PATH_MAX, "%s", e->fts_path);
	}
	if (walk)
		(void)fts_close(walk);
	return form;
}

static bool is_builtin(const char *folder, const char *name)
{
	_cleanup_close_ int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *list = NULL;
	char *save = NULL;

	if (dir < 0 || file_read_at(dir, FILE_MAX_SIZE, &list, NULL, "modules.builtin") < 0)
		return false;
	for (char *line = strtok_r(list, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *slash = strrchr(line, '/');

		if (form_of(slash ? slash + 1 : line, name) >= 0)
			return true;
	}
	return false;
}

/* The module's bytes: unpacked when there is a tool for it. plain tells whether they are. */
static int read_module(const char *path, int form, char **ret, size_t *ret_len, bool *plain)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC), unpacked = -1;
	const char *const argv[] = { forms[form].tool[0], forms[form].tool[1], path, NULL };
	struct child child = { .argv = argv };

	*plain = !forms[form].tool[0];
	if (fd < 0)
		return -errno;
	if (*plain)
		return fd_read_all(fd, MAX_MODULE, ret, ret_len);
	unpacked = memfd_create("mpol-module", MFD_CLOEXEC);
	if (unpacked < 0)
		return -errno;
	child.out = unpacked;
	*plain = child_run(&child, NULL, NULL) == 0 && lseek(unpacked, 0, SEEK_SET) == 0;
	return fd_read_all(*plain ? unpacked : fd, MAX_MODULE, ret, ret_len);
}

/* "a,b" after a module's "depends=", which is one of the NUL-terminated texts of .modinfo. */
static const char *depends(const char *module, size_t len)
{
	static const char key[] = "\0depends=";
	const char *at = memmem(module, len, key, sizeof(key) - 1);

	return at ? at + sizeof(key) - 1 : "";
}

static int pack(struct vm_pack *p, const struct vm_kernel *k, const char *name, unsigned depth,
		struct mpol_error *err)
{
	_cleanup_free_ char *module = NULL, *needs = NULL;
	char path[PATH_MAX], dest[PATH_MAX], *save = NULL;
	bool plain;
	size_t len;
	int form, r;

	form = depth < MAX_DEPTH ? find(k->modules, name, path) : -1;
	if (form < 0)
		return is_builtin(k->modules, name) ? 0
						    : mpol_fail(err, &rule_module, k->release,
								"there is no module %s", name);
	r = read_module(path, form, &module, &len, &plain);
	if (r < 0)
		return mpol_fail_errno(err, &rule_module, -r, path, "it cannot be read: %s",
				       strerror(-r));
	needs = plain ? strdup(depends(module, len)) : NULL;
	for (char *need = needs ? strtok_r(needs, ",", &save) : NULL; need;
	     need = strtok_r(NULL, ",", &save)) {
		r = pack(p, k, need, depth + 1, err);
		if (r < 0)
			return r;
	}
	(void)snprintf(dest, sizeof(dest), MODULE_FOLDER "/%06u-%.200s%s", vm_pack_count(p), name,
		       plain ? ".ko" : forms[form].suffix);
	return vm_pack_data(p, dest, 0644, module, len, err);
}

int vm_pack_module(struct vm_pack *p, const struct vm_kernel *k, const char *name,
		   struct mpol_error *err)
{
	if (!k->modules)
		return mpol_fail(err, &rule_module, k->release,
				 "the modules of this kernel are not here");
	return pack(p, k, name, 0, err);
}
