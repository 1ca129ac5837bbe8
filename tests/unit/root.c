/* SPDX-License-Identifier: MIT */
/* A root of plain files; see root.h. */
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "root.h"

static char dir[64];
static pid_t owner;

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void root_remove(void)
{
	if (getpid() == owner && nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "%s: left behind\n", dir);
	owner = 0;
}

int root_make(void)
{
	static bool registered;

	strcpy(dir, "/tmp/mpol-test-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	owner = getpid();
	if (!registered)
		atexit(root_remove);
	registered = true;
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

const char *root_path(void)
{
	return dir;
}

/* The whole path, whose directories are made. */
static void make_parents(const char *path, char full[512])
{
	(void)snprintf(full, 512, "%s/%s", dir, path); /* the tests' own short paths */
	for (char *c = full + strlen(dir) + 1; (c = strchr(c, '/')); *c++ = '/') {
		*c = '\0';
		(void)mkdir(full, 0755); /* there already, mostly */
	}
}

void root_link(const char *path, const char *target)
{
	char full[512];

	make_parents(path, full);
	CHECK_EQ(symlink(target, full), 0);
}

void root_put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	make_parents(path, full);
	f = fopen(full, "we");
	CHECK(f != NULL);
	if (!f)
		return;
	fputs(text, f);
	fclose(f);
}

void root_put_at(const char *text, const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap); /* the tests' own short paths */
	va_end(ap);
	root_put(path, text);
}
