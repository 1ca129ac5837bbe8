/* SPDX-License-Identifier: MIT */
/* What does this kernel support? See probe.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <mpol/apply.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "kernel/explain.h"
#include "kernel/nodemask.h"
#include "kernel/probe.h"
#include "kernel/spawn.h"
#include "kernel/sys.h"

static const struct mpol_rule rule_killed = {
	"seccomp-kills",
	EPERM,
	"A seccomp filter may kill a process for a system call instead of refusing it.",
	"allow set_mempolicy(2) and get_mempolicy(2) in the seccomp profile of this process",
	"seccomp(2), SECCOMP_RET_KILL_PROCESS",
	NULL,
};

/* Shared with the scratch child. */
struct trial {
	int root_fd; /* in: of the running root */
	struct mpol_nodeset
		mems; /* in: what the task may use, so that no mode fails for its nodes */
	int answer;   /* of the plainest call there is; 0: the kernel can be asked */
	struct mpol_kernel kernel;
};

static bool takes(enum mpol_mode mode, unsigned flags, const struct mpol_nodeset *nodes)
{
	struct nodemask mask = nodemask_of(nodes);

	return sys_set_mempolicy((int)((unsigned)mode | flags), nodemask_words(&mask),
				 mask.maxnode) == 0;
}

static bool without_nodes(enum mpol_mode mode)
{
	return mode == MPOL_MODE_DEFAULT || mode == MPOL_MODE_LOCAL;
}

/* The lowest node that is not allowed: one that the kernel drops, unless it keeps what the user
 * said. */
static unsigned foreign_node(const struct mpol_nodeset *mems)
{
	unsigned node = 0;

	while (mpol_nodes_has(mems, node))
		node++;
	return node;
}

static bool balancing_keeps_user_nodes(const struct mpol_nodeset *mems)
{
	struct mpol_nodeset nodes = *mems;
	struct mpol_policy now;

	mpol_nodes_add(&nodes, foreign_node(mems));
	return takes(MPOL_MODE_BIND, MPOL_FLAG_NUMA_BALANCING, &nodes) &&
	       mpol_current(&now, NULL) == 0 && mpol_nodes_equal(&now.nodes, &nodes);
}

static bool local_is_a_mode(void)
{
	static const struct mpol_nodeset none = { { 0 } };
	struct mpol_policy now;

	return takes(MPOL_MODE_LOCAL, 0, &none) && mpol_current(&now, NULL) == 0 &&
	       now.mode == MPOL_MODE_LOCAL;
}

/*
 * Whether numa_maps tells a policy with NUMA_BALANCING from none. Where it cannot be read there is
 * nobody whom it could mislead, and it is taken for a new one.
 */
static bool balancing_is_shown(int root_fd, const struct mpol_nodeset *mems)
{
	_cleanup_close_ int fd = -1;
	char text[512];
	ssize_t n;

	if (!takes(MPOL_MODE_BIND, MPOL_FLAG_NUMA_BALANCING, mems))
		return false;
	fd = openat(root_fd, "proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return true;
	text[n] = '\0';
	return strstr(text, "balancing") != NULL;
}

/* Bit 1025 of a mask of 1025 bits, 0 to 1024, is past its end: newer kernels look at it all the
 * same. */
static bool mask_checks_whole_words(const struct mpol_nodeset *mems)
{
	unsigned long word[NODEMASK_WORDS + 64 / NODEMASK_WORD_BITS] = { 0 };
	struct nodemask mask = nodemask_of(mems);

	memcpy(word, mask.word, sizeof(mask.word));
	word[NODEMASK_WORDS] = 1UL << 1;
	return sys_set_mempolicy(MPOL_MODE_BIND, word, MPOL_MAX_NODES + 2) < 0;
}

/* In the scratch child: system calls only. */
static void try_all(void *shared)
{
	static const unsigned flags[] = { MPOL_FLAG_NUMA_BALANCING, MPOL_FLAG_RELATIVE_NODES,
					  MPOL_FLAG_STATIC_NODES };
	static const struct mpol_nodeset none = { { 0 } };
	struct trial *t = shared;
	struct mpol_kernel *k = &t->kernel;

	t->answer = mpol_current_mems(&t->mems, NULL);
	if (t->answer == 0)
		t->answer = sys_set_mempolicy(MPOL_MODE_DEFAULT, NULL, 0);
	if (t->answer < 0)
		return;
	for (int m = 0; m < MPOL_N_MODES; m++)
		if (takes((enum mpol_mode)m, 0,
			  without_nodes((enum mpol_mode)m) ? &none : &t->mems))
			k->modes |= 1U << m;
	for (size_t i = 0; i < ELEMENTSOF(flags); i++)
		if (takes(MPOL_MODE_BIND, flags[i], &t->mems))
			k->flags |= flags[i];
	k->balancing_with_preferred_many =
		takes(MPOL_MODE_PREFERRED_MANY, MPOL_FLAG_NUMA_BALANCING, &t->mems);
	k->local_is_a_mode = local_is_a_mode();
	k->balancing_keeps_user_nodes = balancing_keeps_user_nodes(&t->mems);
	k->balancing_is_shown = balancing_is_shown(t->root_fd, &t->mems);
	k->mask_checks_whole_words = mask_checks_whole_words(&t->mems);
	k->known = true;
}

int kernel_probe(struct mpol_kernel *ret, struct mpol_error *err)
{
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct trial t = { .root_fd = root_fd, .answer = -EIO };
	struct utsname uts;
	int status = spawn_scratch(try_all, &t, sizeof(t));

	*ret = t.kernel;
	if (uname(&uts) == 0)
		(void)snprintf(ret->release, sizeof(ret->release), "%s",
			       uts.release); /* 64 bytes each */
	if (status < 0)
		return explain_call(status, "fork", err);
	if (WIFSIGNALED(status)) {
		ret->known = false;
		return mpol_fail(
			err, &rule_killed, "set_mempolicy",
			"a process that called set_mempolicy(2) here was killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	}
	return t.answer < 0 ? explain_call(t.answer, "set_mempolicy", err) : 0;
}
