/* SPDX-License-Identifier: MIT */
/* Slots in shared memory, a pipe of reports, futexes for commands; see telemetry.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "work/telemetry.h"

static const struct mpol_rule no_telemetry = {
	.id = "worker-telemetry",
	.errnum = ENOMEM,
	.why = "Workers report through memory and a pipe that they share with the runner.",
	.hint = "raise the limits on memory and open files (ulimit -v, ulimit -n).",
};

static size_t shared_bytes(size_t n_workers)
{
	return sizeof(struct telemetry_desk) + n_workers * sizeof(struct worker_slot);
}

int telemetry_init(struct telemetry *t, size_t n_workers, struct mpol_error *err)
{
	int fds[2];
	void *desk;

	*t = (struct telemetry)TELEMETRY_NONE;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &no_telemetry, errno, "", "a pipe for reports: %m");
	t->read_fd = fds[0];
	t->write_fd = fds[1];
	if (fcntl(t->read_fd, F_SETFL, O_NONBLOCK) < 0)
		return mpol_fail_errno(err, &no_telemetry, errno, "", "a pipe for reports: %m");
	desk = mmap(NULL, shared_bytes(n_workers), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (desk == MAP_FAILED)
		return mpol_fail_errno(err, &no_telemetry, errno, "", "memory for %zu workers: %m",
				       n_workers);
	t->desk = desk;
	t->slots = (struct worker_slot *)(t->desk + 1);
	t->n = n_workers;
	return 0;
}

void telemetry_done(struct telemetry *t)
{
	cleanup_close(&t->read_fd);
	cleanup_close(&t->write_fd);
	if (t->desk)
		(void)munmap(t->desk, shared_bytes(t->n)); /* our own mapping */
	*t = (struct telemetry)TELEMETRY_NONE;
}

void telemetry_report(const struct telemetry *t, struct worker_slot *slot, enum worker_state state)
{
	uint32_t worker = (uint32_t)(slot - t->slots), count;

	atomic_store(&slot->state, state);
	count = atomic_fetch_add(&t->desk->reports, 1) + 1;
	if (count != atomic_load(&t->desk->due) && state != WORKER_REFUSED && state != WORKER_STUCK)
		return;
	/* Four bytes go in one piece. A parent that no longer reads ends us by its death. */
	(void)fd_write_all(t->write_fd, &worker, sizeof(worker));
}

uint32_t telemetry_reports(const struct telemetry *t)
{
	return atomic_load(&t->desk->reports);
}

bool telemetry_expect(const struct telemetry *t, uint32_t count)
{
	atomic_store(&t->desk->due, count);
	/* Who reported before this was seen has not written. */
	return (int32_t)(atomic_load(&t->desk->reports) - count) < 0;
}

size_t telemetry_next(const struct telemetry *t, uint32_t *workers, size_t most)
{
	/* Whole ones: they are written in one piece, and the pipe's pages hold a number of them. */
	ssize_t n = read(t->read_fd, workers, most * sizeof(*workers));

	return n > 0 ? (size_t)n / sizeof(*workers) : 0;
}

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

void telemetry_set_command(struct worker_slot *slot, enum worker_command command)
{
	uint32_t count = atomic_load(&slot->command) >> 8;

	atomic_store(&slot->command, (count + 1) << 8 | command);
}

void telemetry_command(struct worker_slot *slot, enum worker_command command)
{
	telemetry_set_command(slot, command);
	(void)futex(&slot->command, FUTEX_WAKE, 1, NULL); /* nobody may be waiting */
}

uint32_t telemetry_await(struct worker_slot *slot, uint32_t seen)
{
	uint32_t word;

	while ((word = atomic_load(&slot->command)) == seen)
		(void)futex(&slot->command, FUTEX_WAIT, seen,
			    NULL); /* spurious returns are looked at */
	return word;
}

void telemetry_rest(struct worker_slot *slot, double seconds)
{
	uint32_t word = atomic_load(&slot->command);
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	if (telemetry_meant(word) == WORKER_RUN)
		(void)futex(&slot->command, FUTEX_WAIT, word, &t); /* early returns do no harm */
}

uint32_t telemetry_park(const struct telemetry *t, struct worker_slot *slot, uint32_t word)
{
	atomic_store(&slot->parked_for, word);
	telemetry_report(t, slot, WORKER_PARKED);
	return telemetry_await(slot, word);
}
