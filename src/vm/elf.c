/* SPDX-License-Identifier: MIT */
/* What an executable needs beside itself; see elf.h. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
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

/* The text of PT_INTERP; -ENOENT when there is none. */
static int read_interpreter(int fd, const Elf64_Ehdr *head, char ret[MAX_INTERPRETER])
{
	for (unsigned i = 0; i < head->e_phnum; i++) {
		Elf64_Phdr p;
		off_t at = (off_t)(head->e_phoff + (uint64_t)i * head->e_phentsize);

		if (pread(fd, &p, sizeof(p), at) != sizeof(p))
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
	Elf64_Ehdr head;
	int r;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    (head.e_type != ET_EXEC && head.e_type != ET_DYN))
		return 0;
	r = read_interpreter(fd, &head, interpreter);
	if (r == -ENOENT)
		return 0; /* static, or a library: the executable that needs it names its needs */
	if (r < 0)
		return mpol_fail(err, &rule_libraries, path, "its program headers cannot be read");
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
