/* SPDX-License-Identifier: MIT */
/*
 * How does a running process get another policy? Looked at, checked against its own cpuset, asked
 * (seccomp), then thread by thread, until no thread is left that could not have it.
 *
 * Threads are created meanwhile. One that was created by a thread that has the policy has it, too;
 * one that was created before that has not. A list in which every thread has the policy (ours, or
 * read from outside) and from which none vanished before it was looked at proves that all that
 * follow inherit it; as a list of /proc is not taken in one moment, two such lists in a row are
 * asked for. Where threads come and go all the time, many in a row without a thread that lacks it
 * have to do (set_is_sure()).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mpol/check.h>
#include <mpol/live.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/inject.h"
#include "kernel/proc.h"
#include "live/in-force.h"
#include "live/mappings.h"
#include "live/permissions.h"
#include "live/set.h"
#include "machine/read.h"
#include "placement/by_policy.h"

#define SHORT_TIMEOUT_MS \
	200 /* at first; who cannot be stopped is tried again when all others have the policy */
#define MAX_EXECS 8  /* in a row, while we look */
#define ENOUGH	  50 /* points, of set_is_sure() */
#define NAP_NS	  200000

static const struct mpol_rule rule_unreachable = {
	"set-threads-unreachable",
	ETIMEDOUT,
	"A thread can be stopped only where it takes signals; one that waits uninterruptibly (for "
	"a vfork(2) child, a dead file "
	"server, a thaw) keeps its policy.",
	"run the same command again when it goes on",
	"ptrace(2) PTRACE_INTERRUPT",
	NULL,
};
static const struct mpol_rule rule_not_in_force = {
	"set-not-in-force",
	EIO,
	"After the call, numa_maps must show the policy; when it does not, somebody else changed "
	"it or its cpuset.",
	"run the same command again, and look for who else sets policies there",
	"Documentation/filesystems/proc.rst, numa_maps",
	NULL,
};
static const struct mpol_rule rule_ended = {
	"set-process-ended", ESRCH, "A process that has ended has no policy.", NULL, NULL, NULL,
};
static const struct mpol_rule rule_self = {
	"set-self",
	EINVAL,
	"A process cannot stop itself to look at itself.",
	"call mpol_apply() in each thread",
	"ptrace(2)",
	NULL,
};
static const struct mpol_rule rule_failed = {
	"set-failed", EIO, "The process could not be looked at.", NULL, NULL, NULL,
};

struct known {
	pid_t tid;
	uint64_t start; /* with tid, who it is: numbers are used again */
	bool unreachable;
};

struct job {
	int root_fd;
	pid_t pid;
	const struct mpol_policy *policy;
	struct mpol_set_options options;
	struct mpol_set_result *result;
	struct mpol_error *err;

	const struct mpol_machine *known_machine; /* read for another process; NULL: not yet */
	struct mpol_machine machine;		  /* as the process may use it */
	struct inject *inject;
	size_t n_known, n_stopped;
	struct known *known;
	uint64_t *stopped; /* ns, of each thread */
};

static void job_done(struct job *j)
{
	if (!j->known_machine) /* or its arrays are another's */
		mpol_machine_done(&j->machine);
	(void)inject_free(j->inject); /* always NULL */
	free(j->known);
	free(j->stopped);
}

static int fail(struct job *j, int r, const char *what)
{
	if (r == -ESRCH)
		return mpol_fail(j->err, &rule_ended, "", "process %d ended meanwhile", j->pid);
	return mpol_fail_errno(j->err, &rule_failed, -r, "", "process %d: %s: %s", j->pid, what,
			       strerror(-r));
}

static int timeout_ms(const struct job *j)
{
	return j->options.timeout_ms ? (int)j->options.timeout_ms : INJECT_TIMEOUT_MS;
}

/* A failure that was dealt with is none. */
static void forget_error(struct job *j)
{
	if (j->err)
		*j->err = (struct mpol_error){ 0 };
}

static int read_machine(struct job *j)
{
	if (!j->known_machine)
		return mpol_machine_read(j->root_fd, j->pid, &j->machine, j->err);
	j->machine = *j->known_machine;
	return machine_read_task(j->root_fd, j->pid, &j->machine, j->err);
}

/* The first rule that refuses the policy in this process's cpuset. */
static int check_policy(struct job *j)
{
	struct mpol_finding first = { 0 };
	int r = read_machine(j);

	if (r < 0)
		return r;
	if (mpol_check(j->policy, &j->machine, &first, 1) > 0 && first.severity == MPOL_REFUSED) {
		if (j->err)
			*j->err = first.error;
		return -first.error.errnum;
	}
	return 0;
}

/* Why EPERM; other errors describe themselves. */
static int explain(const struct job *j, int r)
{
	return r == -EPERM && j->err && j->err->rule &&
			       STARTS(j->err->rule->id, "inject-not-permitted")
		       ? permission_explain(j->root_fd, j->pid, r, j->err)
		       : r;
}

static int open_process(struct job *j)
{
	int r;

	j->inject = inject_free(j->inject);
	r = inject_open(j->root_fd, j->pid, &j->inject, j->err);
	return r < 0 ? explain(j, r) : 0;
}

static struct known *find(const struct job *j, pid_t tid, uint64_t start)
{
	for (size_t i = 0; i < j->n_known; i++)
		if (j->known[i].tid == tid && j->known[i].start == start)
			return &j->known[i];
	return NULL;
}

static int remember(struct job *j, pid_t tid, uint64_t start, bool unreachable)
{
	if ((j->n_known & (j->n_known - 1)) == 0) { /* a power of two, or 0: full */
		struct known *more =
			reallocarray(j->known, j->n_known ? j->n_known * 2 : 64, sizeof(*more));

		if (!more)
			return fail(j, -ENOMEM, "remembering its threads");
		j->known = more;
	}
	j->known[j->n_known++] = (struct known){ tid, start, unreachable };
	return 0;
}

static int remember_stop(struct job *j, uint64_t ns)
{
	if ((j->n_stopped & (j->n_stopped - 1)) == 0) {
		uint64_t *more = reallocarray(j->stopped, j->n_stopped ? j->n_stopped * 2 : 64,
					      sizeof(*more));

		if (!more)
			return fail(j, -ENOMEM, "remembering its threads");
		j->stopped = more;
	}
	j->stopped[j->n_stopped++] = ns;
	return 0;
}

static int list_threads(struct job *j, pid_t **ret, size_t *ret_n)
{
	int r;

	if (!j->options.main_only) {
		r = proc_threads(inject_dir(j->inject), ret, ret_n);
		return r < 0 ? fail(j, r, "listing its threads") : 0;
	}
	*ret = malloc(sizeof(**ret));
	if (!*ret)
		return fail(j, -ENOMEM, "listing its threads");
	(*ret)[0] = j->pid;
	*ret_n = 1;
	return 0;
}

/* What a thread is asked about, or asked to do. */
static size_t calls_of(const struct job *j, struct inject_call calls[2])
{
	calls[0] = (struct inject_call){ .what = INJECT_SET_MEMPOLICY };
	calls[1] = (struct inject_call){ .what = INJECT_MBIND };
	return j->options.mbind_existing ? 2 : 1;
}

/* Tracers are seen without stopping; filters only where there are some, and where we may stop. */
static int ask_thread(struct job *j, pid_t tid, bool stop)
{
	int dir = inject_dir(j->inject), r = inject_ask_tracer(dir, tid, j->err);
	struct inject_call calls[2];
	uint64_t seccomp = 0;

	if (r < 0 || !stop || proc_status_number(dir, tid, "Seccomp", 10, &seccomp) < 0 || !seccomp)
		return r;
	r = inject_ask(j->inject, tid, j->policy, calls, calls_of(j, calls), SHORT_TIMEOUT_MS,
		       j->err);
	if (r != -ESRCH && r != -ETIMEDOUT)
		return explain(j, r);
	forget_error(j); /* it will be met again */
	return 0;
}

/* Before the first change: no thread may be one that will refuse. */
static int ask_all(struct job *j, bool stop)
{
	_cleanup_free_ pid_t *tids = NULL;
	size_t n = 0;
	int r = list_threads(j, &tids, &n);

	for (size_t i = 0; i < n && r == 0; i++)
		r = ask_thread(j, tids[i], stop);
	j->result->threads = (unsigned)n;
	return r;
}

static void look(struct job *j)
{
	struct mpol_set_result *ret = j->result;
	char text[POLICY_TEXT] = "";
	struct proc_stat stat;

	ret->pid = j->pid;
	if (proc_stat(inject_dir(j->inject), 0, &stat) == 0)
		(void)snprintf(ret->name, sizeof(ret->name), "%s", stat.comm);
	if (placement_thread_policy(inject_dir(j->inject), j->pid, text) > 0)
		(void)snprintf(ret->before, sizeof(ret->before), "%s", text);
}

/* 0: has it now. 1: vanished. -ESTALE: another program runs there now. */
static int set_thread(struct job *j, pid_t tid, unsigned timeout_ms)
{
	struct inject_call call = { .what = INJECT_SET_MEMPOLICY };
	struct inject_report report = { 0 };
	char shown[MPOL_SET_TEXT] = "";
	int r = inject_thread(j->inject, tid, j->policy, &call, 1, timeout_ms, &report, j->err);

	if (r == -ESRCH) {
		forget_error(j);
		return 1;
	}
	if (r < 0)
		return explain(j, r);
	j->result->threads++;
	r = remember_stop(j, report.stopped_ns);
	if (r < 0)
		return r;
	r = in_force(&j->machine, j->root_fd, j->pid, inject_dir(j->inject), tid, j->policy, shown);
	if (r == -ESRCH)
		return 1;
	if (r == 0)
		return mpol_fail(j->err, &rule_not_in_force, "",
				 "thread %d made the call, and numa_maps shows '%s'", tid, shown);
	if (tid == j->pid || !j->result->after[0])
		memcpy(j->result->after, shown, sizeof(shown));
	return r < 0 ? fail(j, r, "reading numa_maps") : 0;
}

/* A thread of a later list, with the policy from who created it. */
static bool has_inherited(struct job *j, pid_t tid)
{
	char shown[MPOL_SET_TEXT];

	return j->result->rounds > 1 && in_force(&j->machine, j->root_fd, j->pid,
						 inject_dir(j->inject), tid, j->policy, shown) == 1;
}

/* What the thread turned out to be (enum set_visit), or -errno. */
static int visit(struct job *j, pid_t tid)
{
	struct proc_stat stat;
	int r = proc_stat(inject_dir(j->inject), tid, &stat);

	if (r == -ESRCH)
		return SET_VANISHED;
	if (r < 0)
		return fail(j, r, "reading its threads");
	if (find(j, tid, stat.start))
		return SET_HAD_IT;
	if (stat.state == 'Z' ||
	    stat.state == 'X') /* with which policy it ended is not to be known */
		return SET_VANISHED;
	if (has_inherited(j, tid)) {
		j->result->inherited++;
		r = remember(j, tid, stat.start, false);
		return r < 0 ? r : SET_HAD_IT;
	}
	r = set_thread(j, tid, (unsigned)MIN(timeout_ms(j), SHORT_TIMEOUT_MS));
	if (r == 0 || r == -ETIMEDOUT) {
		forget_error(j);
		r = remember(j, tid, stat.start, r == -ETIMEDOUT);
		return r < 0 ? r : SET_WAS_NEW;
	}
	return r == 1 ? SET_VANISHED : r;
}

/* The worst of what its threads turned out to be, or -errno. */
static int one_round(struct job *j)
{
	_cleanup_free_ pid_t *tids = NULL;
	int worst = SET_HAD_IT;
	size_t n = 0;
	int r = list_threads(j, &tids, &n);

	if (r < 0)
		return r;
	j->result->rounds++;
	for (size_t i = 0; i < n; i++) {
		r = visit(j, tids[i]);
		if (r < 0)
			return r;
		worst = MAX(worst, r);
	}
	return worst;
}

bool set_is_sure(unsigned *sure, enum set_visit worst)
{
	static const unsigned points[] = {
		[SET_HAD_IT] = ENOUGH / 2, [SET_VANISHED] = 1, [SET_LOST] = 0
	};

	*sure = points[worst] ? *sure + points[worst] : 0;
	if (worst == SET_VANISHED)
		(void)nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	return *sure >= ENOUGH;
}

static int all_threads(struct job *j)
{
	unsigned execs = 0, sure = 0;
	int r;

	do {
		r = one_round(j);
		if (r == -ESTALE && execs++ < MAX_EXECS) {
			forget_error(j);
			r = open_process(j);
			if (r == 0)
				r = SET_WAS_NEW; /* all of it is looked at again */
		}
		if (r < 0)
			return r;
	} while (!set_is_sure(&sure, (enum set_visit)r));
	return 0;
}

/* Those that could not be stopped, once more and with patience. */
static int unreachable_again(struct job *j)
{
	for (size_t i = 0; i < j->n_known; i++) {
		struct known *k = &j->known[i];
		int r;

		if (!k->unreachable)
			continue;
		r = set_thread(j, k->tid, (unsigned)timeout_ms(j));
		if (r < 0 && r != -ETIMEDOUT)
			return r;
		k->unreachable = r == -ETIMEDOUT;
		forget_error(j);
		j->result->unreachable += k->unreachable;
	}
	if (j->result->unreachable)
		return mpol_fail(j->err, &rule_unreachable, "",
				 "%u of %u threads of process %d could not be stopped within %d ms",
				 j->result->unreachable,
				 j->result->unreachable + j->result->threads, j->pid,
				 timeout_ms(j));
	return 0;
}

static int bind_mappings(struct job *j, bool plan)
{
	_cleanup_(mappings_done) struct mappings m = { 0 };
	uint64_t stopped = 0;
	int r = mappings_read(j->root_fd, j->pid, &m, j->err);

	if (r < 0)
		return r;
	j->result->mappings = (unsigned)m.n;
	j->result->mapping_bytes = m.bytes;
	j->result->mappings_left = (unsigned)m.left;
	if (plan)
		return 0;
	r = mappings_bind(j->inject, j->pid, &m, j->policy, (unsigned)timeout_ms(j), &stopped,
			  j->err);
	if (r < 0)
		return r;
	j->result->mappings = (unsigned)r;
	return remember_stop(j, stopped);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void summarise_stops(struct job *j)
{
	if (!j->n_stopped)
		return;
	qsort(j->stopped, j->n_stopped, sizeof(*j->stopped), by_size);
	j->result->stopped_median_ns = j->stopped[j->n_stopped / 2];
	j->result->stopped_max_ns = j->stopped[j->n_stopped - 1];
}

static int change(struct job *j)
{
	int r = all_threads(j);

	if (r == 0 && !j->n_known) /* all vanished */
		return fail(j, -ESRCH, "");
	if (r == 0 && j->options.mbind_existing)
		r = bind_mappings(j, false);
	if (r == 0)
		r = unreachable_again(j);
	return r;
}

static int start(struct job *j, bool plan)
{
	int r = inject_supported(j->err);

	if (j->pid == getpid())
		return mpol_fail(j->err, &rule_self, "", "%d is the process that asks", j->pid);
	if (r == 0)
		r = open_process(j);
	if (r < 0)
		return r;
	look(j);
	r = check_policy(j);
	return r < 0 ? r : ask_all(j, !plan);
}

static struct job job_of(int root_fd, pid_t pid, const struct mpol_policy *p,
			 const struct mpol_set_options *options, struct mpol_set_result *ret,
			 struct mpol_error *err)
{
	*ret = (struct mpol_set_result){ .pid = pid };
	return (struct job){ .root_fd = root_fd,
			     .pid = pid,
			     .policy = p,
			     .options = options ? *options : (struct mpol_set_options){ 0 },
			     .result = ret,
			     .err = err };
}

int mpol_set_plan(int root_fd, pid_t pid, const struct mpol_policy *p,
		  const struct mpol_set_options *options, struct mpol_set_result *ret,
		  struct mpol_error *err)
{
	_cleanup_(job_done) struct job j = job_of(root_fd, pid, p, options, ret, err);
	char text[MPOL_KEPT_TEXT] = "";
	int r = start(&j, true);

	if (r == 0)
		r = in_force_text(&j.machine, inject_dir(j.inject), pid, p, text, err);
	if (r < 0)
		return r;
	(void)snprintf(ret->after, sizeof(ret->after), "%s", text);
	return j.options.mbind_existing ? bind_mappings(&j, true) : 0;
}

int set_process(int root_fd, pid_t pid, const struct mpol_policy *p,
		const struct mpol_set_options *options, const struct mpol_machine *machine,
		struct mpol_set_result *ret, struct mpol_error *err)
{
	_cleanup_(job_done) struct job j = job_of(root_fd, pid, p, options, ret, err);
	int r;

	j.known_machine = machine;
	r = start(&j, false);
	if (r < 0)
		return r;
	ret->threads = 0;
	r = change(&j);
	summarise_stops(&j);
	return r;
}

int mpol_set(int root_fd, pid_t pid, const struct mpol_policy *p,
	     const struct mpol_set_options *options, struct mpol_set_result *ret,
	     struct mpol_error *err)
{
	return set_process(root_fd, pid, p, options, NULL, ret, err);
}

int set_is_in_force(int root_fd, pid_t pid, const struct mpol_policy *p,
		    const struct mpol_machine *machine)
{
	_cleanup_(process_done) struct process process = { .dir_fd = -1 };
	_cleanup_free_ pid_t *tids = NULL;
	char shown[MPOL_SET_TEXT];
	size_t n = 0;
	bool seen = false;
	int r = process_open(root_fd, pid, &process, NULL);

	if (r == 0)
		r = proc_threads(process.dir_fd, &tids, &n);
	for (size_t i = 0; i < n && r >= 0; i++) {
		r = in_force(machine, root_fd, pid, process.dir_fd, tids[i], p, shown);
		if (r == 0)
			return 0;
		seen |= r == 1;
		if (r == -ESRCH)
			r = 1;
	}
	return r < 0 ? r : seen ? 1 : -ESRCH;
}
