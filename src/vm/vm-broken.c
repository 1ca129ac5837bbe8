/* SPDX-License-Identifier: MIT */
/* Why a machine ended before it was asked to; see vm.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "vm/vm-private.h"

#include "base/macros.h"

static const struct mpol_rule rule_boot = {
	"vm-boot",
	EIO,
	"A guest says that it lives before anything is asked of it; without that nothing was "
	"tested.",
	"look at the console; another --kernel, or --accel tcg, may boot",
	NULL,
	NULL,
};
static const struct mpol_rule rule_panic = {
	"vm-panic",
	EIO,
	"The guest's kernel gave up, so what it was running has no result.",
	"look at the console",
	NULL,
	NULL,
};
static const struct mpol_rule rule_hang = {
	"vm-hang",
	ETIMEDOUT,
	"What runs in a guest has a time limit, so that a hang is an answer and not a wait.",
	"look at the console, or give it more time",
	NULL,
	NULL,
};
static const struct mpol_rule rule_died = {
	"vm-died",
	EIO,
	"The machine was gone before the command had ended, so there is no result.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_refused = {
	"vm-qemu-refused",
	EINVAL,
	"QEMU makes the machine, and it did not accept this one.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_channel = {
	"vm-channel",
	EBADMSG,
	"Results travel over the guest's second serial port in frames; anything else there is no "
	"result.",
	"nothing else may write to the guest's /dev/ttyS1",
	NULL,
	NULL,
};
static const struct mpol_rule rule_system = {
	"vm-system", EIO,  "The host's own system calls around a virtual machine have to work.",
	NULL,	     NULL, NULL,
};

/* What the guest's process 1 can complain of; its text begins with the id. */
static const struct mpol_rule guest_rules[] = {
	{ "vm-shape-differs", EPROTO,
	  "A test's result is about the machine it declared; when the guest's kernel sees another "
	  "one, the result is about something else.",
	  "this kernel or QEMU cannot make that shape", NULL, NULL },
	{ "vm-exec", ENOEXEC,
	  "The command has to be in the guest, with its interpreter and libraries.",
	  "pack it with --file, or name it by its path", NULL, NULL },
	{ "vm-guest", EIO, "Process 1 prepares the guest before it runs anything.",
	  "look at the console", NULL, NULL },
};

const char *vm_why_ended(struct vm *vm, char *ret, size_t size)
{
	int status = vm->process.status;
	char said[160];

	if (console_reason(&vm->console, ret, size))
		return ret;
	(void)process_complaint(&vm->process, said, sizeof(said));
	if (WIFSIGNALED(status) && *said)
		(void)snprintf(ret, size, "QEMU was killed by signal %d: %s", WTERMSIG(status),
			       said);
	else if (WIFSIGNALED(status))
		(void)snprintf(ret, size, "QEMU was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		(void)snprintf(ret, size, "QEMU exited with %d%s%s", WEXITSTATUS(status),
			       *said ? ": " : "", said);
	else
		(void)snprintf(ret, size, "the guest powered off or rebooted");
	return ret;
}

int vm_broken_ended(struct vm *vm, struct mpol_error *err)
{
	char why[200];

	(void)vm_why_ended(vm, why, sizeof(why));
	return mpol_fail(err, STARTS(why, "Kernel panic") ? &rule_panic : &rule_died, NULL, "%s",
			 why);
}

int vm_broken_late(struct vm *vm, struct mpol_error *err)
{
	double limit = vm->begun ? vm->command_seconds : vm_boot_limit(vm);
	const char *how = vm->begun ? "ended" : "begun";
	char reason[120];

	if (console_reason(&vm->console, reason, sizeof(reason)))
		return mpol_fail(err, &rule_hang, NULL,
				 "the command had not %s after %g s; the guest said: %s", how,
				 limit, reason);
	return mpol_fail(err, &rule_hang, NULL, "the command had not %s after %g s", how, limit);
}

int vm_broken_channel(struct vm *vm, const char *what, struct mpol_error *err)
{
	(void)vm;
	return mpol_fail(err, &rule_channel, NULL, "%s", what);
}

int vm_broken_guest(struct vm *vm, const char *text, struct mpol_error *err)
{
	size_t id = strcspn(text, " ");

	for (size_t i = 0; i < ELEMENTSOF(guest_rules); i++)
		if (strlen(guest_rules[i].id) == id && strncmp(guest_rules[i].id, text, id) == 0)
			return mpol_fail(err, &guest_rules[i], NULL, "%s",
					 text + id + (text[id] == ' '));
	return vm_broken_channel(vm, "the guest complains of something this program does not know",
				 err);
}

int vm_broken_boot(struct vm *vm, const char *why, struct mpol_error *err)
{
	bool gone = vm->process.pid == 0, exited = gone && WIFEXITED(vm->process.status);
	char said[160];

	/* An exit with a complaint and a silent guest: it was not the guest. */
	if (exited && WEXITSTATUS(vm->process.status) && !vm->console.seen &&
	    *process_complaint(&vm->process, said, sizeof(said)))
		return mpol_fail(err,
				 strstr(said, "allocate memory") ? &vm_rule_memory : &rule_refused,
				 NULL, "%s", said);
	return mpol_fail(err, &rule_boot, NULL, "the guest did not boot, %u time%s: %s",
			 vm->attempts, vm->attempts == 1 ? "" : "s", why);
}

int vm_broken_system(struct vm *vm, int errnum, const char *doing, struct mpol_error *err)
{
	(void)vm;
	return mpol_fail_errno(err, &rule_system, errnum, NULL, "%s: %s", doing, strerror(errnum));
}
