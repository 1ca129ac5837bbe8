/* SPDX-License-Identifier: MIT */
/* Whether a policy is in force in a thread; see in-force.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/proc.h"
#include "live/in-force.h"
#include "placement/by_policy.h"

/* The thread's own mems where they can be read: threads may be in cpusets of their own. */
static struct mpol_nodeset mems_of(const struct mpol_machine *m, int dir_fd, pid_t tid)
{
	struct mpol_nodeset mems;
	char text[MPOL_NODES_TEXT];

	if (proc_status(dir_fd, tid, "Mems_allowed_list", text, sizeof(text)) < 0 ||
	    mpol_nodes_parse(text, &mems, NULL) < 0)
		mems = m->mems_allowed;
	return mpol_nodes_and(&mems, &m->with_memory);
}

int in_force_text(const struct mpol_machine *m, int dir_fd, pid_t tid, const struct mpol_policy *p,
		  char text[MPOL_KEPT_TEXT], struct mpol_error *err)
{
	struct mpol_situation situation = { .mems_allowed = mems_of(m, dir_fd, tid),
					    .possible = m->possible,
					    .kernel = m->kernel };
	struct mpol_kept kept;
	int r = mpol_predict_policy(p, &situation, &kept, err);

	if (r < 0)
		return r;
	(void)mpol_kept_text(&kept, &m->kernel, text); /* its length is not needed */
	return 0;
}

/* The first mapping may have a policy of its own; any other that shows the expected one is as good.
 */
static int shown_anywhere(int root_fd, pid_t pid, pid_t tid, const char *expected)
{
	_cleanup_(process_done) struct process p = { .dir_fd = -1 };
	struct numa_mapping mapping;
	struct numa_maps maps;
	char file[64];
	int r = process_open(root_fd, pid, &p, NULL), found = 0;

	if (r < 0)
		return r;
	(void)snprintf(file, sizeof(file), "task/%d/numa_maps", tid);
	r = numa_maps_open(&maps, &p, file, NULL);
	while (r >= 0 && !found && (r = numa_maps_next(&maps, &mapping, NULL)) > 0)
		found = strncmp(mapping.in_force.text, expected, MPOL_KEPT_TEXT - 1) == 0;
	numa_maps_done(&maps);
	return found;
}

int in_force(const struct mpol_machine *m, int root_fd, pid_t pid, int dir_fd, pid_t tid,
	     const struct mpol_policy *p, char ret_shown[MPOL_SET_TEXT])
{
	char expected[MPOL_KEPT_TEXT], shown[POLICY_TEXT] = "";
	int r = placement_thread_policy(dir_fd, tid, shown);

	if (r < 0)
		return r;
	if (r == 0)
		return -ESRCH;
	(void)snprintf(ret_shown, MPOL_SET_TEXT, "%s", shown);
	r = in_force_text(m, dir_fd, tid, p, expected, NULL);
	if (r < 0)
		return 0;
	if (STREQ(shown, expected))
		return 1;
	r = shown_anywhere(root_fd, pid, tid, expected);
	if (r == 1)
		(void)snprintf(ret_shown, MPOL_SET_TEXT, "%s", expected);
	return r;
}
