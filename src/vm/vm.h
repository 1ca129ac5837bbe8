/* SPDX-License-Identifier: MIT */
/*
 * Virtual machines: booted from a kernel and a pack (pack.h), told what to run, watched until it
 * ended.
 *
 *     struct vm_options o = { .shape = &shape, .kernel = path, .initramfs = fd, .events = { .output
 * = print } }; _cleanup_(vm_closep) struct vm *vm = NULL; r = vm_open(&o, &vm, err); QEMU runs; the
 * guest boots r = vm_run(vm, &command, &end, err);              waits for the boot, runs the
 * command, waits for its end r = vm_run(vm, &another, &end, err);              the same machine
 * again
 *
 * Several machines at once: vm_open() and vm_begin() each; poll vm_fd() of all; call vm_dispatch()
 * of the readable. A machine shares nothing with another one, and there are no globals.
 *
 * Who owns what: the caller owns the options (copied), the shape, the pack and its descriptor, the
 * command's strings: all needed only during the call they are given to, but the pack's descriptor
 * and the kernel file, which must last until vm_close() (a boot is tried again). The machine owns
 * QEMU (its only process), two socket pairs, and what it remembers of the console. QEMU dies with
 * the thread that called vm_open() or vm_dispatch() (PR_SET_PDEATHSIG), so call these from one that
 * lives as long. Nothing is left behind: no temporary file, no mount, no process.
 *
 * What can go wrong is *broken*, never *failed*: the function returns a negative errno, err names
 * the rule (vm-boot, vm-panic, vm-hang, vm-died, vm-shape-differs, vm-channel, vm-qemu-missing, …)
 * and the reason, and vm_console() has the last lines that the guest printed. The only thing left
 * to do with a broken machine is vm_close().
 */
#ifndef VM_VM_H
#define VM_VM_H

#include "vm/shape.h"

enum vm_accel {
	VM_ACCEL_AUTO, /* KVM where it gives a sign of life within seconds, else TCG; remembered
			  until the next boot of this host */
	VM_ACCEL_KVM,
	VM_ACCEL_TCG,
};

/* Whether a machine would begin with KVM; cache as in vm_options. */
bool vm_begins_with_kvm(enum vm_accel accel, const char *cache);

struct vm_events {
	/* What the command wrote: stream 1 is its stdout, 2 its stderr. Not lines: as it comes. */
	void (*output)(void *ctx, int stream, const char *data, size_t len);
	/*
	 * A result line: what the command wrote to the descriptor whose number is in its
	 * environment as MPOL_RESULTS, without the newline, NUL-terminated. Lines have at most
	 * VM_MAX_LINE bytes; a longer one is broken.
	 */
	void (*line)(void *ctx, const char *line, size_t len);
	/* What the guest's kernel printed; vm_console() keeps the end of it anyway. */
	void (*console)(void *ctx, const char *data, size_t len);
	/* Something the user should know once: "KVM gives no sign of life; emulating". No newline.
	 */
	void (*notice)(void *ctx, const char *text);
	void *ctx;
}; /* all may be NULL */

#define VM_MAX_LINE ((size_t)1 << 20)

struct vm_options {
	const struct vm_shape *shape;
	const char *kernel; /* a bzImage; kernel.h finds one */
	int initramfs;	    /* vm_pack_seal() */
	enum vm_accel accel;
	const char *append;  /* more kernel arguments; may be NULL */
	unsigned cgroup;     /* 2, or 1: which version is mounted on /sys/fs/cgroup (1:
				…/cgroup/cpuset); 0: 2 */
	double boot_seconds; /* from QEMU's start to the sign of life of process 1, per attempt, and
				from vm_begin() to the command's start; 0: by shape and accelerator */
	const char *cache;   /* directory that remembers a broken KVM; NULL: not remembered */
	struct vm_events events;
};

struct vm_command {
	const char *const
		*argv; /* ends with NULL; argv[0] is a path in the guest, or searched in its PATH */
	const char *const *env; /* "NAME=VALUE" on top of PATH, HOME, TERM, MPOL_RESULTS; ends with
				   NULL; may be NULL */
	const char *directory;	/* working directory; NULL: / */
	double seconds; /* limit from its start in the guest; 0: none. Longer is broken (vm-hang) */
	bool terminal;	/* stdin, stdout and stderr are a terminal: vm_input() is typed, all output
			   is stream 1 */
	bool input;	/* stdin is what vm_input() gives; otherwise /dev/null */
};

struct vm_end {
	int status;	/* exit status, or, when it was killed, 128 + signal */
	int signal;	/* 0: it exited */
	double seconds; /* it ran, by the guest's clock */
};

struct vm;

/* Starts QEMU and returns at once. */
int vm_open(const struct vm_options *options, struct vm **ret, struct mpol_error *err);
/* Ends QEMU at once. Accepts NULL. */
void vm_close(struct vm *vm);
static inline void vm_closep(struct vm **vm)
{
	vm_close(*vm);
}

/* vm_begin() and vm_dispatch() until the end. */
int vm_run(struct vm *vm, const struct vm_command *command, struct vm_end *ret,
	   struct mpol_error *err);

/* The command starts as soon as the guest is ready; one at a time (-EBUSY). */
int vm_begin(struct vm *vm, const struct vm_command *command, struct mpol_error *err);
/* Readable when vm_dispatch() has something to do, time limits included. Belongs to the machine. */
int vm_fd(const struct vm *vm);
/* Does what is due without waiting. 1: the command has ended, ret is filled; 0: not yet; negative:
 * broken. */
int vm_dispatch(struct vm *vm, struct vm_end *ret, struct mpol_error *err);
/* Types into a command with a terminal or input; len 0: end of input. At most vm_input_room() bytes
 * a call, else -EAGAIN. */
int vm_input(struct vm *vm, const void *data, size_t len);
/* What it takes now; grows again as the command reads (after a vm_dispatch()). 0 before the command
 * has started. */
size_t vm_input_room(const struct vm *vm);
/* The terminal's size, when it changes. */
void vm_resize(struct vm *vm, unsigned rows, unsigned columns);

/* The end of what the guest's kernel printed, whole lines, and of QEMU's own messages; never NULL.
 * Valid until the next call. */
const char *vm_console(struct vm *vm);
/* Of all that, the line that tells why something ended, "Out of memory: Killed process …", into ret;
 * NULL: there is none. */
const char *vm_reason(const struct vm *vm, char *ret, size_t size);
/* Facts for reports: the guest's kernel release ("" before it is ready), seconds from QEMU's start
 * to ready, "kvm" or "tcg". */
const char *vm_release(const struct vm *vm);
double vm_boot_seconds(const struct vm *vm);
const char *vm_accel_name(const struct vm *vm);
/* QEMU's process; for tests that kill it. */
pid_t vm_pid(const struct vm *vm);

#endif
