/* SPDX-License-Identifier: MIT */
/* Slots in the tail of a process's vDSO; see inject-room.h. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/inject-room.h"
#include "kernel/trace.h"

#define SLOT_ALIGN 16
#define PAGE	   4096 /* x86-64's, the only architecture with slots */
#define STACK_LOOK \
	65536 /* bytes above the stack pointer that are searched for a way back into a slot */

static const struct mpol_rule rule_no_vdso = {
	"inject-no-vdso",
	EOPNOTSUPP,
	"The thread needs a few executable bytes that nothing else uses, and they are taken from "
	"the end of the vDSO, which the "
	"kernel maps into every process.",
	"boot without vdso=0, or start the process under the policy: mpol run POLICY -- COMMAND",
	"arch/x86/entry/vdso/vma.c, vdso(7)",
	NULL,
};

uint64_t room_owner_word(pid_t tid)
{
	return 0x6C6F706D00000000u | (uint32_t)tid; /* "mpol" and the thread */
}

static int read_memory(pid_t pid, uint64_t address, void *ret, size_t len)
{
	struct iovec local = { ret, len }, remote = { (void *)(uintptr_t)address, len };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

/* From the maps, where all mappings are listed; that takes the kernel a while. */
static int search_maps(int dir_fd, uint64_t *start, uint64_t *end)
{
	_cleanup_free_ char *maps = NULL;
	const char *name, *line;
	unsigned long long from, to;
	int r = file_read_at(dir_fd, FILE_MAX_SIZE, &maps, NULL, "maps");

	if (r < 0)
		return r;
	name = strstr(maps, " [vdso]\n");
	if (!name)
		return -ENOENT;
	for (line = name; line > maps && line[-1] != '\n'; line--)
		;
	if (sscanf(line, "%llx-%llx r-xp", &from, &to) != 2)
		return -ENOENT;
	*start = from;
	*end = to;
	return 0;
}

/* Where the kernel told the program that it is, which is there unless somebody has moved it
 * (mremap(2), CRIU): then the process has something else there. */
static int ask_auxv(int dir_fd, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	Elf64_auxv_t entry;
	size_t len;
	int r = file_read_at(dir_fd, FILE_MAX_SIZE, &text, &len, "auxv");

	for (size_t at = 0; r == 0 && at + sizeof(entry) <= len; at += sizeof(entry)) {
		memcpy(&entry, text + at, sizeof(entry));
		if (entry.a_type == AT_SYSINFO_EHDR) {
			*ret = entry.a_un.a_val;
			return 0;
		}
	}
	return r < 0 ? r : -ENOENT;
}

/* The image ends with its section headers, and its mapping with that page. */
static uint64_t end_of_image(const Elf64_Ehdr *elf, uint64_t base)
{
	uint64_t len = elf->e_shoff + (uint64_t)elf->e_shnum * elf->e_shentsize;

	return base + (len + PAGE - 1) / PAGE * PAGE;
}

/* The vDSO is the kernel's, and so the same one as ours, but for 32-bit programs. */
static bool is_like_ours(const Elf64_Ehdr *elf)
{
	uintptr_t ours = getauxval(AT_SYSINFO_EHDR);

	return ours && memcmp((const void *)ours, elf, sizeof(*elf)) == 0;
}

static int find_mapping(int dir_fd, pid_t pid, uint64_t *start, uint64_t *end)
{
	Elf64_Ehdr elf;

	if (ask_auxv(dir_fd, start) == 0 && read_memory(pid, *start, &elf, sizeof(elf)) == 0 &&
	    is_like_ours(&elf)) {
		*end = end_of_image(&elf, *start);
		return 0;
	}
	return search_maps(dir_fd, start, end);
}

void room_done(struct inject_room *room)
{
	cleanup_close(&room->mem_fd);
}

/* Behind the section headers, which the image ends with; the headers themselves, which no loader
 * reads, when that is too little. */
static uint64_t first_slot(const Elf64_Ehdr *elf, uint64_t base, uint64_t end)
{
	uint64_t headers = base + elf->e_shoff;
	uint64_t tail = headers + (uint64_t)elf->e_shnum * elf->e_shentsize;

	tail = (tail + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN;
	headers = (headers + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN;
	if (tail <= end && end - tail >= ARCH_SLOT_SIZE)
		return tail;
	return headers;
}

int room_find(int dir_fd, pid_t pid, struct inject_room *ret, struct mpol_error *err)
{
	struct inject_room room = { .mem_fd = -1 };
	Elf64_Ehdr elf;
	int r = find_mapping(dir_fd, pid, &room.base, &room.end);

	if (r == -ENOENT)
		return mpol_fail(err, &rule_no_vdso, "", "process %d has no vDSO", pid);
	if (r < 0)
		return r;
	r = read_memory(pid, room.base, room.header, sizeof(room.header));
	if (r < 0)
		return r;
	memcpy(&elf, room.header, sizeof(elf));
	if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf.e_machine != ARCH_ELF_MACHINE || elf.e_shoff >= room.end - room.base)
		return mpol_fail(err, &rule_no_vdso, "",
				 "the vDSO of process %d is none of this architecture", pid);
	room.first = first_slot(&elf, room.base, room.end);
	if (room.first >= room.end || room.end - room.first < ARCH_SLOT_SIZE)
		return mpol_fail(err, &rule_no_vdso, "",
				 "the vDSO of process %d has no %d unused bytes at its end", pid,
				 ARCH_SLOT_SIZE);
	room.n = (unsigned)MIN((room.end - room.first) / ARCH_SLOT_SIZE, ROOM_MAX_SLOTS);
	r = read_memory(pid, room.first, room.tail, (size_t)room.n * ARCH_SLOT_SIZE);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < room.n; i++) {
		unsigned char *slot = room.tail + (size_t)i * ARCH_SLOT_SIZE;
		uint64_t word;

		memcpy(&word, slot + ARCH_OWNER_AT, sizeof(word));
		if (word >> 32 != room_owner_word(0) >> 32)
			continue;
		if (file_exists_at(dir_fd, "task/%u", (unsigned)word))
			room.owner[i] = (pid_t)(uint32_t)word;
		memset(slot, 0,
		       ARCH_SLOT_SIZE); /* a killed injector's; what it had found were zeros */
	}
	room.mem_fd = file_open_at(dir_fd, O_RDWR, "mem");
	*ret = room;
	return 0;
}

int room_verify(const struct inject_room *room, pid_t tid)
{
	unsigned char header[sizeof(room->header)];
	int r = read_memory(tid, room->base, header, sizeof(header));

	return r < 0 || memcmp(header, room->header, sizeof(header)) != 0 ? -ESTALE : 0;
}

static uint64_t slot_address(const struct inject_room *room, unsigned i)
{
	return room->first + (uint64_t)i * ARCH_SLOT_SIZE;
}

bool room_has(const struct inject_room *room, uint64_t address)
{
	return address - room->first < (uint64_t)room->n * ARCH_SLOT_SIZE;
}

/* A signal handler may have been called out of a slot, and will return into it. */
static bool returns_here(const struct inject_room *room, pid_t tid, uint64_t sp)
{
	_cleanup_free_ uint64_t *stack = calloc(1, STACK_LOOK);
	struct iovec local = { stack, STACK_LOOK }, remote = { (void *)(uintptr_t)sp, STACK_LOOK };
	ssize_t n;

	if (!stack)
		return true;
	n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	for (ssize_t w = 0; w < n / (ssize_t)sizeof(*stack); w++)
		if (room_has(room, stack[w]))
			return true;
	return false;
}

static bool owns_any(const struct inject_room *room, pid_t tid)
{
	for (unsigned i = 0; i < room->n; i++)
		if (room->owner[i] == tid)
			return true;
	return false;
}

void room_reclaim(struct inject_room *room, pid_t tid, uint64_t sp)
{
	if (!owns_any(room, tid) || returns_here(room, tid, sp))
		return;
	for (unsigned i = 0; i < room->n; i++)
		if (room->owner[i] == tid && room_restore(room, slot_address(room, i), tid) == 0)
			room->owner[i] = 0;
}

uint64_t room_slot(const struct inject_room *room)
{
	for (unsigned i = 0; i < room->n; i++)
		if (!room->owner[i])
			return slot_address(room, i);
	return 0;
}

void room_abandon(struct inject_room *room, uint64_t slot, pid_t tid)
{
	room->owner[(slot - room->first) / ARCH_SLOT_SIZE] = tid;
}

/*
 * In one request where possible. The descriptor belongs to the memory of one program: after an
 * execve(2) it writes nothing.
 */
int room_write(const struct inject_room *room, uint64_t slot, pid_t tid, const void *data,
	       size_t len)
{
	if (trace_step)
		trace_step("write");
	if (room->mem_fd >= 0 && pwrite(room->mem_fd, data, len, (off_t)slot) == (ssize_t)len)
		return 0;
	return trace_poke(tid, slot, data, len);
}

int room_restore(const struct inject_room *room, uint64_t slot, pid_t tid)
{
	return room_write(room, slot, tid, room->tail + (slot - room->first), ARCH_SLOT_SIZE);
}
