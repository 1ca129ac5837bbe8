/* SPDX-License-Identifier: MIT */
/* How a forked child becomes a worker: see worker.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/macros.h"
#include "work/kinds.h"
#include "work/placing.h"
#include "work/random.h"
#include "work/worker.h"

#define PAGE_TABLE_SPAN (UINT64_C(2) << 20)

static const struct mpol_rule not_in_force = {
	.id = "policy-not-in-force",
	.errnum = EINVAL,
	.why = "A worker runs under exactly the policy that was declared for it, or not at all.",
	.hint = "name only nodes that have memory and are within the cgroup's mems.",
	.source = "mm/mempolicy.c mpol_set_nodemask()",
};

static const struct mpol_rule no_memory = {
	.id = "worker-memory",
	.errnum = ENOMEM,
	.why = "A worker maps all the memory it works on before it starts.",
	.hint = "declare fewer bytes, fewer workers, or a machine with more memory.",
};

/* DEFAULT drops its flags; an empty PREFERRED is LOCAL, or was PREFERRED in old kernels. */
static bool is_in_force(const struct mpol_policy *p, const struct mpol_policy *now)
{
	struct mpol_nodeset want = mpol_policy_nodes(p);
	bool local = p->mode == MPOL_MODE_LOCAL ||
		     (p->mode == MPOL_MODE_PREFERRED && mpol_nodes_empty(&want));

	if (local)
		return now->mode == MPOL_MODE_LOCAL ||
		       (now->mode == MPOL_MODE_PREFERRED && mpol_nodes_empty(&now->nodes));
	if (now->mode != p->mode || now->flags != p->flags)
		return false;
	/* With these the kernel answers what it was given. */
	if (p->flags & (MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES))
		return true;
	return mpol_nodes_subset(&want, &now->nodes);
}

static int apply_policy(struct mpol_worker *w, const struct mpol_policy *p, struct mpol_error *err)
{
	char asked[MPOL_NODES_TEXT], got[MPOL_NODES_TEXT];
	struct mpol_nodeset want = mpol_policy_nodes(p);
	int r = mpol_apply(p, err);

	if (r < 0)
		return r;
	r = mpol_current(&w->slot->in_force, err);
	if (r < 0)
		return r;
	if (is_in_force(p, &w->slot->in_force))
		return 0;
	(void)mpol_nodes_print(&want, asked, sizeof(asked));
	(void)mpol_nodes_print(&w->slot->in_force.nodes, got, sizeof(got));
	return mpol_fail(err, &not_in_force, "",
			 "the policy names nodes %.60s; the kernel made %.60s of it", asked, got);
}

/* DEFAULT is inherited: no call is made. */
static int apply_own_policy(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_policy *p = w->plan->policy;

	return p->mode == MPOL_MODE_DEFAULT ? 0 : apply_policy(w, p, err);
}

/* Nothing of the parent's is kept but the pipe of reports, and what each process has at 0 to 2. */
static void leave_parent(const struct mpol_worker *w)
{
	unsigned keep = (unsigned)w->telemetry->write_fd;
	sigset_t none;

	if (keep > 3)
		(void)close_range(3, keep - 1, 0);
	(void)close_range(MAX(keep + 1, 3U), ~0U, 0);
	for (int s = 1; s < NSIG; s++)
		if (w->signals >> (s - 1) & 1)
			(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void refuse(struct mpol_worker *w, enum worker_state state)
{
	mpol_error_within(&w->slot->error, w->plan->where);
	telemetry_report(w->telemetry, w->slot, state);
	_exit(1);
}

void worker_change_policy(struct mpol_worker *w)
{
	if (apply_policy(w, &w->slot->wanted, &w->slot->error) < 0)
		refuse(w, WORKER_STUCK);
}

/* Ready, perhaps for long: a group that is held does not run before a step says so. False: it never
 * will. */
static bool await_start(struct mpol_worker *w, uint32_t word)
{
	while (telemetry_meant(word) == WORKER_PREPARE)
		word = telemetry_await(w->slot, word);
	while (telemetry_meant(word) == WORKER_PARK || telemetry_meant(word) == WORKER_APPLY) {
		if (telemetry_meant(word) == WORKER_APPLY)
			worker_change_policy(w);
		word = telemetry_park(w->telemetry, w->slot, word);
	}
	return telemetry_meant(word) == WORKER_RUN;
}

_Noreturn void worker_live(struct mpol_worker *w, pid_t parent)
{
	const struct work_kind *kind = &work_kinds[w->plan->work->kind];
	uint32_t word;

	/* The parent may have died before the call: then nobody would end us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	leave_parent(w);
	word = telemetry_await(w->slot, WORKER_WAIT);
	if (telemetry_meant(word) == WORKER_QUIT)
		_exit(0);
	w->random = w->plan->work->seed + w->index;
	if (place_worker(w, &w->slot->error) < 0 || apply_own_policy(w, &w->slot->error) < 0)
		refuse(w, WORKER_REFUSED);
	telemetry_report(w->telemetry, w->slot, WORKER_READY);
	if (!await_start(w, word))
		_exit(0);
	atomic_store(&w->slot->state, WORKER_RUNNING); /* nobody waits for that */
	if (kind->run(w, &w->slot->error) < 0)
		refuse(w, WORKER_STUCK);
	_exit(0);
}

bool worker_publish(struct mpol_worker *w, const void *start, uint64_t bytes,
		    struct mpol_error *err)
{
	uint64_t from = (uint64_t)(uintptr_t)start;

	if (w->slot->n_ranges == WORKER_MAX_RANGES) {
		(void)mpol_fail(err, &no_memory, "", "a worker can have %d mappings",
				WORKER_MAX_RANGES);
		return false;
	}
	w->slot->ranges[w->slot->n_ranges++] = (struct mpol_range){ from, from + bytes };
	return true;
}

void *worker_map(struct mpol_worker *w, uint64_t bytes, bool huge, struct mpol_error *err)
{
	uint64_t page = work_page();
	uint64_t len = (bytes + page - 1) / page * page;
	uint64_t reserved = len + PAGE_TABLE_SPAN + 2 * page;
	uint64_t start;
	char *guard;

	guard = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guard == MAP_FAILED) {
		(void)mpol_fail_errno(err, &no_memory, errno, "", "mapping %llu bytes: %m",
				      (unsigned long long)bytes);
		return NULL;
	}
	start = ((uint64_t)(uintptr_t)guard + page + PAGE_TABLE_SPAN - 1) / PAGE_TABLE_SPAN *
		PAGE_TABLE_SPAN;
	if (mprotect((void *)(uintptr_t)start, len, PROT_READ | PROT_WRITE) < 0 ||
	    /* EINVAL: a kernel without transparent huge pages */
	    (madvise((void *)(uintptr_t)start, len, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 &&
	     errno != EINVAL)) {
		(void)mpol_fail_errno(err, &no_memory, errno, "", "mapping %llu bytes: %m",
				      (unsigned long long)bytes);
		return NULL;
	}
	if (!worker_publish(w, (void *)(uintptr_t)start, len, err))
		return NULL;
	return (void *)(uintptr_t)start;
}
