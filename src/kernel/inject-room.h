/* SPDX-License-Identifier: MIT */
/*
 * Where in a process the injector's instructions stand: slots in the tail of its vDSO, behind the
 * ELF image, in bytes that nothing uses. The page is mapped executable in every process, static or
 * not, whatever its C library or language; writing there through ptrace(2) gives the process a
 * private copy of that one page, as a debugger's breakpoint does. Neither its stacks, some of which
 * (Go's) have no room to spare, nor its code are touched, and nothing is mapped.
 */
#ifndef KERNEL_INJECT_ROOM_H
#define KERNEL_INJECT_ROOM_H

#include <mpol/error.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/inject-arch.h"

#define ROOM_MAX_SLOTS 16

struct inject_room {
	int mem_fd; /* /proc/PID/mem; -1: not writable (proc_mem.force_override), ptrace has to do
		     */
	uint64_t base, end;	     /* of the vDSO's mapping */
	uint64_t first;		     /* address of the first slot */
	unsigned n;		     /* slots */
	pid_t owner[ROOM_MAX_SLOTS]; /* the thread that a killed injector left in the slot; 0: free
				      */
	unsigned char header[64];    /* the ELF header: after an execve(2) the vDSO is elsewhere */
	unsigned char tail[ROOM_MAX_SLOTS * ARCH_SLOT_SIZE]; /* what stood in the slots */
};

/* Reads the maps and the vDSO of the process; dir_fd is its /proc/PID. Release with room_done(). */
int room_find(int dir_fd, pid_t pid, struct inject_room *ret, struct mpol_error *err);

void room_done(struct inject_room *room);

/* The following are for a stopped thread of the process. */

/* 0; -ESTALE: the process has called execve(2) since. */
int room_verify(const struct inject_room *room, pid_t tid);
/* Whether the address is in a slot. A thread that stands there is on its way back, and must come
 * out first. */
bool room_has(const struct inject_room *room, uint64_t address);
/* Frees the slots that a killed injector left tid in, which has come out; sp is its stack pointer.
 */
void room_reclaim(struct inject_room *room, pid_t tid, uint64_t sp);
/* The address of a free slot, 0: none. A slot is used by one thread at a time; there is one
 * injector at a time. */
uint64_t room_slot(const struct inject_room *room);
/* What a slot's owner word is while tid is in it. */
uint64_t room_owner_word(pid_t tid);
/* The slot stays tid's, which could not be brought back before we leave. */
void room_abandon(struct inject_room *room, uint64_t slot, pid_t tid);
/* Writes into a slot; len is a multiple of 8. */
int room_write(const struct inject_room *room, uint64_t slot, pid_t tid, const void *data,
	       size_t len);
/* The bytes that stood in the slot before. */
int room_restore(const struct inject_room *room, uint64_t slot, pid_t tid);

#endif
