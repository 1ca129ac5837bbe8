/* SPDX-License-Identifier: MIT */
/* Which kernel is it, and what does it support? Only a running one can be asked. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "kernel/probe.h"
#include "machine/files.h"
#include "machine/read.h"

bool machine_is_running(int root_fd)
{
	struct stat given, own;

	return fstat(root_fd, &given) == 0 && stat("/", &own) == 0 && given.st_dev == own.st_dev &&
	       given.st_ino == own.st_ino;
}

/* "6.12.107+deb13-cloud-amd64", or out of "Linux version 6.12.107+deb13-cloud-amd64 (…) …" */
static int read_release(int root_fd, struct mpol_kernel *k, struct mpol_error *err)
{
	_cleanup_free_ char *release = NULL, *version = NULL;
	char word[sizeof(k->release)];
	int r = files_text(root_fd, &release, err, "proc/sys/kernel/osrelease");

	if (r == 1)
		(void)snprintf(k->release, sizeof(k->release), "%s",
			       release); /* 64 bytes at most */
	if (r)
		return r < 0 ? r : 0;
	r = files_text(root_fd, &version, err, "proc/version");
	if (r == 1 && sscanf(version, "Linux version %64s", word) == 1)
		memcpy(k->release, word, sizeof(word));
	return r < 0 ? r : 0;
}

int machine_read_kernel(int root_fd, struct mpol_machine *m, struct mpol_error *err)
{
	if (!machine_is_running(root_fd))
		return read_release(root_fd, &m->kernel, err);
	(void)kernel_probe(&m->kernel, NULL); /* refused: known stays false, which is the answer */
	return 0;
}
