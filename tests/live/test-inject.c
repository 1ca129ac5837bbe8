/* SPDX-License-Identifier: MIT */
/*
 * Injecting into processes that notice: nothing may be lost and nothing changed but the policy,
 * whatever the thread was doing, and whenever the injector dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpol/policy.h>

#include "base/macros.h"
#include "check.h"
#include "kernel/inject.h"
#include "kernel/trace.h"
#include "prey.h"

#define MAX_THREADS 512

static int inject_all(pid_t pid, const struct mpol_policy *p, struct mpol_error *err)
{
	pid_t tids[MAX_THREADS];
	struct inject *i = NULL;
	int r = inject_open(prey_root(), pid, &i, err);
	size_t n = prey_threads(pid, tids, MAX_THREADS);

	for (size_t t = 0; r == 0 && t < n; t++) {
		struct inject_call call = { .what = INJECT_SET_MEMPOLICY };

		r = inject_thread(i, tids[t], p, &call, 1, INJECT_TIMEOUT_MS, NULL, err);
		if (r == -ESRCH)
			r = 0;
	}
	(void)inject_free(i);
	return r;
}

static void check_policies(pid_t pid, const char *expected)
{
	pid_t tids[MAX_THREADS];
	size_t n = prey_threads(pid, tids, MAX_THREADS);
	char policy[64];

	for (size_t t = 0; t < n; t++) {
		prey_policy(pid, tids[t], policy, sizeof(policy));
		if (policy[0])
			CHECK_STR(policy, expected);
	}
}

static const struct mpol_policy policies[] = {
	mpol_bind(0),
	mpol_interleave(0),
	mpol_preferred(0),
	mpol_local(),
	mpol_default(),
	mpol_policy(MPOL_MODE_BIND, .flags = MPOL_FLAG_STATIC_NODES, .nodes = MPOL_NODES(0, 63)),
};
static const char *const policy_texts[] = { "bind:0", "interleave:0", "prefer:0",
					    "local",  "default",      "bind=static:0" };

/* How many of n to do: under emulation one in PREY_ONE_IN is enough. */
static unsigned scaled(unsigned n)
{
	const char *one_in = getenv("PREY_ONE_IN");
	unsigned divisor = one_in ? (unsigned)strtoul(one_in, NULL, 10) : 1;

	return divisor > 1 ? MAX(n / divisor, 10u) : n;
}

/* Many injections, a policy after the other, and the last one seen from outside. */
static void many(struct prey *p, unsigned injections)
{
	unsigned done = 0, round = 0, last = 0, wanted = scaled(injections);
	struct mpol_error err = { 0 };
	struct inject *i = NULL;

	CHECK_EQ(inject_open(prey_root(), p->pid, &i, &err), 0);
	while (i && done < wanted) {
		pid_t tids[MAX_THREADS];
		size_t n = prey_threads(p->pid, tids, MAX_THREADS);

		last = round++ % ELEMENTSOF(policies);
		for (size_t t = 0; t < n; t++) {
			struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
			int r = inject_thread(i, tids[t], &policies[last], &call, 1,
					      INJECT_TIMEOUT_MS, NULL, &err);

			if (!CHECK_EQ(r, 0) || !CHECK(call.made)) {
				printf("#   %s\n", err.what);
				(void)inject_free(i);
				return;
			}
			done++;
		}
	}
	(void)inject_free(i);
	printf("# %u injections\n", done);
	check_policies(p->pid, policy_texts[last]);
}

TEST(a_single_thread_gets_every_policy)
{
	struct prey p = prey_start(NULL, "idle", NULL);

	for (size_t i = 0; i < ELEMENTSOF(policies); i++) {
		struct mpol_error err = { 0 };

		check_row(i, policy_texts[i]);
		CHECK_EQ(inject_policy(prey_root(), p.pid, &policies[i], false, &err), 0);
		check_policies(p.pid, policy_texts[i]);
	}
	CHECK(prey_ends_well(&p));
}

/* As a hook does it: a process that does nothing else. */
static int inject_alone(pid_t pid, const struct mpol_policy *p, bool ignores_children)
{
	pid_t child = fork();
	int status;

	if (child == 0 && ignores_children)
		(void)signal(SIGCHLD, SIG_IGN);
	if (child == 0)
		_exit(-inject_policy(prey_root(), pid, p, true, NULL));
	return child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status)
		       ? -ECHILD
		       : -WEXITSTATUS(status);
}

TEST(a_process_that_does_nothing_else_injects_without_a_thread_of_its_own)
{
	struct prey idle = prey_start(NULL, "idle", NULL);
	struct prey spins = prey_start(NULL, "spinning", "0");

	for (unsigned round = 0; round < 20; round++)
		for (size_t i = 0; i < ELEMENTSOF(policies); i++) {
			check_row(i, policy_texts[i]);
			CHECK_EQ(inject_alone(idle.pid, &policies[i], round % 2), 0);
			check_policies(idle.pid, policy_texts[i]);
			CHECK_EQ(inject_alone(spins.pid, &policies[i], round % 2), 0);
			check_policies(spins.pid, policy_texts[i]);
		}
	CHECK_EQ(inject_alone(4194304, &policies[0], false), -ESRCH);
	CHECK(prey_ends_well(&idle));
	CHECK(prey_ends_well(&spins));
}

TEST(threads_in_63_blocking_calls_notice_nothing_in_any_injection)
{
	struct prey p = prey_start(NULL, "blocked", "63"); /* and the first thread */

	many(&p, 5000);
	CHECK(prey_ends_well(&p));
}

TEST(threads_in_user_mode_keep_all_registers_in_any_injection)
{
	struct prey p = prey_start(NULL, "spinning", "3");

	many(&p, 5000);
	CHECK(prey_ends_well(&p));
}

TEST(a_first_thread_in_user_mode_keeps_all_registers)
{
	struct prey p = prey_start(NULL, "main-spins", NULL);

	many(&p, 500);
	CHECK(prey_ends_well(&p));
}

/* The kinds of blocking calls that the victim knows. */
static size_t kinds(char names[64][32])
{
	const char *const argv[] = { getenv("PREY_VICTIM"), "kinds", NULL };
	struct prey p = prey_exec(argv, NULL);
	size_t n = 0;

	while (n < 64 && prey_line(&p, names[n], sizeof(names[n])) && strcmp(names[n], "ok") != 0)
		n++;
	CHECK(prey_ends_well(&p) || n > 0);
	return n;
}

static struct prey start_blocked_in(const char *kind)
{
	char mode[64];

	(void)snprintf(mode, sizeof(mode), "blocked-in:%s", kind);
	return prey_start(NULL, mode, NULL);
}

TEST(each_kind_of_blocking_call_is_restarted)
{
	char names[64][32];
	size_t n = kinds(names);

	CHECK(n > 15);
	for (size_t k = 0; k < n; k++) {
		struct prey p = start_blocked_in(names[k]);

		check_row(k, names[k]);
		many(&p, 60);
		CHECK(prey_ends_well(&p));
	}
}

/* Where a sequence is registered the kernel tells since 5.13 (PTRACE_GET_RSEQ_CONFIGURATION);
 * before, nobody can. */
static void need_rseq_told(void)
{
	unsigned major, minor;
	struct utsname system;

	if (uname(&system) == 0 && sscanf(system.release, "%u.%u", &major, &minor) == 2 &&
	    (major < 5 || (major == 5 && minor < 13)))
		check_skip("needs Linux 5.13; this is %s", system.release);
}

TEST(a_restartable_sequence_is_aborted_and_not_resumed)
{
	struct prey p;
	unsigned long before = 0;
	char line[64];

	need_rseq_told();
	p = prey_start(NULL, "rseq", NULL);
	if (!strstr(p.line, "ready 1"))
		check_skip("the C library registers no rseq");
	for (unsigned n = 0; n < scaled(100); n++) {
		unsigned long now = before;

		CHECK_EQ(inject_all(p.pid, &policies[n % 2], NULL), 0);
		for (unsigned tries = 0; now == before && tries < 1000; tries++) {
			if (!CHECK(write(p.in, "?", 1) == 1 && prey_line(&p, line, sizeof(line))))
				break;
			now = strtoul(line, NULL, 10);
			usleep(now == before ? 10000 : 0); /* until the thread has run again */
		}
		if (!CHECK(now > before))
			break;
		before = now;
	}
	CHECK(prey_ends_well(&p));
}

/* Sends n numbered signals to each of two threads, a thousand a second, and injects all the while.
 */
TEST(none_of_1000_signals_a_second_is_lost_or_reordered)
{
	struct prey p = prey_start(NULL, "signals", NULL);
	pid_t spinner = atoi(p.line + strlen("ready "));
	const int n_signals = (int)scaled(3000);
	char expected[96], line[256];
	siginfo_t info = { .si_code = SI_QUEUE };
	pid_t sender = fork();

	if (sender == 0) {
		info.si_pid = getpid();
		for (int n = 1; n <= n_signals; n++) {
			info.si_value.sival_int = n;
			for (pid_t tid = p.pid; tid; tid = tid == p.pid ? spinner : 0)
				while (syscall(SYS_rt_tgsigqueueinfo, p.pid, tid, SIGRTMIN,
					       &info) != 0)
					usleep(1000); /* the queue is full */
			usleep(500);
		}
		_exit(0);
	}
	for (unsigned n = 0; waitpid(sender, NULL, WNOHANG) == 0; n++)
		if (!CHECK_EQ(inject_all(p.pid, &policies[n % 2], NULL), 0))
			break;
	close(p.in);
	(void)snprintf(expected, sizeof(expected), "%d blocked, %d spinning", n_signals, n_signals);
	CHECK(prey_line(&p, line, sizeof(line)));
	CHECK_HAS(line, expected);
	p.in = -1;
	CHECK(prey_ends_well(&p));
}

TEST(no_signal_is_lost_that_ends_a_sigsuspend)
{
	struct prey p = prey_start(NULL, "suspended", NULL);
	pid_t pinger = fork();
	const unsigned pings = scaled(5000);
	char byte, line[64];

	if (pinger == 0) {
		for (unsigned n = 0; n < pings; n++) {
			kill(p.pid, SIGUSR1);
			if (read(p.out, &byte, 1) != 1 || byte != 'x')
				_exit(1);
		}
		_exit(0);
	}
	for (unsigned n = 0;; n++) {
		int status;

		if (waitpid(pinger, &status, WNOHANG) == pinger) {
			CHECK_EQ(status, 0);
			break;
		}
		if (!CHECK_EQ(inject_all(p.pid, &policies[n % 2], NULL), 0))
			break;
	}
	kill(p.pid, SIGTERM);
	CHECK(prey_line(&p, line, sizeof(line)));
	CHECK(prey_ends_well(&p));
}

TEST(a_stopped_process_stays_stopped)
{
	struct prey p = prey_start(NULL, "blocked", "21");
	siginfo_t si = { 0 };
	int status;

	kill(p.pid, SIGSTOP);
	CHECK_EQ(waitpid(p.pid, &status, WUNTRACED), p.pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	many(&p, 100);
	CHECK(prey_reaches(p.pid, 0, 'T'));
	CHECK_EQ(waitid(P_PID, (id_t)p.pid, &si, WSTOPPED | WCONTINUED | WNOHANG), 0);
	CHECK_EQ(si.si_pid, 0); /* its parent is told nothing */
	kill(p.pid, SIGCONT);
	CHECK_EQ(waitpid(p.pid, &status, WCONTINUED), p.pid);
	CHECK(WIFCONTINUED(status));
	CHECK(prey_ends_well(&p));
}

TEST(a_traced_thread_is_refused_naming_its_tracer)
{
	struct prey p = prey_start(NULL, "idle", NULL);
	struct mpol_error err = { 0 };
	char expected[64];

	CHECK_EQ(ptrace(PTRACE_SEIZE, p.pid, 0, 0), 0);
	CHECK_EQ(inject_policy(prey_root(), p.pid, &policies[0], false, &err), -EBUSY);
	(void)snprintf(expected, sizeof(expected), "traced by process %d", getpid());
	CHECK_HAS(err.what, expected);
	CHECK_STR(err.rule->id, "inject-traced");
	check_policies(p.pid, "default");
	CHECK(prey_ends_well(&p));
}

TEST(a_vfork_parent_is_let_go_untouched_and_reached_later)
{
	struct prey p = prey_start(NULL, "vfork", "1500");
	struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
	struct mpol_error err = { 0 };
	struct inject *i = NULL;

	CHECK(prey_reaches(p.pid, 0, 'D'));
	CHECK_EQ(inject_open(prey_root(), p.pid, &i, &err), 0);
	CHECK_EQ(inject_thread(i, p.pid, &policies[0], &call, 1, 200, NULL, &err), -ETIMEDOUT);
	CHECK_HAS(err.what, "disk sleep");
	CHECK(!call.made);
	for (unsigned tries = 0; prey_tracer(p.pid, 0) && tries < 1000; tries++)
		usleep(1000); /* a tracer lets go when it has ended, just after it is waited for */
	CHECK_EQ(prey_tracer(p.pid, 0), 0);
	CHECK_EQ(inject_thread(i, p.pid, &policies[0], &call, 1, 10000, NULL, &err), 0);
	(void)inject_free(i);
	check_policies(p.pid, "bind:0");
	CHECK(prey_ends_well(&p));
}

static const struct {
	const char *name, *answer, *says;
	bool kills;
} filters[] = {
	{ "an errno", "0x00050001", "Operation not permitted", false },
	{ "kill the process", "0x80000000", "kills the process", true },
	{ "kill the thread", "0x00000000", "kills the thread", true },
	{ "trap", "0x00030000", "sends SIGSYS", true },
	{ "trace", "0x7ff00000", "tracer", false },
};

TEST(a_seccomp_filter_is_asked_first)
{
	for (size_t i = 0; i < ELEMENTSOF(filters); i++) {
		struct prey p = prey_start(NULL, "seccomp", filters[i].answer);
		struct mpol_error err = { 0 };

		check_row(i, filters[i].name);
		CHECK_EQ(inject_policy(prey_root(), p.pid, &policies[0], false, &err), -EPERM);
		if (geteuid() == 0) {
			CHECK_STR(err.rule->id, "inject-seccomp");
			CHECK_HAS(err.what, filters[i].says);
		} else {
			CHECK_STR(err.rule->id, "inject-seccomp-unreadable");
		}
		check_policies(p.pid, "default");
		CHECK(prey_ends_well(&p));
	}
}

TEST(a_filter_that_allows_the_call_is_no_obstacle)
{
	struct prey p = prey_start(NULL, "seccomp", "0x7fff0000");

	if (geteuid() != 0)
		check_skip("reading a filter needs root");
	many(&p, 10);
	CHECK(prey_ends_well(&p));
}

TEST(what_is_no_64_bit_process_is_refused)
{
	struct mpol_error err = { 0 };
	struct prey p;
	pid_t zombie;

	CHECK_EQ(inject_policy(prey_root(), 4194304, &policies[0], false, &err), -ESRCH);
	CHECK_STR(err.rule->id, "inject-no-process");

	zombie = fork();
	if (zombie == 0)
		_exit(0);
	CHECK(prey_reaches(zombie, 0, 'Z'));
	CHECK_EQ(inject_policy(prey_root(), zombie, &policies[0], false, &err), -ESRCH);
	CHECK_STR(err.rule->id, "zombie");
	(void)waitpid(zombie, NULL, 0);

	if (prey_state(2, 0) != '-') { /* in the first pid namespace, kthreadd */
		CHECK_EQ(inject_policy(prey_root(), 2, &policies[0], false, &err), -EOPNOTSUPP);
		CHECK_STR(err.rule->id, "kernel-thread");
	}
	p = prey_start("PREY_VICTIM32", "idle", NULL);
	CHECK_EQ(inject_policy(prey_root(), p.pid, &policies[0], false, &err), -EOPNOTSUPP);
	CHECK_STR(err.rule->id, "inject-program");
	CHECK_HAS(err.what, "32-bit");
	CHECK(prey_ends_well(&p));
}

TEST(a_static_program_is_like_any_other)
{
	struct prey p = prey_start("PREY_STATIC", "blocked", "21");

	many(&p, 500);
	CHECK(prey_ends_well(&p));
}

TEST(the_vdso_is_left_as_it_was)
{
	struct prey p = prey_start(NULL, "spinning", "1");
	unsigned char before[8192] = { 0 }, after[8192] = { 0 };
	char path[64], line[256];
	unsigned long start = 0, end = 0;
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", p.pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]") && sscanf(line, "%lx-%lx", &start, &end) == 2)
			break;
	if (maps)
		fclose(maps);
	CHECK(end > start && end - start <= sizeof(before));
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", p.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	CHECK_EQ(pread(mem, before, end - start, (off_t)start), end - start);
	many(&p, 100);
	CHECK_EQ(pread(mem, after, end - start, (off_t)start), end - start);
	CHECK(memcmp(before, after, sizeof(before)) == 0);
	close(mem);
	CHECK(prey_ends_well(&p));
}

TEST(two_injectors_wait_for_each_other)
{
	struct prey p = prey_start(NULL, "spinning", "2");
	pid_t other = fork();

	for (unsigned n = 0; n < scaled(200); n++)
		if (!CHECK_EQ(inject_all(p.pid, &policies[n % 2], NULL), 0))
			break;
	if (other == 0)
		_exit(0);
	CHECK_EQ(waitpid(other, NULL, 0), other);
	CHECK(prey_ends_well(&p));
}
