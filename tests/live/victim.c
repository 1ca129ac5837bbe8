/* SPDX-License-Identifier: MIT */
/* The victim's modes; see victim.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "registers.h"
#include "victim.h"

static atomic_bool over;
static char bad[256];
static atomic_int n_bad;

void victim_bad(const char *fmt, ...)
{
	va_list ap;

	if (atomic_fetch_add(&n_bad, 1))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(bad, sizeof(bad), fmt, ap);
	va_end(ap);
}

bool victim_is_over(void)
{
	return over;
}

uint64_t victim_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void victim_wait(void)
{
	char byte;
	ssize_t n;

	printf("ready\n");
	fflush(stdout);
	do {
		n = read(STDIN_FILENO, &byte, 1);
		if (n < 0)
			victim_bad("waiting for the end: %s", strerror(errno));
	} while (n > 0);
	over = true;
}

/* Threads that hold all registers in user mode. */
static void *spin(void *argument)
{
	struct held *h = argument;
	const char *changed;

	held_fill(h, (uintptr_t)h);
	held_spin(h);
	changed = held_changed(h);
	if (changed)
		victim_bad("%s is not what it was after %llu rounds", changed,
			   (unsigned long long)h->rounds);
	return NULL;
}

static int run_spinning(unsigned long threads)
{
	struct held *all = aligned_alloc(64, threads * sizeof(*all));
	pthread_t *ids = calloc(threads, sizeof(*ids));

	memset(all, 0, threads * sizeof(*all));
	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, spin, &all[i]) != 0)
			return -1;
	victim_wait();
	for (unsigned long i = 0; i < threads; i++) {
		all[i].stop = 1;
		pthread_join(ids[i], NULL);
	}
	free(all);
	free(ids);
	return 0;
}

/* The main thread spins; the standard input is watched by another. */
static struct held main_held;

static void *watch(void *unused)
{
	victim_wait();
	main_held.stop = 1;
	return unused;
}

static int run_main_spins(unsigned long unused)
{
	pthread_t watcher;

	(void)unused;
	held_fill(&main_held, 1);
	if (pthread_create(&watcher, NULL, watch, NULL) != 0)
		return -1;
	held_spin(&main_held);
	pthread_join(watcher, NULL);
	if (held_changed(&main_held))
		victim_bad("%s is not what it was", held_changed(&main_held));
	return 0;
}

/* Creates threads and forks all the while; some of both live on. */
static void *short_life(void *unused)
{
	return unused;
}

static void *long_life(void *unused)
{
	while (!over)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	return unused;
}

static void *breed(void *unused)
{
	pthread_t kept[200], thread;
	size_t n_kept = 0;
	unsigned long n = 0;

	while (!over) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			victim_bad("fork: %s", strerror(errno));
		if (pthread_create(&thread, NULL, short_life, NULL) != 0 ||
		    pthread_join(thread, NULL) != 0)
			victim_bad("pthread_create");
		if (n_kept < sizeof(kept) / sizeof(kept[0]) && n++ % 4 == 0 &&
		    pthread_create(&kept[n_kept], NULL, long_life, NULL) == 0)
			n_kept++;
	}
	for (size_t i = 0; i < n_kept; i++)
		pthread_join(kept[i], NULL);
	return unused;
}

static int run_breeding(unsigned long breeders)
{
	pthread_t *ids = calloc(breeders, sizeof(*ids));

	for (unsigned long i = 0; i < breeders; i++)
		if (pthread_create(&ids[i], NULL, breed, NULL) != 0)
			return -1;
	victim_wait();
	for (unsigned long i = 0; i < breeders; i++)
		pthread_join(ids[i], NULL);
	free(ids);
	return 0;
}

/* Forks a process that forks, and ends: a process of the group is always a new one. */
static int run_relay(unsigned long unused)
{
	int death[2];
	char byte;

	(void)unused;
	if (pipe(death) != 0)
		return -1;
	if (fork() == 0) {
		close(death[1]); /* ends with the victim */
		fcntl(death[0], F_SETFL, O_NONBLOCK);
		while (read(death[0], &byte, 1) < 0) {
			pid_t next = fork();

			if (next != 0)
				_exit(0);
			nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
		}
		_exit(0);
	}
	close(death[0]);
	victim_wait();
	return 0;
}

/* In vfork(2), which nothing but a fatal signal interrupts, for that many milliseconds. */
static int run_vfork(unsigned long ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000),
			      .tv_nsec = (long)(ms % 1000) * 1000000 };
	pid_t child;

	printf("ready\n");
	fflush(stdout);
	child = vfork();
	if (child == 0) {
		syscall(SYS_nanosleep, &t, NULL);
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		victim_bad("vfork: %s", strerror(errno));
	(void)getchar();
	return 0;
}

/* A seccomp filter that gives set_mempolicy and mbind an answer: the number is SECCOMP_RET_…. */
static int run_seccomp(unsigned long answer)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_set_mempolicy, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mbind, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, (unsigned)answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return -1;
	victim_wait();
	return 0;
}

/* Without permission to look, even for the same user. */
static int run_not_dumpable(unsigned long unused)
{
	(void)unused;
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return -1;
	victim_wait();
	return 0;
}

static int run_idle(unsigned long unused)
{
	(void)unused;
	victim_wait();
	return 0;
}

/* Has an anonymous mapping of that many MiB, touched; all of it is checked at the end. A part is
 * locked when odd. */
static int run_memory(unsigned long mib)
{
	size_t n = mib << 20;
	unsigned char *m =
		mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		return -1;
	(void)madvise(m, n, MADV_NOHUGEPAGE); /* a kernel without them has none anyway */
	for (size_t i = 0; i < n; i += 8)
		memcpy(m + i, &(uint64_t){ i * 0x9E3779B97F4A7C15u }, 8);
	victim_wait();
	for (size_t i = 0; i < n; i += 8)
		if (memcmp(m + i, &(uint64_t){ i * 0x9E3779B97F4A7C15u }, 8) != 0) {
			victim_bad("memory changed at %zu", i);
			break;
		}
	return 0;
}

#if defined(__x86_64__)
/* A restartable sequence without an end: only the kernel's abort leads out of it, as it does after
 * every preemption. */
#include <sys/rseq.h>
static volatile unsigned long aborts;

__attribute__((noinline)) static void sequence(volatile uint64_t *rseq_cs)
{
	__asm__ volatile goto(
		".pushsection __rseq_cs, \"aw\"\n"
		".balign 32\n"
		"77: .long 0, 0\n"
		".quad 1f, 2f - 1f, 4f\n"
		".popsection\n"
		"lea 77b(%%rip), %%rax\n"
		"mov %%rax, %0\n"
		"1: pause\n"
		"jmp 1b\n"
		"2: nop\n"
		".byte 0x0f, 0xb9, 0x3d\n" /* the signature before the abort handler */
		".long 0x53053053\n"
		"4: jmp %l[aborted]\n"
		: /* no outputs */
		: "m"(*rseq_cs)
		: "rax", "memory"
		: aborted);
aborted:
	aborts++;
}

static void *sequences(void *unused)
{
	struct rseq *r = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	while (!over)
		sequence((volatile uint64_t *)&r->rseq_cs);
	return unused;
}

static int run_rseq(unsigned long unused)
{
	pthread_t thread;
	char byte;

	(void)unused;
	if (__rseq_size == 0 || pthread_create(&thread, NULL, sequences, NULL) != 0) {
		printf("ready 0\n");
		fflush(stdout);
		return 0;
	}
	printf("ready 1\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) { /* a byte asks how many there were */
		printf("%lu\n", aborts);
		fflush(stdout);
	}
	over = true;
	pthread_kill(thread, SIGURG); /* ignored; but it ends the sequence */
	pthread_join(thread, NULL);
	return 0;
}
#endif

static int run_kinds(unsigned long unused)
{
	const char *kind;

	(void)unused;
	for (unsigned n = 0; (kind = victim_blocked_kind(n)); n++)
		printf("%s\n", kind);
	return 0;
}

static int run_blocked(unsigned long threads)
{
	return victim_blocked(threads, false);
}

static int run_blocked_killed(unsigned long threads)
{
	return victim_blocked(threads, true);
}

static const struct victim_mode modes[] = {
	{ "kinds", "lists the kinds of blocking calls", run_kinds },
	{ "idle", "waits", run_idle },
	{ "blocked", "N threads in blocking system calls of all kinds", run_blocked },
	{ "blocked-killed", "the same, while injectors are killed", run_blocked_killed },
	{ "spinning", "N threads in user mode", run_spinning },
	{ "main-spins", "its only busy thread is the first", run_main_spins },
	{ "breeding", "N threads that fork and create threads all the while", run_breeding },
	{ "relay", "a process that forks its successor and ends, for ever", run_relay },
	{ "vfork", "N milliseconds in vfork", run_vfork },
	{ "signals", "counts numbered signals", victim_signals },
	{ "suspended", "answers each signal from sigsuspend", victim_suspended },
	{ "seccomp", "a filter answers N to set_mempolicy", run_seccomp },
	{ "not-dumpable", "may not be looked at", run_not_dumpable },
	{ "memory", "N MiB of memory", run_memory },
#if defined(__x86_64__)
	{ "rseq", "a restartable sequence", run_rseq },
#endif
};

int main(int argc, char **argv)
{
	unsigned long number = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	int r = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc < 2)
		return 2;
	if (strncmp(argv[1], "blocked-in:", 11) == 0)
		r = victim_blocked_in(argv[1] + 11, argc > 2);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			r = modes[i].run(number);
	if (r < 0)
		return 2;
	if (n_bad)
		printf("bad: %s (%d in all)\n", bad, n_bad);
	else
		printf("ok\n");
	return n_bad ? 1 : 0;
}
