/* SPDX-License-Identifier: MIT */
/* A machine, as vm.c (what is asked of it), vm-boot.c (how it starts) and vm-broken.c (why it
 * ended) see it. */
#ifndef VM_VM_PRIVATE_H
#define VM_VM_PRIVATE_H

#include "vm/channel.h"
#include "vm/console.h"
#include "vm/process.h"
#include "vm/vm.h"

#include "base/strbuf.h"

enum vm_state {
	VM_BOOTING, /* QEMU runs; process 1 has not said it lives */
	VM_READY,
	VM_RUNNING, /* a command was sent */
	VM_BROKEN,  /* err is kept and told again */
};

struct vm {
	struct vm_options options; /* its texts are copies of ours */
	struct vm_shape shape;
	enum vm_state state;
	int epoll, timer;

	struct process process;
	bool kvm;
	unsigned attempts;
	double started, deadline; /* CLOCK_MONOTONIC, seconds; deadline 0: none */
	bool alive;		  /* something came out of the guest */
	struct channel_reader reader;
	struct console console;
	char *console_text; /* what vm_console() gave */
	char release[65];
	double boot_seconds;

	struct strbuf request; /* frames of the command to come; empty: none */
	double command_seconds;
	bool begun; /* the command, in the guest */
	bool input_open;
	size_t input_sent, input_taken;
	struct strbuf line; /* of results, not yet whole */
	bool ended;
	struct vm_end end;
	struct mpol_error error; /* of VM_BROKEN */
};

double vm_now(void);
/* Arms the time limit, in seconds from now; 0: none. */
void vm_limit(struct vm *vm, double seconds);

/* vm-boot.c: starts QEMU. */
int vm_start(struct vm *vm, struct mpol_error *err);
/* Seconds that a boot may take, and that the guest may take to begin a command. */
double vm_boot_limit(const struct vm *vm);
/* The boot did not get as far as process 1: another attempt, or broken. why is told when it is
 * broken. */
int vm_boot_failed(struct vm *vm, const char *why, struct mpol_error *err);
void vm_notice(const struct vm *vm, const char *text);

/* vm-broken.c: descriptions of what went wrong, all returning a negative errno. */
int vm_broken_ended(struct vm *vm, struct mpol_error *err); /* QEMU is gone */
int vm_broken_late(struct vm *vm, struct mpol_error *err);  /* the command's time is over */
int vm_broken_channel(struct vm *vm, const char *what, struct mpol_error *err);
int vm_broken_guest(struct vm *vm, const char *text, struct mpol_error *err); /* CHANNEL_BROKEN */
int vm_broken_boot(struct vm *vm, const char *why, struct mpol_error *err);
int vm_broken_system(struct vm *vm, int errnum, const char *doing, struct mpol_error *err);
/* What ended QEMU, for a sentence: "QEMU was killed by signal 9", "Kernel panic - not syncing: …".
 */
const char *vm_why_ended(struct vm *vm, char *ret, size_t size);

/* vm-boot.c: this host's memory is not enough for the guest's. */
extern const struct mpol_rule vm_rule_memory;

#endif
