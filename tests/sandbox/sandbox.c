/* SPDX-License-Identifier: MIT */
/*
 * Runs a command as containers run them: `sandbox [--docker | --enosys | --kill] [--nobody]
 * COMMAND…`
 *
 *     --docker   a seccomp filter like Docker's default profile: EPERM to the calls of memory
 * placement, and no CAP_SYS_NICE
 *     --enosys   a filter that answers ENOSYS to them, as older profiles' default action does
 *     --kill     a filter that kills for them
 *     --nobody   user and group 65534
 *
 * Exit code 77 when this cannot be done here.
 */
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"

#define CANNOT	      77
#define CAP_SYS_NICE_ 23

static const int calls[] = { SYS_set_mempolicy, SYS_get_mempolicy, SYS_mbind, SYS_move_pages,
			     SYS_migrate_pages };

static void cannot(const char *what)
{
	fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
	exit(CANNOT);
}

/* Loads the call's number, compares it with each, allows the rest. */
static void install_filter(unsigned answer)
{
	struct sock_filter filter[ELEMENTSOF(calls) + 3];
	struct sock_fprog program = { ELEMENTSOF(filter), filter };
	size_t n = 0;

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						   offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ELEMENTSOF(calls); i++)
		filter[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i],
						     (unsigned char)(ELEMENTSOF(calls) - i), 0);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		cannot("seccomp");
}

static void drop_nice(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (prctl(PR_CAPBSET_DROP, CAP_SYS_NICE_, 0, 0, 0) < 0 && errno != EPERM)
		cannot("the bounding set");
	if (syscall(SYS_capget, &header, data) < 0)
		cannot("capget");
	data[0].effective &= ~(1u << CAP_SYS_NICE_);
	data[0].permitted &= ~(1u << CAP_SYS_NICE_);
	data[0].inheritable &= ~(1u << CAP_SYS_NICE_);
	if (syscall(SYS_capset, &header, data) < 0)
		cannot("capset");
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0)
		cannot("user 65534");
}

int main(int argc, char **argv)
{
	unsigned answer = SECCOMP_RET_ALLOW;
	int i = 1;

	for (; i < argc && STARTS(argv[i], "--"); i++) {
		if (STREQ(argv[i], "--docker")) {
			drop_nice();
			answer = SECCOMP_RET_ERRNO | EPERM;
		} else if (STREQ(argv[i], "--enosys")) {
			answer = SECCOMP_RET_ERRNO | ENOSYS;
		} else if (STREQ(argv[i], "--kill")) {
			answer = SECCOMP_RET_KILL_PROCESS;
		} else if (STREQ(argv[i], "--nobody")) {
			become_nobody();
		}
	}
	if (i >= argc)
		return 2;
	if (answer != SECCOMP_RET_ALLOW)
		install_filter(answer);
	execvp(argv[i], argv + i);
	cannot(argv[i]);
}
