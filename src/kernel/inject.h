/* SPDX-License-Identifier: MIT */
/*
 * Letting a thread of another process make set_mempolicy(2) or mbind(2) itself: no system call sets
 * another task's policy. The thread is seized with ptrace(2), makes the calls, and goes on where it
 * was, with the registers, memory, signals and restarted system calls it had.
 *
 * The injector may be killed at any moment: the thread then runs, on its own, a few instructions in
 * the unused end of its vDSO that make the call and lead back to where it was (inject-x86_64.c).
 *
 * The calling process gets SIGCHLD while it traces, and must not wait for any child (waitpid(-1))
 * in another thread meanwhile.
 */
#ifndef KERNEL_INJECT_H
#define KERNEL_INJECT_H

#include <mpol/policy.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct inject; /* a process that can be injected into, locked against other injectors */

enum inject_what {
	INJECT_SET_MEMPOLICY, /* the thread's own policy */
	INJECT_MBIND,	      /* of the mapping [start, start + length) */
};

struct inject_call {
	enum inject_what what;
	uint64_t start, length; /* bytes; for INJECT_MBIND only */
	int result;		/* out: 0, or what the kernel answered, -EINVAL */
	bool made;		/* out: false when the thread did not get that far */
};

struct inject_report {
	uint64_t stopped_ns; /* from the request to stop to the last one, CLOCK_MONOTONIC */
	unsigned attempts;   /* 1, and one more for each signal that came first and was delivered
				first */
};

/* How long a thread may take until it can be stopped; one in an uninterruptible wait (vfork, NFS)
 * cannot be. */
#define INJECT_TIMEOUT_MS 2000

/* 0, or -EOPNOTSUPP with the reason on architectures without an injector. */
int inject_supported(struct mpol_error *err);

/*
 * Looks at the process below root_fd (of "/"; the running one), stops nothing: refuses kernel
 * threads, zombies, other architectures and 32-bit processes (-EOPNOTSUPP), and one that is being
 * changed by another injector (-EBUSY). Release with inject_free().
 */
int inject_open(int root_fd, pid_t pid, struct inject **ret, struct mpol_error *err);
struct inject *inject_free(struct inject *i); /* returns NULL; accepts NULL */

/*
 * Lets one thread make the calls, in order; stops at the first that the kernel refuses. A seccomp
 * filter that would not let a call through is found before (-EPERM, the thread untouched). Errors:
 * -ESRCH the thread is gone, -ESTALE the process has called execve(2) since inject_open(), -EBUSY
 * it is being traced already, -EPERM not permitted, -ETIMEDOUT it could not be stopped, otherwise
 * what the kernel answered (the call's result). ret may be NULL.
 */
int inject_thread(struct inject *i, pid_t tid, const struct mpol_policy *p,
		  struct inject_call *calls, size_t n, unsigned timeout_ms,
		  struct inject_report *ret, struct mpol_error *err);

/*
 * Whether the thread would be let: seizes and stops it, asks its seccomp filters about the calls,
 * and lets it go. Errors as above.
 */
int inject_ask(struct inject *i, pid_t tid, const struct mpol_policy *p, struct inject_call *calls,
	       size_t n, unsigned timeout_ms, struct mpol_error *err);
/* 0, or -EBUSY naming the tracer that a thread of the process whose /proc/PID is dir_fd has: seen
 * without stopping it. */
int inject_ask_tracer(int dir_fd, pid_t tid, struct mpol_error *err);
/* A descriptor of the process's /proc/PID, as long as i lives. */
int inject_dir(const struct inject *i);

/*
 * set_mempolicy(p) in the thread whose number is the process's: what a container's init needs
 * before it execs. alone: the calling process has one thread and no children, and ends soon, which
 * is what lets go of a thread that cannot be stopped; then no thread of ours is needed for that.
 */
int inject_policy(int root_fd, pid_t pid, const struct mpol_policy *p, bool alone,
		  struct mpol_error *err);

#endif
