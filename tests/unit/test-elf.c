/* SPDX-License-Identifier: MIT */
/* What executables need, of 64 and of 32 bits. Their interpreter is a script of the test's own,
 * which tells what ld.so would. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "check.h"
#include "vm/elf.h"

static char folder[] = "/tmp/mpol-elf-XXXXXX";
static char program[64], interpreter[64];

static void put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, len), len);
	CHECK_EQ(close(fd), 0);
}

/* A program header PT_INTERP with the interpreter's name after it. */
static void put_wide(void)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr program;
		char name[64];
	} e = { 0 };

	memcpy(e.head.e_ident, ELFMAG, SELFMAG);
	e.head.e_ident[EI_CLASS] = ELFCLASS64;
	e.head.e_ident[EI_DATA] = ELFDATA2LSB;
	e.head.e_type = ET_DYN;
	e.head.e_phoff = sizeof(e.head);
	e.head.e_phentsize = sizeof(e.program);
	e.head.e_phnum = 1;
	e.program.p_type = PT_INTERP;
	e.program.p_offset = offsetof(__typeof__(e), name);
	e.program.p_filesz = strlen(interpreter) + 1;
	(void)snprintf(e.name, sizeof(e.name), "%s", interpreter);
	put(program, &e, sizeof(e));
}

static void put_narrow(void)
{
	struct {
		Elf32_Ehdr head;
		Elf32_Phdr program;
		char name[64];
	} e = { 0 };

	memcpy(e.head.e_ident, ELFMAG, SELFMAG);
	e.head.e_ident[EI_CLASS] = ELFCLASS32;
	e.head.e_ident[EI_DATA] = ELFDATA2LSB;
	e.head.e_type = ET_EXEC;
	e.head.e_phoff = sizeof(e.head);
	e.head.e_phentsize = sizeof(e.program);
	e.head.e_phnum = 1;
	e.program.p_type = PT_INTERP;
	e.program.p_offset = offsetof(__typeof__(e), name);
	e.program.p_filesz = (Elf32_Word)strlen(interpreter) + 1;
	(void)snprintf(e.name, sizeof(e.name), "%s", interpreter);
	put(program, &e, sizeof(e));
}

static void put_script(void)
{
	put(program, "#!/bin/sh -e\n", 13);
}

static void put_text(void)
{
	put(program, "text\n", 5);
}

static void put_half(void)
{
	put(program, ELFMAG "\2\1", 6);
}

#define LISTS                                                                                \
	"#!/bin/sh\necho \"\tlinux-vdso.so.1 (0x1)\"; echo \"\tlibone.so => /lib/libone.so " \
	"(0x2)\"\n"

static const struct {
	const char *name;
	void (*put)(void);
	const char *interpreter; /* NULL: it is not there */
	int r;
	const char *needs; /* INTERP stands for the interpreter */
	const char *what;
} rows[] = {
	{ "64 bits", put_wide, LISTS, 0, "INTERP /lib/libone.so ", "" },
	{ "32 bits", put_narrow, LISTS, 0, "INTERP /lib/libone.so ", "" },
	{ "64 bits without an interpreter", put_wide, NULL, -ENOENT, "",
	  "of a 64-bit program, is not here" },
	{ "32 bits without an interpreter", put_narrow, NULL, -ENOENT, "",
	  "of a 32-bit program, is not here" },
	{ "a library that is missing", put_narrow, "#!/bin/sh\necho 'libtwo.so => not found'\n",
	  -ENOEXEC, "INTERP ", "it needs a library that is not here: libtwo.so" },
	{ "an interpreter that fails", put_wide, "#!/bin/sh\necho broken >&2; exit 1\n", -ENOEXEC,
	  "INTERP ", "its interpreter says: broken" },
	{ "a script", put_script, LISTS, 0, "/bin/sh ", "" },
	{ "text", put_text, LISTS, 0, "", "" },
	{ "a head cut short", put_half, LISTS, 0, "", "" },
};

static int note(void *ctx, const char *path, struct mpol_error *err)
{
	(void)err;
	strbuf_printf(ctx, "%s ", STREQ(path, interpreter) ? "INTERP" : path);
	return 0;
}

TEST(an_executable_brings_its_interpreter_and_libraries)
{
	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(program, sizeof(program), "%s/program", folder);
	(void)snprintf(interpreter, sizeof(interpreter), "%s/ld.so", folder);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(strbuf_done) struct strbuf needs = { 0 };
		struct mpol_error err = { 0 };

		check_row(i, rows[i].name);
		rows[i].put();
		if (rows[i].interpreter)
			put(interpreter, rows[i].interpreter, strlen(rows[i].interpreter));
		CHECK_EQ(elf_needs(program, note, &needs, &err), rows[i].r);
		CHECK_STR(strbuf_text(&needs), rows[i].needs);
		CHECK_HAS(err.what, rows[i].what);
		(void)unlink(interpreter);
		(void)unlink(program);
	}
	CHECK_EQ(rmdir(folder), 0);
}
