/* SPDX-License-Identifier: MIT */
/* The kernel's one-value files; see files.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "machine/files.h"

const struct mpol_rule files_rule_malformed = {
	"machine-malformed",
	EINVAL,
	"What stands below sys/ and proc/ must have the form that the kernel gives it, or nothing "
	"can be said for sure.",
	"record the root again; compare the file with the running machine's",
	"Documentation/ABI/stable/sysfs-devices-node",
	NULL,
};
static const struct mpol_rule rule_unreadable = {
	"machine-unreadable",
	EIO,
	"The machine is read from files below sys/ and proc/; one that is there must be readable.",
	NULL,
	NULL,
	NULL,
};

int files_malformed(struct mpol_error *err, const char *where, const char *what)
{
	return mpol_fail(err, &files_rule_malformed, where, "%s", what);
}

/* Absence, in all its forms, is no error: some attributes exist and answer that there is nothing
 * behind them. */
static bool is_absence(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ENODEV || r == -ENXIO || r == -ESRCH;
}

static int read_text(int root_fd, const char *path, char **ret, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t lead, len;
	int r = file_read_at(root_fd, FILE_MAX_SIZE, &text, NULL, "%s", path);

	if (is_absence(r))
		return 0;
	if (r < 0)
		return mpol_fail_errno(err, &rule_unreadable, -r, path, "%s", strerror(-r));
	lead = strspn(text, " \t\n");
	len = strlen(text + lead);
	memmove(text, text + lead, len + 1);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	*ret = TAKE(text);
	return 1;
}

#define FORMAT_PATH(path, fmt)                                            \
	do {                                                              \
		va_list ap;                                               \
		va_start(ap, fmt);                                        \
		(void)vsnprintf(path, sizeof(path), fmt, ap); /* short */ \
		va_end(ap);                                               \
	} while (0)

int files_text(int root_fd, char **ret, struct mpol_error *err, const char *fmt, ...)
{
	char path[512];

	FORMAT_PATH(path, fmt);
	*ret = NULL;
	return read_text(root_fd, path, ret, err);
}

int files_nodes(int root_fd, struct mpol_nodeset *ret, struct mpol_error *err, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	struct mpol_error why = { 0 };
	char path[512];
	int r;

	FORMAT_PATH(path, fmt);
	r = read_text(root_fd, path, &text, err);
	if (r <= 0)
		return r;
	return mpol_nodes_parse(text, ret, &why) < 0 ? files_malformed(err, path, why.what) : 1;
}

int files_cpus(int root_fd, struct mpol_cpus *ret, struct mpol_error *err, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	struct mpol_error why = { 0 };
	char path[512];
	int r;

	FORMAT_PATH(path, fmt);
	r = read_text(root_fd, path, &text, err);
	if (r <= 0)
		return r;
	return mpol_cpus_parse(text, ret, &why) < 0 ? files_malformed(err, path, why.what) : 1;
}

/* One word of a cpumap: up to 8 hexadecimal digits in front of end. */
static int parse_word(const char *text, const char *end, uint64_t *ret)
{
	uint64_t value = 0;

	if (end == text || end - text > 8)
		return -EINVAL;
	for (; text < end; text++) {
		if (!isxdigit((unsigned char)*text))
			return -EINVAL;
		value = value << 4 |
			(uint64_t)(isdigit((unsigned char)*text) ? *text - '0'
								 : (*text | 0x20) - 'a' + 10);
	}
	*ret = value;
	return 0;
}

int files_parse_cpumap(const char *text, struct mpol_cpus *ret, const char *where,
		       struct mpol_error *err)
{
	const char *end = text + strlen(text);
	struct mpol_cpus cpus = { { 0 } };

	/* From the lowest word, which stands last. */
	for (unsigned first = 0; end >= text; first += 32) {
		const char *word = end;
		uint64_t bits;

		while (word > text && word[-1] != ',')
			word--;
		if (parse_word(word, end, &bits) < 0)
			return files_malformed(err, where, "this is no map of CPUs");
		if (bits && first >= MPOL_MAX_CPUS)
			return files_malformed(err, where, "CPU numbers end at 8191");
		if (bits)
			cpus.word[first / 64] |= bits << (first % 64);
		if (word == text)
			break;
		end = word - 1;
	}
	*ret = cpus;
	return 0;
}

int files_cpumap(int root_fd, struct mpol_cpus *ret, struct mpol_error *err, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	char path[512];
	int r;

	FORMAT_PATH(path, fmt);
	r = read_text(root_fd, path, &text, err);
	if (r <= 0)
		return r;
	r = files_parse_cpumap(text, ret, path, err);
	return r < 0 ? r : 1;
}

int files_number(int root_fd, uint64_t *ret, struct mpol_error *err, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	unsigned long long value;
	char path[512], *end;
	int r;

	FORMAT_PATH(path, fmt);
	r = read_text(root_fd, path, &text, err);
	if (r <= 0)
		return r;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || errno || *end)
		return files_malformed(err, path, "this is no number");
	*ret = value;
	return 1;
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* "node12" to 12; false for other names, such as "node" or "node01". */
static bool number_of(const char *name, const char *prefix, unsigned *ret)
{
	size_t len = strlen(prefix);
	unsigned long value;
	char *end;

	if (strncmp(name, prefix, len) != 0 || !isdigit((unsigned char)name[len]) ||
	    (name[len] == '0' && name[len + 1]))
		return false;
	errno = 0;
	value = strtoul(name + len, &end, 10);
	*ret = errno || value > UINT32_MAX ? UINT32_MAX : (unsigned)value;
	return *end == '\0';
}

int files_numbered(int root_fd, const char *dir, const char *prefix, unsigned **ret, size_t *ret_n,
		   struct mpol_error *err)
{
	_cleanup_free_ unsigned *numbers = NULL;
	_cleanup_closedir_ DIR *d = NULL;
	int fd = file_open_at(root_fd, O_RDONLY | O_DIRECTORY, "%s", dir);
	size_t n = 0, cap = 0;
	struct dirent *e;

	*ret = NULL;
	*ret_n = 0;
	if (is_absence(fd))
		return 0;
	if (fd < 0)
		return mpol_fail_errno(err, &rule_unreadable, -fd, dir, "%s", strerror(-fd));
	d = fdopendir(fd);
	if (!d) {
		(void)close(fd);
		return mpol_fail_errno(err, &rule_unreadable, ENOMEM, dir, "out of memory");
	}
	while ((e = readdir(d))) {
		unsigned number;

		if (!number_of(e->d_name, prefix, &number))
			continue;
		if (n == cap) {
			unsigned *more = reallocarray(numbers, cap ? cap * 2 : 64, sizeof(*more));

			if (!more)
				return mpol_fail_errno(err, &rule_unreadable, ENOMEM, dir,
						       "out of memory");
			numbers = more;
			cap = cap ? cap * 2 : 64;
		}
		numbers[n++] = number;
	}
	if (n)
		qsort(numbers, n, sizeof(*numbers), ascending);
	*ret = TAKE(numbers);
	*ret_n = n;
	return 1;
}
