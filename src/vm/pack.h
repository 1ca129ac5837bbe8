/* SPDX-License-Identifier: MIT */
/*
 * What a guest finds on its root: an initramfs (cpio, newc), written into a memfd, so that nothing
 * is left behind. Files come to lie at the paths they have here, with the symbolic links that lead
 * to them; executables bring their ELF interpreter and libraries, asked from that interpreter
 * (ld.so --list), and scripts bring what their #! names.
 *
 *     _cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
 *     r = vm_pack_new(&pack, err);
 *     r = vm_pack_init(pack, "/proc/self/exe", err);       process 1: a program whose main calls
 * guest_main() r = vm_pack_file(pack, "/usr/bin/stress-ng", NULL, err); fd = vm_pack_seal(pack,
 * err);                        ours until vm_pack_free()
 *
 * One sealed pack serves any number of machines at once.
 */
#ifndef VM_PACK_H
#define VM_PACK_H

#include <mpol/error.h>
#include <stdbool.h>
#include <sys/types.h>

struct vm_pack;

int vm_pack_new(struct vm_pack **ret, struct mpol_error *err);
/* Accepts NULL. Closes the sealed descriptor, too. */
void vm_pack_free(struct vm_pack *p);
static inline void vm_pack_freep(struct vm_pack **p)
{
	vm_pack_free(*p);
}

/*
 * The executable that runs as /init. Its real path in the guest is the one it has here (of
 * /proc/self/exe: what that link names), and is stored in ret_path (freed by the caller) when that
 * is not NULL.
 */
int vm_pack_init(struct vm_pack *p, const char *exe, char **ret_path, struct mpol_error *err);
/*
 * A file, a directory with all that is below it, or a symbolic link and what it leads to. dest: an
 * absolute path in the guest, NULL: the same path. An executable file brings its interpreter and
 * libraries.
 */
int vm_pack_file(struct vm_pack *p, const char *path, const char *dest, struct mpol_error *err);
/* "PATH", or "PATH:/DEST", as --file has it. */
int vm_pack_given(struct vm_pack *p, const char *text, struct mpol_error *err);
/*
 * The current directory, so that relative paths mean the same there; freed by the caller. NULL,
 * where the guest has one of its own instead: below /proc, /sys and /dev.
 */
int vm_pack_here(struct vm_pack *p, char **ret, struct mpol_error *err);
/* A symbolic link that the guest gets where it has nothing of that name yet. */
int vm_pack_link(struct vm_pack *p, const char *target, const char *path, struct mpol_error *err);
/* Bytes as a file. */
int vm_pack_data(struct vm_pack *p, const char *dest, mode_t mode, const void *data, size_t len,
		 struct mpol_error *err);
/* Whether the guest will have something at this path. */
bool vm_pack_has(const struct vm_pack *p, const char *path);
/* How many entries there are: grows with each. */
unsigned vm_pack_count(const struct vm_pack *p);
/* Ends the archive; nothing can be added afterwards. Returns a descriptor that belongs to the pack.
 */
int vm_pack_seal(struct vm_pack *p, struct mpol_error *err);

#endif
