/* SPDX-License-Identifier: MIT */
/*
 * Threads in blocking system calls. Those without a limit return when the victim is told to end;
 * those with one return again and again, never early. EINTR is right only where a handler ran, or
 * where the kernel itself answers EINTR to every interruption (signal(7)).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "registers.h"
#include "victim.h"

#define LIMIT_NS 20000000L

struct blocked {
	struct held held;
	const struct kind *kind;
	pthread_t thread;
	atomic_int tid, done;
	int fd[2];
	int epoll;
	uint32_t word;
	pid_t child;
	struct timespec limit, start;
	sigset_t set;
	struct {
		const sigset_t *set;
		size_t size;
	} set_and_size;
	struct pollfd poll;
	struct epoll_event event;
	char buffer[64];
	unsigned long rounds, interrupted;
};

struct kind {
	const char *name;
	bool limited;	       /* returns by itself after LIMIT_NS */
	bool eintr_is_usual;   /* the kernel's answer to every interruption, and nobody can know
				  better */
	bool eintr_is_kernels; /* the kernel's answer to every interruption, from which a living
				  injector saves it */
	bool by_signal;	       /* is ended with SIGUSR1, whose handler counts */
	int64_t expected; /* the result when it ends as planned; EXPECT_CHILD, EXPECT_POSITIVE */
	long nr;
	void (*prepare)(struct blocked *b);
	void (*arguments)(struct blocked *b, uint64_t a[6]);
	void (*end)(struct blocked *b);
};
enum { EXPECT_CHILD = 1 << 20, EXPECT_POSITIVE };

static _Thread_local volatile sig_atomic_t handled;
static bool kernels_eintr_allowed;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(99);
}

static void make_pipe(struct blocked *b)
{
	check(pipe2(b->fd, O_CLOEXEC) == 0, "pipe");
}
static void make_full_pipe(struct blocked *b)
{
	make_pipe(b);
	check(fcntl(b->fd[1], F_SETPIPE_SZ, 4096) >= 0, "F_SETPIPE_SZ");
	check(write(b->fd[1], memset(malloc(4096), 1, 4096), 4096) == 4096, "write");
}
static void drain_pipe(struct blocked *b)
{
	static char page[4096];

	check(read(b->fd[0], page, sizeof(page)) == sizeof(page), "read");
}
static void make_pair(struct blocked *b)
{
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b->fd) == 0, "socketpair");
}
static void make_inotify(struct blocked *b)
{
	b->fd[0] =
		eventfd(0, EFD_CLOEXEC); /* reads like inotify's: blocks until there is something */
	check(b->fd[0] >= 0, "eventfd");
	b->fd[1] = b->fd[0];
}
static void write_eight(struct blocked *b)
{
	check(write(b->fd[1], &(uint64_t){ 1 }, 8) == 8, "write");
}
static void write_one(struct blocked *b)
{
	check(write(b->fd[1], "x", 1) == 1, "write");
}
static void a_read(struct blocked *b, uint64_t a[6])
{
	a[0] = (uint64_t)b->fd[0];
	a[1] = (uintptr_t)b->buffer;
	a[2] = sizeof(b->buffer);
}
static void a_write(struct blocked *b, uint64_t a[6])
{
	a[0] = (uint64_t)b->fd[1];
	a[1] = (uintptr_t)b->buffer;
	a[2] = sizeof(b->buffer);
}
static void a_futex(struct blocked *b, uint64_t a[6])
{
	a[0] = (uintptr_t)&b->word;
	a[1] = FUTEX_WAIT | FUTEX_PRIVATE_FLAG;
	a[3] = b->kind->limited ? (uintptr_t)&b->limit : 0;
}
static void wake_futex(struct blocked *b)
{
	while (syscall(SYS_futex, &b->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0) ==
		       0 &&
	       !b->done)
		sched_yield();
}
static void a_nanosleep(struct blocked *b, uint64_t a[6])
{
	a[0] = (uintptr_t)&b->limit;
}
static void a_clock_nanosleep(struct blocked *b, uint64_t a[6])
{
	b->limit = b->start;
	b->limit.tv_nsec += LIMIT_NS;
	if (b->limit.tv_nsec >= 1000000000) {
		b->limit.tv_sec++;
		b->limit.tv_nsec -= 1000000000;
	}
	a[0] = CLOCK_MONOTONIC;
	a[1] = TIMER_ABSTIME;
	a[2] = (uintptr_t)&b->limit;
}
static void make_epoll(struct blocked *b)
{
	make_pipe(b);
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	check(epoll_ctl(b->epoll, EPOLL_CTL_ADD, b->fd[0],
			&(struct epoll_event){ .events = EPOLLIN }) == 0,
	      "epoll_ctl");
	sigemptyset(&b->set);
}
static void a_epoll(struct blocked *b, uint64_t a[6])
{
	a[0] = (uint64_t)b->epoll;
	a[1] = (uintptr_t)&b->event;
	a[2] = 1;
	a[3] = (uint64_t)(int64_t)(b->kind->limited ? LIMIT_NS / 1000000 : -1);
	if (b->kind->nr == SYS_epoll_pwait) {
		a[4] = (uintptr_t)&b->set;
		a[5] = 8;
	}
}
static void make_poll(struct blocked *b)
{
	make_pipe(b);
	b->poll = (struct pollfd){ .fd = b->fd[0], .events = POLLIN };
	sigemptyset(&b->set);
}
static void a_poll(struct blocked *b, uint64_t a[6])
{
	a[0] = (uintptr_t)&b->poll;
	a[1] = 1;
	a[2] = (uint64_t)(int64_t)(b->kind->limited ? LIMIT_NS / 1000000 : -1);
}
static void a_ppoll(struct blocked *b, uint64_t a[6])
{
	a[0] = (uintptr_t)&b->poll;
	a[1] = 1;
	a[2] = (uintptr_t)&b->limit; /* the kernel writes what is left */
	a[3] = (uintptr_t)&b->set;
	a[4] = 8;
}
static void a_pselect(struct blocked *b, uint64_t a[6])
{
	b->set_and_size.set = &b->set;
	b->set_and_size.size = 8;
	a[4] = (uintptr_t)&b->limit;
	a[5] = (uintptr_t)&b->set_and_size;
}
static void a_sigsuspend(struct blocked *b, uint64_t a[6])
{
	pthread_sigmask(SIG_SETMASK, NULL, &b->set);
	sigdelset(&b->set, SIGUSR1);
	a[0] = (uintptr_t)&b->set;
	a[1] = 8;
}
static void block_usr1(struct blocked *b)
{
	sigset_t usr1;

	(void)b;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
}
static void send_usr1(struct blocked *b)
{
	pthread_kill(b->thread, SIGUSR1);
}
static void block_usr2(struct blocked *b)
{
	sigemptyset(&b->set);
	sigaddset(&b->set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &b->set, NULL);
}
static void send_usr2(struct blocked *b)
{
	pthread_kill(b->thread, SIGUSR2);
}
static void a_sigwait(struct blocked *b, uint64_t a[6])
{
	a[0] = (uintptr_t)&b->set;
	a[3] = 8;
}
static void make_semaphore(struct blocked *b)
{
	b->fd[0] = semget(IPC_PRIVATE, 1, 0600);
	check(b->fd[0] >= 0, "semget");
}
static void raise_semaphore(struct blocked *b)
{
	semctl(b->fd[0], 0, SETVAL, 1);
	while (!b->done) /* removed earlier, it might not be there when the call is restarted */
		sched_yield();
	semctl(b->fd[0], 0, IPC_RMID);
}
static void a_semop(struct blocked *b, uint64_t a[6])
{
	static struct sembuf take = { 0, -1, 0 };

	a[0] = (uint64_t)b->fd[0];
	a[1] = (uintptr_t)&take;
	a[2] = 1;
}
static void make_queue(struct blocked *b)
{
	b->fd[0] = msgget(IPC_PRIVATE, 0600);
	check(b->fd[0] >= 0, "msgget");
}
static void fill_queue(struct blocked *b)
{
	msgsnd(b->fd[0], &(struct msgbuf){ .mtype = 1 }, 1, 0);
	while (!b->done)
		sched_yield();
	msgctl(b->fd[0], IPC_RMID, NULL);
}
static void a_msgrcv(struct blocked *b, uint64_t a[6])
{
	a[0] = (uint64_t)b->fd[0];
	a[1] = (uintptr_t)b->buffer;
	a[2] = 8;
}
static void make_child(struct blocked *b)
{
	b->child = fork();
	if (b->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	check(b->child > 0, "fork");
}
static void kill_child(struct blocked *b)
{
	kill(b->child, SIGKILL);
}
static void a_wait4(struct blocked *b, uint64_t a[6])
{
	a[0] = (uint64_t)b->child;
}
static void none(struct blocked *b)
{
	(void)b;
}

static const struct kind kinds[] = {
	{ "read", .nr = SYS_read, .prepare = make_pipe, .arguments = a_read, .end = write_one,
	  .expected = 1 },
	{ "read-event", .nr = SYS_read, .prepare = make_inotify, .arguments = a_read,
	  .end = write_eight, .expected = 8 },
	{ "write", .nr = SYS_write, .prepare = make_full_pipe, .arguments = a_write,
	  .end = drain_pipe, .expected = 64 },
	{ "recvfrom", .nr = SYS_recvfrom, .prepare = make_pair, .arguments = a_read,
	  .end = write_one, .expected = 1 },
	{ "futex", .nr = SYS_futex, .prepare = none, .arguments = a_futex, .end = wake_futex,
	  .expected = 0 },
	{ "futex-timer", .nr = SYS_futex, .limited = true, .prepare = none, .arguments = a_futex,
	  .expected = -ETIMEDOUT },
	{ "nanosleep", .nr = SYS_nanosleep, .limited = true, .prepare = none,
	  .arguments = a_nanosleep },
	{ "clock-nanosleep", .nr = SYS_clock_nanosleep, .limited = true, .prepare = none,
	  .arguments = a_clock_nanosleep },
	{ "epoll", .nr = SYS_epoll_wait, .eintr_is_kernels = true, .prepare = make_epoll,
	  .arguments = a_epoll, .end = write_one, .expected = 1 },
	{ "epoll-pwait", .nr = SYS_epoll_pwait, .eintr_is_kernels = true, .prepare = make_epoll,
	  .arguments = a_epoll, .end = write_one, .expected = 1 },
	{ "epoll-timer", .nr = SYS_epoll_wait, .limited = true, .eintr_is_usual = true,
	  .prepare = make_epoll, .arguments = a_epoll },
	{ "poll", .nr = SYS_poll, .prepare = make_poll, .arguments = a_poll, .end = write_one,
	  .expected = 1 },
	{ "poll-timer", .nr = SYS_poll, .limited = true, .prepare = make_poll,
	  .arguments = a_poll },
	{ "ppoll-timer", .nr = SYS_ppoll, .limited = true, .prepare = make_poll,
	  .arguments = a_ppoll },
	{ "pselect-timer", .nr = SYS_pselect6, .limited = true, .prepare = make_poll,
	  .arguments = a_pselect },
	{ "sigsuspend", .nr = SYS_rt_sigsuspend, .by_signal = true, .prepare = block_usr1,
	  .arguments = a_sigsuspend, .end = send_usr1, .expected = -EINTR },
	{ "pause", .nr = SYS_pause, .by_signal = true, .prepare = none, .arguments = NULL,
	  .end = send_usr1, .expected = -EINTR },
	{ "sigwait", .nr = SYS_rt_sigtimedwait, .eintr_is_kernels = true, .prepare = block_usr2,
	  .arguments = a_sigwait, .end = send_usr2, .expected = SIGUSR2 },
	{ "semop", .nr = SYS_semop, .eintr_is_kernels = true, .prepare = make_semaphore,
	  .arguments = a_semop, .end = raise_semaphore, .expected = 0 },
	{ "msgrcv", .nr = SYS_msgrcv, .prepare = make_queue, .arguments = a_msgrcv,
	  .end = fill_queue, .expected = 1 },
	{ "wait4", .nr = SYS_wait4, .prepare = make_child, .arguments = a_wait4, .end = kill_child,
	  .expected = EXPECT_CHILD },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *victim_blocked_kind(unsigned n)
{
	return n < N_KINDS ? kinds[n].name : NULL;
}

static bool as_expected(const struct blocked *b, int64_t result, int signals_before)
{
	const struct kind *k = b->kind;

	if (k->by_signal)
		return result == -EINTR && handled != signals_before;
	if (k->expected == EXPECT_CHILD)
		return result == b->child;
	return result == k->expected;
}

/* One call, its result, its registers, and that it did not return before its time. False: to be
 * called again. */
static bool call_once(struct blocked *b)
{
	const struct kind *k = b->kind;
	uint64_t a[6] = { 0 }, start = victim_now();
	int signals_before = handled;
	const char *changed;
	int64_t result;

	held_fill(&b->held, b->rounds * 64 + (uint64_t)b->tid);
	b->limit = (struct timespec){ .tv_nsec = LIMIT_NS };
	clock_gettime(CLOCK_MONOTONIC, &b->start);
	if (k->arguments)
		k->arguments(b, a);
	result = held_syscall(&b->held, k->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	b->rounds++;
	changed = held_changed(&b->held);
	if (changed)
		victim_bad("%s: %s is not what it was", k->name, changed);
	if (result == -EINTR &&
	    (k->eintr_is_usual || (k->eintr_is_kernels && kernels_eintr_allowed))) {
		b->interrupted++;
		return false;
	}
	if (!as_expected(b, result, signals_before))
		victim_bad("%s answered %lld (%s)", k->name, (long long)result,
			   result < 0 ? strerror((int)-result) : "");
	else if (k->limited && victim_now() - start < (uint64_t)LIMIT_NS)
		victim_bad("%s returned after %llu ns", k->name,
			   (unsigned long long)(victim_now() - start));
	return true;
}

static void *block(void *argument)
{
	struct blocked *b = argument;

	b->tid = (int)syscall(SYS_gettid);
	while ((!call_once(b) || b->kind->limited) && !(b->kind->limited && victim_is_over()))
		;
	b->done = 1;
	return NULL;
}

static void end(struct blocked *b)
{
	if (!b->kind->end)
		return;
	while (b->tid == 0)
		sched_yield();
	if (!b->done)
		b->kind->end(b);
}

static void catch_usr1(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL); /* without SA_RESTART */
}

int victim_blocked(unsigned long threads, bool allow_kernels_eintr)
{
	struct blocked *all = aligned_alloc(64, threads * sizeof(*all));
	unsigned long rounds = 0, interrupted = 0;
	sigset_t none_blocked;

	check(all != NULL, "aligned_alloc");
	memset(all, 0, threads * sizeof(*all));
	kernels_eintr_allowed = allow_kernels_eintr;
	catch_usr1();
	pthread_sigmask(SIG_SETMASK, NULL, &none_blocked);
	for (unsigned long i = 0; i < threads; i++) {
		all[i].kind = &kinds[i % N_KINDS];
		all[i].kind->prepare(&all[i]); /* masks set here are inherited by the thread */
		check(pthread_create(&all[i].thread, NULL, block, &all[i]) == 0, "pthread_create");
		pthread_sigmask(SIG_SETMASK, &none_blocked, NULL);
	}
	victim_wait();
	for (unsigned long i = 0; i < threads; i++) {
		end(&all[i]);
		pthread_join(all[i].thread, NULL);
		rounds += all[i].rounds;
		interrupted += all[i].interrupted;
	}
	free(all);
	printf("%lu calls, %lu usual EINTR\n", rounds, interrupted);
	return 0;
}

static void *wait_and_end(void *argument)
{
	victim_wait();
	end(argument);
	return NULL;
}

int victim_blocked_in(const char *kind, bool allow_kernels_eintr)
{
	static struct blocked b;
	pthread_t waiter;

	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			b.kind = &kinds[i];
	if (!b.kind)
		return -1;
	kernels_eintr_allowed = allow_kernels_eintr;
	catch_usr1();
	b.thread = pthread_self();
	b.kind->prepare(&b);
	check(pthread_create(&waiter, NULL, wait_and_end, &b) == 0, "pthread_create");
	block(&b);
	pthread_join(waiter, NULL);
	printf("%lu calls, %lu usual EINTR\n", b.rounds, b.interrupted);
	return 0;
}
