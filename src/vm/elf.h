/* SPDX-License-Identifier: MIT */
/* What an executable file needs beside itself: its ELF interpreter and libraries, or the
 * interpreter its #! names. */
#ifndef VM_ELF_H
#define VM_ELF_H

#include <mpol/error.h>

/* Called with each path, absolute. A negative result ends it and is returned. */
typedef int (*elf_need)(void *ctx, const char *path, struct mpol_error *err);

/*
 * Nothing is needed by files that are neither ELF executables of this machine nor scripts.
 * Libraries are asked from the interpreter itself (INTERP --list FILE), which maps the file but
 * runs nothing of it.
 */
int elf_needs(const char *path, elf_need need, void *ctx, struct mpol_error *err);

#endif
