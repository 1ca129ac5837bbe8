/* SPDX-License-Identifier: MIT */
/* What an executable needs beside itself; see elf.h. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/child.h"
#include "vm/elf.h"

#include "base/cleanup.h"
#include "base/macros.h"

static const struct mpol_rule rule_libraries = {
	"vm-libraries-unknown",
	ENOEXEC,
	"A program runs in the guest only when its ELF interpreter and every library it is linked "
	"with are packed; "
	"the interpreter is asked for them.",
	"run `ldd` on the file and install what it misses",
	"ld.so(8) --list",
	NULL,
};

#define MAX_INTERPRETER 4096

/* What is looked at of an executable, of 64 or of 32 bits. */
struct head {
	bool wide;
	unsigned type, n, size; /* program headers, and the bytes of each */
	uint64_t at;
};

/* False: it is no executable of this machine's byte order. */
static bool read_head(int fd, struct head *ret)
{
	union {
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} e = { 0 };
	ssize_t n = pread(fd, &e, sizeof(e), 0);

	if (n < (ssize_t)sizeof(e.narrow) || e.wide.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	if (e.wide.e_ident[EI_CLASS] == ELFCLASS64 && n == sizeof(e.wide))
		*ret = (struct head){ true, e.wide.e_type, e.wide.e_phnum, e.wide.e_phentsize,
				      e.wide.e_phoff };
	else if (e.wide.e_ident[EI_CLASS] == ELFCLASS32)
		*ret = (struct head){ false, e.narrow.e_type, e.narrow.e_phnum,
				      e.narrow.e_phentsize, e.narrow.e_phoff };
	else
		return false;
	return ret->type == ET_EXEC || ret->type == ET_DYN;
}

/* One program header; -ENOEXEC when it is not in the file. */
static int read_program(int fd, const struct head *head, unsigned i, Elf64_Phdr *ret)
{
	off_t at = (off_t)(head->at + (uint64_t)i * head->size);
	Elf32_Phdr narrow;

	if (head->wide)
		return pread(fd, ret, sizeof(*ret), at) == sizeof(*ret) ? 0 : -ENOEXEC;
	if (pread(fd, &narrow, sizeof(narrow), at) != sizeof(narrow))
		return -ENOEXEC;
	*ret = (Elf64_Phdr){
		.p_type = narrow.p_type,
		.p_offset = narrow.p_offset,
		.p_filesz = narrow.p_filesz,
	};
	return 0;
}

/* The text of PT_INTERP; -ENOENT when there is none. */
static int read_interpreter(int fd, const struct head *head, char ret[MAX_INTERPRETER])
{
	for (unsigned i = 0; i < head->n; i++) {
		Elf64_Phdr p;

		if (read_program(fd, head, i, &p) < 0)
			return -ENOEXEC;
		if (p.p_type != PT_INTERP)
			continue;
		if (p.p_filesz == 0 || p.p_filesz >= MAX_INTERPRETER ||
		    pread(fd, ret, p.p_filesz, (off_t)p.p_offset) != (ssize_t)p.p_filesz)
			return -ENOEXEC;
		ret[p.p_filesz] = '\0';
		return 0;
	}
	return -ENOENT;
}

/* "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f…)", "/lib64/ld-linux-x86-64.so.2 (0x…)",
 * "linux-vdso.so.1 (0x…)" */
static int each_library(char *list, elf_need need, void *ctx, const char *path,
			struct mpol_error *err)
{
	char *save = NULL;

	for (char *line = strtok_r(list, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *arrow = strstr(line, " => "), *file = arrow ? arrow + 4 : line;
		int r;

		file += strspn(file, "\t ");
		if (arrow && STARTS(file, "not found")) {
			*arrow = '\0';
			return mpol_fail(err, &rule_libraries, path,
					 "it needs a library that is not here: %s",
					 line + strspn(line, "\t "));
		}
		if (*file != '/')
			continue;
		file[strcspn(file, " ")] = '\0';
		r = need(ctx, file, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int binary_needs(int fd, const char *path, elf_need need, void *ctx, struct mpol_error *err)
{
	_cleanup_free_ char *out = NULL, *said = NULL;
	char interpreter[MAX_INTERPRETER];
	const struct child list = { .argv = (const char *const[]){ interpreter, "--list", path,
								   NULL } };
	struct head head;
	int r;

	if (!read_head(fd, &head))
		return 0;
	r = read_interpreter(fd, &head, interpreter);
	if (r == -ENOENT)
		return 0; /* static, or a library: the executable that needs it names its needs */
	if (r < 0)
		return mpol_fail(err, &rule_libraries, path, "its program headers cannot be read");
	if (access(interpreter, F_OK) < 0)
		return mpol_fail_errno(err, &rule_libraries, errno, path,
				       "its interpreter %s, of a %s-bit program, is not here",
				       interpreter, head.wide ? "64" : "32");
	r = need(ctx, interpreter, err);
	if (r < 0)
		return r;
	r = child_run(&list, &out, &said);
	if (r < 0)
		return mpol_fail_errno(err, &rule_libraries, -r, path,
				       "its interpreter %s cannot be run: %s", interpreter,
				       strerror(-r));
	if (r > 0) {
		said[strcspn(said, "\n")] = '\0';
		return mpol_fail(err, &rule_libraries, path, "its interpreter says: %s",
				 *said ? said : "(nothing, and fails)");
	}
	return each_library(out, need, ctx, path, err);
}

/* The interpreter of "#!/usr/bin/python3 -u"; of "#!/usr/bin/env NAME" only env, as PATH decides
 * about NAME in the guest. */
static int script_needs(char *first_line, elf_need need, void *ctx, struct mpol_error *err)
{
	char *file = first_line + 2;

	file += strspn(file, " \t");
	file[strcspn(file, " \t\n")] = '\0';
	return *file == '/' ? need(ctx, file, err) : 0;
}

int elf_needs(const char *path, elf_need need, void *ctx, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char start[256];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return mpol_fail_errno(err, &rule_libraries, errno, path, "it cannot be opened: %s",
				       strerror(errno));
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return 0;
	n = pread(fd, start, sizeof(start) - 1, 0);
	if (n < 4)
		return 0;
	start[n] = '\0';
	if (memcmp(start, ELFMAG, SELFMAG) == 0)
		return binary_needs(fd, path, need, ctx, err);
	if (memcmp(start, "#!", 2) == 0)
		return script_needs(start, need, ctx, err);
	return 0;
}
