/* SPDX-License-Identifier: MIT */
/* The CPUs, scheduling policy and niceness of a worker; see placing.h. */
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "base/macros.h"
#include "kernel/sys.h"
#include "work/placing.h"
#include "work/random.h"

static const struct mpol_rule no_affinity = {
	.id = "worker-affinity",
	.errnum = EINVAL,
	.why = "A worker runs on the CPUs that were declared for it, out of those that its cgroup "
	       "allows.",
	.hint = "name CPUs of the cgroup's cpuset, or use affinity_one().",
};

static const struct mpol_rule no_sched = {
	.id = "worker-sched",
	.errnum = EPERM,
	.why = "A worker runs under the scheduling policy that was declared for it, or not at all.",
	.hint = "run it as root, or in a virtual machine; on cgroup v1 a group needs "
		"cpu.rt_runtime_us for fifo and rr.",
	.source = "sched(7)",
};

const char *const sched_names[] = {
	[MPOL_SCHED_INHERIT] = "",  [MPOL_SCHED_NORMAL] = "normal", [MPOL_SCHED_BATCH] = "batch",
	[MPOL_SCHED_IDLE] = "idle", [MPOL_SCHED_FIFO] = "fifo",	    [MPOL_SCHED_RR] = "rr",
};

static const int kernel_policies[] = {
	[MPOL_SCHED_NORMAL] = SCHED_OTHER, [MPOL_SCHED_BATCH] = SCHED_BATCH,
	[MPOL_SCHED_IDLE] = SCHED_IDLE,	   [MPOL_SCHED_FIFO] = SCHED_FIFO,
	[MPOL_SCHED_RR] = SCHED_RR,
};

/* The n-th CPU of the set, which has more. */
static unsigned nth(const struct mpol_cpus *s, unsigned n)
{
	int cpu = mpol_cpus_next(s, 0);

	while (n-- > 0)
		cpu = mpol_cpus_next(s, (unsigned)cpu + 1);
	return (unsigned)cpu;
}

static struct mpol_cpus choose_random(const struct mpol_cpus *allowed, unsigned count,
				      uint64_t *random)
{
	struct mpol_cpus left = *allowed, chosen = { { 0 } };
	unsigned n = mpol_cpus_count(&left);

	for (; count > 0 && n > 0; count--, n--) {
		unsigned cpu = nth(&left, (unsigned)work_random_below(random, n));

		mpol_cpus_add(&chosen, cpu);
		left.word[cpu / 64] &= ~(UINT64_C(1) << (cpu % 64));
	}
	return chosen;
}

int place_choose(const struct mpol_affinity *a, const struct mpol_cpus *allowed, unsigned index,
		 uint64_t *random, struct mpol_cpus *ret, struct mpol_error *err)
{
	struct mpol_cpus chosen = *allowed;
	char list[MPOL_CPUS_TEXT];
	int r = 0;

	switch (a->kind) {
	case MPOL_AFFINITY_INHERIT:
		break;
	case MPOL_AFFINITY_LIST:
		r = mpol_cpus_parse(a->list ? a->list : "", &chosen, err);
		if (r < 0)
			return r;
		chosen = mpol_cpus_and(&chosen, allowed);
		break;
	case MPOL_AFFINITY_ONE:
		chosen = (struct mpol_cpus){ { 0 } };
		if (!mpol_cpus_empty(allowed))
			mpol_cpus_add(&chosen, nth(allowed, index % mpol_cpus_count(allowed)));
		break;
	case MPOL_AFFINITY_RANDOM:
		chosen = choose_random(allowed, a->count, random);
		break;
	}
	*ret = chosen;
	if (!mpol_cpus_empty(&chosen))
		return 0;
	(void)mpol_cpus_print(allowed, list, sizeof(list));
	return mpol_fail(err, &no_affinity, "",
			 "none of its CPUs \"%.60s\" is allowed (allowed: %.60s)",
			 a->list ? a->list : "", list);
}

union cpu_words {
	struct mpol_cpus cpus;
	unsigned long words[sizeof(struct mpol_cpus) / sizeof(unsigned long)];
};

static int set_affinity(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_affinity *a = &w->plan->work->affinity;
	union cpu_words allowed = { .words = { 0 } }, chosen = { .words = { 0 } };
	int r;

	if (a->kind == MPOL_AFFINITY_INHERIT)
		return 0;
	r = sys_sched_getaffinity(0, sizeof(allowed.words), allowed.words);
	if (r < 0)
		return mpol_fail_errno(err, &no_affinity, -r, "", "its CPUs: %s", strerror(-r));
	r = place_choose(a, &allowed.cpus, w->index, &w->random, &chosen.cpus, err);
	if (r < 0)
		return r;
	r = sys_sched_setaffinity(0, sizeof(chosen.words), chosen.words);
	return r < 0 ? mpol_fail_errno(err, &no_affinity, -r, "", "setting its CPUs: %s",
				       strerror(-r))
		     : 0;
}

static int set_sched(const struct mpol_work_spec *s, struct mpol_error *err)
{
	struct sched_param param = { .sched_priority = s->priority };

	if (s->sched != MPOL_SCHED_INHERIT &&
	    sched_setscheduler(0, kernel_policies[s->sched], &param) < 0)
		return mpol_fail_errno(err, &no_sched, errno, "", "%s, priority %d: %m",
				       sched_names[s->sched], s->priority);
	if (s->nice && setpriority(PRIO_PROCESS, 0, s->nice) < 0)
		return mpol_fail_errno(err, &no_sched, errno, "", "nice %d: %m", s->nice);
	return 0;
}

int place_worker(struct mpol_worker *w, struct mpol_error *err)
{
	int r = set_affinity(w, err);

	return r < 0 ? r : set_sched(w->plan->work, err);
}
