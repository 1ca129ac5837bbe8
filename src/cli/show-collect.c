/* SPDX-License-Identifier: MIT */
/* One process for `mpol show`: where its pages are, what policies are in force, and whether the two
 * agree. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/no-memory.h"
#include "base/file.h"
#include "base/macros.h"
#include "cli/show.h"
#include "machine/read.h"
#include "placement/process.h"

void show_process_done(struct show_process *p)
{
	policy_groups_done(&p->groups);
	thread_policies_done(&p->threads);
	free(p->judged);
	p->judged = NULL;
}

/* The nodes where pages under this policy are meant to be. */
static enum show_expected expected_nodes(const struct numa_policy *policy,
					 const struct mpol_machine *m, struct mpol_nodeset *ret)
{
	if (!policy->known || policy->cut)
		return SHOW_UNKNOWN;
	switch (policy->policy.mode) {
	case MPOL_MODE_DEFAULT:
	case MPOL_MODE_LOCAL:
		*ret = mpol_machine_nodes_of_cpus(m, &m->cpus_allowed);
		return mpol_nodes_empty(ret) ? SHOW_UNKNOWN : SHOW_BY_CPUS;
	case MPOL_MODE_PREFERRED:
	case MPOL_MODE_BIND:
	case MPOL_MODE_INTERLEAVE:
	case MPOL_MODE_PREFERRED_MANY:
	case MPOL_MODE_WEIGHTED_INTERLEAVE:
	case MPOL_N_MODES:
		break;
	}
	*ret = policy->policy.nodes;
	return mpol_nodes_empty(ret) ? SHOW_UNKNOWN : SHOW_BY_POLICY;
}

static void finish(struct show_judged *j)
{
	j->known = j->from != SHOW_UNKNOWN && j->governed > 0;
	j->locality = j->known ? (double)j->on / (double)j->governed : 0;
	j->low = j->high = j->locality;
}

static struct show_judged judge(const struct policy_group *g, const struct mpol_machine *m)
{
	struct show_judged j = { .governed = placement_governed(&g->placement, NULL) };

	j.from = expected_nodes(&g->policy, m, &j.expected);
	j.on = j.from == SHOW_UNKNOWN ? 0 : placement_governed(&g->placement, &j.expected);
	finish(&j);
	return j;
}

/* All judged groups together; unknown when a group with pages could not be judged. */
static struct show_judged judge_all(const struct show_process *p)
{
	struct show_judged all = { .from = SHOW_BY_POLICY };

	for (size_t i = 0; i < p->groups.n; i++) {
		const struct show_judged *j = &p->judged[i];

		all.governed += j->governed;
		all.on += j->on;
		if (j->from == SHOW_UNKNOWN && j->governed)
			all.from = SHOW_UNKNOWN;
	}
	finish(&all);
	return all;
}

static int judge_groups(struct show_process *p, const struct mpol_machine *m)
{
	p->judged = calloc(p->groups.n + 1, sizeof(*p->judged));
	if (!p->judged)
		return -ENOMEM;
	for (size_t i = 0; i < p->groups.n; i++)
		p->judged[i] = judge(&p->groups.groups[i], m);
	p->all = judge_all(p);
	return 0;
}

static int collect_exact(int root_fd, struct show_process *p)
{
	/* Own pages where they can be told; a recording, and an old kernel for a user, cannot. */
	int r = placement_by_policy(root_fd, p->pid, true, &p->groups, &p->err);

	if (r == -EOPNOTSUPP || r == -EPERM || r == -EACCES || r == -ENOSYS) {
		p->err = (struct mpol_error){ 0 };
		r = placement_by_policy(root_fd, p->pid, false, &p->groups, &p->err);
	}
	for (size_t i = 0; r == 0 && i < p->groups.n; i++)
		mpol_placement_add(&p->total, &p->groups.groups[i].placement);
	if (r == 0 &&
	    p->groups.n == 0) /* a thread of the kernel: it is known that there is nothing */
		p->total.known = p->total.own_known = true;
	return r;
}

/* The interval of the pages that were hit and that a policy places. */
static void widen(struct show_judged *j, const struct mpol_sample *s)
{
	struct mpol_sample governed = *s;
	double p;

	memset(governed.pages[MPOL_PAGE_FILE], 0, sizeof(governed.pages[MPOL_PAGE_FILE]));
	governed.n = 0;
	for (size_t k = 0; k < MPOL_N_PAGE_KINDS; k++)
		for (size_t n = 0; n < MPOL_MAX_NODES; n++)
			governed.n += governed.pages[k][n];
	if (j->known)
		(void)mpol_sample_locality(&governed, &j->expected, &p, &j->low, &j->high);
}

/* A sample knows nothing of mappings: all pages are held against the threads' policy, where that is
 * one. */
static int collect_sample(int root_fd, const struct show_options *options, struct show_process *p,
			  const struct mpol_machine *m)
{
	_cleanup_free_ struct mpol_sample *s = malloc(sizeof(*s));
	struct policy_group *g = calloc(1, sizeof(*g));
	int r;

	p->groups = (struct policy_groups){ g ? 1 : 0, g };
	if (!s || !g)
		return -ENOMEM;
	r = mpol_placement_sample(root_fd, p->pid, options->pages, 0, s, &p->err);
	if (r < 0)
		return r;
	p->sampled = true;
	p->sampled_pages = s->n;
	p->total = g->placement = s->placement;
	if (p->threads.n == 1) {
		g->policy = p->threads.policies[0].policy;
		memcpy(g->text, p->threads.policies[0].text, sizeof(g->text));
	}
	r = judge_groups(p, m);
	if (r < 0)
		return r;
	widen(&p->judged[0], s);
	p->all = p->judged[0];
	return 0;
}

static bool is_large(int root_fd, pid_t pid)
{
	_cleanup_(process_done) struct process p = { .dir_fd = -1 };
	uint64_t resident, mapped;

	return process_open(root_fd, pid, &p, NULL) == 0 && p.ours &&
	       process_sizes(&p, &resident, &mapped) == 0 && resident > SHOW_EXACT_BELOW;
}

static int collect(int root_fd, const struct show_options *options, struct mpol_machine *m,
		   struct show_process *p)
{
	bool sample = options->method == SHOW_SAMPLE ||
		      (options->method == SHOW_AUTO && is_large(root_fd, p->pid));
	int r = placement_thread_policies(root_fd, p->pid, &p->threads, &p->err);

	if (r == 0)
		r = machine_read_task(root_fd, p->pid, m, &p->err);
	if (r < 0)
		return r;
	if (sample) {
		r = collect_sample(root_fd, options, p, m);
		/* A seccomp filter may know numa_maps from move_pages(2). */
		if (options->method == SHOW_SAMPLE || (r != -EPERM && r != -ENOSYS))
			return r;
		policy_groups_done(&p->groups);
		p->err = (struct mpol_error){ 0 };
	}
	r = collect_exact(root_fd, p);
	return r < 0 ? r : judge_groups(p, m);
}

void show_collect(int root_fd, pid_t pid, const struct show_options *options,
		  struct mpol_machine *machine, struct show_process *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->pid = pid;
	if (file_read_line_at(root_fd, ret->name, sizeof(ret->name), "proc/%d/comm", (int)pid) < 0)
		ret->name[0] = '\0'; /* a recording need not have it; of a missing process the next
					step tells */
	r = collect(root_fd, options, machine, ret);
	if (r < 0 && ret->err.errnum == 0)
		(void)mpol_fail_errno(&ret->err, &rule_out_of_memory, -r, "", "process %d: %s",
				      (int)pid, strerror(-r));
}
