/* SPDX-License-Identifier: MIT */
/*
 * The kernel's one-value files, as recordings keep them: a newline, blanks or a NUL may follow, and
 * whole files may be missing. All return 1 when the file was there, 0 when not, or a negative errno
 * that is described in err.
 */
#ifndef MACHINE_FILES_H
#define MACHINE_FILES_H

#include <mpol/machine.h>

/* "0-3" */
int files_nodes(int root_fd, struct mpol_nodeset *ret, struct mpol_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int files_cpus(int root_fd, struct mpol_cpus *ret, struct mpol_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "00000000,0000000f": hexadecimal words of 32 bits, the highest first */
int files_cpumap(int root_fd, struct mpol_cpus *ret, struct mpol_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A decimal number. */
int files_number(int root_fd, uint64_t *ret, struct mpol_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The text without what surrounds it, freed by the caller; NULL when there is no file. */
int files_text(int root_fd, char **ret, struct mpol_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same formats where the text stands already in memory; where names it in errors. */
int files_parse_cpumap(const char *text, struct mpol_cpus *ret, const char *where,
		       struct mpol_error *err);

/* The numbers N of directory entries "<prefix>N", ascending; freed by the caller. No directory: 0
 * entries. */
int files_numbered(int root_fd, const char *dir, const char *prefix, unsigned **ret, size_t *ret_n,
		   struct mpol_error *err);

extern const struct mpol_rule files_rule_malformed;
int files_malformed(struct mpol_error *err, const char *where, const char *what);

#endif
